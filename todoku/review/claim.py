"""Deals review work: the oldest open task that this person may judge, to one person at a time.

Takes nothing; leaves a task held. A second look never goes to the person who took the first, no look to who keyed the
form or corrected its account.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.registry.protected import PROTECTED
from todoku.review.tables import Task

# A form left open for so long goes back to the pile: longer than any single look that we have seen described.
HELD_MINUTES_MAX = 30


class NothingWaits(Refusal):
    """There is no task that this person may take."""


# Whose hands were on the application already; the same as judge asks, and the database's triggers.
NOT_MINE = """
not exists (select 1 from todoku_verdict v
             where v.submission_id = t.submission_id and v.round = t.round and v.staff_id = %(who)s and v.undone_at is null)
and not exists (select 1 from todoku_entry e where e.submission_id = t.submission_id and e.staff_id = %(who)s)
and not exists (select 1 from todoku_accountversion a
                 where a.submission_id = t.submission_id and a.staff_id = %(who)s)
and not exists (select 1 from todoku_keytask k join todoku_keying y on y.task_id = k.id
                 where k.submission_id = t.submission_id and y.staff_id = %(who)s)
"""
# Papers of a household under 支援措置 bear its address: nobody judges by pictures that they may not open.
NOT_FOR_ALL = f"""
(exists (select 1 from todoku_document d where d.submission_id = t.submission_id)
 or exists (select 1 from todoku_keytask k where k.submission_id = t.submission_id))
and {PROTECTED.format(recipient="(select c.recipient_id from todoku_case c where c.id = t.case_id)")}
"""
# Second looks come first: they finish a case.
CLAIM = f"""
update todoku_task set state = 'held', claimed_by_id = %(who)s, claimed_at = %(at)s
 where id = (
   select t.id from todoku_task t
    where t.programme_id = %(programme)s and t.state = 'open' and t.id <> %(after)s and {NOT_MINE}
      and (%(opens)s or not ({NOT_FOR_ALL}))
    order by t.step desc, t.arrived_on, t.id
    limit 1 for update skip locked)
returning id
"""


def claim_next(*, programme: Programme, actor: Actor, at: datetime, after: int = 0) -> Task:
    """Holds the next task for the actor, or gives the one already held; raises NothingWaits.

    `after` passes over a task that the person has just put back.
    """
    assert actor.id is not None, "only a person reviews"
    with transaction.atomic(), connection.cursor() as cursor:
        # The same person in two windows waits here: a person holds one task.
        Staff.objects.select_for_update(no_key=True, of=("self",)).get(pk=actor.id)
        held = Task.objects.filter(programme=programme, state="held", claimed_by_id=actor.id).first()
        if held:
            return held
        cursor.execute(
            CLAIM,
            {
                "who": actor.id, "at": at, "programme": programme.pk, "after": after,
                "opens": may(actor.roles, "case.view_protected"),
            },
        )  # fmt: skip
        row = cursor.fetchone()
    if row is None:
        raise NothingWaits(_nothing(programme))
    return Task.objects.get(pk=row[0])


def _nothing(programme: Programme) -> str:
    others = Task.objects.filter(programme=programme, state__in=["open", "held"]).count()
    if not others:
        return "審査を待っている申請はありません。"
    return (
        f"あなたが扱える申請は今ありません。残りの{others}件は、ほかの担当者が扱っているか、"
        "あなたが一次審査・入力をした申請か、書類の画像を業務責任者と支援措置担当だけが開ける申請です。"
    )


def put_back(task: Task, *, actor: Actor, at: datetime) -> None:
    """Gives a held task back to the pile."""
    Task.objects.filter(pk=task.pk, state="held", claimed_by_id=actor.id).update(
        state="open", claimed_by=None, claimed_at=None
    )


def release_forgotten(*, at: datetime) -> int:
    """Puts back tasks held longer than HELD_MINUTES_MAX; run by the sweeper. Gives how many."""
    return Task.objects.filter(state="held", claimed_at__lt=at - timedelta(minutes=HELD_MINUTES_MAX)).update(
        state="open", claimed_by=None, claimed_at=None
    )
