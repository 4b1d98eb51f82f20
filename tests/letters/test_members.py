"""Households larger than the form's lines: nobody is left out, and page 1 says where the others stand."""

import io
from pathlib import Path

import pytest

from benches.letters import WORDING, town_pieces
from tests.letters.finished import Finished
from todoku.sheets.form_layout import compile_layout
from todoku.sheets.forms import write_forms
from todoku.sheets.sheet_codes import read_payload
from todoku.sheets.wording import complete


@pytest.mark.parametrize(
    ("members", "pages", "said"),
    [
        (1, 2, ""),
        (6, 2, ""),
        (7, 3, "ほか1人は、3ページ目の一覧のとおりです。"),
        (34, 3, "ほか28人は、3ページ目の一覧のとおりです。"),
        (35, 4, "ほか29人は、3〜4ページ目の一覧のとおりです。"),
    ],
)
def test_every_member_is_printed_once_with_a_number(
    fonts_dir: Path, members: int, pages: int, said: str
) -> None:
    everyone = tuple((f"見本　{no:03d}番", "2001/02/03", "同居人", 10_000) for no in range(1, members + 1))
    piece = next(town_pieces(1))._replace(members=everyone, total_yen=10_000 * members)
    out = io.BytesIO()
    result = write_forms(out, [piece], WORDING, fonts_dir=fonts_dir, run_label="R0001")
    pdf, layout = Finished(out.getvalue()), compile_layout("form", complete("form", WORDING), fonts_dir)
    assert result.pages == len(pdf) == pages
    whole = "".join(pdf.text(page) for page in range(pages))
    assert all(whole.count(name) == 1 for name, *_ in everyone)
    assert pdf.text_in(0, layout.on_page(1)["more"]).strip() == said
    assert pdf.text_in(0, layout.on_page(1)["total"]).strip() == f"{10_000 * members:,}円"
    for page in range(pages):
        box = layout.on_page(min(page + 1, 3))["qr"]
        assert read_payload(pdf.qr(page, box)) == (piece.number, page + 1, min(page + 1, 3), piece.issue)
        assert pdf.text_in(page, layout.on_page(1)["page_code"]).strip() == f"{page + 1}/{pages}"


def test_the_line_after_the_last_member_is_closed(fonts_dir: Path) -> None:
    piece = next(town_pieces(1))._replace(
        members=(("見本　一", "2001/02/03", "世帯主", 10_000),), total_yen=10_000
    )
    out = io.BytesIO()
    write_forms(out, [piece], WORDING, fonts_dir=fonts_dir, run_label="R0001")
    boxes = compile_layout("form", complete("form", WORDING), fonts_dir).on_page(1)
    pdf = Finished(out.getvalue())
    assert pdf.text_in(0, boxes["member_1_name"]).strip() == "（以下余白）"
    assert pdf.text_in(0, boxes["member_2_name"]).strip() == ""
