"""Pure. How one bank's report is to be read: as a small TOML text in and out, or proposed from a file's first lines.

The operator looks at the proposal once, puts it right, and every later report of that bank is read by it. A proposal
decides nothing: reading goes by the mapping that a person has kept.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from todoku.formats.bank_report import (
    COLUMNS,
    DATES,
    FIELDS,
    HEADING_LINES_MAX,
    OTHER,
    REASONS,
    REQUIRED,
    ReportMapping,
    parse_day,
    plain,
    reason_of,
    records,
)
from todoku.formats.encoding import sniff
from todoku.formats.toml_text import Mistake, TextRefused, loaded, not_among, unknown

SAMPLE_RECORDS = 200  # enough to tell a column by what stands in it
SHOWN_RECORDS = 8  # what fits above the fold beside the choices
_SEPARATORS = {",": ",", "tab": "\t"}
_KEYS = ("name", "headings", "encoding", "separator", "dates", "columns", "reasons")
# What a heading says that is not among those known: the first field whose word stands in it.
_HINTS = (
    ("returned_on", r"返却.*日|不能.*日|処理.*日|日付"),
    ("reason", r"理由|事由|原因|エラー|結果"),
    ("number", r"(依頼|顧客|振込|整理|管理|受付|申請).*(番号|コード|NO)"),
    ("amount", r"金額|額$"),
)


class MappingRefused(TextRefused):
    """The text is no mapping; `mistakes` holds every one found."""

    TITLE = "振込結果の列の対応"


class Proposal(NamedTuple):
    """What a file's first lines suggest. `mapping` may lack fields, which `missing` names (keys of FIELDS).

    `lines`: the first records for a person to look at. `reasons`: every distinct text of the reason column with
    the reason it would become, so that the operator sees which words the bank uses.
    """

    mapping: ReportMapping
    missing: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    reasons: tuple[tuple[str, str], ...]


def parse(text: str) -> ReportMapping:
    """The mapping that a text describes; raises MappingRefused naming every mistake.

    Keys: name, headings true|false, encoding "auto"|"cp932"|"utf-8", separator ","|"tab", dates (a key of DATES),
    [columns] field = "heading" | ["heading", …] | position from 1, [reasons] REASON = ["the bank's words", …].
    """
    data = loaded(text, MappingRefused)
    mistakes = unknown(data, _KEYS)
    headings = data.get("headings", True)
    if type(headings) is not bool:
        mistakes.append(
            Mistake("headings", "true か false ではありません。", "true か false を書いてください。")
        )
        headings = True
    name = data.get("name")
    if not isinstance(name, str) or not name.strip():
        mistakes.append(Mistake("name", "書かれていません。", 'name = "みなと銀行" のように書いてください。'))
    mapping = ReportMapping(
        str(name).strip(),
        _columns(data.get("columns"), headings, mistakes),
        headings,
        _choice(data, "encoding", ("auto", "cp932", "utf-8"), mistakes),
        _SEPARATORS.get(_choice(data, "separator", (",", "tab"), mistakes), ","),
        _choice(data, "dates", tuple(DATES), mistakes),
        _words(data.get("reasons", {}), mistakes),
    )
    if mistakes:
        raise MappingRefused(mistakes)
    return mapping


def to_toml(mapping: ReportMapping) -> str:
    """The text that `parse` reads as this mapping, to be kept and shown."""
    lines = [
        f"name = {_quoted(mapping.name)}",
        f"headings = {'true' if mapping.headings else 'false'}",
        f"encoding = {_quoted(mapping.encoding)}",
        f"separator = {_quoted('tab' if mapping.separator == chr(9) else mapping.separator)}",
        f"dates = {_quoted(mapping.dates)}",
        "",
        "[columns]",
    ]
    for field, column in mapping.columns.items():
        value = str(column) if isinstance(column, int) else f"[{', '.join(map(_quoted, column))}]"
        lines.append(f"{field} = {value}")
    lines += ["", "[reasons]"]
    for reason in dict.fromkeys(reason for _, reason in mapping.words):
        words = (word for word, meant in mapping.words if meant == reason)
        lines.append(f"{reason} = [{', '.join(map(_quoted, words))}]")
    return "\n".join(lines) + "\n"


def propose(data: bytes, name: str = "new") -> Proposal:
    """A mapping from the first lines of a bank's report; raises BankReportRefused for what is no text."""
    sample = data[: 1024 * 1024]
    whole = sample if len(sample) == len(data) else sample[: sample.rfind(b"\n") + 1]
    separator = "\t" if whole.count(b"\t") > whole.count(b",") else ","
    rows = [record for _, record in records(whole, "auto", separator)[: SAMPLE_RECORDS + HEADING_LINES_MAX]]
    rows = [record for record in rows if any(map(str.strip, record))]
    columns, start = _by_headings(rows)
    if start == 0:
        columns = _by_contents(rows)
    body = rows[start : start + SAMPLE_RECORDS]
    mapping = ReportMapping(
        name,
        columns,
        headings=start > 0,
        encoding="cp932" if sniff(data) == "cp932" else "auto",
        separator=separator,
        dates=_dates(_column(body, rows, columns, "returned_on", start)),
    )
    texts = dict.fromkeys(filter(None, map(str.strip, _column(body, rows, columns, "reason", start))))
    return Proposal(
        mapping,
        tuple(field for field in REQUIRED if field not in columns),
        tuple(tuple(record) for record in rows[:SHOWN_RECORDS]),
        tuple((text, reason_of(text)) for text in texts),
    )


def _choice(data: Mapping[str, Any], key: str, known: Sequence[str], mistakes: list[Mistake]) -> str:
    value = data.get(key, known[0])
    if not isinstance(value, str) or value not in known:
        mistakes.append(not_among(value, key, known))
        return known[0]
    return value


def _columns(table: object, headings: bool, mistakes: list[Mistake]) -> dict[str, tuple[str, ...] | int]:
    if table is None and headings:
        return dict(COLUMNS)
    if not isinstance(table, dict):
        example = "[columns] に number = 1 のように、列の位置を書いてください。"
        mistakes.append(Mistake("columns", "列の対応がありません。", example))
        return {}
    mistakes += unknown(table, tuple(FIELDS), "columns")
    columns: dict[str, tuple[str, ...] | int] = {}
    for field in FIELDS:
        if field in table:
            columns[field] = _column_value(table[field], field, headings, mistakes)
        elif field in REQUIRED:
            remedy = (
                f'{field} = "{FIELDS[field]}" のように見出しを、見出しがなければ列の位置を書いてください。'
            )
            mistakes.append(Mistake(f"columns.{field}", f"{FIELDS[field]}の列が書かれていません。", remedy))
    positions = [column for column in columns.values() if isinstance(column, int)]
    if len(set(positions)) < len(positions):
        mistakes.append(Mistake("columns", "同じ位置が二度書かれています。", "列の位置を確認してください。"))
    return columns


def _column_value(
    value: object, field: str, headings: bool, mistakes: list[Mistake]
) -> tuple[str, ...] | int:
    if type(value) is int and value >= 1:
        return value
    names = [value] if isinstance(value, str) else value
    if (
        headings
        and isinstance(names, list)
        and names
        and all(isinstance(name, str) and name.strip() for name in names)
    ):
        return tuple(names)
    remedy = (
        "見出しか、1から始まる列の位置を書いてください。"
        if headings
        else "1から始まる列の位置を書いてください。"
    )
    mistakes.append(Mistake(f"columns.{field}", f"{FIELDS[field]}の列として読めません。", remedy))
    return 1


def _words(table: object, mistakes: list[Mistake]) -> tuple[tuple[str, str], ...]:
    if not isinstance(table, dict):
        mistakes.append(Mistake("reasons", "表ではありません。", "[reasons] で書いてください。"))
        return ()
    words: list[tuple[str, str]] = []
    for reason, texts in table.items():
        if reason not in REASONS:
            mistakes.append(not_among(reason, "reasons", tuple(REASONS)))
        elif not isinstance(texts, list) or not all(isinstance(text, str) and plain(text) for text in texts):
            example = f'{reason} = ["{REASONS[reason]}"] のように、金融機関の言葉を並べてください。'
            mistakes.append(Mistake(f"reasons.{reason}", "文字列の一覧ではありません。", example))
        else:
            words += [(text, reason) for text in texts]
    twice = {plain(word) for word, _ in words}
    if len(twice) < len(words):
        mistakes.append(Mistake("reasons", "同じ言葉が二度書かれています。", "一つを消してください。"))
    return tuple(words)


def _quoted(text: str) -> str:
    # TOML's basic strings take JSON's escapes for quotes, backslashes and control characters.
    return json.dumps(text, ensure_ascii=False)


def _by_headings(rows: Sequence[Sequence[str]]) -> tuple[dict[str, tuple[str, ...] | int], int]:
    """The fields of the line that looks most like headings, and the number of its line (0: there is none)."""
    best: dict[str, tuple[str, ...] | int] = {}
    line = 0
    for number, record in enumerate(rows[:HEADING_LINES_MAX], 1):
        found: dict[str, tuple[str, ...] | int] = {}
        for heading in record:
            field = _field_of(plain(heading))
            if field and field not in found:
                found[field] = (heading.strip(),)
        if len(found) > len(best):
            best, line = found, number
    return (best, line) if len(best) > 1 else ({}, 0)


def _field_of(heading: str) -> str:
    for field, names in COLUMNS.items():
        if not isinstance(names, int) and heading in map(plain, names):
            return field
    if not heading or any(char.isdigit() for char in heading) and not re.search(r"コード\d", heading):
        return ""
    return next((field for field, hint in _HINTS if re.search(hint, heading.upper())), "")


def _like_day(text: str) -> float:
    return 1.0 if len(text) > 7 and parse_day(text) else 0.0


def _like_amount(text: str) -> float:
    """Thousands with commas or round sums; an account number or a branch looks like an amount only from afar."""
    if re.fullmatch("[¥\\\\]?[0-9]{1,3}(,[0-9]{3})+円?|[0-9]+円", text):
        return 1.0
    return (
        0.9 if re.fullmatch("[1-9][0-9]*000", text) else 0.6 if re.fullmatch("[1-9][0-9]{3,9}", text) else 0.0
    )


# How much a cell looks like each field, the surest field first: a column is given once.
_LOOKS: dict[str, Callable[[str], float]] = {
    "reason": lambda text: float(reason_of(text) != OTHER),
    "number": lambda text: float(re.fullmatch("[0-9]{10}", text) is not None),
    "returned_on": _like_day,
    "amount": _like_amount,
}


def _by_contents(rows: Sequence[Sequence[str]]) -> dict[str, tuple[str, ...] | int]:
    """Positions told by what stands in the columns: reasons, days, ten digits, amounts."""
    width = max((len(record) for record in rows), default=0)
    cells = [[plain(record[at]) for record in rows if at < len(record)] for at in range(width)]
    columns: dict[str, tuple[str, ...] | int] = {}
    for field, looks in _LOOKS.items():
        scores = [
            (sum(looks(text) for text in column) / len(column), -at)
            for at, column in enumerate(cells)
            if column and at + 1 not in columns.values()
        ]
        score, at = max(scores, default=(0.0, 0))
        if score > 0.5:
            columns[field] = 1 - at
    return {field: columns[field] for field in FIELDS if field in columns}


def _column(
    body: Sequence[Sequence[str]],
    rows: Sequence[Sequence[str]],
    columns: Mapping[str, tuple[str, ...] | int],
    field: str,
    start: int,
) -> list[str]:
    column = columns.get(field)
    if column is None:
        return []
    at = (
        column - 1 if isinstance(column, int) else [cell.strip() for cell in rows[start - 1]].index(column[0])
    )
    return [record[at] for record in body if at < len(record)]


def _dates(texts: Sequence[str]) -> str:
    """The key of DATES by which most of the days can be read; six digits are an era's year unless too large."""
    six = [plain(text) for text in texts if re.fullmatch(r"\d{6}", plain(text))]
    if six and len(six) * 2 > len(texts):
        return "wareki6" if all(int(text[:2]) < 20 for text in six) else "western6"
    filled = [text for text in texts if text.strip()]
    readable = sum(parse_day(text) is not None for text in filled)
    return "none" if filled and readable == 0 else "auto"
