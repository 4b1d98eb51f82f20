"""Pure. The manifest of a print run (封入明細): one CSV line per piece while it is written, totals as a dict after.

It goes to the printer, so it carries numbers, page counts and postal codes, never a name, an address or the key.
"""

import csv
from collections.abc import Sequence
from typing import Any, NamedTuple, TextIO

COLUMNS = ("piece_no", "number", "first_page", "pages", "postal_code", "hand_work", "code", "run")
# Why a person must look at a piece before it leaves.
UNDRAWABLE, VARIANT, TIGHT = "undrawable", "variant", "tight"


class ManifestLine(NamedTuple):
    """One piece: its place in the run, its number, where it begins in the PDF, how many pages, and what to look at."""

    piece_no: int
    number: str
    first_page: int
    pages: int
    postal_code: str  # "" for a protected piece
    hand_work: str = ""
    code: str = ""  # what the QR of its first page says: by it the inserting machine follows the piece


class FormsResult(NamedTuple):
    """What a run left: counts, the pieces for hand work, and the digest and length of its PDF."""

    pages: int
    pieces: int
    undrawable: list[tuple[int, str, str]]  # (piece_no, field, characters drawn as 〓)
    sha256: str
    bytes: int
    variants: list[tuple[int, str, str]]  # (piece_no, field, characters whose form no font has)
    tight: list[tuple[int, str]]  # (piece_no, field) narrowed to fit its box
    boxes: list[dict[str, Any]]  # the base pages and their boxes (form_layout.boxes_json)
    honorific: str  # the word after every name


class ManifestFile:
    """Writes the CSV line by line; the caller opens the text file with newline="" and utf-8-sig, and closes it.

    Every line names its run: two letters to the same person are two manifests, not one file delivered twice.
    """

    def __init__(self, file: TextIO, run_label: str = "") -> None:
        self._run = run_label
        self._rows = csv.writer(file, lineterminator="\r\n")
        self._rows.writerow(COLUMNS)

    def add(self, line: ManifestLine) -> None:
        self._rows.writerow((*line, self._run))


def summary(result: FormsResult, *, kind: str, run_label: str, pdf_name: str) -> dict[str, Any]:
    """The run in JSON's kinds of value: what the printer counts and checks the PDF against."""
    return {
        "run": run_label,
        "kind": kind,
        "pdf": pdf_name,
        "pieces": result.pieces,
        "pages": result.pages,
        "bytes": result.bytes,
        "sha256": result.sha256,
        "undrawable": [
            {"piece_no": no, "field": field, "characters": found} for no, field, found in result.undrawable
        ],
        "variants": [
            {"piece_no": no, "field": field, "characters": found} for no, field, found in result.variants
        ],
        "tight": [{"piece_no": no, "field": field} for no, field in result.tight],
    }


def hand_work(undrawable: Sequence[object], variants: Sequence[object], tight: Sequence[object]) -> str:
    """The words of the last column for a piece with these faults."""
    faults = ((UNDRAWABLE, undrawable), (VARIANT, variants), (TIGHT, tight))
    return " ".join(word for word, found in faults if found)
