"""Accounts that were never paid to → a file that asks the bank about them (振込口座照会 98), before any money goes.

Takes the bank-rail proposals that wait for the decision and the decisions never paid; leaves a file for the treasurer
to hand over, and a row for each account asked. It moves no case and makes no payment; `read_inquiry_answers` goes on.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.bank.tables import AccountInquiry
from todoku.custody import files
from todoku.custody.receive import record
from todoku.custody.tables import Parcel
from todoku.formats import zengin
from todoku.formats.kana import KanaRefused, bank_kana
from todoku.ground.copy_rows import copy_rows
from todoku.ground.step import Refusal, Report
from todoku.payment.bank_file import header_of, profile_of
from todoku.payment.confirmed_accounts import CONFIRMED
from todoku.payment.rails.bank import bank_kana_name, branch_kana_name
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme

# An account is asked about once; after an answer other than 0 again only when it has been through review since.
TO_ASK = f"""
with confirmed as materialized ({CONFIRMED}),
wanted as (
  select p.case_id, p.account_id, e.amount_yen, p.at
    from todoku_proposal p
    join todoku_case c on c.id = p.case_id and c.programme_id = %(p)s
    join todoku_casestage g on g.case_id = c.id and g.stage = 'passed'
    join todoku_entitlement e on e.case_id = c.id and e.part = 1 and e.superseded_by_order = ''
   where p.outcome = 'grant' and p.rail = 'bank'
   union all
  select d.case_id, d.account_id, d.amount_yen, coalesce(p.at, l.decided_at)
    from todoku_decision d
    join todoku_decisionlist l on l.id = d.decision_list_id and l.programme_id = %(p)s
    left join todoku_proposal p on p.case_id = d.case_id
   where d.in_force and d.outcome = 'grant' and d.rail = 'bank'
     and not exists (select 1 from todoku_transfer t where t.decision_id = d.id and t.state <> 'void'))
select distinct on (a.bank, a.branch, a.number, w.account_id)
       w.account_id, w.case_id, c.number, w.amount_yen, a.bank, a.branch, a.kind, a.number, a.holder_kana
  from wanted w
  join todoku_accountversion a on a.id = w.account_id
  join todoku_case c on c.id = w.case_id
 where not exists (select 1 from confirmed k where k.account_id = w.account_id)
   and not exists (
     select 1 from todoku_inquiredaccount q
       join todoku_accountinquiry i on i.id = q.inquiry_id and i.cancelled_at is null
      where q.account_id = w.account_id and (q.answer = '' or i.made_at >= w.at))
 order by a.bank, a.branch, a.number, w.account_id
"""


class NothingToAsk(Refusal):
    """Every account that will be paid to is confirmed or asked about."""


class CannotInquireAccounts(Refusal):
    """The terms do not have accounts asked about, or the person may not."""


class ToAsk(NamedTuple):
    """One account to ask about: the columns of TO_ASK, in order."""

    account: int
    case: int
    case_number: str
    amount: int
    bank: str
    branch: str
    kind: int
    number: str
    holder: str


def inquire_accounts(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Makes as many 98 files as the bank's limit needs; `done` accounts asked, `refused` what no file can carry."""
    _ask_may(programme, actor)
    day, refused = localdate(at), list[tuple[str, str]]()
    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        rows = list(_carried(to_ask(programme), refused))
        if not rows and not refused:
            raise NothingToAsk(
                "照会する口座はありません。審査が済んだ新しい口座があると、ここで照会できます。"
            )
        profile = profile_of(programme)
        header = header_of(programme, day)
        for start in range(0, len(rows), profile.max_records):
            part = rows[start : start + profile.max_records]
            data = zengin.account_inquiry(header, _records(part), profile)
            _keep(programme, part, data, actor, at)
    return Report(done=len(rows), refused=tuple(refused))


def cancel_inquiry(inquiry: AccountInquiry, *, actor: Actor, at: datetime) -> None:
    """Takes a file back that the bank never answers, so that its accounts are asked about anew."""
    _ask_may(inquiry.programme, actor)
    with transaction.atomic():
        found = AccountInquiry.objects.select_for_update().get(pk=inquiry.pk)
        if found.answer_id is not None or found.cancelled_at is not None:
            raise CannotInquireAccounts("回答を取り込んだか、取り消した照会です。画面を開き直してください。")
        AccountInquiry.objects.filter(pk=found.pk).update(cancelled_at=at)
        _record(inquiry, "account.inquire_cancel", actor, at)


def our_number(account: int) -> str:
    """What stands as customer code 1 beside an account asked about, and must come back with its answer."""
    return f"{account:010}"


def to_ask(programme: Programme) -> list[ToAsk]:
    """The accounts that the bank has to be asked about, in the order of the file."""
    with connection.cursor() as cursor:
        cursor.execute(TO_ASK, {"p": programme.pk})
        return [ToAsk(*row) for row in cursor.fetchall()]


def _ask_may(programme: Programme, actor: Actor) -> None:
    if not may(actor.roles, "account.inquire") or actor.id is None:
        raise CannotInquireAccounts("口座照会は、振込データ作成担当が行います。")
    if not programme.terms.payment.account_inquiry:
        raise CannotInquireAccounts("この事業の制度では、口座照会を行いません（[payment] account_inquiry）。")


def _carried(rows: Sequence[ToAsk], refused: list[tuple[str, str]]) -> Iterator[ToAsk]:
    """What a record can hold; the rest is named by its case, for the reviewers."""
    for row in rows:
        if not (len(row.bank) == 4 and len(row.branch) == 3 and len(row.number) == 7):
            refused.append(
                (row.case_number, "口座の銀行・支店・口座番号がそろっていません。審査で確認してください。")
            )
            continue
        try:
            bank_kana(row.holder)
        except KanaRefused as why:
            refused.append((row.case_number, why.sentence))
            continue
        yield row


def _records(rows: Sequence[ToAsk]) -> Iterator[zengin.Row]:
    for row in rows:
        yield zengin.Row(
            bank=row.bank, bank_name=bank_kana_name(row.bank), branch=row.branch,
            branch_name=branch_kana_name(row.bank, row.branch), account_kind=row.kind, account_number=row.number,
            name=row.holder, amount=row.amount, customer_code_1=our_number(row.account),
        )  # fmt: skip


def _keep(programme: Programme, rows: Sequence[ToAsk], data: bytes, actor: Actor, at: datetime) -> None:
    """The file, its parcel and its rows; the name counts up, so that a run after a crash writes the same name again."""
    count = AccountInquiry.objects.filter(programme=programme).count() + 1
    name = f"kouza-{localdate(at):%Y%m%d}-{count}.txt"
    written = files.write(f"inquiry/{programme.slug}/{name}", data)
    # The same question put again on one day is the same file.
    parcel = Parcel.objects.filter(scope=programme.slug, kind="inquiry", sha256=written.sha256).first()
    parcel = parcel or record(
        written, kind="inquiry", name=name, scope=programme.slug, from_party="事務局", to_party="出納", actor=actor,
        at=at, count=len(rows),
    )  # fmt: skip
    assert actor.id is not None
    made = AccountInquiry.objects.create(
        programme=programme, parcel=parcel, count=len(rows), made_by_id=actor.id, made_at=at
    )
    asked = copy_rows(
        "todoku_inquiredaccount", ("inquiry_id", "line", "account_id", "case_id", "answer"),
        ((made.pk, line, row.account, row.case, "") for line, row in enumerate(rows, 1)),
    )  # fmt: skip
    assert asked == made.count, f"{made.count} accounts in the file, {asked} asked"
    _record(made, "account.inquire", actor, at)


def _record(inquiry: AccountInquiry, action: str, actor: Actor, at: datetime) -> None:
    record_look(
        actor=actor, action=action, subject_kind="inquiry", subject_id=inquiry.pk, at=at,
        programme_slug=inquiry.programme.slug, reason=f"{inquiry.count}件",
    )  # fmt: skip
