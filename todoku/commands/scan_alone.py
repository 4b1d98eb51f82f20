"""`scan-alone`: a folder of scans in, one CSV out: code, ticks, inked fields and recognised text of every page.

For whoever buys scanning alone: no database and no programme, only the boxes that the forms were printed with.
"""

import argparse
import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

from todoku.custody import files
from todoku.ground.step import Refusal
from todoku.scan.crop import decoded
from todoku.scan.delivered import files_of_folder
from todoku.scan.ocr import recogniser, suggest
from todoku.scan.pages_csv import csv_of
from todoku.scan.read_lot import LotEnd, ScanFile, read_lot
from todoku.scan.reading import FileProblem, PageReading, SheetLayout
from todoku.sheets.form_layout import boxes_from_json

HELP = "Read a folder of scans (TIFF, JPEG, PDF) into a CSV; no database is asked and no picture is kept."


class BoxesUnreadable(Refusal):
    """The file of boxes is not one that scan-lot --boxes wrote."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="the scanner's folder")
    parser.add_argument(
        "--boxes", type=Path, required=True, help="the form's boxes, as scan-lot --boxes writes them"
    )
    parser.add_argument("--out", type=Path, required=True, help="the CSV to write")
    parser.add_argument("--workers", type=int, default=1, help="files read at the same time (default 1)")


def run(options: argparse.Namespace) -> int:
    layouts = read_boxes(options.boxes)
    names = [box for layout in layouts.values() for box in layout.boxes.values() if box.role == "entry"]
    ticks = list(dict.fromkeys(box.name for box in names if box.tick))
    fields = list(dict.fromkeys(box.name for box in names if not box.tick))
    offered = list(dict.fromkeys(box.name for box in names if box.cells))
    readings: list[PageReading | FileProblem] = []
    offers: list[dict[str, tuple[str, float]]] = []
    found: list[str] = []
    scans = [ScanFile(one.name, one.read) for one in files_of_folder(options.folder)]
    for one in read_lot(scans, layouts, workers=options.workers, my_numbers=False, crops=False):
        if isinstance(one, LotEnd):
            found = [finding.sentence for finding in one.findings]
            continue
        offers.append(_offers(one, layouts) if isinstance(one, PageReading) else {})
        readings.append(one._replace(picture=b"") if isinstance(one, PageReading) else one)
    text = "".join(_widened(csv_of(readings, ticks=ticks, fields=fields), offered, offers))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    files.write_to(options.out.parent, options.out.name, text.encode("utf-8"))
    pages = sum(isinstance(one, PageReading) for one in readings)
    print(f"{len(scans):,}ファイル・{pages:,}ページを読み、{options.out} に書き出しました。")
    for sentence in found:
        print(f"  {sentence}")
    return 0


def read_boxes(path: Path) -> dict[int, SheetLayout]:
    """Sheet code → boxes from a file. Raises BoxesUnreadable."""
    try:
        found = boxes_from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BoxesUnreadable(
            f"{path} は様式の枠のファイルではありません。scan-lot --boxes で書き出したファイルを指定してください。"
        ) from error
    if not found:
        raise BoxesUnreadable(
            f"{path} に様式がありません。scan-lot --boxes で書き出したファイルを指定してください。"
        )
    return {sheet: SheetLayout(boxes) for sheet, boxes in found.items()}


def _offers(one: PageReading, layouts: dict[int, SheetLayout]) -> dict[str, tuple[str, float]]:
    """What the recogniser sees in the fields that have ink."""
    if one.code is None or not one.picture_matrix or one.code.sheet not in layouts:
        return {}
    boxes = layouts[one.code.sheet].boxes
    inked = {name: boxes[name] for name, ink in one.inked.items() if ink}
    return dict(suggest(decoded(one.picture), one.picture_matrix, inked, recogniser())) if inked else {}


def _widened(text: str, names: list[str], offers: list[dict[str, tuple[str, float]]]) -> Iterator[str]:
    """The CSV with two columns more for each recognised field: text and confidence."""
    head, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(
        [*head, *(word for name in names for word in (f"{name}（読取案）", f"{name}（確からしさ）"))]
    )
    for row, offer in zip(rows, offers, strict=True):
        more = [word for name in names for word in (_shown(offer[name]) if name in offer else ("", ""))]
        lines.writerow([*row, *more])
    yield "\ufeff" + out.getvalue()


def _shown(offer: tuple[str, float]) -> tuple[str, str]:
    text, sure = offer
    return (f"'{text}" if text[:1] in ("=", "+", "-", "@") else text, f"{sure:.2f}" if text else "")
