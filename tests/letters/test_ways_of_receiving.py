"""受取方法 on the form and where it is asked again: a box for each way that the terms offer, none where there is but one."""

import io
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest

from benches.letters import WORDING, town_pieces
from tests.letters.finished import Finished, squeezed
from tests.letters.test_letter_kinds import MISSING, letter
from tests.programme.offering import offering
from tests.scan.paper_fixture import open_page, scanned, tick
from todoku.intake.keyed_values import fields_of, twice
from todoku.programme.shipped import version_text
from todoku.programme.terms import parse
from todoku.programme.vocabulary import RAILS
from todoku.review.asked import on_paper, sentences_of
from todoku.scan.fields import sheet_layout
from todoku.scan.read_page import read_page
from todoku.scan.reading import Grey
from todoku.sheets.form_layout import Box, Layout, boxes_from_json, boxes_json, compile_layout
from todoku.sheets.forms import write_forms
from todoku.sheets.letter_sheets import enclosed, write_letters
from todoku.sheets.programme_wording import wording_of
from todoku.sheets.sheet_codes import SheetKind, read_payload
from todoku.sheets.wording import complete

SLUG = "tokubetsu-teigaku-2020"
TWO = version_text(SLUG).replace("[payment]\n", '[payment]\nrails = ["bank", "registered_mail"]\n', 1)


def words_of(text: str) -> dict[str, Any]:
    return wording_of("form", parse(text), municipality="見本市", mayor="見本市長")


def ticks(layout: Layout, page: int) -> list[str]:
    return [name for name in layout.on_page(page) if name.startswith("rail_")]


@pytest.fixture(scope="module")
def asking(fonts_dir: Path) -> Layout:
    return compile_layout("form", complete("form", words_of(offering(version_text(SLUG)))), fonts_dir)


def test_each_way_of_the_terms_has_one_box_in_their_order(asking: Layout, fonts_dir: Path) -> None:
    assert ticks(asking, 1) == ["rail_bank", "rail_gift", "rail_cash", "rail_registered_mail"]
    assert all(asking.on_page(1)[name].tick for name in ticks(asking, 1))
    two = compile_layout("form", complete("form", words_of(TWO)), fonts_dir)
    assert ticks(two, 1) == ["rail_bank", "rail_registered_mail"]


def test_the_way_is_asked_before_the_account_and_everything_below_stays_where_it_was(
    asking: Layout, fonts_dir: Path
) -> None:
    boxes = asking.on_page(1)
    plain = compile_layout("form", complete("form", WORDING), fonts_dir).on_page(1)
    assert all(
        boxes["total"].y + boxes["total"].h < boxes[name].y < boxes["bank_name"].y
        for name in ticks(asking, 1)
    )
    same = [name for name in plain if not name.startswith("member_") and name not in ("more", "total")]
    assert {name: boxes[name] for name in same} == {name: plain[name] for name in same}


@pytest.mark.parametrize("text", [offering(version_text(SLUG)), TWO], ids=["four", "two"])
def test_the_form_and_its_example_say_it_in_the_words_of_the_terms(fonts_dir: Path, text: str) -> None:
    out, rails = io.BytesIO(), parse(text).payment.rails
    piece = next(one for one in town_pieces(60) if len(one.members) > 4)
    write_forms(out, [piece], words_of(text), fonts_dir=fonts_dir, run_label="R0001")
    pdf = Finished(out.getvalue())
    first, guide = squeezed(pdf.text(0)), squeezed(pdf.text(1))
    assert all(RAILS[rail] in first and RAILS[rail] in guide for rail in rails)
    assert "ほかの方は空けたままにしてください" in first and "受取方法を選び" in guide
    assert ("口座は書かずに空けておきます" in guide) == ("gift" in rails)
    assert ("市役所本庁舎1階給付金窓口" in guide) == ("cash" in rails)
    # Two lines less for members: the fifth stands on the list, and the form says so.
    assert f"ほか{len(piece.members) - 4}人は、3ページ目" in first and len(pdf) == 3


def test_the_example_ticks_the_transfer_and_no_other_way(asking: Layout, fonts_dir: Path) -> None:
    out = io.BytesIO()
    words = words_of(offering(version_text(SLUG)))
    write_forms(out, town_pieces(1), words, fonts_dir=fonts_dir, run_label="R0001")
    pdf, places = Finished(out.getvalue()), [asking.on_page(1)[name].x for name in ticks(asking, 1)]

    def inside(page: int, x: float, y: float) -> int:
        """The darkest point within a box's frame."""
        return int(pdf.picture(page, (x + 0.8, y + 0.8, 3, 3), 150).getextrema()[0])

    asked, shown = asking.on_page(1)["rail_bank"].y, 115.6 + 0.9
    assert [inside(0, x, asked) > 200 for x in places] == [True] * 4
    assert [inside(1, x, shown) > 200 for x in places] == [False, True, True, True]


def test_with_one_way_the_form_asks_nothing_and_keeps_its_six_lines(fonts_dir: Path) -> None:
    layout = compile_layout("form", complete("form", words_of(version_text(SLUG))), fonts_dir)
    assert ticks(layout, 1) == []
    assert sum(name.startswith("member_") and name.endswith("_name") for name in layout.on_page(1)) == 6
    out = io.BytesIO()
    write_forms(out, town_pieces(1), words_of(version_text(SLUG)), fonts_dir=fonts_dir, run_label="R0001")
    assert not any("受取方法" in squeezed(Finished(out.getvalue()).text(page)) for page in (0, 1))


def overlapping(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.w and other.x < one.x + one.w
        and one.y < other.y + other.h and other.y < one.y + one.h
    )  # fmt: skip


def drawn(pdf: bytes, index: int) -> Grey:
    """A page as it comes out of the printer, at 200 dpi."""
    with pypdfium2.PdfDocument(pdf) as file:
        grey = file[index].render(scale=200 / 72, grayscale=True).to_numpy()
        return np.array(grey.reshape(grey.shape[:2]), dtype=np.uint8)


def returned_words(text: str, kind: str = "return") -> dict[str, Any]:
    return wording_of(kind, parse(text), municipality="見本市", mayor="見本市長")


@pytest.mark.parametrize("kind", ["return", "return_reminder"])
def test_what_lacks_the_way_is_sent_the_account_form_with_a_box_for_each_way(
    fonts_dir: Path, kind: str
) -> None:
    text, out = offering(version_text(SLUG)), io.BytesIO()
    words, answer = returned_words(text, kind), on_paper(["D07"])
    page = compile_layout("letter", complete(kind, words), fonts_dir).on_page(3)
    assert [name for name in page if name.startswith("rail_")] == [
        "rail_bank", "rail_gift", "rail_cash", "rail_registered_mail",
    ]  # fmt: skip
    assert not any(overlapping(one, other) for one, other in combinations(page.values(), 2))
    told = ("令和8年12月11日", enclosed(answer.sheets, ways=True))
    piece = letter(told, sentences_of(["D07"]))._replace(back=answer.sheets)
    write_letters(out, kind, [piece], words, fonts_dir=fonts_dir, run_label="L0001")
    pdf = Finished(out.getvalue())
    first, sheet = squeezed(pdf.text(0)), squeezed(pdf.text(1))
    assert len(pdf) == 2 and "受取方法と口座の届出書" in first and "受取方法と口座の届出書" in sheet
    assert all(RAILS[rail] in sheet for rail in parse(text).payment.rails)
    assert "市役所本庁舎1階給付金窓口" in sheet and "口座振込の方だけ" in sheet
    code = read_payload(pdf.qr(1, page["qr"]))
    assert code == (piece.number, 2, SheetKind.ACCOUNT, piece.issue)


def test_a_way_marked_on_that_sheet_is_read_with_its_boxes_and_asked_of_who_keys(fonts_dir: Path) -> None:
    words = complete("return", returned_words(TWO))
    layout, out = compile_layout("letter", words, fonts_dir), io.BytesIO()
    piece = letter(("令和8年12月11日", enclosed(("account",))), MISSING)._replace(back=("account",))
    write_letters(out, "return", [piece], returned_words(TWO), fonts_dir=fonts_dir, run_label="L0001")
    boxes = boxes_from_json(boxes_json(layout))[SheetKind.ACCOUNT]
    sheet = drawn(out.getvalue(), 1)
    tick(sheet, 200, boxes["rail_registered_mail"])
    seen = read_page(
        open_page(scanned(sheet)),
        {int(SheetKind.ACCOUNT): sheet_layout(boxes, drawn(layout.pdf, 2), 200)},
        crops=False,
    )
    assert seen.code == (piece.number, 2, SheetKind.ACCOUNT, piece.issue)
    assert {name: seen.ticks[name].state for name in ("rail_bank", "rail_registered_mail")} == {
        "rail_bank": "empty", "rail_registered_mail": "marked",
    }  # fmt: skip
    fields = fields_of({5: boxes}, rails=("bank", "registered_mail"), dates_known=True)
    assert "rail" in fields and twice(fields, {})


def test_where_there_is_one_way_the_account_form_asks_for_the_account_alone(fonts_dir: Path) -> None:
    plain = compile_layout(
        "letter", complete("return", returned_words(version_text(SLUG))), fonts_dir
    ).on_page(3)
    assert not [name for name in plain if name.startswith("rail_")]
    fields = fields_of({5: plain}, rails=("bank", "cash"), dates_known=True)
    assert "rail" not in fields and plain["bank_name"].y < 80
    # Money that came back goes to an account and nowhere else, whatever the terms offer.
    failed = returned_words(offering(version_text(SLUG)), "transfer_failed")
    assert not failed.get("rails")
