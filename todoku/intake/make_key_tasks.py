"""Makes key tasks (打鍵作業) of read lots: every household's scanned sheets that are to be keyed become one task.

Takes pages with their codes; leaves tasks, oldest paper first. What seems to be registered already, and what only answers
a letter where no letter waits for an answer, is set aside with the reason. Safe to run again: later pages join a task that
is not done, or make one.
"""

from datetime import datetime

from django.db import connection, transaction

from todoku.case import stages
from todoku.ground.step import Report
from todoku.intake.keyed_values import KEYED_SHEETS, STAND_ALONE
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.scan.tables import ScanLot

ALONE = "貼付台紙や申立書だけが届きました。案件を開き、どの申請への添付かを確かめてから登録してください。"
TWICE = (
    "同じ用紙の画像が、もう打鍵に入っています。重ねて読み取っただけなら「処理済みにする」を押してください。"
)
BY_HAND = "同じ日に届いた申請書を「入力」で登録しています。同じ紙なら「処理済みにする」を押してください。"
# The leading sheet of each case and lot, unless a task has it already; after a task is done, only a page placed later.
# A task that lost its page by an undo is void without a day of its own: it stands in nobody's way.
_MAKE = """
with keyed as (
  select p.id, p.lot_id, p.case_id, p.sheet_id, p.sheet_code, p.number, p.page_no, p.issue,
         coalesce((select max(a.at) from todoku_pageact a where a.page_id = p.id), l.received_at) as placed_at,
         coalesce(array_position(%(sheets)s::smallint[], p.sheet_code), 99) as place, p.no, l.arrived_on
    from todoku_scanpage p join todoku_scanlot l on l.id = p.lot_id
   where p.programme_id = %(programme)s and l.state in ('read', 'done') and p.state = 'read'
     and p.case_id is not null and p.sheet_code = any(%(sheets)s)
     and (%(lot)s::bigint is null or p.lot_id = %(lot)s)
), fresh as (
  select * from keyed k
   where not exists (select 1 from todoku_keytask t
                      where t.lot_id = k.lot_id and t.case_id = k.case_id
                        and (t.state in ('first', 'second', 'differs')
                             or t.state in ('done', 'aside') and k.placed_at <= coalesce(t.done_at, t.made_at)
                             or t.state = 'void' and k.placed_at <= t.done_at))
     and not exists (select 1 from todoku_keytask t where t.page_id = k.id and t.state <> 'void')
), lead_page as (
  select distinct on (lot_id, case_id) * from fresh order by lot_id, case_id, place, no
), judged as (
  select k.id, k.lot_id, k.case_id, k.no, k.arrived_on as lot_on, e.id as envelope,
         coalesce(e.arrived_on, k.arrived_on) as came_on,
         case when exists (
                select 1 from todoku_scanpage o
                  join todoku_keytask t on t.lot_id = o.lot_id and t.case_id = o.case_id
                 where o.case_id = k.case_id and o.id <> k.id and o.state = 'read'
                   and (o.number, o.page_no, o.sheet_code, o.issue) = (k.number, k.page_no, k.sheet_code, k.issue)
                   and t.state in ('first', 'second', 'differs', 'done')) then %(twice)s
              when exists (
                select 1 from todoku_submission s
                 where s.case_id = k.case_id and s.channel = 'paper' and s.arrived_on = coalesce(e.arrived_on, k.arrived_on)
                   and exists (select 1 from todoku_entry y where y.submission_id = s.id)
                   and not exists (select 1 from todoku_keytask t where t.submission_id = s.id)) then %(by_hand)s
              when k.sheet_code <> all(%(stand_alone)s) and g.stage <> %(returned)s then %(alone)s
              else '' end as why
    from lead_page k
    join todoku_casestage g on g.case_id = k.case_id
    left join todoku_sheet s on s.id = k.sheet_id
    left join todoku_envelope e on e.id = s.envelope_id
)
insert into todoku_keytask (programme_id, case_id, lot_id, page_id, envelope_id, state, arrived_on, made_at, aside_why)
select %(programme)s, case_id, lot_id, id, envelope, case when why = '' then 'first' else 'aside' end, came_on, %(at)s, why
  from judged
 order by lot_on, lot_id, no
returning state
"""


def make_key_tasks(*, programme: Programme, actor: Actor, at: datetime, lot: ScanLot | None = None) -> Report:
    """Makes what is missing, for one lot or for all read lots. Report: done = tasks to key, waiting = set aside."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Two at the same moment would both find the same page without a task.
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"key tasks {programme.pk}"])
        cursor.execute(
            _MAKE,
            {
                "programme": programme.pk,
                "lot": lot.pk if lot else None,
                "sheets": list(KEYED_SHEETS),
                "stand_alone": list(STAND_ALONE),
                "returned": stages.RETURNED,
                "alone": ALONE,
                "twice": TWICE,
                "by_hand": BY_HAND,
                "at": at,
            },
        )
        states = [state for (state,) in cursor.fetchall()]
    return Report(done=states.count("first"), waiting=states.count("aside"))
