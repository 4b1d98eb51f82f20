"""Orders the next issue for cases that went to another payee after their letter had left (新しい受給者への再送).

Takes cases at a stage that answers, whose key passed to a new issue when they were handed over; leaves one order of
re-issue each, so that the next print run of re-issues carries them. A case not yet invited gets its first letter anyway.
"""

from datetime import datetime

from django.db import connection

from todoku.ground.step import Report
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

WHY = "受給者の変更（基準日の後の異動）"

_ORDER = """
insert into todoku_reissue (case_id, issue, why, at, actor_name)
select c.id, k.issue, %(why)s, %(at)s, %(actor)s
  from todoku_case c
  join todoku_doorkey k on k.case_id = c.id
  join todoku_casestage g on g.case_id = c.id and g.stage in ('invited', 'returned')
 where c.programme_id = %(programme)s
   and exists (select 1 from todoku_laterchange l
                where l.case_id = c.id and l.state <> 'waiting' and l.payee_after_id is not null)
   and not exists (select 1 from todoku_reissue o where o.case_id = c.id and o.issue = k.issue)
   and not exists (select 1 from todoku_letter t
                    where t.case_id = c.id and t.kind in ('form', 'push_notice') and t.occasion = k.issue)
"""


def reissue_for_new_payees(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Report: `done` letters ordered. Safe to run twice."""
    with connection.cursor() as cursor:
        cursor.execute(_ORDER, {"programme": programme.pk, "why": WHY, "at": at, "actor": actor.name})
        done = cursor.rowcount
    return Report(done=done, note=f"{done:,}件を新しい受給者に送り直します。" if done else "")
