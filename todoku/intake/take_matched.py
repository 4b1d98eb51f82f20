"""What a person said of an application without a letter takes effect once its minute is over (照合の反映).

Takes matches that nobody took back; of a confirmed one leaves an ordinary web Submission "sent", marked keyless, with its
account and pictures; of the others a note to answer or ask. One statement for each table, however many. Safe to run twice:
an application becomes one submission at most, by its own receipt number and key.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from todoku.ground.step import Report
from todoku.intake.claim_match import UNDO_SECONDS
from todoku.intake.receipt import printed_receipt
from todoku.people.actor import RESIDENT, Actor
from todoku.programme.tables import Programme

# "To be asked" waits while a later word on the same application may still be taken back: then it would count again.
_HOLD = """
select m.id from todoku_rollmatch m join todoku_unmatchedapplication u on u.id = m.application_id
 where u.programme_id = %(programme)s and m.settled_at is null and m.undone_at is null and m.at <= %(said_before)s
   and not exists (select 1 from todoku_rollmatch l
                    where l.application_id = m.application_id and l.id > m.id and l.undone_at is null
                      and l.settled_at is null and l.at > %(said_before)s)
 order by m.id for update of m skip locked
"""
# The day on which it was sent counts, not that of the match: whoever lost a letter is not late by our search.
_SUBMISSIONS = """
insert into todoku_submission (
  case_id, programme_id, channel, state, receipt_number, arrived_on, applied_on, registered_at, applicant_is_recipient,
  applicant_name, phone, signed, declines, members_corrected, identity_evidence, account_evidence, rail, idempotency_key,
  body_sha256, actor_name, keyless)
select m.case_id, u.programme_id, 'web', 'sent', u.receipt_number, u.arrived_on, u.arrived_on, u.registered_at,
       r.head_id = m.person_id, case when r.head_id = m.person_id then '' else u.name end, u.phone, true, false, false,
       case when exists (select 1 from todoku_unmatcheddocument d where d.application_id = u.id and d.kind = 'identity')
            then 'clear' else '' end,
       case when exists (select 1 from todoku_unmatcheddocument d where d.application_id = u.id and d.kind = 'account')
            then 'clear' else '' end,
       u.rail, u.idempotency_key, u.body_sha256, %(resident)s, true
  from todoku_rollmatch m
  join todoku_unmatchedapplication u on u.id = m.application_id
  join todoku_case c on c.id = m.case_id
  join todoku_recipient r on r.id = c.recipient_id
 where m.id = any(%(matches)s) and m.outcome = 'confirmed'
 order by u.arrived_on, u.id
"""
_ACCOUNTS = """
insert into todoku_accountversion (submission_id, version, bank, branch, kind, number, holder_kana, yucho_symbol,
  yucho_number, entered_at, entered_by)
select s.id, 1, u.bank, u.branch, u.kind, u.number, u.holder_kana, u.yucho_symbol, u.yucho_number, u.registered_at,
       %(resident)s
  from todoku_rollmatch m
  join todoku_unmatchedapplication u on u.id = m.application_id
  join todoku_submission s on s.receipt_number = u.receipt_number
 where m.id = any(%(matches)s) and m.outcome = 'confirmed' and u.rail = 'bank' and concat(u.bank, u.number, u.holder_kana,
       u.yucho_symbol) <> ''
"""
_PROOFS = """
insert into todoku_proofversion (submission_id, version, first, first_on, second, second_on, entered_at, entered_by)
select s.id, 1, u.first, u.first_on, u.second, u.second_on, u.registered_at, %(resident)s
  from todoku_rollmatch m
  join todoku_unmatchedapplication u on u.id = m.application_id
  join todoku_submission s on s.receipt_number = u.receipt_number
 where m.id = any(%(matches)s) and m.outcome = 'confirmed' and u.first <> ''
"""
_DOCUMENTS = """
insert into todoku_document (submission_id, kind, sha256, path, width, height, size_bytes)
select s.id, d.kind, d.sha256, d.path, d.width, d.height, d.size_bytes
  from todoku_rollmatch m
  join todoku_unmatchedapplication u on u.id = m.application_id
  join todoku_submission s on s.receipt_number = u.receipt_number
  join todoku_unmatcheddocument d on d.application_id = u.id
 where m.id = any(%(matches)s) and m.outcome = 'confirmed'
"""
_SETTLED = """
update todoku_rollmatch m set settled_at = %(at)s, submission_id = case when m.outcome = 'confirmed' then s.id end
  from todoku_unmatchedapplication u
  left join todoku_submission s on s.receipt_number = u.receipt_number
 where m.id = any(%(matches)s) and u.id = m.application_id
"""
# Nobody is called about what a later word has answered.
_TO_TELL = """
select m.outcome, u.receipt_number, u.name, u.phone, m.actor_name,
       exists (select 1 from todoku_rollmatch l
                where l.application_id = m.application_id and l.id > m.id and l.undone_at is null)
  from todoku_rollmatch m join todoku_unmatchedapplication u on u.id = m.application_id
 where m.id = any(%(matches)s) and m.outcome <> 'confirmed' order by m.id
"""
_NOTES = """
insert into todoku_contactnote (programme_id, caller, channel, identity_checked, asked, promised, call_back_on,
  call_back_done_by, at, actor_name)
select %s, x.caller, 'outbound', '', x.asked, x.promised, %s, '', %s, x.who
  from unnest(%s::text[], %s::text[], %s::text[], %s::text[]) as x(caller, asked, promised, who)
"""
_ASKED = {
    "nobody": "申請書・確認キーのないウェブ申請（受付番号 {}）。名簿に該当する方が見つかりませんでした。",
    "asked": "申請書・確認キーのないウェブ申請（受付番号 {}）。名簿のどなたの申請か、画面では決められませんでした。",
}
_PROMISED = {
    "nobody": "名簿に見つからないことと、対象かどうかの確かめ方を、電話か手紙でお答えする。",
    "asked": "電話か自治体への照会で本人を確かめ、「受付」の「照合」で結果を入れる。",
}


def take_matched(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Settles what was said before the minute. Report: done = became a submission, waiting = to be answered or asked."""
    values: dict[str, Any] = {
        "programme": programme.pk, "at": at, "resident": RESIDENT.name,
        "said_before": at - timedelta(seconds=UNDO_SECONDS),
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_HOLD, values)
        values["matches"] = [match for (match,) in cursor.fetchall()]
        if not values["matches"]:
            return Report()
        cursor.execute(_SUBMISSIONS, values)
        done = cursor.rowcount
        cursor.execute(_ACCOUNTS, values)
        cursor.execute(_DOCUMENTS, values)
        cursor.execute(_PROOFS, values)
        cursor.execute(_SETTLED, values)
        cursor.execute(_TO_TELL, values)
        told = cursor.fetchall()
        assert done + len(told) == len(values["matches"]), "a match had no effect, or two"
        to_tell = [row for *row, answered in told if not answered]
        _note(cursor, to_tell, programme, at)
    return Report(done=done, waiting=len(to_tell))


def _note(cursor: Any, told: list[list[str]], programme: Programme, at: datetime) -> None:
    """A note with a call-back today for each that somebody must be told or asked about."""
    asked = [_ASKED[outcome].format(printed_receipt(receipt)) for outcome, receipt, *_ in told]
    callers = [f"{name}（{phone}）"[:100] for _, _, name, phone, _ in told]
    promised = [_PROMISED[outcome] for outcome, *_ in told]
    who = [actor for *_, actor in told]
    cursor.execute(_NOTES, [programme.pk, timezone.localdate(at), at, callers, asked, promised, who])
