"""Finds the boxes that a scanned sheet is read with: those of the run in which it was printed, else the wording in force.

Takes codes of pages; gives boxes by page. Reads only; compiles the programme's own sheets once for a lot.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pypdfium2
from django.db import connection

from todoku.ground.places import var
from todoku.letters.tables import PrintRun
from todoku.programme.tables import Programme
from todoku.scan.fields import sheet_layout
from todoku.scan.reading import Grey, SheetLayout
from todoku.sheets.form_layout import Box, Layout, base_pages, boxes_json, compile_layout
from todoku.sheets.programme_wording import wording_of
from todoku.sheets.sheet_codes import SheetCode, SheetKind
from todoku.sheets.wording import complete

EMPTY_DPI = 200
# A piece's first page is a form only where the piece is one; further on, the same kind of sheet is a letter's part.
_RUNS = """
select n.number, n.sheet, n.issue, n.page, found.run_id
  from unnest(%(numbers)s::text[], %(sheets)s::int[], %(issues)s::int[], %(pages)s::int[]) as n(number, sheet, issue, page)
  join todoku_case c on c.number = n.number and c.programme_id = %(programme)s
  join lateral (
    select l.run_id from todoku_letter l join todoku_printrun r on r.id = l.run_id
     where l.case_id = c.id and r.boxes @> jsonb_build_array(jsonb_build_object('sheet', n.sheet))
       and (n.sheet <> 1 or (l.kind = 'form') = (n.page = 1))
     order by (l.kind = 'form' and l.occasion %% 10 = n.issue) desc, l.id desc limit 1) found on true
"""


class Printed(NamedTuple):
    """The boxes of one page, and the id of the run that they are from; None = the wording in force."""

    boxes: Mapping[str, Box]
    run: int | None


def programme_layouts(programme: Programme) -> dict[int, SheetLayout]:
    """Sheet code → boxes and printed ink, from the wording in force; a form's own sheets stand before a letter's."""
    found: dict[int, SheetLayout] = {}
    for template, kind in (("form", "form"), ("letter", "return")):
        layout = _compiled(programme, template, kind)
        for index, page in enumerate(base_pages(boxes_json(layout))):
            if page.sheet not in found:
                found[page.sheet] = sheet_layout(page.boxes, _empty(layout, index), EMPTY_DPI)
    return found


def boxes_in_force(programme: Programme) -> dict[int, Mapping[str, Box]]:
    """Sheet code → boxes by the wording in force, compiled once per process and text of the Version."""
    assert programme.version is not None
    key = (programme.pk, programme.version.sha256)
    if key not in _IN_FORCE:
        _IN_FORCE.clear()
        _IN_FORCE[key] = {sheet: one.boxes for sheet, one in programme_layouts(programme).items()}
    return _IN_FORCE[key]


_IN_FORCE: dict[tuple[int, str], dict[int, Mapping[str, Box]]] = {}


def boxes_as_data(programme: Programme) -> list[dict[str, Any]]:
    """The base pages of the wording in force, a form's own before a letter's, in JSON's kinds of value."""
    found: dict[int, dict[str, Any]] = {}
    for template, kind in (("form", "form"), ("letter", "return")):
        for page in boxes_json(_compiled(programme, template, kind)):
            found.setdefault(page["sheet"], page)
    return list(found.values())


def _compiled(programme: Programme, template: str, kind: str) -> Layout:
    town = programme.municipality
    words = wording_of(kind, programme.terms, municipality=town.name, mayor=f"{town.name}{town.mayor_title}")
    return compile_layout(template, complete(kind, words), var("assets/fonts"))


def _empty(layout: Layout, index: int) -> Grey:
    """The base page as it is before anything is written on it, in grey."""
    with pypdfium2.PdfDocument(layout.pdf) as pdf:
        page = pdf[index]
        drawn = page.render(scale=EMPTY_DPI / 72, grayscale=True).to_numpy()
        grey = np.array(drawn.reshape(drawn.shape[:2]), dtype=np.uint8)
        page.close()
    return grey


class RunBoxes:
    """Boxes by run and sheet, each run read from the database once."""

    def __init__(self, programme: Programme, layouts: Mapping[int, SheetLayout]) -> None:
        self._programme, self._layouts = programme, layouts
        self._runs: dict[int, Mapping[int, Mapping[str, Box]]] = {}

    def of(self, codes: Iterable[SheetCode]) -> dict[SheetCode, Printed]:
        """Every code whose kind of sheet is known anywhere, with its boxes; one query for all."""
        asked = list(dict.fromkeys(codes))
        runs = self._run_of(asked)
        found = {}
        for code in asked:
            run = runs.get(code)
            boxes = self._boxes(run).get(code.sheet) if run is not None else None
            if boxes:
                found[code] = Printed(boxes, run)
            elif code.sheet in self._layouts:
                found[code] = Printed(self._layouts[code.sheet].boxes, None)
        return found

    def layout(self, code: SheetCode, printed: Printed) -> SheetLayout:
        """The boxes with the ink that the empty sheet shows, where the sheet in force has the same box."""
        now = self._layouts.get(code.sheet)
        ink = now.printed_ink if now else {}
        same = {name: ink[name] for name in ink if now and printed.boxes.get(name) == now.boxes.get(name)}
        return SheetLayout(printed.boxes, same)

    def _run_of(self, codes: list[SheetCode]) -> dict[SheetCode, int]:
        if not codes:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(
                _RUNS,
                {
                    "programme": self._programme.pk,
                    "numbers": [one.number for one in codes],
                    "sheets": [int(one.sheet) for one in codes],
                    "issues": [one.issue for one in codes],
                    "pages": [one.page for one in codes],
                },
            )
            return {
                SheetCode(number, page, sheet, issue): run
                for number, sheet, issue, page, run in cursor.fetchall()
            }

    def _boxes(self, run: int) -> Mapping[int, Mapping[str, Box]]:
        if run not in self._runs:
            kind, rows = PrintRun.objects.values_list("kind", "boxes").get(pk=run)
            found: dict[int, Mapping[str, Box]] = {}
            for index, page in enumerate(base_pages(rows)):
                # A letter's own first pages are letters; its sheet of kind "form" is the one that lacked a signature.
                if kind != "form" or page.sheet != SheetKind.FORM or index == 0:
                    found.setdefault(page.sheet, page.boxes)
            self._runs[run] = found
        return self._runs[run]
