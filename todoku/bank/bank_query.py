"""The bank asks before it returns (口座相違の照会): opened → answer proposed by the office → answered by the treasurer.

Takes one transfer at the bank; leaves the query with an amendment (訂正依頼) beside the sealed row, or "return it". The
sealed row never changes; where the money really went says `credited.py`. An unanswered query ends in a return.
"""

from datetime import date, datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.bank.credited import CREDITED, WITH_AMENDMENT
from todoku.bank.tables import BankQuery
from todoku.formats import bank_master
from todoku.formats.bank_days import bank_days_after
from todoku.formats.kana import KanaRefused, bank_kana, cut_to
from todoku.formats.zengin_layout import NAME_BYTES
from todoku.ground.step import Refusal
from todoku.payment.tables import Transfer
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look

# Interbank practice: the sender answers by the bank day after next (翌々営業日), or the money comes back.
ANSWER_BANK_DAYS = 2
AT_THE_BANK = ("sent", "settled")
ACCOUNT_KINDS = {1: "普通", 2: "当座", 4: "貯蓄", 9: "その他"}
ANSWERS = dict(BankQuery.ANSWERS)
WORDS_MAX = 200
# What else of the programme is, or will be, at the account that an amendment names.
AT_ACCOUNT = f"""
select coalesce(sum(t.amount_yen), 0)::bigint,
       (select max(p.limit_yen) from todoku_sharedpayee p
         where p.programme_id = %(p)s and p.approved_at is not null and p.ended_at is null
           and (p.bank, p.branch, p.account_kind, p.account_number) = (%(bank)s, %(branch)s, %(kind)s, %(number)s))
  from todoku_transfer t {WITH_AMENDMENT}
 where t.programme_id = %(p)s and t.id <> %(t)s and t.state in ('ready', 'sealed', 'sending', 'sent', 'settled')
   and ({CREDITED}) = (%(bank)s, %(branch)s, %(kind)s, %(number)s)
"""


class Amendment(NamedTuple):
    """The account that the bank shall credit instead, as written by a person."""

    bank: str
    branch: str
    kind: int
    number: str
    holder_kana: str


class CannotQuery(Refusal):
    """The transfer is not at the bank, the answer is not whole, or the person may not."""


def open_query(transfer: Transfer, *, question: str, asked_on: date, actor: Actor, at: datetime) -> BankQuery:
    """Writes down what the bank asked and when; due is the bank day after next."""
    if not may(actor.roles, "query.open") or actor.id is None:
        raise CannotQuery("照会を記録する権限がありません。振込データ作成担当か出納に連絡してください。")
    question = _words(question, "金融機関に聞かれたこと")
    if asked_on > localdate(at):
        raise CannotQuery("照会を受けた日が、今日より後です。日付を確認してください。")
    with transaction.atomic():
        found = (
            Transfer.objects.select_for_update(of=("self",)).select_related("programme").get(pk=transfer.pk)
        )
        if found.state not in AT_THE_BANK or found.rail != "bank":
            raise CannotQuery("金融機関へ依頼した口座振込ではありません。振込番号を確認してください。")
        if BankQuery.objects.filter(transfer=found, answered_at__isnull=True).exists():
            raise CannotQuery("この振込の照会は、すでに回答を待っています。")
        made = BankQuery.objects.create(
            transfer=found, question=question, asked_on=asked_on, due_on=bank_days_after(asked_on, ANSWER_BANK_DAYS),
            opened_by_id=actor.id, opened_at=at,
        )  # fmt: skip
        _record(made, "query.open", found.number, actor, at)
    return made


def propose_answer(
    query: BankQuery, *, answer: str, amendment: Amendment | None, why: str, actor: Actor, at: datetime
) -> BankQuery:
    """The office's proposal, which the treasurer answers or has put anew: an account to credit, or to return the money."""
    if not may(actor.roles, "query.propose") or actor.id is None:
        raise CannotQuery("回答を起案できるのは、振込データ作成担当だけです。")
    why = _words(why, "根拠（何を見て確かめたか）")
    if answer not in ANSWERS or (answer == "amend") != (amendment is not None):
        raise CannotQuery("「訂正を依頼」か「返却を依頼」を選び、訂正のときは口座を入れてください。")
    with transaction.atomic():
        found = _held(query)
        account = _checked(found.transfer, amendment) if amendment else Amendment("", "", 0, "", "")
        found.answer, found.why = answer, why
        found.bank, found.branch, found.kind, found.account_number, found.holder_kana = account
        found.proposed_by_id, found.proposed_at = actor.id, at
        found.save()
        _record(found, "query.propose", f"{found.transfer.number} {ANSWERS[answer]}", actor, at)
    return found


def answer_query(query: BankQuery, *, proposed_at: datetime, actor: Actor, at: datetime) -> BankQuery:
    """The treasurer gives the proposed answer to the bank; `proposed_at` is the proposal that this person saw."""
    if not may(actor.roles, "query.answer") or actor.id is None:
        raise CannotQuery("金融機関へ回答できるのは、自治体の出納だけです。")
    with transaction.atomic():
        found = _held(query)
        if not found.answer:
            raise CannotQuery("事務局の起案を待っています。")
        if found.proposed_at != proposed_at:
            raise CannotQuery("起案が変わりました。画面を開き直し、内容を確かめてください。")
        if found.proposed_by_id == actor.id:
            raise CannotQuery("起案した人とは別の人が、金融機関へ回答してください。")
        found.answered_by_id, found.answered_at = actor.id, at
        found.save(update_fields=["answered_by", "answered_at"])
        _record(found, "query.answer", f"{found.transfer.number} {ANSWERS[found.answer]}", actor, at)
    return found


def _checked(transfer: Transfer, amendment: Amendment) -> Amendment:
    """The account as the bank knows one; nothing that no file could carry, and not more than an account may receive."""
    bank, branch, kind, number, holder = amendment
    if not (len(number) == 7 and number.isascii() and number.isdigit()) or kind not in ACCOUNT_KINDS:
        raise CannotQuery("口座の種類を選び、口座番号を7桁で入れてください。")
    if bank_master.bank(bank) is None or bank_master.branch(bank, branch) is None:
        raise CannotQuery("金融機関か支店が一覧にありません。4桁と3桁の番号を確認してください。")
    try:
        holder = cut_to(bank_kana(holder), NAME_BYTES)
    except KanaRefused as why:
        raise CannotQuery(why.sentence) from why
    if not holder:
        raise CannotQuery("口座名義（カナ）を入れてください。")
    checked = Amendment(bank, branch, kind, number, holder)
    if checked == (
        transfer.bank,
        transfer.branch,
        transfer.kind,
        transfer.account_number,
        transfer.holder_kana,
    ):
        raise CannotQuery("確定した口座と同じです。違うところを直すか、「返却を依頼」を選んでください。")
    _ask_cap(transfer, checked)
    return checked


def _ask_cap(transfer: Transfer, account: Amendment) -> None:
    with connection.cursor() as cursor:
        values = account._asdict() | {"p": transfer.programme_id, "t": transfer.pk}
        cursor.execute(AT_ACCOUNT, values)
        row = cursor.fetchone()
    assert row is not None
    limit = row[1] or transfer.programme.terms.payment.cap_per_account_yen
    if row[0] + transfer.amount_yen > limit:
        raise CannotQuery(
            f"この口座への合計が上限（{limit:,}円）を超えます。口座を確認し、誤りがなければ返却を依頼してください。"
        )


def _held(query: BankQuery) -> BankQuery:
    found = (
        BankQuery.objects.select_for_update(of=("self",))
        .select_related("transfer__programme")
        .get(pk=query.pk)
    )
    if found.answered_at is not None:
        raise CannotQuery("この照会は回答済みです。画面を開き直してください。")
    if found.transfer.state not in AT_THE_BANK:
        raise CannotQuery("この振込は資金が戻っています。別の口座の届出を待って、振込をやり直します。")
    return found


def _words(text: str, what: str) -> str:
    text = text.strip()
    if not text or len(text) > WORDS_MAX:
        raise CannotQuery(f"{what}を{WORDS_MAX}文字以内で書いてください。")
    return text


def _record(query: BankQuery, action: str, reason: str, actor: Actor, at: datetime) -> None:
    record_look(
        actor=actor, action=action, subject_kind="case", subject_id=query.transfer.case_id, at=at,
        programme_slug=query.transfer.programme.slug, reason=reason,
    )  # fmt: skip
