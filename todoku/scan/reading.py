"""Pure. What a scan leaves: one PageReading per page, one FileProblem per thing that could not be taken, as flat values.

Made by read_page and open_file; kept and shown by others. A reading says what was seen, never what it means for a case.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from todoku.sheets.form_layout import Box
from todoku.sheets.sheet_codes import SheetCode

Grey = NDArray[np.uint8]  # a page in grey, rows from the top; 0 is black
MM_PER_INCH = 25.4
PAPER_MM = (210.0, 297.0)  # A4, the only paper of our forms

# State of a page: its code and its fields are read · ours but without a readable code · not ours (an attachment, a
# letter, a form of somebody else) · nothing on it · its code is read, but its fields must not be judged from this picture.
READ, UNREADABLE, FOREIGN, BLANK, POOR = "read", "unreadable", "foreign", "blank", "poor"
STATES = {
    READ: "読取済み",
    UNREADABLE: "番号を読み取れない様式",
    FOREIGN: "様式以外の紙",
    BLANK: "白紙",
    POOR: "読み直しが必要",
}

_EMPTY: Mapping[str, bytes] = MappingProxyType({})


class FileProblem(NamedTuple):
    """Something of a file that was not taken, or taken with a remark; `page` counts from 1, None = the whole file."""

    code: str
    page: int | None
    sentence: str
    file: str = ""


class PageProblem(NamedTuple):
    """Something wrong with the picture of a page: a code for counting and a Japanese sentence for a person."""

    code: str
    sentence: str


class Tick(NamedTuple):
    """A tick box: "marked", "empty" or "unsure" (a person looks), the share of ink inside, and why if it is not plain."""

    state: str
    ink: float
    why: str = ""


class Area(NamedTuple):
    """A rectangle of the picture in pixels: left, top, width, height."""

    x: int
    y: int
    w: int
    h: int


class Registration(NamedTuple):
    """Where the page lies in the picture. `matrix`: row by row, from millimetres of the page to pixels of the picture.

    `by`: "four_marks", "three_marks", or "code" (few marks: too rough to judge a tick by). `turned`: by how many
    degrees clockwise the page lies turned. `skew`: what remains, in degrees. `residual`: mm.
    """

    matrix: tuple[float, ...]
    by: str
    turned: int
    skew: float
    residual: float


class SheetLayout(NamedTuple):
    """The boxes of one kind of sheet by name; what the entry boxes show before anybody wrote: mm² of ink by part.

    `printed`: the empty sheet as packed bits (scan/stray_ink.py), empty where it is not known.
    """

    boxes: Mapping[str, Box]
    printed_ink: Mapping[str, Sequence[float]] = MappingProxyType({})
    printed: bytes = b""


Layouts = Mapping[int, SheetLayout]  # by sheet code


class PageReading(NamedTuple):
    """One page of a file (from 1) as it was read.

    `turned`: degrees clockwise, None if unknown. `inked`: has an entry field ink. `crops`: JPEG by entry field.
    `picture`: the page to keep, upright if its code told how, My Numbers painted over (`masked`, in its pixels);
    `picture_type` its media type. `digest`: of the pixels as scanned. `dpi` and sizes: of the picture as scanned.
    `picture_matrix`: from millimetres of the page to pixels of `picture`, empty without registration.
    """

    file: str
    page: int
    state: str
    code: SheetCode | None
    turned: int | None
    dpi: float
    width: int
    height: int
    registered_by: str
    ticks: Mapping[str, Tick]
    inked: Mapping[str, bool]
    problems: Sequence[PageProblem]
    digest: str
    masked: Sequence[Area] = ()
    picture_matrix: tuple[float, ...] = ()
    picture_type: str = ""
    picture: bytes = b""
    crops: Mapping[str, bytes] = _EMPTY
