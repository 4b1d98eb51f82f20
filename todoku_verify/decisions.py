"""Decision lists (支給決定一覧): what the official decided, made into what a bank record must say."""

from collections.abc import Mapping
from typing import NamedTuple

from todoku_verify import kana
from todoku_verify.findings import Findings
from todoku_verify.manifest import Manifest
from todoku_verify.rows import Field, body, pattern, report_shape

FIELDS = (
    Field("案件番号", b"[0-9]{13}"),
    Field("回", b"[1-9][0-9]{0,3}"),
    Field("決定", b"grant|refuse"),
    Field("理由コード", rb"[0-9A-Za-z_.\-]*"),
    Field("金額", b"0|[1-9][0-9]{0,9}"),
    Field("支給手段", b"bank|gift|cash|registered_mail"),
    Field("金融機関コード", b"(?:[0-9]{4})?"),
    Field("支店コード", b"(?:[0-9]{3})?"),
    Field("預金種目", b"[01249]"),
    Field("口座番号", b"(?:[0-9]{7})?"),
    Field("口座名義", rb"[^\t\n\x00-\x1f]*"),
)
_ROW = pattern(FIELDS)

# Key: case number, tab, part. Payable: as in a data record, bank 4, branch 3, kind 1, number 7, name 30, amount 10;
# then the number of the list. None once a line has paid it. One text a decision: a city's list fits in memory.
Key = bytes
AMOUNT, LIST = slice(45, 55), slice(55, None)


class Decided(NamedTuple):
    """All lists together: decisions that a bank pays, and why another decision is not paid by a bank."""

    payable: dict[Key, bytes | None]
    unpayable: dict[Key, str]


def name_of(number: int) -> str:
    """The file name of a decision list."""
    return f"decisions-{number}.tsv"


def read(manifest: Manifest, lists: Mapping[int, bytes], found: Findings) -> Decided:
    """Every list that the manifest names; of two decisions on one case and part the later list's stands."""
    decided = Decided({}, {})
    for listed in sorted(manifest.decision_lists, key=lambda one: one.number):
        if listed.number not in lists:
            found.add(name_of(listed.number), 0, "ファイル", "この支給決定一覧がありません。")
            continue
        _read_one(manifest, listed, lists[listed.number], decided, found)
    return decided


def _read_one(manifest: Manifest, listed: Manifest, data: bytes, decided: Decided, found: Findings) -> None:
    file = name_of(listed.number)
    number = str(listed.number).encode()
    head = (
        ("団体コード", manifest.municipality),
        ("事業", manifest.programme),
        ("決定一覧の番号", listed.number),
    )
    grants = total = 0
    before: tuple[bytes, int] = (b"", 0)
    for line, row in body(file, data, "todoku-decisions", head, found):
        match = _ROW.fullmatch(row)
        if match is None:
            report_shape(file, line, row, FIELDS, found)
            continue
        case, part, outcome, _reason, amount, rail, bank, branch, kind, account, holder = match.groups()
        if before >= (case, int(part)):
            found.add(file, line, "案件番号", "案件番号・回の順でないか、同じものが2度あります。", "", case)
        before = case, int(part)
        key, yen = row[: match.end(2)], int(amount)
        if (yen > 0) != (outcome == b"grant"):
            found.add(file, line, "金額", "支給は1円以上、不支給は0円です。", "", yen)
        grants, total = grants + (outcome == b"grant"), total + yen
        decided.payable.pop(key, None)
        decided.unpayable.pop(key, None)
        if outcome == b"refuse":
            decided.unpayable[key] = "不支給と決定されています。"
        elif rail != b"bank":
            decided.unpayable[key] = "振込以外の方法で支給すると決定されています。"
        elif payment := _payment(bank, branch, kind, account, holder, amount, manifest.layout.wo):
            decided.payable[key] = payment + number
        else:
            decided.unpayable[key] = "振込に使う口座がそろっていないか、銀行に書けない名義です。"
            found.add(file, line, "口座名義", decided.unpayable[key])
    sums = (("支給の件数", listed.grants, grants), ("支給の合計金額", listed.total_yen, total))
    found.same(file, 0, sums, "振込データ明細書の数字と違います。")


def _payment(
    bank: bytes, branch: bytes, kind: bytes, account: bytes, holder: bytes, amount: bytes, wo: bool
) -> bytes | None:
    """What the data record must say of this decision, or None if no record can."""
    name = kana.zengin(holder.decode("utf-8", "replace"), wo=wo)
    if not (bank and branch and account and name) or kind == b"0":
        return None
    return bank + branch + kind + account + kana.field(name, 30) + amount.rjust(10, b"0")
