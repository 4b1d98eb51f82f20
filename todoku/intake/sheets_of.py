"""Finds what lies under one key task: its pages in order, their boxes, and the fields that a person keys. Reads only."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from todoku.intake.keyed_values import BOXES, KEYED_SHEETS, fields_of
from todoku.intake.receive_paper import rails_of
from todoku.intake.tables import KeyTask
from todoku.scan.crop import to_pixels
from todoku.scan.sheet_boxes import RunBoxes, boxes_in_force
from todoku.scan.tables import ScanPage
from todoku.sheets.form_layout import Box
from todoku.sheets.sheet_codes import SheetCode

MARGIN_MM = 2.0  # around a field, so that what was written over its frame is seen


class Crop(NamedTuple):
    """Where a field is seen: the id of its page, left, top, width and height as shares (0–1) of its picture."""

    page: int
    x: float
    y: float
    w: float
    h: float


class Sheets(NamedTuple):
    """The pages of a task, the leading one first; kinds of its sheets; fields to key; where each is seen."""

    pages: Sequence[ScanPage]
    codes: frozenset[int]
    fields: tuple[str, ...]
    crops: Mapping[str, Crop]


def sheets_of(task: KeyTask) -> Sheets:
    """Everything of the task's case in its lot that is not void, the leading page first."""
    pages = sorted(
        ScanPage.objects.filter(
            lot_id=task.lot_id, case_id=task.case_id, state__in=["read", "attached", "look"]
        ),
        key=lambda page: (page.pk != task.page_id, page.no),
    )
    keyed = {page.pk: page for page in pages if page.state == "read" and page.sheet_code in KEYED_SHEETS}
    boxes = _boxes(task, list(keyed.values()))
    sheets: dict[int, Mapping[str, Box]] = {}
    for page in keyed.values():
        assert page.sheet_code is not None
        sheets.setdefault(page.sheet_code, boxes.get(page.pk, {}))
    fields = fields_of(
        sheets, rails=rails_of(task.programme), dates_known=task.envelope_id is not None,
        papers=task.programme.terms.intake.needs("paper", "identity"),
    )  # fmt: skip
    return Sheets(pages, frozenset(sheets), fields, _crops(fields, list(keyed.values()), boxes))


def _boxes(task: KeyTask, pages: Sequence[ScanPage]) -> dict[int, Mapping[str, Box]]:
    """The boxes that each page was printed with, by its id."""
    codes = {
        page.pk: SheetCode(page.number, page.page_no or 1, page.sheet_code or 0, page.issue or 0)
        for page in pages
    }
    found = RunBoxes(task.programme, {}).of(codes.values())
    missing = any(code not in found for code in codes.values())
    now = boxes_in_force(task.programme) if missing else {}
    return {pk: found[code].boxes if code in found else now.get(code.sheet, {}) for pk, code in codes.items()}


def _crops(
    fields: Sequence[str], pages: Sequence[ScanPage], boxes: Mapping[int, Mapping[str, Box]]
) -> dict[str, Crop]:
    found: dict[str, Crop] = {}
    for field in fields:
        names = BOXES.get(field, ())
        for page in pages:
            here = boxes.get(page.pk, {})
            on_page = [here[name] for name in names if name in here]
            if field == "rail":
                on_page = [box for name, box in here.items() if name.startswith("rail_")]
            if on_page and page.matrix:
                found[field] = _crop(page, on_page)
                break
    return found


def _crop(page: ScanPage, boxes: Sequence[Box]) -> Crop:
    """The upright rectangle around boxes, as shares of the page's picture."""
    left, top = min(box.x for box in boxes) - MARGIN_MM, min(box.y for box in boxes) - MARGIN_MM
    right = max(box.x + box.w for box in boxes) + MARGIN_MM
    bottom = max(box.y + box.h for box in boxes) + MARGIN_MM
    matrix = tuple(page.matrix)
    points = [to_pixels(matrix, x, y) for x in (left, right) for y in (top, bottom)]
    xs, ys = [x / page.width for x, _ in points], [y / page.height for _, y in points]
    x, y = max(0.0, min(xs)), max(0.0, min(ys))
    return Crop(
        page.pk, round(x, 4), round(y, 4), round(min(1.0, max(xs)) - x, 4), round(min(1.0, max(ys)) - y, 4)
    )
