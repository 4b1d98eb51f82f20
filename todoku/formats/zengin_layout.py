"""Pure. The Zengin fixed-length records (全銀フォーマット) as data: fields, bank profiles, plain values.

The writer, the reader and the checks of `zengin` all go by these tables, so that a position stands in one
place. Positions follow the record standard of the Japanese Bankers Association for 総合振込 (21) and
振込口座照会 (98, 99).
"""

import re
from collections.abc import Sequence
from datetime import time
from typing import NamedTuple

from todoku.formats.kana import BANK_NAME, EDI, PARTY_NAME_WITH_WO
from todoku.formats.refused import FormatRefused

RECORD_BYTES = 120
AMOUNT_MAX = 9_999_999_999  # 振込金額 N(10)
TOTAL_MAX = 999_999_999_999  # 合計金額 N(12)
COUNT_MAX = 999_999  # 合計件数 N(6)
NAME_BYTES = 30  # 受取人名 C(30)
CLIENT_NAME_BYTES = 40  # 振込依頼人名 C(40)
BANK_NAME_BYTES = 15  # 仕向・被仕向銀行名、支店名 C(15)
GENERAL_TRANSFER, INQUIRY, INQUIRY_RESULT = "21", "98", "99"
ANSWERS = {"0": "確認済", "1": "該当口座なし", "2": "受取人名相違", "9": "その他"}
"""振込口座照会の照会回答コード; in a request (98) it is 0."""


class ZenginRefused(FormatRefused):
    """What cannot be a Zengin record. `line` counts records from 1; `field` is its Japanese name."""

    def __init__(self, sentence: str, line: int = 0, field: str = "") -> None:
        super().__init__(sentence)
        self.line = line
        self.field = field


class Header(NamedTuple):
    """Header record (ヘッダー): who pays, when, from which account. `value_date` is MMDD, no year."""

    client_code: str
    client_name: str
    value_date: str
    bank: str
    bank_name: str
    branch: str
    branch_name: str
    account_kind: int
    account_number: str
    kind: str = GENERAL_TRANSFER


class Row(NamedTuple):
    """Data record (データ): one payment in yen to one account. `answer` is only in 98 and 99.

    Customer codes are up to 10 digits, as text; a code of zeros reads as none. `edi` (≤ 20 bytes) replaces
    both.
    """

    bank: str
    bank_name: str
    branch: str
    branch_name: str
    account_kind: int
    account_number: str
    name: str
    amount: int
    customer_code_1: str = ""
    customer_code_2: str = ""
    edi: str = ""
    answer: str = ""


class Trailer(NamedTuple):
    """Trailer record (トレーラー): number of data records and their total in yen (None in 98 and 99)."""

    row_count: int
    total: int | None


class File(NamedTuple):
    """A file as read. `warnings`: Japanese sentences on what the reader put right or left."""

    header: Header
    rows: tuple[Row, ...]
    trailer: Trailer
    warnings: tuple[str, ...]


class Profile(NamedTuple):
    """What the contract with the paying bank (指定金融機関) settles and the standard leaves open.

    The file is to be with the bank `lead_days` bank days before the value date, by `cut_off` of that day.
    """

    name: str
    eol: bytes = b"\r\n"  # after every record, or nothing; banks refuse CR or LF alone
    eof: bool = False  # 0x1A at the end
    clearing_house: str = "0000"  # 手形交換所番号, unused since 2022; some banks want spaces
    transfer_category: str = "7"  # 振込指定区分: 7 電信; some banks want 0 or a space
    new_code: str = "0"  # 新規コード: 1 第1回, 2 変更分, 0 その他
    fill_names: bool = True  # bank and branch kana filled, or left blank
    strict_wo: bool = True  # ヲ as ｵ: most banks still publish the list without ｦ
    max_records: int = COUNT_MAX  # data records in one file
    customer_code: str = "N"  # 顧客コード: N digits, as the standard has it; C text, at several banks
    lead_days: int = 3  # banks' sheets say 1 to 3; the longest is safe until the contract says otherwise
    cut_off: time = time(12, 0)  # the earliest hour met, for the same reason


PROFILES = {
    profile.name: profile
    for profile in (
        # --- One for each thing that banks settle differently; everything else as the standard has it. ---
        # The JBA record standard with CRLF, as most internet services for firms describe their upload.
        Profile("standard"),
        # 120 bytes a record and nothing between: the standard itself; 宮崎銀行 and 群馬銀行 take either.
        Profile("no_line_end", eol=b""),
        # 0x1A after the last record: files written for transfer programs of the MS-DOS age.
        Profile("end_of_file", eof=True),
        # Unused fields as spaces, names left out: GMOあおぞら takes 手形交換所番号 of zeros or of spaces and
        # 振込指定区分 of 7 or a space, and reads neither them nor the names.
        Profile("blank_unused", clearing_house="    ", transfer_category=" ", fill_names=False),
        # 手形交換所番号 as spaces alone: as a maker of accounting programs describes the record.
        Profile("blank_clearing_house", clearing_house="    "),
        # 振込指定区分 0 or a space where the bank does not use it and sends everything by wire.
        Profile("category_zero", transfer_category="0"),
        Profile("category_blank", transfer_category=" "),
        # Names left out, everything else filled: 被仕向銀行名・支店名 are 任意 on most banks' sheets.
        Profile("no_names", fill_names=False),
        # 新規コード 1 (第1回振込分) for banks that want first payments marked; that there are such is from memory.
        Profile("first_payment", new_code="1"),
        # ｦ in names, which the revision of 2019 permits and few banks publish.
        Profile("with_wo", strict_wo=False),
        # 顧客コード as C(10): letters may stand there, to the left.
        Profile("text_codes", customer_code="C"),
        # --- Limits that banks publish. A bank changes them: the contract is right where it differs. ---
        # 1送信9,999件まで: a regional bank's questions and answers on its file transfer; GMOあおぞら's 明細番号 too.
        Profile("limit_9999", max_records=9_999),
        # 1取引 50,000件 by file (5,000 by screen): 清水銀行, 京都信用金庫, 三菱UFJ信託銀行.
        Profile("limit_50000", max_records=50_000),
        # 承認時限 前1営業日 12:00, 1取引 50,000件: 清水銀行's manual for firms.
        Profile("one_day_noon", max_records=50_000, lead_days=1, cut_off=time(12, 0)),
        # 承認時限 2営業日前 17:00, 1取引 50,000件: 三菱UFJ信託銀行's manual for firms.
        Profile("two_days_17", max_records=50_000, lead_days=2, cut_off=time(17, 0)),
        # 3 bank days and noon, written out: what `standard` assumes too.
        Profile("three_days_noon", lead_days=3, cut_off=time(12, 0)),
        # 群馬銀行's sheet of the record: CRLF or none, 手形交換所番号 0; it says nothing of limits.
        Profile("gunma", clearing_house="0000"),
    )
}
"""Starting points, named by what they settle. A bank's own text is `bank_profile.parse`."""


class Field(NamedTuple):
    """One field of a record: our name, the standard's name, bytes, and the pattern of a right value."""

    name: str
    label: str
    size: int
    shape: str


def _of(allowed: frozenset[str]) -> str:
    return "[" + re.escape("".join(sorted(allowed))) + "]"


_N = "[0-9]"
_BANK, _PARTY, _EDI = _of(BANK_NAME), _of(PARTY_NAME_WITH_WO), _of(EDI)


def _digits(name: str, label: str, size: int) -> Field:
    return Field(name, label, size, f"{_N}{{{size}}}")


def _text(name: str, label: str, size: int, allowed: str) -> Field:
    return Field(name, label, size, f"{allowed}{{{size}}}")


HEADER = (
    Field("record", "データ区分", 1, "1"),
    _digits("kind", "種別コード", 2),
    Field("code", "コード区分", 1, "0"),
    _digits("client_code", "振込依頼人コード", 10),
    _text("client_name", "振込依頼人名", CLIENT_NAME_BYTES, _PARTY),
    Field("value_date", "振込指定日", 4, "(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"),
    _digits("bank", "仕向銀行番号", 4),
    _text("bank_name", "仕向銀行名", 15, _BANK),
    _digits("branch", "仕向支店番号", 3),
    _text("branch_name", "仕向支店名", 15, _BANK),
    Field("account_kind", "預金種目", 1, "[129]"),
    _digits("account_number", "口座番号", 7),
    _text("dummy", "ダミー", 17, " "),
)
_DATA_TO_IDENTIFICATION = (
    Field("record", "データ区分", 1, "2"),
    _digits("bank", "被仕向銀行番号", 4),
    _text("bank_name", "被仕向銀行名", 15, _BANK),
    _digits("branch", "被仕向支店番号", 3),
    _text("branch_name", "被仕向支店名", 15, _BANK),
    Field("clearing_house", "手形交換所番号", 4, f"(?:{_N}{{4}}| {{4}})"),
    Field("account_kind", "預金種目", 1, "[1249]"),
    _digits("account_number", "口座番号", 7),
    _text("name", "受取人名", NAME_BYTES, _PARTY),
    _digits("amount", "振込金額", 10),
    Field("new_code", "新規コード", 1, "[012 ]"),
    # Customer codes are N(10) in the standard; text, which some banks accept, is read too; EDI replaces them.
    _text("codes", "顧客コード", 20, _EDI),
    Field("transfer_category", "振込指定区分", 1, "[078 ]"),
    Field("identification", "識別表示", 1, "[Y ]"),
)
DATA = (*_DATA_TO_IDENTIFICATION, _text("dummy", "ダミー", 7, " "))
INQUIRY_DATA = (
    *_DATA_TO_IDENTIFICATION,
    _text("dummy", "ダミー", 6, " "),
    Field("answer", "照会回答コード", 1, "[0129]"),
)
TRAILER = (
    Field("record", "データ区分", 1, "8"),
    _digits("count", "合計件数", 6),
    _digits("total", "合計金額", 12),
    _text("dummy", "ダミー", 101, " "),
)
INQUIRY_TRAILER = (
    Field("record", "データ区分", 1, "8"),
    _digits("count", "合計件数", 6),
    _text("dummy", "ダミー", 113, " "),
)
END = (Field("record", "データ区分", 1, "9"), _text("dummy", "ダミー", 119, " "))


def shape(fields: tuple[Field, ...]) -> re.Pattern[str]:
    """One pattern for a whole record, a group for each field: the quick way to check and to cut."""
    assert sum(field.size for field in fields) == RECORD_BYTES
    return re.compile("".join(f"({field.shape})" for field in fields))


def cut(record: str, fields: tuple[Field, ...]) -> list[str]:
    """A record's values by the sizes of its fields, right or wrong."""
    values, start = [], 0
    for field in fields:
        values.append(record[start : start + field.size])
        start += field.size
    return values


def first_wrong(values: Sequence[str], fields: tuple[Field, ...]) -> Field:
    """The first field whose value is not right: the slow way, for records known to be wrong."""
    for value, field in zip(values, fields, strict=True):
        if re.fullmatch(field.shape, value) is None:
            return field
    raise AssertionError("a record whose every field is right is right")
