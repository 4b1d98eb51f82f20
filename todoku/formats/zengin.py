"""Pure. Payments in, the bank's fixed-length file out (全銀フォーマット 総合振込), and such files read again.

Takes plain values and a bank's profile; leaves bytes that are legal for every reading of the standard, or
refuses naming the record and field. It never looks at a database and never decides who is paid.
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from todoku.formats import zengin_layout as layout
from todoku.formats.kana import BANK_NAME, EDI, PARTY_NAME, PARTY_NAME_WITH_WO, KanaRefused, bank_kana, cut_to
from todoku.formats.zengin_layout import (
    ANSWERS,
    PROFILES,
    File,
    Header,
    Profile,
    Row,
    Trailer,
    ZenginRefused,
)
from todoku.formats.zengin_problems import Problem, problems
from todoku.formats.zengin_read import read

__all__ = [
    "ANSWERS",
    "PROFILES",
    "File",
    "Header",
    "Problem",
    "Profile",
    "Row",
    "Trailer",
    "ZenginRefused",
    "account_inquiry",
    "general_transfer",
    "mmdd",
    "problems",
    "read",
    "split",
]

_HEADER = layout.shape(layout.HEADER)
_DATA = layout.shape(layout.DATA)
_INQUIRY_DATA = layout.shape(layout.INQUIRY_DATA)


def mmdd(day: date) -> str:
    """A day as the header writes it (振込指定日)."""
    return f"{day.month:02}{day.day:02}"


def general_transfer(header: Header, rows: Iterable[Row], profile: Profile) -> bytes:
    """A 総合振込 file (種別 21): header, one data record a row in the order given, trailer, end; cp932 bytes.

    Names may come as any written kana; they are converted and cut to the field. Raises ZenginRefused naming
    record and field for what no record can hold, for an amount of 0, for no rows and for more than the
    profile allows. Whether the day is a bank day and the branch is known: `problems`.
    """
    return _file(header._replace(kind=layout.GENERAL_TRANSFER), rows, profile)


def account_inquiry(header: Header, rows: Iterable[Row], profile: Profile) -> bytes:
    """A 振込口座照会 request (種別 98) for the same rows: are these accounts there, under these names?

    `header.value_date` is the day of the request. The bank answers with a 99 file, which `read` reads.
    """
    return _file(header._replace(kind=layout.INQUIRY), rows, profile)


def split(rows: Iterable[Row], profile: Profile) -> list[list[Row]]:
    """A batch's rows in the order given, cut into as few files as the bank takes; no rows give no file.

    Each file has at most the profile's records (never more than the trailer's six digits hold) and a total of
    at most twelve digits.
    """
    most = min(profile.max_records, layout.COUNT_MAX)
    assert most > 0, "a bank takes at least one record"
    files: list[list[Row]] = []
    total = 0
    for row in rows:
        if not files or len(files[-1]) == most or total + row.amount > layout.TOTAL_MAX:
            files.append([])
            total = 0
        files[-1].append(row)
        total += row.amount
    return files


def _file(header: Header, rows: Iterable[Row], profile: Profile) -> bytes:
    records = [_header(header, profile)]
    total = 0
    for row in rows:
        records.append(_data(row, profile, header.kind, len(records) + 1))
        total += row.amount
    count = len(records) - 1
    _refuse_sums(count, total, profile)
    sums = f"8{count:06}" + (f"{total:012}" if header.kind == layout.GENERAL_TRANSFER else "")
    records.append(sums.ljust(layout.RECORD_BYTES))
    records.append("9".ljust(layout.RECORD_BYTES))
    eol = profile.eol.decode("ascii")
    data = (eol.join(records) + eol).encode("cp932")
    assert len(data) == len(records) * (layout.RECORD_BYTES + len(eol)), "one character is one byte"
    return data + (b"\x1a" if profile.eof else b"")


def _refuse_sums(count: int, total: int, profile: Profile) -> None:
    if count == 0:
        raise ZenginRefused("振込が1件もありません。振込データを作る対象を確認してください。")
    if count > profile.max_records:
        raise ZenginRefused(
            f"振込が{count:,}件あり、この銀行の上限{profile.max_records:,}件を超えます。"
            "振込データを分けて作成してください。"
        )
    if total > layout.TOTAL_MAX:
        raise ZenginRefused("合計金額が12桁を超えます。振込データを分けて作成してください。")


def _header(header: Header, profile: Profile) -> str:
    names = profile.fill_names
    values = (
        "1",
        header.kind,
        "0",
        header.client_code.zfill(10),
        _name(header.client_name, layout.CLIENT_NAME_BYTES, _party(profile), 1, "振込依頼人名"),
        header.value_date,
        header.bank,
        _bank_name(header.bank_name if names else "", 1, "仕向銀行名"),
        header.branch,
        _bank_name(header.branch_name if names else "", 1, "仕向支店名"),
        str(header.account_kind),
        header.account_number.zfill(7),
        " " * 17,
    )
    return _record(values, _HEADER, layout.HEADER, 1)


def _data(row: Row, profile: Profile, kind: str, line: int) -> str:
    names = profile.fill_names
    if row.amount < 1:
        raise ZenginRefused(
            _sentence(line, "振込金額", "1円以上の金額を指定してください。"), line, "振込金額"
        )
    values = (
        "2",
        row.bank,
        _bank_name(row.bank_name if names else "", line, "被仕向銀行名"),
        row.branch,
        _bank_name(row.branch_name if names else "", line, "被仕向支店名"),
        profile.clearing_house,
        str(row.account_kind),
        row.account_number.zfill(7),
        _name(row.name, layout.NAME_BYTES, _party(profile), line, "受取人名"),
        f"{row.amount:010}",
        profile.new_code,
        _codes(row, profile, line),
        profile.transfer_category,
        "Y" if row.edi else " ",
    )
    if kind == layout.GENERAL_TRANSFER:
        return _record((*values, " " * 7), _DATA, layout.DATA, line)
    return _record((*values, " " * 6, row.answer or "0"), _INQUIRY_DATA, layout.INQUIRY_DATA, line)


def _record(
    values: tuple[str, ...], wanted: re.Pattern[str], fields: tuple[layout.Field, ...], line: int
) -> str:
    record = "".join(values)
    if wanted.fullmatch(record) is None:
        field = layout.first_wrong(values, fields)
        remedy = f"この項目に書ける{field.size}桁の値になっていません。元のデータを確認してください。"
        raise ZenginRefused(_sentence(line, field.label, remedy), line, field.label)
    return record


def _codes(row: Row, profile: Profile, line: int) -> str:
    """EDI information, or two customer codes: as digits, legal where a bank reads N and where it reads C.

    Text, to the left, only where the profile says C. A code that is not there is zeros under both readings.
    """
    if row.edi:
        return _name(row.edi, 20, EDI, line, "EDI情報")
    codes = row.customer_code_1.zfill(10) + row.customer_code_2.zfill(10)
    if len(codes) == 20 and codes.isascii() and codes.isdigit():
        return codes
    both = (row.customer_code_1, row.customer_code_2)
    if profile.customer_code != "C" or any(len(code) > 10 for code in both):
        remedy = "10桁までの英数字に" if profile.customer_code == "C" else "10桁までの数字に"
        raise ZenginRefused(_sentence(line, "顧客コード", remedy + "してください。"), line, "顧客コード")
    return "".join(code.zfill(10) if not code.strip("0123456789") else code.ljust(10) for code in both)


def _party(profile: Profile) -> frozenset[str]:
    return PARTY_NAME if profile.strict_wo else PARTY_NAME_WITH_WO


def _name(text: str, size: int, allowed: frozenset[str], line: int, label: str) -> str:
    try:
        return cut_to(bank_kana(text, allowed), size).ljust(size)
    except KanaRefused as refused:
        raise ZenginRefused(_sentence(line, label, refused.sentence), line, label) from refused


@lru_cache(maxsize=4096)
def _filled_bank_name(text: str) -> str:
    return cut_to(bank_kana(text, BANK_NAME), 15).ljust(15)


def _bank_name(text: str, line: int, label: str) -> str:
    if not text:
        return " " * 15
    try:
        return _filled_bank_name(text)
    except KanaRefused as refused:
        raise ZenginRefused(_sentence(line, label, refused.sentence), line, label) from refused


def _sentence(line: int, label: str, remedy: str) -> str:
    return f"振込データの{line}行目「{label}」: {remedy}"
