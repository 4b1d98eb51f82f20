"""Pure. One page as scanned becomes a PageReading: code, way up, place, ticks, inked fields, quality, picture to keep.

Asks the pieces of this room in the order in which each needs the one before; runs in the child process (child.py).
"""

import hashlib
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from todoku.scan import quality, reading
from todoku.scan.crop import Picture, page_picture, painted_over, plain_picture
from todoku.scan.fields import Fields, field_crops, read_fields
from todoku.scan.find_code import EVERYTHING, LONGER, QUICK, CodeSearch, all_codes, find_code
from todoku.scan.my_number import DigitReader, MyNumber, find_my_numbers
from todoku.scan.open_file import OpenPage
from todoku.scan.reading import (
    Area,
    Grey,
    Layouts,
    PageProblem,
    PageReading,
    Registration,
    SheetLayout,
)
from todoku.scan.register import looks_like_ours, register
from todoku.scan.stray_ink import stray_areas
from todoku.sheets.form_layout import Box

_NOTHING = Fields({}, {}, {})
# From pictures with these, no field is judged: a person looks at the paper, or it is scanned again.
POOR_FOR_FIELDS = {"too_dark", "too_faint", "blurred", "cut", "too_short", "two_sheets", "no_marks"}


def read_page(
    page: OpenPage, layouts: Layouts, *, file: str = "", digits: DigitReader | None = None, crops: bool = True
) -> PageReading:
    """Read one page. `digits` reads rows of digits and switches the search for My Numbers on; without it none is made."""
    assert layouts, "at least one kind of sheet is known"
    boxes = next(iter(layouts.values())).boxes  # code and marks stand at the same place on every sheet
    grey, dpi = page.grey, page.dpi
    paper, ink = quality.paper_and_ink(grey)
    problems = quality.of_any_page(grey, dpi, paper, ink)
    search, blank = _search(grey, dpi, boxes, paper, problems)
    if search.several:
        problems.append(quality.problem("two_codes"))
    place = register(grey, dpi, boxes, search.found) if search.found else None
    layout = layouts.get(search.found.code.sheet) if search.found else None
    if place is not None:
        problems += quality.of_our_page(grey, dpi, place, boxes)
        if layout is None:
            problems.append(quality.problem("unknown_sheet"))
    state = _state(grey, dpi, boxes, blank, search, problems)
    if state == reading.BLANK:
        problems = [one for one in problems if one.code != "too_faint"]  # nothing is printed on it
    masks: list[Area] = []
    if digits is not None and state != reading.BLANK:
        numbers = _my_numbers(grey, dpi, place, layout, paper, digits)
        masks = [one.area for one in numbers]
        if numbers:
            problems.append(quality.problem(_told(numbers)))
    shown = painted_over(grey, masks) if masks else grey
    fields = _NOTHING
    if state == reading.READ and place is not None and layout is not None:
        fields = read_fields(grey, place.matrix, layout, crops=False)
        if crops:
            fields = fields._replace(crops=field_crops(shown, place.matrix, layout, fields.inked))
    picture = picture_to_keep(page, shown, place, changed=bool(masks))
    return PageReading(
        file=file,
        page=page.page,
        state=state,
        code=search.found.code if search.found else None,
        turned=place.turned if place else None,
        dpi=round(dpi, 1),
        width=grey.shape[1],
        height=grey.shape[0],
        registered_by=place.by if place else "",
        ticks=fields.ticks,
        inked=fields.inked,
        problems=tuple(problems),
        digest=digest(grey),
        masked=tuple(masks),
        picture_matrix=picture.matrix,
        picture_type=picture.media_type,
        picture=picture.data,
        crops=fields.crops,
    )


def _search(
    grey: Grey, dpi: float, boxes: Mapping[str, Box], paper: float, problems: Sequence[PageProblem]
) -> tuple[CodeSearch, bool]:
    """The code of the page, and whether the page is blank. A long page is searched for a second code."""
    if any(one.code == "two_sheets" for one in problems):
        everywhere = all_codes(grey)
        if everywhere.several:
            return everywhere, False
    search = find_code(grey, dpi, boxes["qr"], QUICK)
    if search.found or search.several:
        return search, False
    if quality.ink_on_page(grey, dpi, paper) < quality.BLANK_INK_MM2:
        return search, True
    ours = looks_like_ours(grey, dpi, boxes)
    return find_code(grey, dpi, boxes["qr"], EVERYTHING if ours else LONGER), False


def _state(
    grey: Grey,
    dpi: float,
    boxes: Mapping[str, Box],
    blank: bool,
    search: CodeSearch,
    problems: Sequence[PageProblem],
) -> str:
    if search.found:
        return reading.READ if _may_judge(problems) else reading.POOR
    if search.several:
        return reading.UNREADABLE
    if blank:
        return reading.BLANK
    return reading.UNREADABLE if looks_like_ours(grey, dpi, boxes) else reading.FOREIGN


def _may_judge(problems: Sequence[PageProblem]) -> bool:
    return not any(one.code in POOR_FOR_FIELDS for one in problems)


def _my_numbers(
    grey: Grey,
    dpi: float,
    place: Registration | None,
    layout: SheetLayout | None,
    paper: float,
    digits: DigitReader,
) -> list[MyNumber]:
    """On the whole page; on a form that lies where it should, in its attachment areas and wherever else somebody wrote."""
    if place is None or place.by == "code" or layout is None:
        return find_my_numbers(grey, dpi, digits)
    found = []
    for part in stray_areas(grey, dpi, place.matrix, layout, paper):
        seen = find_my_numbers(grey[part.y : part.y + part.h, part.x : part.x + part.w], dpi, digits)
        found += [
            one._replace(area=one.area._replace(x=part.x + one.area.x, y=part.y + one.area.y)) for one in seen
        ]
    return found


def _told(numbers: Sequence[MyNumber]) -> str:
    """The code of what a person is told: what could not be read before what is doubtful."""
    if not all(one.read for one in numbers):
        return "my_number_unread"
    return "my_number" if all(one.sure for one in numbers) else "my_number_doubtful"


def picture_to_keep(page: OpenPage, shown: Grey, place: Registration | None, *, changed: bool) -> Picture:
    """The page for keeping. A JPEG that lies upright and hides nothing is kept as it came; others are drawn anew."""
    if page.jpeg and not changed and (place is None or place.turned == 0):
        return Picture("image/jpeg", page.jpeg, place.matrix if place else ())
    if place is not None and place.by != "code":
        return page_picture(shown, place.matrix)
    return _roughly_upright(shown, page.dpi, place)


def _roughly_upright(grey: Grey, dpi: float, place: Registration | None) -> Picture:
    """Turned by quarters alone: a matrix from few marks would cut the page."""
    turns = (place.turned // 90) % 4 if place else 0
    upright = np.asarray(np.rot90(grey, turns), dtype=np.uint8)
    return plain_picture(np.ascontiguousarray(upright), dpi)


def digest(grey: Grey) -> str:
    """SHA-256 of every eighth row: any two scans differ there by their noise, any two texts by their strokes."""
    return hashlib.sha256(np.ascontiguousarray(grey[::8]).data).hexdigest()


def use_one_core() -> None:
    """The lot is shared out by files; within a page more threads would only take turns."""
    cv2.setNumThreads(1)
