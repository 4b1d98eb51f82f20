"""Words the letters that review, payment and recovery have made due: 返戻, 支給・不支給決定, 振込不能, 返還; one run per kind.

Takes cases as they stand; leaves print runs at `made`. Which words a letter has is put together here, since the room
of letters lies upstream of review and payment; writing each once per occasion is that room's constraint.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.timezone import localdate

from todoku.bank.credited import CREDITED, WITH_AMENDMENT
from todoku.case.failure_wording import REASONS as WHY
from todoku.case.late_deadline import deadlines_of
from todoku.formats import bank_master
from todoku.formats.wareki import format_wareki
from todoku.ground.step import Report
from todoku.letters.make_run import LetterItem, make_letter_run
from todoku.letters.request_letter import ON_REQUEST
from todoku.letters.reserve import NothingToPrint
from todoku.letters.settle_spoiled import settle_spoiled
from todoku.letters.tables import PrintRun
from todoku.letters.waiting import STANDING
from todoku.payment.rails import RAILS
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.code_sentences import REFUSALS
from todoku.rounds.claim_letters import NOTICE_OF, claim_items
from todoku.rounds.further_letters import FURTHER, further_items, further_query
from todoku.rounds.objection_letters import ANSWERED, objection_items
from todoku.rounds.objection_letters import KIND as OBJECTION_ANSWER
from todoku.rounds.return_letters import OCCASION, reply_until, return_item
from todoku.rounds.terms_letters import NOTICES, terms_items, terms_query

# Every kind, in the order of the runs; of decisions, the outcome that a kind tells of.
KINDS = (
    "return", "return_reminder", "transfer_failed", "refused", "granted", "acknowledgement", "reminder", *ON_REQUEST,
    *NOTICE_OF, OBJECTION_ANSWER, *NOTICES,
)  # fmt: skip
LETTER_OF = {
    "return": "deficiency", "transfer_failed": "transfer_failed", "refused": "refusal", "granted": "decision",
}  # fmt: skip
OUTCOMES = {"granted": "grant", "refused": "refuse"}
NOT_RECEIVED = "期限までに受け取られなかったため"
# What these letters say where nothing went to an account.
OTHER_RAILS: dict[str, dict[str, Any]] = {
    "transfer_failed": {
        "title": "{programme} 給付金の受取りについてのお知らせ",
        "paragraphs": [
            "給付金をお送りしましたが、期限までに受け取られませんでした。口座への振込に変えますので、期限までに振込先をお知らせください。"
        ],
        "rows": ["給付金の額", "お届けした方法", "お知らせの理由", "お届けの期限"],
    },
    "granted": {
        "rows": ["決定した日", "支給する額", "受取方法", "お届けの予定"],
        "after": ["お受け取りについては、あらためて手紙でお知らせします。"],
    },
}

# The letter says what the reviewer ruled, not what the checks had found: eyes may have seen otherwise.
RETURNED = f"""
select v.case_id, {OCCASION}, array(select jsonb_array_elements_text(v.codes))
  from todoku_casestage g
  join todoku_case c on c.id = g.case_id and c.programme_id = %s
  join lateral (select * from todoku_verdict x
                 where x.case_id = c.id and x.outcome = 'return' and x.undone_at is null
                 order by x.id desc limit 1) v on true
 where g.stage = 'returned'
   and not exists (select 1 from todoku_letter l
                    where l.case_id = c.id and l.kind = 'return' and l.occasion = {OCCASION}
                      and {STANDING})
 order by v.case_id
"""
# Of a case with a supplement the first part comes first: a run holds one letter a case, the next run writes the other.
DECIDED = f"""
select distinct on (d.case_id) d.case_id, d.id, d.reason, d.amount_yen, y.decided_at, a.bank, a.branch, a.number,
       s.arrived_on, d.rail, d.part
  from todoku_decision d
  join todoku_decisionlist y on y.id = d.decision_list_id and y.programme_id = %s
  left join todoku_accountversion a on a.id = d.account_id
  left join todoku_submission s on s.id = a.submission_id
 where d.in_force and d.outcome = %s and (d.outcome = 'refuse' or (d.rail = 'bank') = %s)
   and not exists (select 1 from todoku_letter l where l.case_id = d.case_id and l.kind = %s and l.occasion = d.id
                      and {STANDING})
 order by d.case_id, d.part, d.id
"""
# The account named is the one to which the bank could not credit: an amended one, where it asked before.
FAILED = f"""
select distinct on (t.case_id) t.case_id, t.id, t.amount_yen, {CREDITED}, r.reason, t.rail
  from todoku_transfer t {WITH_AMENDMENT}
  join todoku_result r on r.transfer_id = t.id
  join todoku_casestage g on g.case_id = t.case_id and (g.stage = 'failed' or t.part > 1)
 where t.programme_id = %s and t.state = 'returned' and (t.rail = 'bank') = %s
   and not exists (select 1 from todoku_transfer n where n.retry_of_id = t.id)
   and not exists (select 1 from todoku_letter l
                    where l.case_id = t.case_id and l.kind = 'transfer_failed' and l.occasion = t.id
                      and {STANDING})
 order by t.case_id, t.id
"""


def make_due_letters(*, programme: Programme, actor: Actor, at: datetime, protected: bool = False) -> Report:
    """One print run for each kind of letter that is due and that the terms send; gives the number of letters.

    With `protected`, the runs hold the people under 支援措置 alone; without, nobody of them.
    """
    settle_spoiled(programme, actor=actor, at=at)
    runs = [
        run
        for kind in KINDS
        for to_account in ways(kind)
        if (run := _run(kind, programme, actor, at, to_account, protected))
    ]
    return Report(done=sum(run.pieces for run in runs))


def ways(kind: str) -> tuple[bool, ...]:
    """Whether a kind is worded once for payments to an account and once for all others."""
    return (True, False) if kind in OTHER_RAILS else (True,)


def query_of(kind: str, programme: Programme, to_account: bool, today: date) -> tuple[str, list[Any]]:
    """What is due today of a kind that is no claim's, one row a letter with its case_id, and the query's values."""
    if kind == "return":
        return RETURNED, [programme.pk]
    if kind == "transfer_failed":
        return FAILED, [programme.pk, to_account]
    if kind in FURTHER:
        return further_query(kind, programme, today)
    if kind == OBJECTION_ANSWER:
        return ANSWERED, [programme.pk]
    if kind in NOTICES:
        return terms_query(kind, programme)
    return DECIDED, [programme.pk, OUTCOMES[kind], to_account, kind]


def _run(
    kind: str, programme: Programme, actor: Actor, at: datetime, to_account: bool, protected: bool
) -> PrintRun | None:
    if not sends(kind, programme):
        return None
    items = list(due_items(kind, programme, localdate(at), to_account=to_account))
    if not items:
        return None
    try:
        words = None if to_account else OTHER_RAILS[kind]
        return make_letter_run(
            kind, items, programme=programme, protected=protected, actor=actor, at=at, words=words
        )
    except NothingToPrint:
        return None  # everything due is set aside: protected people and addresses that mail does not reach


def sends(kind: str, programme: Programme) -> bool:
    """Whether the terms send such letters; some municipalities send no decision letter but show the status page."""
    if kind in NOTICE_OF or kind == OBJECTION_ANSWER or kind in NOTICES:
        return True  # none is ever told by telephone alone
    return LETTER_OF.get(kind, kind) in programme.terms.letters


def due_items(
    kind: str, programme: Programme, today: date, *, to_account: bool = True
) -> Iterator[LetterItem]:
    """The letters of a kind that are due and not written yet, worded: of payments to an account, or of all others."""
    if kind == "return":
        return _returns(programme, today)
    if kind == "transfer_failed":
        return _failures(programme, to_account, today)
    if kind in NOTICE_OF:
        return claim_items(kind, programme)
    if kind == OBJECTION_ANSWER:
        return objection_items(programme)
    if kind in NOTICES:
        return terms_items(kind, programme)
    if kind in FURTHER:
        return further_items(kind, programme, today)
    return _decisions(kind, programme, to_account, today)


def _rows(query: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def _returns(programme: Programme, today: date) -> Iterator[LetterItem]:
    terms, rows = programme.terms, _rows(*query_of("return", programme, True, today))
    last_days = deadlines_of([row[0] for row in rows], terms)
    for case, submission, codes in rows:
        until = format_wareki(reply_until(terms, last_days[case], today))
        yield return_item(terms, case, submission, codes, until)


def _decisions(kind: str, programme: Programme, to_account: bool, today: date) -> Iterator[LetterItem]:
    for case, decision, reason, yen, at, bank, branch, number, arrived, rail, part in _rows(
        *query_of(kind, programme, to_account, today)
    ):
        day = format_wareki(localdate(at))
        if kind == "refused":
            yield LetterItem(case, decision, (day,), (REFUSALS[reason],))
            continue
        amount = f"{yen:,}円" + ("（追給）" if part > 1 else "")
        if not to_account:
            yield LetterItem(case, decision, (day, amount, RAILS[rail].name, "別の手紙でお知らせします"))
            continue
        slot = programme.terms.payment_date_for(arrived)
        # Decided after its day of the calendar: the next batch pays, and its day is not known here.
        ahead = slot is not None and slot.pays_on > localdate(at)
        paid = format_wareki(slot.pays_on) if slot and ahead else "決まりしだいお知らせします"
        yield LetterItem(case, decision, (day, amount, masked(bank, branch, number), paid))


def _failures(programme: Programme, to_account: bool, today: date) -> Iterator[LetterItem]:
    until = format_wareki(programme.terms.payment.repay_deadline)
    for case, transfer, yen, bank, branch, _kind, number, reason, rail in _rows(
        *query_of("transfer_failed", programme, to_account, today)
    ):
        if not to_account:
            yield LetterItem(case, transfer, (f"{yen:,}円", RAILS[rail].name, NOT_RECEIVED, until))
            continue
        yield LetterItem(case, transfer, (f"{yen:,}円", masked(bank, branch, number), WHY[reason], until))


def masked(bank: str, branch: str, number: str) -> str:
    """An account as a letter may show it: bank, branch and the last three digits."""
    found, place = bank_master.bank(bank), bank_master.branch(bank, branch)
    return f"{found.name if found else bank} {place.name if place else branch} ****{number[-3:]}"
