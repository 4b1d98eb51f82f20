"""Paper for tests and measurements: a small printed run of the sample town, filled in, as sides to be scanned.

No database: pieces of benches.letters, answers of sampletown. The same seed gives the same pixels.
"""

import io
from collections.abc import Iterator
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pypdfium2

from benches.letters import WORDING, town_pieces
from todoku.ground.places import var
from todoku.sampletown import accounts, answers, returned, town
from todoku.sampletown.answers import Answer
from todoku.sampletown.filled_form import writer_of
from todoku.sampletown.household import Household
from todoku.sampletown.returned import PrintedRun
from todoku.sampletown.scanner import Side
from todoku.scan.fields import sheet_layout
from todoku.scan.reading import Layouts, SheetLayout
from todoku.sheets.form_layout import Layout, boxes_from_json, boxes_json, compile_layout
from todoku.sheets.forms import write_forms
from todoku.sheets.manifest import ManifestFile
from todoku.sheets.wording import complete

SEED = 7  # of benches.letters.town_pieces
OPENED_ON = date(2026, 10, 5)
EMPTY_DPI = 200


class PrintedTown(NamedTuple):
    """A printed run, who answers it and how, and the boxes that a scan of it is read with."""

    run: PrintedRun
    answers: list[tuple[str, Answer, Household]]
    layouts: Layouts

    def envelopes(self, dpi: int, seed: str = "") -> Iterator[list[Side]]:
        """The sides of one envelope after another, every household once."""
        fonts = var("assets", "fonts")
        for number, answer, household in self.answers:
            by = writer_of(
                f"{seed}:{number}", hands=var("assets", "hands"), print_font=fonts / "BIZUDGothic-Regular.ttf"
            )
            yield list(returned.envelope(self.run, number, answer, household, by, dpi))

    def sides(self, dpi: int, count: int, seed: str = "") -> Iterator[Side]:
        """So many sides; a town that has fewer is filled in again by other hands."""
        towns = (self.envelopes(dpi, f"{seed}{turn}") for turn, _ in enumerate(cycle((0,))))
        return islice((side for town_again in towns for sides in town_again for side in sides), count)


def printed_town(folder: Path, households: int) -> PrintedTown:
    """Print the forms of so many households into a folder and draw their answers, all on paper."""
    fonts, path, listed = var("assets", "fonts"), folder / "forms.pdf", io.StringIO(newline="")
    pieces = list(town_pieces(households))
    write_forms(
        path,
        iter(pieces),
        WORDING,
        fonts_dir=fonts,
        run_label="R0001",
        manifest=ManifestFile(listed, "R0001"),
    )
    layout = compile_layout("form", complete("form", WORDING), fonts)
    run = PrintedRun(path, io.StringIO(listed.getvalue()), boxes_json(layout))
    found = []
    for piece, household in zip(pieces, town.build(SEED, max(households, 300)), strict=False):
        account = accounts.account_of(household, SEED, "14")
        given = answers.answers_of(
            household, account, seed=SEED, prefecture="14", opened_on=OPENED_ON, web_share=0.0
        )
        found += [(piece.number, one, household) for one in given[:1] if one.channel == answers.PAPER]
    return PrintedTown(run, found, layouts_of(layout))


def form_layouts() -> Layouts:
    """The layouts of the bench's form, compiled anew: what a process of its own needs to read a lot."""
    return layouts_of(compile_layout("form", complete("form", WORDING), var("assets", "fonts")))


def layouts_of(layout: Layout) -> dict[int, SheetLayout]:
    """The boxes by kind of sheet, each with the ink that the empty sheet has."""
    empty = pypdfium2.PdfDocument(layout.pdf)
    pages = {row["sheet"]: index for index, row in reversed(list(enumerate(boxes_json(layout))))}
    found = {}
    for sheet, boxes in boxes_from_json(boxes_json(layout)).items():
        grey = empty[pages[sheet]].render(scale=EMPTY_DPI / 72, grayscale=True).to_numpy()
        found[sheet] = sheet_layout(boxes, np.array(grey.reshape(grey.shape[:2])), EMPTY_DPI)
    empty.close()
    return found
