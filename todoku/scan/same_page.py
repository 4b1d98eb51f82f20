"""Pure. What a lot shows only as a whole: files and pages delivered twice, codes read twice, pages of a piece missing.

Keeps a few dozen bytes a page, never a picture. Two scans of the same paper differ in their pixels: they are both kept,
and a person chooses; the same pixels twice are one scan delivered twice.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from todoku.scan.reading import BLANK, PageReading
from todoku.sheets.sheet_codes import SheetCode, SheetKind

# Sheets that stay with the resident: that they are missing in the envelope is as it should be.
STAYING = frozenset({SheetKind.GUIDE, SheetKind.LETTER})
# Pages of a piece that stay: of an application form the second is the guide (letters/sheet_codes.SHEET_KINDS).
STAYING_PAGES = frozenset({2})

Place = tuple[str, int]  # file, page


class Finding(NamedTuple):
    """One thing that the lot shows: its code, where it was seen, what it repeats or lacks, and a sentence."""

    code: str
    at: tuple[Place, ...]
    sentence: str
    number: str = ""


class LotLedger:
    """Told of each file and page as they pass; asked once at the end."""

    def __init__(self) -> None:
        self._files: dict[bytes, str] = {}
        self._pixels: dict[str, Place] = {}
        self._codes: dict[SheetCode, list[Place]] = defaultdict(list)
        self._found: list[Finding] = []

    def see_file(self, name: str, data: bytes) -> str | None:
        """The name of a file of the same bytes that came before, if there is one: this one need not be read."""
        digest = hashlib.sha256(data).digest()
        before = self._files.setdefault(digest, name)
        if before == name:
            return None
        self._found.append(
            Finding(
                "same_file",
                ((before, 0), (name, 0)),
                f"{name} は {before} と同じファイルです。2度目は取り込みません。",
            )
        )
        return before

    def see(self, one: PageReading) -> bool:
        """Take a page down; whether its very pixels came before. Blank pages without a code are all alike: no finding."""
        place = (one.file, one.page)
        before = self._pixels.setdefault(one.digest, place)
        same = before != place and not (one.state == BLANK and one.code is None)
        if same:
            self._found.append(
                Finding(
                    "same_pixels",
                    (before, place),
                    f"{one.file} の{one.page}ページ目は {before[0]} の{before[1]}ページ目と同じ画像です。",
                    one.code.number if one.code else "",
                )
            )
        elif one.code is not None:
            self._codes[one.code].append(place)
        return same

    def findings(self, expected: Mapping[str, frozenset[int]] | None = None) -> list[Finding]:
        """All findings in the order seen, then codes that came twice, then gaps.

        `expected`: by number the pages that should come back; without it every page before the last one that came.
        """
        return [*self._found, *self._twice(), *self._gaps(expected or {})]

    def _twice(self) -> list[Finding]:
        return [
            Finding(
                "code_twice",
                tuple(places),
                f"同じ用紙（{code.page}ページ目）が{len(places)}回読み取られています。どちらを使うか確かめてください。",
                code.number,
            )
            for code, places in self._codes.items()
            if len(places) > 1
        ]

    def _gaps(self, expected: Mapping[str, frozenset[int]]) -> list[Finding]:
        pieces: dict[tuple[str, int], dict[int, Place]] = defaultdict(dict)
        for code, places in self._codes.items():
            if code.sheet not in STAYING:
                pieces[code.number, code.issue][code.page] = places[0]
        found = []
        for (number, _), came in pieces.items():
            due = expected.get(number, frozenset(range(1, max(came) + 1)) - STAYING_PAGES)
            missing = sorted(due - set(came))
            if missing:
                pages = "・".join(map(str, missing))
                found.append(
                    Finding(
                        "page_missing",
                        tuple(came.values()),
                        f"{pages}ページ目がありません。封筒や束の前後を確かめてください。",
                        number,
                    )
                )
        return found
