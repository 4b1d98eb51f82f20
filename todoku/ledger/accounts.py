"""Pure. The accounts of the books (勘定科目) and the kinds of entry (仕訳の種類), as data.

Money starts as 予算 and is at every moment in exactly one account; a kind of entry says from where to where it goes.
The split of returned money follows the closing of accounts (出納閉鎖): 戻入 within the year's books, revenue after it.
"""

from typing import NamedTuple


class Account(NamedTuple):
    """An account (勘定科目): its code in the database, its name in the books, what stands in it."""

    code: str
    name: str
    holds: str


class Kind(NamedTuple):
    """A kind of entry (仕訳の種類): debit ← credit, and whether one subject may have it only once."""

    code: str
    name: str
    debit: str
    credit: str
    once: bool


ACCOUNTS: dict[str, Account] = {
    account.code: account
    for account in (
        Account("budget", "予算", "議会が議決し、配当された予算の源"),
        Account("available", "予算残額", "配当済みで、まだ支給決定に使っていない額"),
        Account("owed", "支給決定済・未払", "支給を決定し、まだ支払っていない額"),
        Account("ordered", "支払依頼中", "金融機関へ依頼したか、券・現金を渡す途中で、結果を待つ額"),
        Account("paid", "支給済", "受給者に渡った額（支出）"),
        Account("back", "返納金（整理待ち）", "戻ってきて、戻入か歳入かをまだ整理していない額"),
        Account("claimed", "返還請求中", "返還を求めている額（債権）"),
        Account("waived", "免除", "自治体が返還を免除した額"),
        Account("written_off", "不納欠損", "時効などで自治体が欠損とした額"),
        Account("revenue", "過年度収入", "出納閉鎖後に戻り、その年度の歳入とした額"),
        Account("overpaid", "過誤納金", "返還額を超えて納められ、還付を待つ額"),
        Account("payer", "納付者", "返還した人・還付を受けた人（外部）"),
    )
}  # fmt: skip

KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("appropriation", "予算の配当", "available", "budget", True),
        Kind("entitlement", "支給決定", "owed", "available", True),
        Kind("withdrawal", "支給決定の取消し", "available", "owed", True),
        Kind("transfer", "支払の依頼", "ordered", "owed", True),
        Kind("recalled", "依頼の取消し（未実行）", "owed", "ordered", True),
        Kind("settled", "支払の完了", "paid", "ordered", True),
        Kind("returned", "資金の返却（振込不能）", "back", "ordered", True),
        Kind("returned_late", "支払後の資金の返却", "back", "paid", True),
        Kind("gift_refunded", "ギフト残額の発行元からの返金", "back", "paid", True),
        Kind("restored", "戻入", "available", "back", False),
        Kind("prior_revenue", "過年度収入への整理", "revenue", "back", False),
        Kind("claim", "返還請求", "claimed", "paid", True),
        Kind("claim_cancelled", "返還請求の取消し", "paid", "claimed", True),
        Kind("repaid", "返還金の納付", "back", "claimed", True),
        Kind("waived", "返還の免除", "waived", "claimed", True),
        Kind("written_off", "不納欠損", "written_off", "claimed", True),
        Kind("overpayment", "過誤納", "overpaid", "payer", True),
        Kind("refund", "過誤納金の還付", "payer", "overpaid", True),
        Kind("reversal", "訂正（反対仕訳）", "", "", False),
    )
}  # fmt: skip
"""A reversal has the accounts of the entry that it takes back, the other way round."""
