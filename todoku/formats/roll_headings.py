"""Pure. The first line of a roll and a layout in, the place of every column out; or the columns that are missing."""

import re
import unicodedata
from typing import NamedTuple

from todoku.formats.roll_layouts import Layout, RollRefused, Source

_FORBIDDEN = ("個人番号", "マイナンバー")
_PREFIX = re.compile("^F[OI]-")


class Found(NamedTuple):
    """A source and where its cells stand in a line."""

    source: Source
    places: tuple[int, ...]


class Columns(NamedTuple):
    """The headings of a file (the layout's own where it has none), and what was found under them."""

    headings: tuple[str, ...]
    has_headings: bool
    found: tuple[Found, ...]


def find_columns(first: list[str], layout: Layout) -> Columns:
    """Where the columns of a layout stand, by the headings of the first line or by position.

    Order does not matter and more columns do no harm. Raises RollRefused naming what is missing, and for a
    column of My Numbers (個人番号), which may not be in the file at all.
    """
    plain = [_plain(cell) for cell in first]
    forbidden = tuple(cell for cell in first if any(word in cell for word in _FORBIDDEN))
    if forbidden:
        raise RollRefused(
            f"個人番号の列「{'」「'.join(forbidden)}」があります。個人番号は受け取れません。"
            "この列を除いて出力し直してください。",
            forbidden,
        )
    known = {_plain(heading) for heading in layout.headings}
    if layout.positional and len(first) == len(layout.headings) and not known & set(plain):
        plain, headings, has_headings = [_plain(one) for one in layout.headings], layout.headings, False
    else:
        headings, has_headings = tuple(cell.strip() for cell in first), True
    places: dict[str, int] = {}
    for place, heading in enumerate(plain):
        places.setdefault(heading, place)
        places.setdefault(_PREFIX.sub("", heading), place)
    return Columns(headings, has_headings, _sources(layout, places))


def _sources(layout: Layout, places: dict[str, int]) -> tuple[Found, ...]:
    found, missing = [], []
    for source in layout.sources:
        at = [_place(heading, places) for heading in source.headings]
        if None not in at:
            found.append(Found(source, tuple(place for place in at if place is not None)))
        elif source.required:
            missing += [heading for heading, place in zip(source.headings, at, strict=True) if place is None]
    if missing:
        raise RollRefused(
            f"「{layout.title}」の名簿に必要な列「{'」「'.join(missing)}」がありません。"
            "列を加えて出力し直すか、別の形式を選んでください。",
            tuple(missing),
        )
    return tuple(found)


def _place(heading: str, places: dict[str, int]) -> int | None:
    plain = _plain(heading)
    return places.get(plain, places.get(_PREFIX.sub("", plain)))


def _plain(heading: str) -> str:
    return "".join(unicodedata.normalize("NFKC", heading).split())
