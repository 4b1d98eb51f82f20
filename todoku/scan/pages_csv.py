"""Pure. Readings as a CSV that any office program opens: one line per page, the fields of the forms as columns.

For whoever buys scanning alone: a folder of pictures in, this list out. UTF-8 with a mark, since spreadsheets expect it.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from todoku.formats.codes import printed_number
from todoku.scan.reading import STATES, FileProblem, PageReading

HEADINGS = (
    "ファイル",
    "ページ",
    "状態",
    "受付番号",
    "用紙のページ",
    "用紙の種類",
    "発行回",
    "向き",
    "位置合わせ",
    "注意",
)
_TICKS = {"marked": "1", "empty": "0", "unsure": "?"}


def csv_of(
    readings: Iterable[PageReading | FileProblem], *, ticks: Sequence[str] = (), fields: Sequence[str] = ()
) -> str:
    """The text of the CSV. `ticks`, `fields`: names of boxes that become columns (1, 0, ? and 1, 0)."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow([*HEADINGS, *ticks, *fields])
    for one in readings:
        if isinstance(one, FileProblem):
            lines.writerow([_plain(one.file), one.page or "", "取り込めない", *[""] * 6, one.sentence])
        else:
            lines.writerow(_line(one, ticks, fields))
    return "\ufeff" + out.getvalue()


def _line(one: PageReading, ticks: Sequence[str], fields: Sequence[str]) -> list[object]:
    code = one.code
    return [
        _plain(one.file),
        one.page,
        STATES[one.state],
        printed_number(code.number) if code else "",
        code.page if code else "",
        code.sheet if code else "",
        code.issue if code else "",
        "" if one.turned is None else one.turned,
        one.registered_by,
        " ".join(problem.sentence for problem in one.problems),
        *[_TICKS[one.ticks[name].state] if name in one.ticks else "" for name in ticks],
        *[("1" if one.inked[name] else "0") if name in one.inked else "" for name in fields],
    ]


def _plain(name: str) -> str:
    """A file's name must not become a formula in a spreadsheet."""
    return f"'{name}" if name[:1] in "=+-@\t\r" else name
