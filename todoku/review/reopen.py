"""Brings cases back to the reviewers: from PASSED before the decision, or as a new round after an answer.

Takes cases that were reviewed once; leaves them IN_REVIEW with an open first look, and on no open decision list. What
was judged before stays as history.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from todoku.case import stages
from todoku.case.move import move
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.decision_lists import take_off
from todoku.review.queues import due_on, queue_sql

# Why a case is looked at again: always by two persons, however it passed before.
REASONS = {
    "answered": "照会の回答あり",
    "given_back": "業務責任者から差戻し",
    "ruling": "裁定の適用",
    "sent_back": "自治体から差戻し",
    "second_account": "別口座の申請あり",
    "account_changed": "口座を訂正",
    "from_payment": "支給から差戻し",
    "without_account": "口座がそろっていない",
    "declined_back": "辞退の撤回",
    "objection": "不服・訂正の申出",
    "bank_answer": "口座照会の回答",
    "shared_account": "ほかの世帯と同じ口座",
    "same_person": "ほかの案件に同じ人",
    "withdrawn": "判定の取消し",
    "new_terms": "審査基準の変更",
    "fast_look": "短時間の判定をもう一人が確認",
    "payee_changed": "受給者の変更",
    "members_changed": "世帯員の変更",
    "representative": "法定代理人の確認",
}
FAST = "fast_look"

PASSED = "select case_id from todoku_casestage where case_id = any(%s) and stage = 'passed' order by case_id for update"
# The counted submission of a case is the last one screened; a new round is one above its last task.
OPEN_ROUND = f"""
insert into todoku_task (submission_id, case_id, programme_id, step, round, state, reason, opened_at, arrived_on, queue, due_on)
select s.id, s.case_id, s.programme_id, 1,
       1 + coalesce((select max(t.round) from todoku_task t where t.submission_id = s.id), 0),
       'open', %s, %s, s.arrived_on, {queue_sql("s.id")}, %s
  from (select distinct on (case_id) * from todoku_submission
         where programme_id = %s and case_id = any(%s) and state = 'screened' order by case_id, id desc) s
"""


def open_round(cases: Sequence[int], *, programme: Programme, reason: str, at: datetime) -> None:
    """Opens a first look of a new round on the counted submission of each case."""
    assert reason in REASONS, f"unknown reason {reason!r}"
    with connection.cursor() as cursor:
        # A new round is due as if the case had come in today.
        due = due_on(timezone.localdate(at), programme.terms.review.due_days)
        cursor.execute(OPEN_ROUND, [reason, at, due, programme.pk, list(cases)])
        assert cursor.rowcount == len(cases), f"{len(cases)} cases, {cursor.rowcount} rounds opened"


def reopen(
    cases: Sequence[int], *, programme: Programme, reason: str, remark: str = "", actor: Actor, at: datetime
) -> int:
    """Those of the cases that stand at PASSED go back to review; gives how many. `remark` stands on the list they leave."""
    if not cases:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        # Lists before stages, as the decision does: two who meet here wait, they do not lock each other out.
        take_off(cases, remark=remark or REASONS[reason])
        cursor.execute(PASSED, [list(cases)])
        passed = [row[0] for row in cursor.fetchall()]
        move(passed, programme=programme, to=stages.IN_REVIEW, why=REASONS[reason], actor=actor, at=at)
        open_round(passed, programme=programme, reason=reason, at=at)
    return len(passed)
