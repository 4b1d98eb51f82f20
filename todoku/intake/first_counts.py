"""Of two applications for one case the first to arrive counts (先着優先); both are kept.

Takes submissions that are "sent" and the stage of their case; leaves one "received", the others "not_counted", what a
correction replaces "superseded", and moves the case to RECEIVED. Every way in ends here: there is no second rule. What comes
after a confirmed decline (辞退) says so for the checks (D50): nobody is paid by it before persons have looked.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from todoku.case import stages
from todoku.case.move import Selection, move
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

# From these an application moves the case. LAPSED is left by the municipality's order alone, so it is not here.
UNDECLINED = (stages.LISTED, stages.INVITED, stages.RETURNED, stages.FAILED)
OPEN_TO_APPLICATIONS = (*UNDECLINED, stages.DECLINED)

# At RECEIVED nothing has been looked at yet, so what arrived earlier but was keyed later still goes first.
_DECIDE = """
with rows as (
  select s.id, s.case_id, s.state, g.stage, g.since, s.arrived_on, s.registered_at,
         case when g.stage = any(%(open)s) then s.state = 'sent'
              when g.stage = 'received' then s.state in ('sent', 'received')
              else false end as may_count
    from todoku_submission s join todoku_casestage g on g.case_id = s.case_id
   where s.case_id = any(%(cases)s) and s.state in ('sent', 'received', 'screened')
), placed as (
  select *, row_number() over (partition by case_id, may_count order by arrived_on, registered_at, id) as place
    from rows
), decided as (
  select id, state as was, stage, since,
         case when may_count and place = 1 then 'received'
                  when state = 'sent' then 'not_counted'
                  when stage = any(%(open)s) then 'superseded'
                  when may_count then 'not_counted'
                  else state end as state
    from placed
)
update todoku_submission s
   set state = d.state,
       -- Whoever came before it on the same way, or answers the letter about it, is asked the same.
       declined_on = case when d.state <> 'received' then s.declined_on
                          when d.stage = 'declined' then (d.since at time zone 'Asia/Tokyo')::date
                          when d.stage in ('received', 'returned') then (
                            select max(x.declined_on) from todoku_submission x
                             where x.case_id = s.case_id and x.state in ('received', 'screened'))
                          else s.declined_on end
  from decided d where d.id = s.id and d.state <> s.state
returning d.was, d.state, d.stage
"""
_TO_MOVE = """
select distinct s.case_id from todoku_submission s join todoku_casestage g on g.case_id = s.case_id
 where s.case_id = any(%s) and s.state = 'received' and g.stage = any(%s)
"""
AFTER_DECLINE = "辞退の後に申請が到着（本人の意思を審査で確かめる）"


class Counted(NamedTuple):
    """How many submissions count and how many were kept without counting; how many cases moved."""

    received: int
    not_counted: int
    moved: int


def count_first(cases: Sequence[int], *, programme: Programme, actor: Actor, at: datetime) -> Counted:
    """Settles every "sent" submission of these cases of one programme; safe to run twice."""
    if not cases:
        return Counted(0, 0, 0)
    with transaction.atomic(), connection.cursor() as cursor:
        # Two ways in at the same moment wait for each other here, in one order.
        cursor.execute(
            "select 1 from todoku_casestage where case_id = any(%s) order by case_id for update",
            [list(cases)],
        )
        cursor.execute(_DECIDE, {"open": list(OPEN_TO_APPLICATIONS), "cases": _with_sent(cases)})
        settled = cursor.fetchall()
        became = [state for was, state, _ in settled if was == "sent"]
        ways: list[tuple[tuple[str, ...], str]] = [(UNDECLINED, "申請が到着")]
        if any(stage == stages.DECLINED for *_, stage in settled):
            ways.append(((stages.DECLINED,), AFTER_DECLINE))
        moved = sum(
            move(
                Selection(_TO_MOVE, [list(cases), list(opened)]),
                programme=programme, to=stages.RECEIVED, why=why, actor=actor, at=at,
            )
            for opened, why in ways
        )  # fmt: skip
    return Counted(became.count("received"), became.count("not_counted"), moved)


def _with_sent(cases: Sequence[int]) -> list[int]:
    """Of these cases those with something to settle; the others must stay as they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct case_id from todoku_submission where case_id = any(%s) and state = 'sent'",
            [list(cases)],
        )
        return [case for (case,) in cursor.fetchall()]
