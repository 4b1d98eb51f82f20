"""Keeps the pages of a lot as they are read: pictures to disk, then a chunk of rows by COPY with their cases.

Takes readings in order; leaves ScanPage rows. One query a chunk finds the cases, one the boxes that a sheet was printed
with; where these are not the ones of today, its fields are judged again. Decides nothing about a case.
"""

import io
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q
from PIL import Image

from todoku.case.tables import Case
from todoku.custody import files
from todoku.ground.copy_rows import copy_rows
from todoku.scan import reading
from todoku.scan.crop import decoded
from todoku.scan.fields import Fields, read_fields
from todoku.scan.ocr import recogniser, suggest
from todoku.scan.reading import PageReading, SheetLayout
from todoku.scan.receive_lot import folder_of
from todoku.scan.sheet_boxes import Printed, RunBoxes
from todoku.scan.tables import ScanFile, ScanLot, ScanPage
from todoku.scan.whose_page import Household
from todoku.sheets.sheet_codes import SheetCode

# Sheets on which the recogniser finds something to offer: those with an account.
OFFERED_SHEETS = frozenset({1, 5})
COLUMNS = (
    "id", "programme_id", "lot_id", "no", "file_id", "file_page", "state", "problems", "number", "page_no", "sheet_code",
    "issue", "case_id", "behind_id", "sheet_id", "path", "sha256", "pixels_sha256", "width", "height", "matrix", "turn",
    "masked", "ticks", "inked", "offered",
)  # fmt: skip


class _Waiting(NamedTuple):
    """A page whose picture is on disk and whose row is not written yet."""

    no: int
    file: int
    reading: PageReading  # without its picture's bytes
    kept: files.Written  # its picture
    size: tuple[int, int]
    gap: bool  # something before it could not be taken
    data: bytes  # of a sheet whose fields may have to be judged again; empty otherwise


class Keeper:
    """The pages of one lot under way; begins behind the last page that is kept."""

    def __init__(self, lot: ScanLot, layouts: Mapping[int, SheetLayout]) -> None:
        self._lot, self._layouts = lot, layouts
        self._runs = RunBoxes(lot.programme, layouts)
        self._rows: list[_Waiting] = []
        last = ScanPage.objects.filter(lot=lot).order_by("-no").first()
        self.last = last.no if last else 0
        self._household, self._gap = _household(lot), False

    @property
    def lot(self) -> ScanLot:
        """Whose pages these are."""
        return self._lot

    @property
    def waiting(self) -> int:
        """How many pages are not in the database yet."""
        return len(self._rows)

    def kept_of(self, file: ScanFile) -> int:
        """How many pages of this file are kept already."""
        return ScanPage.objects.filter(file=file).count()

    def gap(self) -> None:
        """Something could not be taken here: the next page is not known to follow the one before."""
        self._gap = True

    def add(self, file: ScanFile, one: PageReading) -> None:
        """Writes the picture of the next page and remembers its row."""
        self.last += 1
        with Image.open(io.BytesIO(one.picture)) as opened:
            size = opened.size
        kept = files.write(f"{folder_of(self._lot)}/pages/{uuid.uuid4().hex}.jpg", one.picture)
        sheet = one.code is not None and one.state == reading.READ
        row = _Waiting(
            self.last,
            file.pk,
            one._replace(picture=b""),
            kept,
            size,
            self._gap,
            one.picture if sheet else b"",
        )
        self._rows.append(row)
        self._gap = False

    def write(self) -> None:
        """Writes the rows that wait, within the caller's transaction."""
        if not self._rows:
            return
        readings = [row.reading for row in self._rows]
        codes = [one.code for one in readings if one.code]
        cases = dict(
            Case.objects.filter(
                programme=self._lot.programme, number__in=[one.number for one in codes]
            ).values_list("number", "pk")
        )
        seen, twice = self._seen([one.digest for one in readings]), self._sheets_of(codes)
        printed = self._runs.of(codes)
        ids = self._ids(len(self._rows))
        rows = []
        for pk, row in zip(ids, self._rows, strict=True):
            rows.append(self._row(pk, row, cases, seen, twice, printed))
        copied = copy_rows("todoku_scanpage", COLUMNS, rows)
        assert copied == len(self._rows), "a page was not written"
        self._rows = []

    def _row(
        self, pk: int, row: _Waiting, cases: Mapping[str, int], seen: set[str], twice: set[SheetCode],
        printed: Mapping[SheetCode, Printed],
    ) -> Sequence[Any]:  # fmt: skip
        one, code = row.reading, row.reading.code
        case = cases.get(code.number) if code else None
        if row.gap:
            self._household.forget()
        place = self._household.place(pk, one, case=case, seen=one.digest in seen, twice=code in twice)
        seen.add(one.digest)
        if code:
            twice.add(code)
        problems = [problem.code for problem in one.problems]
        if place.state == "look" and not problems:
            problems = ["code_twice" if code else "no_code"]
        fields, offered = self._fields(row, printed.get(code) if code else None)
        return (
            pk, self._lot.programme_id, self._lot.pk, row.no, row.file, one.page, place.state, _json(problems),
            code.number if code else "", code.page if code else None, int(code.sheet) if code else None,
            code.issue if code else None, place.case, place.behind, None, row.kept.path, row.kept.sha256, one.digest,
            *row.size, _json(list(one.picture_matrix)), 0, _json([list(area) for area in one.masked]),
            _json({name: tick.state for name, tick in fields.ticks.items()}),
            _json([name for name, ink in fields.inked.items() if ink]), _json(offered),
        )  # fmt: skip

    def _fields(self, row: _Waiting, printed: Printed | None) -> tuple[Fields, dict[str, tuple[str, float]]]:
        """Ticks and inked fields by the boxes that the sheet was printed with, and what the recogniser offers."""
        one = row.reading
        fields = Fields(one.ticks, one.inked, {})
        if not row.data or printed is None or not one.picture_matrix or one.code is None:
            return fields, {}
        now = self._layouts.get(one.code.sheet)
        other = now is None or printed.boxes != now.boxes
        if not other and one.code.sheet not in OFFERED_SHEETS:
            return fields, {}
        grey = decoded(row.data)
        if other:
            fields = read_fields(grey, one.picture_matrix, self._runs.layout(one.code, printed), crops=False)
        inked = {name: printed.boxes[name] for name, ink in fields.inked.items() if ink}
        offers = (
            suggest(grey, one.picture_matrix, inked, recogniser()) if one.code.sheet in OFFERED_SHEETS else {}
        )
        return fields, {
            name: (offer.text, round(offer.confidence, 2)) for name, offer in offers.items() if offer.text
        }

    def _seen(self, digests: Sequence[str]) -> set[str]:
        """Which of these pictures another page of the programme has already."""
        return set(
            ScanPage.objects.filter(pixels_sha256__in=digests, programme=self._lot.programme)
            .exclude(state__in=["void", "duplicate", "blank"])
            .exclude(lot__state="void")
            .values_list("pixels_sha256", flat=True)
        )

    def _sheets_of(self, codes: Sequence[SheetCode]) -> set[SheetCode]:
        """Which of these sheets were scanned before, in this lot or another one: one paper, one key entry."""
        numbers = {one.number for one in codes}
        cases = Case.objects.filter(programme=self._lot.programme, number__in=numbers)
        found = (
            ScanPage.objects.filter(
                Q(lot=self._lot) | Q(case__in=list(cases.values_list("pk", flat=True))), number__in=numbers
            )
            .exclude(state__in=["void", "duplicate", "rescan"])
            .exclude(lot__state="void")
            .values_list("number", "page_no", "sheet_code", "issue")
        )
        return {
            SheetCode(number, page, sheet, issue or 0)
            for number, page, sheet, issue in found
            if page is not None and sheet is not None
        }

    @staticmethod
    def _ids(count: int) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute("select nextval('todoku_scanpage_id_seq') from generate_series(1, %s)", [count])
            return [number for (number,) in cursor.fetchall()]


def _household(lot: ScanLot) -> Household:
    """Whose papers the next page would be, by the last page that is kept."""
    last = ScanPage.objects.filter(lot=lot).exclude(state="duplicate").order_by("-no").first()
    if last is None or last.state == "unplaced":
        return Household()
    if last.behind_id is not None:
        head = last.behind
        return Household(last.behind_id, bool(head and head.state == "foreign"), last.case_id)
    if last.number or last.state == "look":
        return Household(last.pk, last.state == "foreign", last.case_id)
    return Household()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
