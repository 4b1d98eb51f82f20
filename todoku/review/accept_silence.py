"""Push cohorts: after the opt-out date, a notice that nobody answered counts as accepted (贈与の申込みと承諾).

Takes INVITED cases of push cohorts with a known account; leaves a submission of the channel push with that account,
a proposal, and the case at PASSED. Safe to run twice.
"""

from datetime import datetime

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.case import stages
from todoku.case.move import Selection, move
from todoku.ground.step import Report
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

SUBMISSIONS = """
insert into todoku_submission (case_id, programme_id, channel, state, receipt_number, arrived_on, registered_at,
  applicant_is_recipient, applicant_name, phone, signed, declines, members_corrected, identity_evidence,
  account_evidence, actor_name)
select c.id, c.programme_id, 'push', 'screened', substr(c.number, 1, 11) || 'P', %(on)s, %(at)s, true, '', '', true,
       false, false, '', '', %(who)s
  from todoku_case c
  join todoku_casestage g on g.case_id = c.id and g.stage = 'invited'
  join todoku_recipient r on r.id = c.recipient_id
  join todoku_knownaccount k on k.programme_id = c.programme_id and k.person_id = r.head_id
 where c.programme_id = %(programme)s and c.cohort = %(cohort)s
   and not exists (select 1 from todoku_submission s where s.case_id = c.id)
   and not exists (select 1 from todoku_letter l join todoku_undelivered u on u.letter_id = l.id where l.case_id = c.id)
"""
ACCOUNTS = """
insert into todoku_accountversion (submission_id, version, bank, branch, kind, number, holder_kana, yucho_symbol,
  yucho_number, entered_at, entered_by)
select s.id, 1, k.bank, k.branch, k.kind, k.number, k.holder_kana, '', '', %(at)s, k.source
  from todoku_submission s
  join todoku_case c on c.id = s.case_id
  join todoku_recipient r on r.id = c.recipient_id
  join todoku_knownaccount k on k.programme_id = c.programme_id and k.person_id = r.head_id
 where s.programme_id = %(programme)s and s.channel = 'push' and c.cohort = %(cohort)s
   and not exists (select 1 from todoku_accountversion a where a.submission_id = s.id)
"""
PROPOSALS = """
insert into todoku_proposal (case_id, submission_id, account_id, outcome, reason, via, at)
select s.case_id, s.id, a.id, 'grant', '', 'push', %(at)s
  from todoku_submission s
  join todoku_accountversion a on a.submission_id = s.id
  join todoku_case c on c.id = s.case_id
 where s.programme_id = %(programme)s and s.channel = 'push' and c.cohort = %(cohort)s
on conflict (case_id) do nothing
"""


def accept_silence(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Passes every pushed case whose opt-out date has gone by unanswered; undelivered notices are not acceptance."""
    done = 0
    today = localdate(at)
    for cohort in programme.terms.cohorts:
        if cohort.mode != "push" or cohort.opt_out_date is None or cohort.opt_out_date >= today:
            continue
        values = {
            "programme": programme.pk, "cohort": cohort.name, "on": cohort.opt_out_date, "at": at, "who": actor.name,
        }  # fmt: skip
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in (SUBMISSIONS, ACCOUNTS, PROPOSALS):
                cursor.execute(statement, values)
            done += move(
                Selection(
                    "select p.case_id from todoku_proposal p join todoku_case c on c.id = p.case_id "
                    "where c.programme_id = %s and c.cohort = %s and p.via = 'push'",
                    [programme.pk, cohort.name],
                ),
                programme=programme, to=stages.PASSED, why="お知らせの申出期限を経過", actor=actor, at=at,
            )  # fmt: skip
    return Report(done=done)
