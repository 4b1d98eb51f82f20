"""The hand-overs between the rooms in counts: what came in is done, waits, or was set aside; each term counted on its own.

Reads only. The terms of one line are separate counts of rows, so that a line that does not balance shows a fault
instead of hiding it in a remainder.
"""

from typing import NamedTuple

from django.db import connection

from todoku.programme.tables import Programme


class HandOver(NamedTuple):
    """One hand-over (受け渡し): its key, its name, the four words of its sum and the four counts."""

    key: str
    name: str
    words: tuple[str, str, str, str]
    unit: str
    came_in: int
    done: int
    waiting: int
    set_aside: int

    @property
    def balances(self) -> bool:
        return self.came_in == self.done + self.waiting + self.set_aside


LINES: tuple[tuple[str, str, tuple[str, str, str, str], str], ...] = (
    ("opened", "名簿 → 案件", ("世帯", "案件作成", "未作成", "対象外"), "世帯"),
    ("dispatched", "案件 → 発送", ("案件", "発送済", "発送前", "発送せず終了・受付"), "件"),
    ("applied", "発送 → 申請", ("発送済", "申請あり", "到着待ち", "不着・辞退・期限切れ"), "件"),
    ("reviewed", "申請 → 審査", ("申請", "審査済", "審査待ち・審査中", "重複・差し替え・照会中"), "件"),
    ("decided", "審査 → 決定", ("審査済", "決定済", "決定待ち", "差し戻し"), "件"),
    ("sent", "決定 → 振込依頼", ("支給決定", "振込依頼済", "振込待ち", "差し戻し"), "件"),
    ("paid", "振込依頼 → 支給", ("振込依頼済", "支給済", "結果待ち", "振込不能"), "件"),
)

_COUNTS = """
with cases as (
  select c.id, g.stage, i.case_id is not null as invited, s.case_id is not null as applied,
         u.case_id is not null as undelivered
    from todoku_case c
    join todoku_casestage g on g.case_id = c.id
    left join (select distinct case_id from todoku_caseevent where to_stage = 'invited') i on i.case_id = c.id
    left join (select distinct case_id from todoku_submission where programme_id = %(p)s) s on s.case_id = c.id
    left join (select distinct l.case_id from todoku_undelivered x join todoku_letter l on l.id = x.letter_id) u
      on u.case_id = c.id
   where c.programme_id = %(p)s
), recipients as (
  select c.id is not null as opened, n.id is not null as not_due
    from todoku_recipient r
    left join todoku_case c on c.programme_id = r.programme_id and c.payout = r.payout and c.recipient_id = r.id
    left join todoku_notdue n on n.programme_id = r.programme_id and n.payout = r.payout and n.recipient_id = r.id
   where r.programme_id = %(p)s
), applications as (
  select s.state, t.submission_id is not null as in_work, q.submission_id is not null as asked
    from todoku_submission s
    left join (select distinct submission_id from todoku_task where programme_id = %(p)s and state in ('open', 'held'))
      t on t.submission_id = s.id
    left join (select distinct submission_id from todoku_question where programme_id = %(p)s and answered_at is null)
      q on q.submission_id = s.id
   where s.programme_id = %(p)s
), proposals as (
  select g.stage, d.case_id is not null as decided
    from todoku_proposal p
    join todoku_case c on c.id = p.case_id
    join todoku_casestage g on g.case_id = c.id
    left join todoku_decision d on d.case_id = c.id and d.in_force
   where c.programme_id = %(p)s
), decisions as (
  select g.stage, t.decision_id is not null as sent
    from todoku_decision d
    join todoku_case c on c.id = d.case_id
    join todoku_casestage g on g.case_id = c.id
    left join (select distinct decision_id from todoku_transfer
                where programme_id = %(p)s and state in ('sent', 'settled', 'returned')) t on t.decision_id = d.id
   where c.programme_id = %(p)s and d.in_force and d.outcome = 'grant'
), transfers as (
  select state from todoku_transfer where programme_id = %(p)s and state in ('sent', 'settled', 'returned')
)
select 'opened', count(*), count(*) filter (where opened), count(*) filter (where not opened and not not_due),
       count(*) filter (where not opened and not_due) from recipients
union all
select 'dispatched', count(*), count(*) filter (where invited), count(*) filter (where stage = 'listed'),
       count(*) filter (where stage <> 'listed' and not invited) from cases
union all
select 'applied', count(*) filter (where invited), count(*) filter (where invited and applied),
       count(*) filter (where stage = 'invited' and not applied and not undelivered),
       count(*) filter (where invited and not applied and (stage <> 'invited' or undelivered)) from cases
union all
select 'reviewed', count(*), count(*) filter (where state = 'screened' and not in_work and not asked),
       count(*) filter (where state in ('sent', 'received') or (state = 'screened' and in_work)),
       count(*) filter (where state in ('not_counted', 'superseded') or (state = 'screened' and asked and not in_work))
  from applications
union all
select 'decided', count(*), count(*) filter (where decided), count(*) filter (where stage = 'passed' and not decided),
       count(*) filter (where stage <> 'passed' and not decided) from proposals
union all
select 'sent', count(*), count(*) filter (where sent), count(*) filter (where not sent and stage = 'decided'),
       count(*) filter (where not sent and stage <> 'decided') from decisions
union all
select 'paid', count(*), count(*) filter (where state = 'settled'), count(*) filter (where state = 'sent'),
       count(*) filter (where state = 'returned') from transfers
"""


def hand_overs(programme: Programme) -> list[HandOver]:
    """Every hand-over of a programme in journey order, counted in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"p": programme.pk})
        counts = {row[0]: row[1:] for row in cursor.fetchall()}
    return [HandOver(key, name, words, unit, *counts[key]) for key, name, words, unit in LINES]
