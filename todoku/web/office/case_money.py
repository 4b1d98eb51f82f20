"""What the story of a case tells of its money: decisions, transfers, the bank's queries and recalls, the books.

Reads only, one query for each kind of thing. Accounts show their last three digits unless the reader may see more.
"""

from collections.abc import Iterator
from typing import Any

from todoku.case.tables import Case
from todoku.formats import bank_master
from todoku.intake.tables import AccountVersion
from todoku.ledger.accounts import KINDS
from todoku.ledger.tables import LedgerEntry
from todoku.payment.tables import Transfer
from todoku.review.codes import CODES
from todoku.review.tables import Decision
from todoku.web.office.case_moment import Told, told

KIND_NAMES = {1: "普通", 2: "当座", 4: "貯蓄", 9: "その他"}


def money(case: Case, whole_account: bool) -> Iterator[Told]:
    """Decisions, then transfers with what the bank said of each."""
    for one in Decision.objects.filter(case=case).select_related("decision_list"):
        made = one.decision_list
        if one.outcome == "sent_back":
            # What an official wrote goes to the manager alone; that it left the list is everybody's to know.
            if made.decided_at:
                yield told(made.decided_at, "決定", f"決定一覧{made.pk}には載らずに審査へ戻りました")
            continue
        if made.decided_at is None:
            continue
        title = (
            f"支給を決定しました（{one.amount_yen:,}円）"
            if one.outcome == "grant"
            else "不支給を決定しました"
        )
        reason = CODES[one.reason].name if one.reason in CODES else ""
        text = "。".join(
            part for part in (reason, one.remark, "" if one.in_force else "効力なし（差し戻し等）") if part
        )
        yield told(made.decided_at, "決定", title, text, made.decided_by, look="ok")
    for transfer in (
        Transfer.objects.filter(case=case)
        .select_related("batch", "result")
        .prefetch_related("batch__send_records", "queries", "recalls")
    ):
        yield from _transfer(transfer, whole_account)


def _transfer(transfer: Any, whole_account: bool) -> Iterator[Told]:
    words = f"支払番号 {transfer.number}、{transfer.get_rail_display()}"
    if transfer.rail == "bank":
        account = (transfer.bank, transfer.branch, transfer.kind, transfer.account_number)
        words = f"振込番号 {transfer.number}、{_masked(*account, whole_account)}"
    title = f"振込 {transfer.amount_yen:,}円（{transfer.get_state_display()}）"
    yield told(transfer.made_at, "振込", title, words)
    records = transfer.batch.send_records.all() if transfer.batch else []
    sent = min(records, key=lambda one: one.at, default=None)
    if sent:
        yield told(
            sent.at, "振込", "金融機関へ振込を依頼しました", f"振込日 {transfer.batch.value_date:%Y/%m/%d}"
        )
    for query in transfer.queries.all():
        yield from _query(query, whole_account)
    for recall in transfer.recalls.all():
        words = f"振込番号 {transfer.number}、{recall.reason}"
        yield told(recall.asked_at, "振込", "組戻しを依頼することにしました", words, look="wait")
        if recall.sent_at:
            yield told(
                recall.sent_at, "振込", "金融機関へ組戻しを依頼しました", f"振込番号 {transfer.number}"
            )
        if recall.ended_at:
            yield told(recall.ended_at, "振込", f"組戻し「{recall.get_state_display()}」", recall.outcome)
    result = getattr(transfer, "result", None)
    if result:
        yield told(result.at, "振込", "振込できませんでした", result.get_reason_display(), look="stop")


def _query(query: Any, whole_account: bool) -> Iterator[Told]:
    """The bank's query before a return; an amendment says where the money really went."""
    yield told(query.opened_at, "振込", "金融機関から口座の照会を受けました", query.question, look="warn")
    if query.answered_at is None:
        return
    words = "返却を依頼しました"
    if query.answer == "amend":
        to = _masked(query.bank, query.branch, query.kind, query.account_number, whole_account)
        words = f"訂正を依頼しました。入金先は {to} です"
    yield told(query.answered_at, "振込", "金融機関へ回答しました", f"{words}（根拠 {query.why}）")


# What the books know of a case that no other part of its story tells.
BOOKED = (
    "withdrawal", "recalled", "settled", "returned_late", "gift_refunded", "restored", "prior_revenue", "claim",
    "claim_cancelled", "repaid", "waived", "written_off", "overpayment", "refund", "reversal",
)  # fmt: skip


def books(case: Case) -> Iterator[Told]:
    """What was booked for the case beyond its transfers."""
    for entry in LedgerEntry.objects.filter(case=case, kind__in=BOOKED):
        who = f"{entry.actor_name}・{entry.second_name}" if entry.second_name else entry.actor_name
        yield told(entry.at, "帳簿", f"{KINDS[entry.kind].name} {entry.amount_yen:,}円", entry.reason, who)


def account_words(version: AccountVersion, whole: bool) -> str:
    """An account as this reader may see it."""
    if not (version.bank or version.number or version.yucho_symbol):
        return "口座の記入なし"
    shown = _masked(version.bank, version.branch, version.kind, version.number, whole)
    if whole and version.yucho_symbol:
        shown += f"（記号番号 {version.yucho_symbol}-{version.yucho_number}）"
    return f"{shown}　{version.holder_kana}" if whole else shown


def _masked(bank: str, branch: str, kind: int, number: str, whole: bool) -> str:
    found, place = bank_master.bank(bank), bank_master.branch(bank, branch)
    shown = number if whole else f"****{number[-3:]}"
    return f"{found.name if found else bank} {place.name if place else branch} {KIND_NAMES.get(kind, '')} {shown}"
