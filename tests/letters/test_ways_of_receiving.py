"""受取方法 on the form: asked with a box for each way that the terms offer, and not at all where there is but one."""

import io
from pathlib import Path
from typing import Any

import pytest

from benches.letters import WORDING, town_pieces
from tests.letters.finished import Finished, squeezed
from tests.programme.offering import offering
from todoku.programme.shipped import version_text
from todoku.programme.terms import parse
from todoku.programme.vocabulary import RAILS
from todoku.sheets.form_layout import Layout, compile_layout
from todoku.sheets.forms import write_forms
from todoku.sheets.programme_wording import wording_of
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
