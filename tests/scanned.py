"""Forms of the town as a scanner delivers them: the printed run's own pages, filled in as by hand, as JPEG or TIFF.

Only what tests of the verbs and desks need; how well pages of bad quality are read is tested with the engine.
"""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pypdfium2
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from tests.web.office import posted
from todoku.custody import files
from todoku.ground.places import var
from todoku.letters.tables import PrintRun
from todoku.programme.tables import Programme
from todoku.sheets.form_layout import Box, boxes_from_json
from todoku.sheets.sheet_codes import SheetCode, read_payload

DPI = 150
PER_MM = DPI / 25.4
# A sound form: what the hand writes in which box, and which boxes are ticked.
WRITTEN = {
    "bank_code": "0005", "branch_code": "001", "account_number": "1234567", "holder_kana": "ﾔﾏﾀﾞ ﾀﾛｳ",
    "applied_year": "8", "applied_month": "12", "applied_day": "1", "signature": "やまだ", "day_phone": "0450000000",
}  # fmt: skip


class Paper(NamedTuple):
    """One printed side: its code and its picture before anybody wrote on it."""

    code: SheetCode
    picture: Image.Image


class Printed(NamedTuple):
    """A posted run: its sides by number and page, and its boxes by kind of sheet."""

    run: PrintRun
    papers: list[Paper]
    boxes: Mapping[int, Mapping[str, Box]]

    def forms(self) -> list[Paper]:
        """The first page of each piece."""
        return [one for one in self.papers if one.code.sheet == 1]


def printed(programme: Programme, limit: int) -> Printed:
    """Forms for the first cases, printed and posted by the real verbs, drawn at 150 dpi."""
    run = posted(programme, limit)
    assert run.pdf
    papers = []
    with pypdfium2.PdfDocument(files.read(run.pdf.path)) as pdf:
        for page in pdf:
            picture = page.render(scale=DPI / 72, grayscale=True).to_pil()
            (seen,) = zxingcpp.read_barcodes(picture)
            code = read_payload(seen.text)
            assert code
            papers.append(Paper(code, picture))
    return Printed(run, papers, boxes_from_json(run.boxes))


def filled(
    paper: Paper, boxes: Mapping[str, Box], written: Mapping[str, str] = WRITTEN, ticks: Sequence[str] = ("kind_ordinary",)
) -> Image.Image:  # fmt: skip
    """The page with these fields written and these boxes ticked."""
    picture = paper.picture.copy()
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(next(Path(var("assets/fonts")).glob("*UDGothic*-Regular*"))), 26)
    for name, text in written.items():
        box = boxes[name]
        pitch = box.w / box.cells if box.cells else 4.0
        for i, letter in enumerate(text):
            middle = (box.x + (i + 0.5) * pitch) * PER_MM, (box.y + box.h / 2) * PER_MM
            pen.text(middle, letter, fill=30, font=font, anchor="mm")
    for name in ticks:
        box = boxes[name]
        left, top, size = box.x * PER_MM, box.y * PER_MM, box.w * PER_MM
        pen.line(
            [(left + 4, top + size / 2), (left + size / 2, top + size - 5), (left + size, top - 4)], fill=20, width=4
        )  # fmt: skip
    return picture


def note(words: str) -> Image.Image:
    """A page that is none of ours: a copy of something."""
    picture = Image.new("L", (round(210 * PER_MM), round(297 * PER_MM)), 252)
    font = ImageFont.truetype(str(next(Path(var("assets/fonts")).glob("*UDGothic*-Regular*"))), 40)
    for line in range(12):
        ImageDraw.Draw(picture).text((140, 200 + line * 90), f"{words} {line}", fill=40, font=font)
    return picture


def blank() -> Image.Image:
    return Image.new("L", (round(210 * PER_MM), round(297 * PER_MM)), 250)


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85, dpi=(DPI, DPI))
    return out.getvalue()


def tiff(pictures: Sequence[Image.Image]) -> bytes:
    """Several pages in one file."""
    out = io.BytesIO()
    first, *rest = pictures
    first.save(out, "TIFF", save_all=True, append_images=rest, compression="tiff_lzw", dpi=(DPI, DPI))
    return out.getvalue()
