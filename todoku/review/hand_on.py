"""Hands a look on to a named colleague or to another queue (引継ぎ), with words; and moves work for the lead (移動).

Takes open or held tasks; leaves them open for that person or in that queue. Nobody is handed what their hands were on.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from todoku.ground.step import Refusal, Report
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.tables import Staff, roles_held
from todoku.programme.tables import Programme
from todoku.review.claim import NOT_FOR_ALL, NOT_MINE
from todoku.review.comment import comment
from todoku.review.desk_tables import CaseComment
from todoku.review.held import held_by
from todoku.review.queues import QUEUES
from todoku.review.tables import Task
from todoku.review.trained import queues_open_to
from todoku.review.who_decides import MANAGER


class CannotTake(Refusal):
    """The named person may not judge this application."""


class NobodyNamed(Refusal):
    """Work goes to a colleague, to a queue, or back to the pile."""


# Of these tasks, those that the person may judge: other hands than the person's own, and pictures that they may open.
FOR_PERSON = f"""
select t.id from todoku_task t
 where t.id = any(%(tasks)s) and t.state in ('open', 'held') and (t.queue = any(%(queues)s) or t.for_manager) and {NOT_MINE}
   and (%(manages)s or not t.for_manager) and (%(opens)s or not ({NOT_FOR_ALL}))
"""
MOVE = """
update todoku_task set state = 'open', claimed_by_id = null, claimed_at = null, reserved_by_id = null, reserved_at = null,
       not_before = null, for_staff_id = %(person)s,
       queue = case when %(queue)s = '' then queue else %(queue)s end
 where id = any(%(tasks)s) and programme_id = %(programme)s and state in ('open', 'held')
returning id, case_id
"""


def hand_on(
    task: Task, *, words: str, to: Staff | None = None, queue: str = "", actor: Actor, at: datetime
) -> Task:
    """Hands the actor's own look on to a person or a queue. Raises NobodyNamed, CannotTake, CommentRefused, NotYourTask."""
    if (to is None) == (queue not in QUEUES):
        raise NobodyNamed("引き継ぐ相手か列のどちらか一つを選んでください。")
    with transaction.atomic():
        task = held_by(task, actor)
        if to is not None and not judgeable([task.pk], to, task.programme):
            raise CannotTake(
                f"{to.name}さんは、この申請の入力や別の段階の審査をしたか、画像を開けないか、この列の研修を終えていません。"
                "ほかの担当者を選んでください。"
            )
        whom = f"{to.name}さんへ" if to else f"「{QUEUES[queue]}」の列へ"
        comment(task, words.strip() and f"{whom}: {words.strip()}", kind="handed", actor=actor, at=at)
        _move([task.pk], task.programme, to, queue)
    task.refresh_from_db()
    return task


def move_work(
    tasks: Sequence[int], *, programme: Programme, to: Staff | None = None, queue: str = "", words: str = "",
    actor: Actor, at: datetime,
) -> Report:  # fmt: skip
    """The lead's: gives tasks to a person or a queue, or, where neither is named, back to the pile of everybody.

    `refused` counts in words those that the person may not judge; a note stands beside each case that moved.
    """
    assert actor.id is not None, "only a person moves work"
    with transaction.atomic():
        wanted = list(tasks) if to is None else judgeable(tasks, to, programme)
        whom = f"{to.name}さんへ" if to else f"「{QUEUES[queue]}」の列へ" if queue else "審査待ちへ戻す"
        moved = _move(wanted, programme, to, queue)
        CaseComment.objects.bulk_create(
            CaseComment(
                programme=programme, case_id=case, task_id=pk, kind="moved", words=f"{whom} {words.strip()}".strip()[:300],
                staff_id=actor.id, at=at,
            )
            for pk, case in moved
        )  # fmt: skip
    left = len(set(tasks)) - len(moved)
    why = (
        f"{to.name}さんが審査できない申請か、すでに判定された申請です。"
        if to
        else "すでに判定された申請です。"
    )
    return Report(done=len(moved), refused=((f"{left}件", why),) if left else ())


def judgeable(tasks: Sequence[int], who: Staff, programme: Programme) -> list[int]:
    """Those of the tasks that this person may judge."""
    held = roles_held(who.pk, on=timezone.localdate(), codes=[programme.municipality_id])
    roles = frozenset(role for role, _ in held)
    if not may(roles, "review.judge"):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            FOR_PERSON,
            {
                "tasks": list(tasks), "who": who.pk, "queues": sorted(queues_open_to(who.pk, programme)),
                "opens": may(roles, "case.view_protected"), "manages": MANAGER in roles,
            },
        )  # fmt: skip
        return [row[0] for row in cursor.fetchall()]


def _move(tasks: Sequence[int], programme: Programme, to: Staff | None, queue: str) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            MOVE,
            {
                "tasks": list(tasks), "programme": programme.pk, "person": to.pk if to else None,
                "queue": queue if queue in QUEUES else "",
            },
        )  # fmt: skip
        return cursor.fetchall()
