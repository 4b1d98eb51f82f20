"""Deals review work: of the queues open to a person, the look nearest to its due day; one task to one person.

Takes nothing; leaves a task held, or reserved as the person's next. A second look never goes to the person who took the
first, no look to who keyed the form or corrected its account, and no case to two people at once. What is the manager's
is dealt to managers alone, before their queues and whichever of them are open to them.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.actor import SYSTEM, Actor
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.registry.protected import PROTECTED
from todoku.review.rescreen import rescreen_released
from todoku.review.screen import sample_seed
from todoku.review.seeded import place_seed
from todoku.review.tables import Task
from todoku.review.take_from import queues_today
from todoku.review.who_decides import MANAGER

# A form left open for so long goes back to the pile: longer than any single look that we have seen described.
HELD_MINUTES_MAX = 30
# The next one stays reserved for as long as one look may last, then anybody may take it.
RESERVED_MINUTES_MAX = 10
# How often two may meet at one case before somebody must be told: each meeting takes that case off the pile.
MEETINGS_MAX = 5
ONE_REVIEWER = "a_case_is_with_one_reviewer"


class NothingWaits(Refusal):
    """There is no task that this person may take."""


# Whose hands were on the application already; the same as judge asks, and the database's triggers.
NOT_MINE = """
not exists (select 1 from todoku_verdict v
             where v.submission_id = t.submission_id and v.staff_id = %(who)s and v.undone_at is null
               and (v.round = t.round or exists (
                 select 1 from todoku_fastverdict f where f.verdict_id = v.id and f.looked_again)))
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
# Put aside it waits for its hour; handed on or reserved it waits for its person; no case is with two people.
FREE = f"""
t.programme_id = %(programme)s and t.state = 'open' and t.id <> %(after)s
and (t.not_before is null or t.not_before <= %(at)s)
and (t.for_staff_id is null or t.for_staff_id = %(who)s)
and (t.reserved_by_id is null or t.reserved_by_id = %(who)s or t.reserved_at < %(stale)s)
and not exists (select 1 from todoku_task o where o.case_id = t.case_id and o.state = 'held')
and (%(manages)s or not t.for_manager)
and {NOT_MINE} and (%(opens)s or not ({NOT_FOR_ALL}))
"""
# What was reserved for the person or handed to the person by name: a few, found by their own small indexes.
OWN = """
select id from todoku_task where state = 'open' and reserved_by_id = %(who)s
union select id from todoku_task where state = 'open' and for_staff_id = %(who)s
union select id from todoku_task where programme_id = %(programme)s and state = 'open' and for_manager and %(manages)s
"""
FROM_OWN = f"""
(select t.id from todoku_task t where t.id = any(%(own)s) and {FREE}
  order by t.reserved_by_id = %(who)s desc nulls last, t.due_on, t.step desc, t.id limit 1 for update {{wait}})
"""
# Else the head of each queue, and of these the one that is due first. On one day second looks come first: they finish a case.
DEALT = f"""
(select d.id from unnest(%(queues)s::text[]) as q(queue)
  cross join lateral (
    select t.id, t.due_on, t.step from todoku_task t where t.queue = q.queue and {FREE}
     order by t.due_on, t.step desc, t.id limit 1 for update {{wait}}) d
  order by d.due_on, d.step desc, d.id limit 1)
"""
CLAIM = """
update todoku_task set state = 'held', claimed_by_id = %(who)s, claimed_at = %(at)s, not_before = null,
       ahead_at = case when reserved_by_id = %(who)s then ahead_at end, reserved_by_id = null, reserved_at = null
 where id = {chosen} returning id
"""
RESERVE = """
update todoku_task set reserved_by_id = %(who)s, reserved_at = %(at)s, ahead_at = null where id = {chosen} returning id
"""
# Rows that others hold at this moment are passed over. Where that leaves nothing, they are waited for: one of them may
# have been looked at in passing only.
WAITS = ("skip locked", "")


def claim_next(*, programme: Programme, actor: Actor, at: datetime, after: int = 0) -> Task:
    """Holds the next task for the actor, or gives the one already held; raises NothingWaits.

    `after` passes over a task that the person has just put back.
    """
    assert actor.id is not None, "only a person reviews"
    queues = queues_today(actor.id, programme, on=timezone.localdate(at))
    with transaction.atomic():
        # The same person in two windows waits here: a person holds one task.
        Staff.objects.select_for_update(no_key=True, of=("self",)).get(pk=actor.id)
        held = Task.objects.filter(programme=programme, state="held", claimed_by_id=actor.id).first()
        if held:
            return held
        found = _take(CLAIM, _values(programme, actor, queues, at, after), programme)
    if found is None:
        raise NothingWaits(_nothing(programme, at))
    return Task.objects.get(pk=found)


def reserve_next(*, programme: Programme, actor: Actor, at: datetime) -> Task | None:
    """Reserves what the actor will be dealt next, so that it can be loaded ahead; None where nothing waits.

    Nothing of it is shown: it is claimed, and the look recorded, when the person goes on to it.
    """
    assert actor.id is not None, "only a person reviews"
    queues = queues_today(actor.id, programme, on=timezone.localdate(at))
    with transaction.atomic():
        Staff.objects.select_for_update(no_key=True, of=("self",)).get(pk=actor.id)
        found = _take(RESERVE, _values(programme, actor, queues, at, 0), programme)
        release_reserved(programme=programme, staff_id=actor.id, but=found or 0)
    return Task.objects.get(pk=found) if found else None


def release_reserved(*, programme: Programme, staff_id: int, but: int = 0) -> int:
    """Gives back what was reserved for a person; gives how many."""
    reserved = Task.objects.filter(programme=programme, state="open", reserved_by_id=staff_id).exclude(pk=but)
    return reserved.update(reserved_by=None, reserved_at=None, ahead_at=None)


def _values(
    programme: Programme, actor: Actor, queues: list[str], at: datetime, after: int
) -> dict[str, Any]:
    return {
        "who": actor.id, "at": at, "programme": programme.pk, "after": after, "queues": queues,
        "stale": at - timedelta(minutes=RESERVED_MINUTES_MAX), "opens": may(actor.roles, "case.view_protected"),
        "manages": MANAGER in actor.roles,
    }  # fmt: skip


def _take(statement: str, values: dict[str, Any], programme: Programme) -> int | None:
    """The task that the statement took: of the person's own, else one just seeded, else of the queues; or None."""
    with connection.cursor() as cursor:
        cursor.execute(OWN, values)
        own = [row[0] for row in cursor.fetchall()]
    if found := _first(statement.replace("{chosen}", FROM_OWN), values | {"own": own}) if own else None:
        return found
    if programme.terms.review.quality.seeded.percent:
        seed = sample_seed(programme)
        seeded = place_seed(programme, values["queues"], staff_id=values["who"], seed=seed, at=values["at"])
        if seeded is not None:
            return _first(statement.replace("{chosen}", FROM_OWN), values | {"own": [seeded.pk]})
    return _first(statement.replace("{chosen}", DEALT), values)


def _first(statement: str, values: dict[str, Any]) -> int | None:
    """Takes one, or None. Two who meet at one case: the database lets one in, the other asks again."""
    for wait in WAITS:
        for left in reversed(range(MEETINGS_MAX)):
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement.replace("{wait}", wait), values)
                    row = cursor.fetchone()
            except IntegrityError as refused:
                if ONE_REVIEWER not in str(refused) or not left:
                    raise
                continue
            if row:
                return int(row[0])
            break
    return None


def _nothing(programme: Programme, at: datetime) -> str:
    waiting = Task.objects.filter(programme=programme, state__in=["open", "held"])
    others = waiting.count()
    if not others:
        return "審査を待っている申請はありません。"
    aside = waiting.filter(state="open", not_before__gt=at).count()
    return (
        f"あなたが扱える申請は今ありません。残りの{others}件は、ほかの担当者が扱っているか、"
        "あなたが一次審査・入力をした申請か、受け持っていない列の申請か、業務責任者が決める申請か、"
        "書類の画像を業務責任者と支援措置担当だけが開ける申請です。"
        + (f"うち{aside}件は保留中です。" if aside else "")
    )


def put_back(task: Task, *, actor: Actor, at: datetime) -> None:
    """Gives a held task back to the pile."""
    Task.objects.filter(pk=task.pk, state="held", claimed_by_id=actor.id).update(
        state="open", claimed_by=None, claimed_at=None
    )
    rescreen_released([task.submission_id], programme=task.programme, actor=SYSTEM, at=at)


def release_forgotten(*, at: datetime) -> int:
    """Puts back tasks held longer than HELD_MINUTES_MAX; run by the sweeper. Gives how many."""
    return Task.objects.filter(state="held", claimed_at__lt=at - timedelta(minutes=HELD_MINUTES_MAX)).update(
        state="open", claimed_by=None, claimed_at=None
    )
