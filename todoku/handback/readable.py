"""Pure. The index and the bundles as files that any computer opens: CSV for a spreadsheet, HTML for a browser.

No script, no style from elsewhere, no link out of the folder: what is handed back is read in thirty years without us.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from todoku.case.stages import stage_name
from todoku.formats.codes import printed_number
from todoku.handback.record import CaseRecord, Event, Place

INDEX_COLUMNS = (
    "番号", "宛名番号", "世帯番号", "氏名", "カナ", "状態", "最初の到着日", "支給予定額（円）", "支給済額（円）", "支給日",
    "用紙の枚数", "画像の枚数", "用紙の場所", "フォルダー",
)  # fmt: skip
EVENT_COLUMNS = ("日時", "種類", "内容", "詳細", "担当")
PLACE_COLUMNS = ("用紙", "種類", "箱", "連番", "所在")
# Cases on one page of the index: a few hundred lines open at once in any browser.
CASES_A_PAGE = 500
_STYLE = (
    "body{font:16px/1.6 sans-serif;margin:2em;max-width:70em}table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #999;padding:.25em .5em;text-align:left;vertical-align:top}th{background:#eee}"
    "img{max-width:100%;border:1px solid #999;margin:.5em 0}"
)


class IndexLine(NamedTuple):
    """One line of the index."""

    values: tuple[str, ...]


def folder_of(number: str) -> str:
    """Where the bundle of a case lies: by the first four digits, so that no folder holds the whole town."""
    return f"cases/{number[:4]}/{number}"


def index_line(record: CaseRecord) -> IndexLine:
    """The case in the columns of the index."""
    places = " ".join(f"{place.container}-{place.position}" for place in record.places)
    return IndexLine(
        (
            printed_number(record.number), record.person, record.household, record.name, record.kana,
            stage_name(record.stage), f"{record.arrived_on or ''}", str(record.due_yen), str(record.paid_yen),
            f"{record.paid_on or ''}", str(len(record.places)), str(len(record.pictures)), places,
            folder_of(record.number),
        )
    )  # fmt: skip


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[str]], *, head: bool = True) -> bytes:
    """Rows as CSV (UTF-8 with its mark at the head of the file, CRLF); a cell that a spreadsheet would run is quoted by '."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    if head:
        writer.writerow(columns)
    for row in rows:
        writer.writerow(
            [f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell for cell in row]
        )
    return out.getvalue().encode("utf-8-sig" if head else "utf-8")


def events_csv(events: Sequence[Event]) -> bytes:
    """The story of a case, oldest first."""
    return csv_bytes(EVENT_COLUMNS, [_event_cells(event) for event in events])


def case_page(record: CaseRecord, pictures: Sequence[str]) -> bytes:
    """The bundle of one case as a page; `pictures`: their file names beside it."""
    head = dict(zip(INDEX_COLUMNS[:10], index_line(record).values[:10], strict=True))
    places = _table(PLACE_COLUMNS, [_place_cells(place) for place in record.places])
    shown = "".join(
        f'<p>{escape(name)}<br><img src="{escape(name)}" alt="{escape(name)}"></p>' for name in pictures
    )
    body = (
        _table(("項目", "値"), list(head.items())),
        "<h2>経過</h2>",
        _table(EVENT_COLUMNS, [_event_cells(event) for event in record.events]),
        "<h2>用紙の場所</h2>",
        places if record.places else "<p>用紙はありません。</p>",
        "<h2>画像</h2>",
        shown or "<p>画像はありません。</p>",
    )
    return _page(f"案件 {printed_number(record.number)}", "".join(body))


def index_page(lines: Sequence[IndexLine], no: int, pages: int) -> bytes:
    """One page of the index, with links to the bundles and to the pages before and after."""
    around = "　".join(
        f'<a href="{at:05d}.html">{words}</a>'
        for at, words in ((no - 1, "前のページ"), (no + 1, "次のページ"))
        if 1 <= at <= pages
    )
    rows = [
        [
            f'<a href="../{line.values[-1]}/case.html">{escape(line.values[0])}</a>',
            *map(escape, line.values[1:-1]),
        ]
        for line in lines
    ]
    body = (
        f"<p>{no} / {pages}　<a href='../index.html'>目次</a>　{around}</p>{_cells(INDEX_COLUMNS[:-1], rows)}"
    )
    return _page(f"案件の一覧 {no}", body)


def contents_page(title: str, counts: Sequence[tuple[str, str]], pages: Sequence[tuple[str, str]]) -> bytes:
    """The first page: what is in here, how it is checked, and the index by its first and last number."""
    links = "".join(
        f'<li><a href="index/{no:05d}.html">{escape(first)} から {escape(last)}</a></li>'
        for no, (first, last) in enumerate(pages, 1)
    )
    how = (
        "<p>index.csv は表計算ソフトで開けます。案件ごとのフォルダーに、経過（events.csv）、画像、まとめ（case.html）があります。"
        "SHA256SUMS は全ファイルのハッシュ値です（例: sha256sum -c SHA256SUMS）。</p>"
    )
    return _page(title, f"{_table(('項目', '数'), counts)}{how}<h2>案件の一覧</h2><ul>{links}</ul>")


def _event_cells(event: Event) -> tuple[str, ...]:
    return f"{event.at:%Y-%m-%d %H:%M:%S%z}", event.kind, event.what, event.words, event.who or "自動処理"


def _place_cells(place: Place) -> tuple[str, ...]:
    return place.sheet, place.kind, place.container, str(place.position), place.station


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return _cells(columns, [[escape(cell) for cell in row] for row in rows])


def _cells(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th scope='col'>{escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _page(title: str, body: str) -> bytes:
    return (
        f"<!doctype html><html lang='ja'><head><meta charset='utf-8'><title>{escape(title)}</title>"
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{body}</body></html>\n"
    ).encode()
