"""Deals key tasks (打鍵の割当て): the oldest that this person may take, to one person at a time, a little ahead.

Takes nothing; leaves a task claimed. The second keying and the choice go to others than those who keyed it before.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection, transaction

from todoku.intake.tables import KeyTask
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.registry.protected import PROTECTED

# A form left open for so long goes back to the pile; the slowest form that was seen took four minutes.
CLAIMED_MINUTES_MAX = 15
# For so long a keying may be taken back: nobody goes on with it before.
UNDO_SECONDS = 60
# On the screen, and loaded behind it.
HELD_MAX = 2

_PROTECTED = PROTECTED.format(recipient="(select c.recipient_id from todoku_case c where c.id = t.case_id)")
_CLAIM = f"""
update todoku_keytask set claimed_id = %(who)s, claimed_at = %(at)s
 where id = (
   select t.id from todoku_keytask t
    where t.programme_id = %(programme)s and t.state = %(state)s and t.id <> all(%(but)s)
      and (t.claimed_id is null or t.claimed_at < %(forgotten)s)
      and not exists (select 1 from todoku_keying k
                       where k.task_id = t.id and k.undone_at is null
                         and (k.staff_id = %(who)s or k.finished_at > %(settled)s))
      and (%(opens)s or not {_PROTECTED})
    order by t.arrived_on, t.id limit 1 for update skip locked)
returning id
"""


def claim_tasks(
    state: str, *, programme: Programme, actor: Actor, at: datetime, but: Collection[int] = (), most: int = HELD_MAX
) -> list[KeyTask]:  # fmt: skip
    """At most so many tasks of a state (first, second, differs) claimed by the actor, those held already first.

    Forms of households under 支援措置 go to those alone who may see their address: it stands on the paper.
    """
    assert actor.id is not None, "only a person keys"
    with transaction.atomic(), connection.cursor() as cursor:
        Staff.objects.select_for_update(no_key=True, of=("self",)).get(pk=actor.id)
        forgotten = at - timedelta(minutes=CLAIMED_MINUTES_MAX)
        held = list(
            KeyTask.objects.filter(
                programme=programme, state=state, claimed_id=actor.id, claimed_at__gte=forgotten
            )
            .exclude(pk__in=but)
            .order_by("arrived_on", "pk")
            .values_list("pk", flat=True)
        )
        while len(held) < most:
            cursor.execute(
                _CLAIM,
                {
                    "who": actor.id, "at": at, "programme": programme.pk, "state": state, "but": [*but, *held],
                    "forgotten": forgotten, "settled": at - timedelta(seconds=UNDO_SECONDS),
                    "opens": may(actor.roles, "case.view_protected"),
                },
            )  # fmt: skip
            row = cursor.fetchone()
            if row is None:
                break
            held.append(row[0])
        KeyTask.objects.filter(pk__in=held).update(claimed_at=at)
    found = KeyTask.objects.select_related("page", "lot", "case", "envelope", "programme").in_bulk(held)
    return [found[pk] for pk in held[:most]]


def put_back(*, programme: Programme, actor: Actor) -> None:
    """Gives what the person holds back to the pile."""
    KeyTask.objects.filter(
        programme=programme, claimed_id=actor.id, state__in=["first", "second", "differs"]
    ).update(claimed_id=None, claimed_at=None)
