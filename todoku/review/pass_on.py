"""What an official wrote when a case was sent back goes to the office's manager, who tells the reviewers (差戻しの伝達).

Takes cases that an officer took off a list; leaves the manager's words beside the look. An official who writes to a
contractor's reviewer directly turns a contract for work into disguised employment (偽装請負).
"""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from todoku.ground.step import Refusal
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.comment import comment
from todoku.review.desk_tables import CaseComment
from todoku.review.tables import Task

TOLD = "told"
# Looks of a round that an officer's send-back opened, of which the manager has told the reviewers nothing yet.
UNTOLD = """
select t.id, c.number, t.opened_at,
       (select d.remark from todoku_decision d
         where d.case_id = t.case_id and d.outcome = 'sent_back' order by d.id desc limit 1)
  from todoku_task t join todoku_case c on c.id = t.case_id
 where t.programme_id = %(p)s and t.reason = 'sent_back' and t.state in ('open', 'held')
   and not exists (select 1 from todoku_casecomment m
                    where m.case_id = t.case_id and m.kind = 'told' and m.at >= t.opened_at)
"""


class NotTheManager(Refusal):
    """Only the office's manager tells the reviewers what the municipality wrote."""


class SentBack(NamedTuple):
    """A case that came back: its open look, number, since when, and what the officer wrote."""

    task: int
    number: str
    since: datetime
    remark: str


def untold(programme: Programme) -> list[SentBack]:
    """What waits to be told, the oldest first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(UNTOLD + " order by t.opened_at, t.id", {"p": programme.pk})
        return [SentBack(*row) for row in cursor.fetchall()]


def pass_on(task: Task, words: str, *, actor: Actor, at: datetime) -> CaseComment:
    """Leaves the manager's own words beside the look. Raises NotTheManager or CommentRefused."""
    if not actor.roles & ACTIONS["question.forward"]:
        raise NotTheManager("差戻しの理由を審査担当に伝えるのは、業務責任者です。")
    return comment(task, words, kind=TOLD, actor=actor, at=at)
