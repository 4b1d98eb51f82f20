"""Makes key tasks (打鍵作業) of read lots: every household's scanned sheets that are to be keyed become one task.

Takes pages with their codes; leaves tasks, oldest paper first. What only answers a letter, and comes where no letter
waits for an answer, is set aside with the reason. Safe to run again: later pages join a task that is not done, or make one.
"""

from datetime import datetime

from django.db import connection, transaction

from todoku.case import stages
from todoku.ground.step import Report
from todoku.intake.keyed_values import KEYED_SHEETS, STAND_ALONE
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

ALONE = "貼付台紙や申立書だけが届きました。案件を開き、どの申請への添付かを確かめてから登録してください。"
# The leading sheet of each case and lot, unless a task has it already; after a task is done, only a page placed later.
_MAKE = """
with keyed as (
  select p.id, p.lot_id, p.case_id, p.sheet_id, p.sheet_code,
         coalesce((select max(a.at) from todoku_pageact a where a.page_id = p.id), l.received_at) as placed_at,
         coalesce(array_position(%(sheets)s::smallint[], p.sheet_code), 99) as place, p.no, l.arrived_on
    from todoku_scanpage p join todoku_scanlot l on l.id = p.lot_id
   where p.programme_id = %(programme)s and l.state in ('read', 'done') and p.state = 'read'
     and p.case_id is not null and p.sheet_code = any(%(sheets)s)
), fresh as (
  select * from keyed k
   where not exists (select 1 from todoku_keytask t
                      where t.lot_id = k.lot_id and t.case_id = k.case_id and t.state <> 'void'
                        and (t.state not in ('done', 'aside') or k.placed_at <= coalesce(t.done_at, t.made_at)))
     and not exists (select 1 from todoku_keytask t where t.page_id = k.id)
), lead_page as (
  select distinct on (lot_id, case_id) * from fresh order by lot_id, case_id, place, no
)
insert into todoku_keytask (programme_id, case_id, lot_id, page_id, envelope_id, state, arrived_on, made_at, aside_why)
select %(programme)s, k.case_id, k.lot_id, k.id, e.id,
       case when k.sheet_code = any(%(stand_alone)s) or g.stage = %(returned)s
            then 'first' else 'aside' end,
       coalesce(e.arrived_on, k.arrived_on), %(at)s,
       case when k.sheet_code = any(%(stand_alone)s) or g.stage = %(returned)s then '' else %(alone)s end
  from lead_page k
  join todoku_casestage g on g.case_id = k.case_id
  left join todoku_sheet s on s.id = k.sheet_id
  left join todoku_envelope e on e.id = s.envelope_id
 order by k.arrived_on, k.lot_id, k.no
returning state
"""


def make_key_tasks(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Makes what is missing for all read lots. Report: done = tasks to key, waiting = set aside."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Two at the same moment would both find the same page without a task.
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"key tasks {programme.pk}"])
        cursor.execute(
            _MAKE,
            {
                "programme": programme.pk,
                "sheets": list(KEYED_SHEETS),
                "stand_alone": list(STAND_ALONE),
                "returned": stages.RETURNED,
                "alone": ALONE,
                "at": at,
            },
        )
        states = [state for (state,) in cursor.fetchall()]
    return Report(done=states.count("first"), waiting=states.count("aside"))
