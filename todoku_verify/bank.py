"""Bank files (全銀フォーマット 総合振込, 種別21): every byte of every 120-byte record compared with what it must be.

Positions follow the record standard of the Japanese Bankers Association. A file that is right is byte for byte the
one that its manifest, lines and decisions call for; in one that is not, records are found again by transfer number
(顧客コード1), so that a line that was dropped, added or moved is named as such.
"""

import re
from collections.abc import Sequence
from itertools import compress, count
from operator import ne

from todoku_verify.findings import Findings
from todoku_verify.manifest import Manifest

RECORD = 120
Fields = tuple[tuple[str, int], ...]
HEADER: Fields = (
    ("データ区分", 1), ("種別コード", 2), ("コード区分", 1), ("振込依頼人コード", 10), ("振込依頼人名", 40),
    ("振込指定日", 4), ("仕向銀行番号", 4), ("仕向銀行名", 15), ("仕向支店番号", 3), ("仕向支店名", 15), ("預金種目", 1),
    ("口座番号", 7), ("ダミー", 17),
)  # fmt: skip
DATA: Fields = (
    ("データ区分", 1), ("被仕向銀行番号", 4), ("被仕向銀行名", 15), ("被仕向支店番号", 3), ("被仕向支店名", 15),
    ("手形交換所番号", 4), ("預金種目", 1), ("口座番号", 7), ("受取人名", 30), ("振込金額", 10), ("新規コード", 1),
    ("顧客コード1", 10), ("顧客コード2", 10), ("振込指定区分", 1), ("識別表示", 1), ("ダミー", 7),
)  # fmt: skip
TRAILER: Fields = (("データ区分", 1), ("合計件数", 6), ("合計金額", 12), ("ダミー", 101))
END: Fields = (("データ区分", 1), ("ダミー", 119))
RECORDS = {b"1": HEADER, b"2": DATA, b"8": TRAILER, b"9": END}
NUMBER = slice(91, 101)

_SENTENCES = {b"1": "振込データ明細書の振込元・振込指定日と違います。", b"2": "支給決定・明細と違います。"}
_LINE_END = re.compile(b"\r\n|\r|\n")


def header(manifest: Manifest) -> bytes:
    """The header record that the manifest calls for."""
    payer = manifest.payer
    return (
        f"1210{payer.client_code}{payer.client_name:<40}{manifest.value_date:%m%d}{payer.bank}{payer.bank_name:<15}"
        f"{payer.branch}{payer.branch_name:<15}{payer.account_kind}{payer.account_number}".encode("shift_jis")
    ).ljust(RECORD)


def whole(manifest: Manifest, file: Manifest, records: Sequence[bytes | None]) -> list[bytes | None]:
    """Every record of the file: header, data, trailer (合計件数・合計金額), end."""
    trailer = f"8{file.count:06}{file.total_yen:012}".encode().ljust(RECORD)
    return [header(manifest), *records, trailer, b"9".ljust(RECORD)]


def compare(
    manifest: Manifest, name: str, wanted: Sequence[bytes | None], data: bytes, found: Findings
) -> None:
    """Notes every difference of a bank file's bytes. `wanted`: from `whole`, None for records with no decision."""
    layout = manifest.layout
    end = b"\r\n" if layout.eol == "crlf" else b""
    if None not in wanted and data == end.join([*wanted, b"\x1a" * layout.eof]):  # type: ignore[list-item]
        return
    before = found.count
    _match(wanted, _cut(manifest, name, data, found), name, found)
    if found.count == before and None not in wanted:
        found.add(name, 0, "ファイル", "余分なバイトがあります。")


def _cut(manifest: Manifest, name: str, data: bytes, found: Findings) -> list[bytes]:
    """The bytes as records, whatever stands between them; notes line ends and an end mark (0x1A) that are wrong."""
    layout = manifest.layout
    if data.endswith(b"\x1a") != layout.eof:
        found.add(name, 0, "ファイルの終わり(0x1A)", "銀行と決めた形と違います。")
    data = data.removesuffix(b"\x1a")
    if layout.eol == "none" and b"\n" not in data and b"\r" not in data:
        return [data[start : start + RECORD] for start in range(0, len(data), RECORD)]
    records = data.split(b"\r\n")
    other = [place for place, text in enumerate(records, 1) if len(text) != RECORD and _LINE_END.search(text)]
    if layout.eol == "none":
        found.add(name, 0, "改行", "改行のないファイルのはずが、改行があります。")
    elif other:
        found.add(name, other[0], "改行", "CRLFではない改行があります。")
    elif records[-1]:
        found.add(name, len(records), "改行", "最後の改行がありません。")
    if other:
        records = _LINE_END.split(data)
    return records if records[-1] else records[:-1]


def _match(wanted: Sequence[bytes | None], have: Sequence[bytes], name: str, found: Findings) -> None:
    """Compares record by record what stands between the first and the last difference."""
    start = _same_length(wanted, have)
    end = _same_length(wanted[start:][::-1], have[start:][::-1])
    straight = len(wanted) == len(have)
    left: dict[bytes, int] = {}  # to be found again: its key, and its place in the file as it should be
    for place in range(start, len(wanted) - end):
        record = wanted[place]
        if record is not None and not (straight and record == have[place]):
            left[_key(record)] = place
    last, strangers = -1, []
    for place in range(start, len(have) - end):
        record = have[place]
        if straight and wanted[place] in (None, record):
            continue
        # Where no line was added or taken away, only a payment can stand in another's place.
        belongs = None if straight and record[:1] != b"2" else left.pop(_key(record), None)
        if belongs is None:
            strangers.append(place)
            continue
        if belongs != place if straight else belongs < last:
            found.add(name, place + 1, "並び順", f"明細では{belongs + 1:,}行目の振込です。{_number(record)}")
        last = max(last, belongs)
        _fields(wanted[belongs], record, name, place + 1, found)
    for place in strangers:
        instead = wanted[place] if straight else None
        if instead is not None and left.pop(_key(instead), None) is not None:
            _fields(instead, have[place], name, place + 1, found)
        else:
            found.add(name, place + 1, "行", f"明細にない行か、同じ振込の2行目です。{_number(have[place])}")
    for place in left.values():
        missing = wanted[place]
        assert missing is not None
        found.add(name, place + 1, "行", f"あるはずの行がありません。{_number(missing)}")


def _same_length(wanted: Sequence[bytes | None], have: Sequence[bytes]) -> int:
    """How many records at the beginning are the same."""
    differ = compress(count(), map(ne, wanted, have))
    return next((place for place in differ if wanted[place] is not None), min(len(wanted), len(have)))


def _key(record: bytes) -> bytes:
    """By what a record is found again: a payment by its transfer number, another record by its kind."""
    return record[NUMBER] if record[:1] == b"2" else record[:1]


def _number(record: bytes) -> str:
    number = record[NUMBER].decode("ascii", "replace")
    return f"（振込番号 {number}）" if record[:1] == b"2" else ""


def _fields(wanted: bytes | None, have: bytes, name: str, line: int, found: Findings) -> None:
    assert wanted is not None
    if len(have) != RECORD:
        found.add(name, line, "行の長さ", f"1行は120バイトです。{_number(wanted)}", RECORD, len(have))
        return
    sentence = _SENTENCES.get(wanted[:1], "決まった形、または合計と違います。") + _number(wanted)
    start = 0
    for label, size in RECORDS[wanted[:1]]:
        field = slice(start, start + size)
        found.same(name, line, [(label, _shown(label, wanted[field]), _shown(label, have[field]))], sentence)
        start += size


def _shown(label: str, value: bytes) -> str:
    """A field's value as people read it; two values that differ still differ."""
    if label.endswith("金額") and value.isdigit():
        return f"{int(value):,}円"
    return value.decode("shift_jis", "backslashreplace").rstrip(" ")
