"""Deals unmatched applications (照合の割当て): the oldest first, to one person at a time.

Takes nothing; leaves an application claimed. One whose candidate lives under 支援措置 goes to those alone who may see the
address; to others it does not exist.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from todoku.intake.keyless_tables import UnmatchedApplication
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.registry.protected import PROTECTED

# One left open for so long goes back to the pile.
CLAIMED_MINUTES_MAX = 15
UNDO_SECONDS = 60  # for so long what was said may be taken back: nothing follows from it before

_ON_ROLL = PROTECTED.format(recipient="(select c.recipient_id from todoku_case c where c.id = m.case_id)")
# Whether one of the candidates of `u` lives under 支援措置, a person without a case too.
KEPT = f"""exists (
    select 1 from todoku_matchcandidate m join todoku_person p on p.id = m.person_id
     where m.application_id = u.id and (p.protected or m.case_id is not null and {_ON_ROLL}))"""
_CLAIM = f"""
update todoku_unmatchedapplication set claimed_id = %(who)s, claimed_at = %(at)s
 where id = (
   select u.id from todoku_unmatchedapplication u
    where u.programme_id = %(programme)s and u.state = %(state)s and u.looked_up_at is not null
      and (u.claimed_id is null or u.claimed_id = %(who)s or u.claimed_at < %(forgotten)s)
      and (%(opens)s or not {KEPT})
    order by u.claimed_id = %(who)s desc nulls last, u.arrived_on, u.id limit 1 for update skip locked)
returning id
"""
_COUNTS = f"""
select u.state, count(*), min(u.arrived_on) from todoku_unmatchedapplication u
 where u.programme_id = %(programme)s and u.state in ('waiting', 'asked') and (%(opens)s or not {KEPT})
 group by u.state
"""


class Waiting(NamedTuple):
    """How many wait in a state, and since when the oldest does."""

    number: int = 0
    oldest: Any = None


def claim_match(
    *, programme: Programme, actor: Actor, at: datetime, state: str = "waiting"
) -> UnmatchedApplication | None:
    """The next application for this person, the one already in hand first; None where there is none."""
    assert actor.id is not None, "only a person matches"
    values = _values(programme, actor) | {
        "who": actor.id, "at": at, "state": state, "forgotten": at - timedelta(minutes=CLAIMED_MINUTES_MAX),
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        row = cursor.fetchone()
    return UnmatchedApplication.objects.get(pk=row[0]) if row else None


def may_open(application: UnmatchedApplication, actor: Actor) -> bool:
    """Whether this person may see the application with its candidates."""
    if may(actor.roles, "case.view_protected"):
        return True
    with connection.cursor() as cursor:
        cursor.execute(f"select {KEPT} from todoku_unmatchedapplication u where u.id = %s", [application.pk])
        (kept,) = cursor.fetchone()
    return not kept


def waiting_matches(programme: Programme, actor: Actor) -> dict[str, Waiting]:
    """State → how many of it this person could take."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, _values(programme, actor))
        return {state: Waiting(count, oldest) for state, count, oldest in cursor.fetchall()}


def _values(programme: Programme, actor: Actor) -> dict[str, Any]:
    return {"programme": programme.pk, "opens": may(actor.roles, "case.view_protected")}
