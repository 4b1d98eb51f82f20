"""Words the letters that review, payment and recovery have made due: 返戻, 支給・不支給決定, 振込不能, 返還; one run per kind.

Takes cases as they stand; leaves print runs at `made`. Which words a letter has is put together here, since the room
of letters lies upstream of review and payment; writing each once per occasion is that room's constraint.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.timezone import localdate

from todoku.formats import bank_master
from todoku.formats.wareki import format_wareki
from todoku.ground.step import Report
from todoku.letters.make_run import LetterItem, make_letter_run
from todoku.letters.reserve import NothingToPrint
from todoku.letters.tables import PrintRun
from todoku.payment.credited import CREDITED, WITH_AMENDMENT
from todoku.payment.tables import Result
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.codes import CODES, REFUSALS
from todoku.rounds.claim_letters import NOTICE_OF, claim_items

# A resident has three weeks to put things right, as municipalities usually grant; never longer than the intake itself.
REPLY_DAYS = 21
REASONS = dict(Result.REASONS)

# The letter says what the reviewer ruled, not what the checks had found: eyes may have seen otherwise.
RETURNED = """
select v.case_id, v.submission_id, array(select jsonb_array_elements_text(v.codes))
  from todoku_casestage g
  join todoku_case c on c.id = g.case_id and c.programme_id = %s
  join lateral (select * from todoku_verdict x
                 where x.case_id = c.id and x.outcome = 'return' and x.undone_at is null
                 order by x.id desc limit 1) v on true
 where g.stage = 'returned'
   and not exists (select 1 from todoku_letter l
                    where l.case_id = c.id and l.kind = 'return' and l.occasion = v.submission_id)
 order by v.case_id
"""
DECIDED = """
select d.case_id, d.id, d.reason, d.amount_yen, y.decided_at, a.bank, a.branch, a.number, s.arrived_on
  from todoku_decision d
  join todoku_decisionlist y on y.id = d.decision_list_id and y.programme_id = %s
  left join todoku_accountversion a on a.id = d.account_id
  left join todoku_submission s on s.id = a.submission_id
 where d.in_force and d.outcome = %s
   and not exists (select 1 from todoku_letter l where l.case_id = d.case_id and l.kind = %s and l.occasion = d.id)
 order by d.case_id
"""
# The account named is the one to which the bank could not credit: an amended one, where it asked before.
FAILED = f"""
select t.case_id, t.id, t.amount_yen, {CREDITED}, r.reason
  from todoku_transfer t {WITH_AMENDMENT}
  join todoku_result r on r.transfer_id = t.id
  join todoku_casestage g on g.case_id = t.case_id and g.stage = 'failed'
 where t.programme_id = %s and t.state = 'returned'
   and not exists (select 1 from todoku_transfer n where n.retry_of_id = t.id)
   and not exists (select 1 from todoku_letter l
                    where l.case_id = t.case_id and l.kind = 'transfer_failed' and l.occasion = t.id)
 order by t.case_id
"""


def make_due_letters(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """One print run for each kind of letter that is due and that the terms send; gives the number of letters."""
    runs = [
        run
        for kind in ("return", "transfer_failed", "refused", "granted", *NOTICE_OF)
        if (run := _run(kind, programme, actor, at))
    ]
    return Report(done=sum(run.pieces for run in runs))


def _run(kind: str, programme: Programme, actor: Actor, at: datetime) -> PrintRun | None:
    if not _sends(kind, programme):
        return None
    items = list(due_items(kind, programme, localdate(at)))
    if not items:
        return None
    try:
        return make_letter_run(kind, items, programme=programme, actor=actor, at=at)
    except NothingToPrint:
        return None  # everything due is set aside: protected people and addresses that mail does not reach


def _sends(kind: str, programme: Programme) -> bool:
    """Whether the terms send such letters; some municipalities send no decision letter but show the status page."""
    if kind in NOTICE_OF:
        return True  # a claim is never made by telephone
    name = {
        "return": "deficiency",
        "transfer_failed": "transfer_failed",
        "refused": "refusal",
        "granted": "decision",
    }[kind]
    return name in programme.terms.letters


def due_items(kind: str, programme: Programme, today: date) -> Iterator[LetterItem]:
    """The letters of a kind that are due and not written yet, worded."""
    if kind == "return":
        return _returns(programme, today)
    if kind == "transfer_failed":
        return _failures(programme)
    if kind in NOTICE_OF:
        return claim_items(kind, programme)
    return _decisions(kind, programme)


def _rows(query: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def _returns(programme: Programme, today: date) -> Iterator[LetterItem]:
    until = min(today + timedelta(days=REPLY_DAYS), max(programme.terms.deadline, today + timedelta(days=7)))
    for case, submission, codes in _rows(RETURNED, [programme.pk]):
        sentences = tuple(CODES[code].sentence for code in sorted(codes))
        yield LetterItem(case, submission, (format_wareki(until),), sentences)


def _decisions(kind: str, programme: Programme) -> Iterator[LetterItem]:
    outcome = {"granted": "grant", "refused": "refuse"}[kind]
    for case, decision, reason, yen, at, bank, branch, number, arrived in _rows(
        DECIDED, [programme.pk, outcome, kind]
    ):
        day = format_wareki(localdate(at))
        if outcome == "refuse":
            yield LetterItem(case, decision, (day,), (REFUSALS[reason],))
            continue
        slot = programme.terms.payment_date_for(arrived)
        # Decided after its day of the calendar: the next batch pays, and its day is not known here.
        ahead = slot is not None and slot.pays_on > localdate(at)
        paid = format_wareki(slot.pays_on) if slot and ahead else "決まりしだいお知らせします"
        yield LetterItem(case, decision, (day, f"{yen:,}円", masked(bank, branch, number), paid))


def _failures(programme: Programme) -> Iterator[LetterItem]:
    until = format_wareki(programme.terms.payment.repay_deadline)
    for case, transfer, yen, bank, branch, _kind, number, reason in _rows(FAILED, [programme.pk]):
        yield LetterItem(case, transfer, (f"{yen:,}円", masked(bank, branch, number), REASONS[reason], until))


def masked(bank: str, branch: str, number: str) -> str:
    """An account as a letter may show it: bank, branch and the last three digits."""
    found, place = bank_master.bank(bank), bank_master.branch(bank, branch)
    return f"{found.name if found else bank} {place.name if place else branch} ****{number[-3:]}"
