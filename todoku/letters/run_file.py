"""The manifest of a finished run read back: which pages of its PDF are whose piece. Reads only."""

import csv
import io

from todoku.custody import files
from todoku.ground.step import Refusal
from todoku.letters.tables import PrintRun
from todoku.sheets.manifest import ManifestLine


class NoFile(Refusal):
    """The run has no file that could be looked into."""


def manifest_lines(run: PrintRun) -> list[ManifestLine]:
    """One line for each piece, in the run's order. Raises NoFile for a run not yet made."""
    if run.manifest is None:
        raise NoFile("この印刷ロットの印刷はまだ終わっていません。終わってから、もう一度開いてください。")
    text = files.read(run.manifest.path).decode("utf-8-sig")
    return [
        ManifestLine(
            int(row["piece_no"]), row["number"], int(row["first_page"]), int(row["pages"]), row["postal_code"],
            row["hand_work"], row["code"],
        )
        for row in csv.DictReader(io.StringIO(text, newline=""))
    ]  # fmt: skip
