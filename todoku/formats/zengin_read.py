"""Pure. A bank file's bytes in, its header, rows, trailer and warnings out.

Lenient where real files are untidy (trimmed lines, LF, 0x1A at the end) and it says what it put right; what
could change a payment (a byte order mark, EBCDIC, a record of the wrong length, an amount that is no number)
it refuses, naming the record. It judges nothing else: that is `zengin_problems`.
"""

import re
from sys import intern

from todoku.formats import zengin_layout as layout
from todoku.formats.zengin_layout import File, Header, Row, Trailer, ZenginRefused

_INQUIRIES = (layout.INQUIRY, layout.INQUIRY_RESULT)
_SHAPES: dict[tuple[layout.Field, ...], re.Pattern[str]] = {
    fields: layout.shape(fields)
    for fields in (layout.HEADER, layout.DATA, layout.INQUIRY_DATA, layout.TRAILER, layout.INQUIRY_TRAILER)
}


def read(data: bytes) -> File:
    """A 総合振込 (21) or 振込口座照会 (98, 99) file to its parts. Raises ZenginRefused naming the record."""
    warnings: list[str] = []
    records = _records(data, warnings)
    order = "".join(record[0] for record in records)
    _refuse_order(order, warnings)
    header = _header(records[0], warnings)
    inquiry = header.kind in _INQUIRIES
    data_fields = layout.INQUIRY_DATA if inquiry else layout.DATA
    count = order.count("2")
    rows = tuple(
        _row(_cut(record, data_fields, line, warnings), line, inquiry)
        for line, record in enumerate(records[1 : count + 1], 2)
    )
    return File(header, rows, _trailer(records[count + 1], count + 2, inquiry, warnings), tuple(warnings))


def _records(data: bytes, warnings: list[str]) -> list[str]:
    """The bytes as records of 120 characters, one character a byte."""
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise ZenginRefused(
            "ファイルの先頭にBOMがあります。メモ帳などで保存し直さず、作成した元のファイルを選んでください。"
        )
    data = data.rstrip(b"\r\n\x1a")
    lines = _lines(data, warnings)
    if not any(lines):
        raise ZenginRefused("ファイルが空です。振込データのファイルを選び直してください。")
    short = 0
    records = []
    for number, line in enumerate(lines, 1):
        text = _decoded(line, number)
        if len(text) > layout.RECORD_BYTES:
            raise ZenginRefused(
                f"{number}行目が{len(text)}バイトあります。1行は120バイトです。元のファイルを確認してください。",
                number,
            )
        short += len(text) < layout.RECORD_BYTES
        records.append(text.ljust(layout.RECORD_BYTES))
    if short:
        warnings.append(f"120バイトに満たない行が{short}行ありました。末尾を空白とみなしました。")
    return records


def _lines(data: bytes, warnings: list[str]) -> list[bytes]:
    if b"\n" not in data and b"\r" not in data:
        size = layout.RECORD_BYTES
        return [data[start : start + size] for start in range(0, len(data), size)]
    lines = re.split(b"\r\n|\n|\r", data)
    if data.count(b"\r\n") != len(lines) - 1:
        warnings.append("改行がCRLFではありません。このままでは銀行で受け付けられないことがあります。")
    return lines


def _decoded(line: bytes, number: int) -> str:
    try:
        text = line.decode("cp932")
    except UnicodeDecodeError:
        text = ""
    if len(text) != len(line) or not line:
        raise ZenginRefused(
            f"{number}行目に半角でない文字、または空の行があります。"
            "全銀フォーマット(半角120バイト)のファイルを選び直してください。",
            number,
        )
    return text


_ORDER = re.compile("12+8(9?)")
_FOLLOWS = {"": "1", "1": "2", "2": "28", "8": "9", "9": ""}


def _refuse_order(order: str, warnings: list[str]) -> None:
    match = _ORDER.fullmatch(order)
    if match is None:
        line = _first_out_of_order(order)
        raise ZenginRefused(
            f"{line}行目の並びが正しくありません。ヘッダー(1)・データ(2)・トレーラー(8)・エンド(9)が"
            "この順に1組だけ並ぶファイルを選び直してください。",
            line,
            "データ区分",
        )
    if not match[1]:
        warnings.append("エンドレコード(9)がありません。ファイルが途中で切れていないか確認してください。")


def _first_out_of_order(order: str) -> int:
    """The record, from 1, that may not follow the one before it; the last where the file just stops."""
    before = ""
    for line, kind in enumerate(order, 1):
        if kind not in _FOLLOWS[before]:
            return line
        before = kind
    return len(order)


def _cut(record: str, fields: tuple[layout.Field, ...], line: int, warnings: list[str]) -> dict[str, str]:
    match = _SHAPES[fields].fullmatch(record)
    values = layout.cut(record, fields) if match is None else match.groups()
    if match is None:
        wrong = layout.first_wrong(values, fields)
        warnings.append(f"{line}行目「{wrong.label}」に、この項目に書けない値があります。")
    return dict(zip((field.name for field in fields), values, strict=True))


def _header(record: str, warnings: list[str]) -> Header:
    values = _cut(record, layout.HEADER, 1, warnings)
    if values["kind"] not in (layout.GENERAL_TRANSFER, *_INQUIRIES):
        raise ZenginRefused(
            f"種別コード{values['kind']}のファイルです。総合振込(21)または口座照会(98・99)のファイルを選んでください。",
            1,
            "種別コード",
        )
    if values["code"] == "1":
        raise ZenginRefused("EBCDICのファイルは読めません。JISコードで作り直してください。", 1, "コード区分")
    return Header(
        values["client_code"],
        values["client_name"].rstrip(),
        values["value_date"],
        values["bank"],
        values["bank_name"].rstrip(),
        values["branch"],
        values["branch_name"].rstrip(),
        _number(values, layout.HEADER, "account_kind", 1),
        values["account_number"],
        values["kind"],
    )


def _row(values: dict[str, str], line: int, inquiry: bool) -> Row:
    edi = values["identification"] == "Y"
    codes = values["codes"]
    # A city's file names a few thousand branches in a million rows: each text is kept once.
    return Row(
        intern(values["bank"]),
        intern(values["bank_name"].rstrip()),
        intern(values["branch"]),
        intern(values["branch_name"].rstrip()),
        _number(values, layout.DATA, "account_kind", line),
        values["account_number"],
        values["name"].rstrip(),
        _number(values, layout.DATA, "amount", line),
        "" if edi else _code(codes[:10]),
        "" if edi else _code(codes[10:]),
        codes.rstrip() if edi else "",
        values["answer"] if inquiry else "",
    )


def _code(text: str) -> str:
    """A customer code; one of zeros alone stands for none."""
    text = text.rstrip()
    return text if text.strip("0") else ""


def _trailer(record: str, line: int, inquiry: bool, warnings: list[str]) -> Trailer:
    fields = layout.INQUIRY_TRAILER if inquiry else layout.TRAILER
    values = _cut(record, fields, line, warnings)
    total = None if inquiry else _number(values, fields, "total", line)
    return Trailer(_number(values, fields, "count", line), total)


def _number(values: dict[str, str], fields: tuple[layout.Field, ...], name: str, line: int) -> int:
    text = values[name]
    if text.isascii() and text.isdigit():
        return int(text)
    label = next(field.label for field in fields if field.name == name)
    raise ZenginRefused(
        f"{line}行目「{label}」が数字ではありません。元のファイルを確認してください。", line, label
    )
