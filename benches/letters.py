"""Measures the printing of forms: pages a second and bytes a page, beside two ways of letting typst do it all.

`rate(n)` prints n forms of the sample town with every code; the other two do less than a form needs, on stated samples.
"""

import io
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pypdfium2
import typst

from todoku.case.door_keys import KEY_ALPHABET, KEY_LENGTH, shown_key
from todoku.formats.codes import case_number, printed_number
from todoku.ground.places import var
from todoku.sampletown import town
from todoku.sampletown.household import Household
from todoku.sheets.form_layout import Box, Layout, compile_layout, named_fonts
from todoku.sheets.forms import Piece, member_cells, sheets_of, write_forms
from todoku.sheets.read_back import Expected
from todoku.sheets.wording import TEMPLATES, complete

TYPST_SAMPLE, OVERLAY_SAMPLE = 60, 2_000
YEN = 30_000
MERGE = """
#set page(width: 210mm, height: 297mm, margin: 0mm)
#set text(font: "BIZ UDGothic")
#for form in json("forms.json") {
  for sheet in form {
    page(background: image("base.pdf", page: sheet.base), {
      for (x, y, size, words) in sheet.texts {
        place(top + left, dx: x * 1mm, dy: y * 1mm, text(size: size * 1pt, words))
      }
    })
  }
}
"""
WORDING = {
    "programme": "物価高騰対策給付金",
    "municipality": "見本市",
    "mayor": "見本市長",
    "office": "給付金事務局",
    "phone": "0120-000-000",
    "hours": "平日 9時〜17時（土日祝を除く）",
    "office_address": "〒000-0000 見本市中央1丁目1番1号",
    "online_address": "https://todoku.example.lg.jp/",
    "payer": "ミホンシ キユウフキン",
    "documents": [
        (
            "本人確認書類の写し（1点）",
            "運転免許証、マイナンバーカード（おもて面だけ）、在留カード、資格確認書などのうち、どれか1つ",
        ),
        (
            "口座がわかるものの写し",
            "通帳の表紙をめくった見開き、キャッシュカード、またはインターネットバンキングの画面",
        ),
    ],
}


class Rate(NamedTuple):
    """Wall and processor rate in pages a second, and what a page weighs in the file."""

    pages: int
    pages_per_s: float
    pages_per_cpu_s: float
    bytes_per_page: float


def town_pieces(count: int, seed: int = 7) -> Iterator[Piece]:
    """Forms for the first `count` households of the sample town, one after another."""
    for index, household in enumerate(islice(town.build(seed, max(count, 300)), count)):
        yield _piece(index, household)


def expected_of(pieces: Iterable[Piece], manifest: Iterable[Mapping[str, str]]) -> Iterator[Expected]:
    """What a run of these pieces should read like, with the pages that its manifest tells the printer."""
    for piece, told in zip(pieces, manifest, strict=True):
        yield Expected(
            piece.piece_no, piece.number, piece.issue, piece.postal_code, "".join(piece.address_lines),
            piece.addressee, piece.barcode_rest, int(told["pages"]), shown_key(piece.key),
            tuple(name for name, *_ in piece.members), told["hand_work"],
        )  # fmt: skip


def page_texts(piece: Piece, layout: Layout) -> Iterator[tuple[int, dict[str, str]]]:
    """The pages of one form as another way must set them: base page (from 1), and the text of every field."""
    words = complete("form", WORDING)
    sheets = list(sheets_of(piece, words, member_cells(layout)))
    for page, (base, own) in enumerate(sheets, 1):
        texts = {
            "number": printed_number(piece.number),
            "page_code": f"{page}/{len(sheets)}",
            "piece": f"R0001-{piece.piece_no:06d}",
        }
        if page == 1:
            texts |= {
                "postal": f"〒{piece.postal_code[:3]}-{piece.postal_code[3:]}",
                "address": "\n".join(line for line in piece.address_lines if line),
                "name": f"{piece.addressee}　{words['honorific']}",
            }
        yield base, {**texts, **own}


def rate(count: int, fonts_dir: Path | str) -> Rate:
    """Print `count` forms into a file; the pieces are made beforehand, since a database would hand them over."""
    pieces = list(town_pieces(count))
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        done = write_forms(
            Path(folder) / "forms.pdf", pieces, WORDING, fonts_dir=fonts_dir, run_label="R0001"
        )
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Rate(done.pages, done.pages / wall, done.pages / cpu, done.bytes / done.pages)


def typst_rate(count: int, fonts_dir: Path | str) -> Rate:
    """The obvious way: typst sets the template anew for each form, fixed words only, without codes."""
    words = json.dumps(complete("form", WORDING), ensure_ascii=False)
    with tempfile.TemporaryDirectory() as folder:
        for template in TEMPLATES.glob("*.typ"):
            (Path(folder) / template.name).write_bytes(template.read_bytes())
        merged = Path(folder) / "merged.typ"
        merged.write_text('#include "form.typ"\n' * count, encoding="utf-8")
        return _typst(merged, fonts_dir, {"wording": words})


def typst_overlay_rate(count: int, fonts_dir: Path | str) -> Rate:
    """The quickest way typst has: base pages as pictures, every field placed at one size; no QR, no bars."""
    layout = compile_layout("form", complete("form", WORDING), fonts_dir)
    forms = [
        [_placed(layout.on_page(page), texts) for page, texts in page_texts(piece, layout)]
        for piece in town_pieces(count)
    ]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "base.pdf").write_bytes(layout.pdf)
        (Path(folder) / "forms.json").write_text(json.dumps(forms), encoding="utf-8")
        merged = Path(folder) / "merged.typ"
        merged.write_text(MERGE, encoding="utf-8")
        return _typst(merged, fonts_dir, {})


def _typst(merged: Path, fonts_dir: Path | str, inputs: dict[str, str]) -> Rate:
    fonts = named_fonts(Path(fonts_dir))
    wall, cpu = time.perf_counter(), time.process_time()
    pdf = typst.compile(
        str(merged), root=str(merged.parent), font_paths=fonts, sys_inputs=inputs, pdf_tags=False
    )
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    pages = len(pypdfium2.PdfDocument(io.BytesIO(pdf)))
    return Rate(pages, pages / wall, pages / cpu, len(pdf) / pages)


def _placed(boxes: dict[str, Box], texts: Mapping[str, str]) -> dict[str, Any]:
    placed = [[boxes[name].x, boxes[name].y, boxes[name].sizes[0], text] for name, text in texts.items()]
    return {"base": next(iter(boxes.values())).page, "texts": placed}


def _piece(index: int, household: Household) -> Piece:
    street, building = household.address.street, household.address.building
    number_at = re.search("[0-9０-９]", street)
    return Piece(
        piece_no=index + 1,
        number=_number(index),
        issue=1 + index % 11,
        key="".join(
            KEY_ALPHABET[(index * 31 + place * 7) % len(KEY_ALPHABET)] for place in range(KEY_LENGTH)
        ),
        postal_code=household.address.postal_code,
        address_lines=(street, building),
        addressee=household.head.name,
        barcode_rest=street[number_at.start() :] + building if number_at else "",
        members=tuple((person.name, person.birth, person.relation, YEN) for person in household.members),
        total_yen=YEN * len(household.members),
        deadline="令和9年1月29日（必着）",
        account_known="見本銀行　本店　普通　****321" if index % 3 == 0 else "",
    )


def _number(index: int) -> str:
    """A case number for the household: the first that hides no My Number, from a place of its own."""
    at = 200_000_000_000 + index * 40_009
    return next(number for step in range(1000) if (number := case_number(f"{at + step:012d}")))


if __name__ == "__main__":
    folder = sys.argv[2] if len(sys.argv) > 2 else var("assets", "fonts")
    ours = rate(int(sys.argv[1]), folder)
    for name, way, sample in (
        ("typst", typst_rate, TYPST_SAMPLE),
        ("typst overlay", typst_overlay_rate, OVERLAY_SAMPLE),
    ):
        other = way(sample, folder)
        print(
            f"{name} ({sample} forms): {other}\n  forms are {ours.pages_per_cpu_s / other.pages_per_cpu_s:.1f} times as quick"
        )
    print(f"forms: {ours}")
