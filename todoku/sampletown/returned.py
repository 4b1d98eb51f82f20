"""Pure. What a household puts into the reply envelope: sheets of its own piece of a print run, filled in, and copies.

Goes in: the finished PDF of the run with its manifest and boxes, and an Answer. Comes out: the sides in the order in
which they lie in the envelope. The pages are drawn from the run's own file, so a fault of printing shows here too.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import numpy as np
import pypdfium2

from todoku.sampletown import copies, filled_form
from todoku.sampletown.answers import ACCOUNT_PROOF, IDENTITY, Answer
from todoku.sampletown.filled_form import Writer, Written
from todoku.sampletown.hand import Grey
from todoku.sampletown.household import Household
from todoku.sampletown.scanner import Side
from todoku.sheets.form_layout import Box, boxes_from_json
from todoku.sheets.sheet_codes import SheetCode, SheetKind, read_payload

COMES_BACK = (
    SheetKind.FORM, SheetKind.MEMBERS, SheetKind.ACCOUNT, SheetKind.ATTACHMENTS, SheetKind.DECLINE,
    SheetKind.REPRESENTATIVE,
)  # fmt: skip
LOOSE_SHARE = 0.12
"""Of households, those that enclose their copies on a sheet of their own instead of gluing them (our own estimate)."""
LISTS_BACK_SHARE = 0.7
"""Of households with a list of further members, those that send it back."""
NO_COPIES: frozenset[str] = frozenset()


class PieceAt(NamedTuple):
    """Where one piece stands in the PDF: its first page (from 0), how many, and the code of its first page."""

    first: int
    pages: int
    code: SheetCode


class PrintedRun:
    """A finished run, opened for drawing: pieces by case number. Close it at the end."""

    def __init__(self, pdf: Path, manifest: TextIO, boxes: Sequence[Mapping[str, Any]]) -> None:
        self._pdf = pypdfium2.PdfDocument(pdf)
        self.boxes = boxes_from_json(boxes)
        self.pieces: dict[str, PieceAt] = {}
        for row in csv.DictReader(manifest):
            code = read_payload(row["code"])
            assert code is not None, "the manifest names the code of every first page"
            self.pieces[row["number"]] = PieceAt(int(row["first_page"]) - 1, int(row["pages"]), code)

    def close(self) -> None:
        self._pdf.close()

    def drawn(self, number: str, page: int, dpi: int) -> Grey:
        """A page (from 1) of a household's piece as paper that nobody has touched."""
        page_of_run = self._pdf[self.pieces[number].first + page - 1]
        grey = page_of_run.render(scale=dpi / 72, grayscale=True).to_numpy()
        picture = np.array(grey.reshape(grey.shape[:2]), dtype=np.uint8)
        page_of_run.close()
        return picture

    def codes_of(self, number: str) -> list[SheetCode]:
        """The code of each page of a form's piece: the form, what stays, further members, the sheet for copies."""
        piece = self.pieces[number]
        kinds = [SheetKind.FORM, SheetKind.GUIDE] + [SheetKind.MEMBERS] * (piece.pages - 2)
        if "attach_identity" not in self.boxes[SheetKind.FORM]:
            kinds[-1] = SheetKind.ATTACHMENTS
        return [
            piece.code._replace(page=page, sheet=int(kind))
            for page, kind in enumerate(kinds[: piece.pages], 1)
        ]


def envelope(
    run: PrintedRun, number: str, answer: Answer, household: Household, by: Writer, dpi: int
) -> Iterator[Side]:
    """The sides of one envelope in order: the form first, loose copies last."""
    loose = bool(answer.attachments) and by.rng.random() < LOOSE_SHARE
    glued = answer.attachments if not loose else NO_COPIES
    for code in run.codes_of(number):
        if code.sheet not in COMES_BACK:
            continue
        if code.sheet == SheetKind.MEMBERS and by.rng.random() >= LISTS_BACK_SHARE:
            continue
        grey = run.drawn(number, code.page, dpi)
        boxes: Mapping[str, Box] = run.boxes[code.sheet]
        written = filled_form.fill(
            grey, dpi, code.sheet, boxes, replace(answer, attachments=glued), household, by
        )
        yield Side(grey, code, written)
    if loose:
        yield loose_copies(household, answer, by, dpi)


def loose_copies(household: Household, answer: Answer, by: Writer, dpi: int) -> Side:
    """The copies of an answer on a plain sheet, with no number on it."""
    found = copies.copies_of(household, answer, by.rng, dpi, font=by.print_font)
    shown = [found[what] for what in (IDENTITY, ACCOUNT_PROOF) if what in found]
    sheet = copies.copied_on_a_sheet(shown, dpi, by.rng)
    numbers = tuple(copy.my_number for copy in shown if copy.my_number)
    return Side(sheet, None, Written({}, {}, (), numbers), "copy")


def note(answer: Answer, household: Household, by: Writer, dpi: int) -> Side:
    """A letter by hand instead of a form: name, address and the wish, with no number that a machine reads."""
    lines = (
        "給付金の申請をお願いします。",
        f"氏名　{filled_form.signature_of(household, answer, by.hand)}",
        f"住所　{household.address.street}",
        f"電話　{answer.phone}",
    )
    return Side(filled_form.written_note(dpi, lines, by), None, None, "note")
