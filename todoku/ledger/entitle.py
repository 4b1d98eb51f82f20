"""Decisions into the books: what was granted is owed (支給決定), what went out of force is owed no more (取消し).

Takes decisions just made or just put out of force; the room of review calls it in its own transaction. A decision is
booked in the fiscal year of its day; when a batch of another year pays it, payment moves it there.
"""

from datetime import datetime

from django.db import connection
from django.utils.timezone import localdate

from todoku.formats.fiscal_year import fiscal_year
from todoku.ledger.appropriate import ask_available
from todoku.ledger.post import Posted, Rows, post
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

# The year in which a case's debt stands: a batch may have moved it, and come back from the bank unsent. `first`: an order
# that goes before the youngest year.
STANDS_IN = """
select x.fiscal_year from todoku_ledgerentry x
 where x.case_id = {case} and (x.debit = 'owed' or x.credit = 'owed')
 group by 1 having sum(case when x.debit = 'owed' then x.amount_yen else -x.amount_yen end) >= {yen}
 order by {first}1 desc limit 1
"""
_STILL_OWED = f"""
select e.subject_id, e.case_id, e.amount_yen, y.fiscal_year
  from todoku_ledgerentry e
  join lateral ({STANDS_IN.format(case="e.case_id", yen="e.amount_yen", first="")}) y on true
 where e.programme_id = %s and e.kind = 'entitlement' and e.subject_kind = 'decision' and e.subject_id in ({{chosen}})
"""


def entitle(decisions: Rows, *, programme: Programme, actor: Actor, at: datetime) -> Posted:
    """Books granted decisions as owed. `decisions`: a query of (decision, case, yen) of grants alone.

    Raises MoreThanAppropriated, before anything is written, where the budget does not cover what is not booked yet.
    """
    year = fiscal_year(localdate(at))
    new = (
        f"select q.* from ({decisions.sql}) as q(decision_id, case_id, amount_yen) where not exists (select 1 from"
        " todoku_ledgerentry e where e.subject_kind = 'decision' and e.subject_id = q.decision_id"
        " and e.kind = 'entitlement')"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"select coalesce(sum(amount_yen), 0)::bigint from ({new}) n", list(decisions.parameters)
        )
        (yen,) = cursor.fetchone()
    ask_available(programme, fiscal_year=year, amount_yen=yen)
    rows = Rows(f"select n.*, {year:d}::smallint from ({new}) n", decisions.parameters)
    return post("entitlement", rows, programme=programme, subject_kind="decision", actor=actor, at=at)


def withdraw(decisions: Rows, *, programme: Programme, actor: Actor, at: datetime, reason: str) -> Posted:
    """Books decisions that went out of force as available again. `decisions`: a query of the one column decision.

    What is owed no more, because it went to the bank, stays where it is: only its return brings it back.
    """
    rows = Rows(_STILL_OWED.format(chosen=decisions.sql), [programme.pk, *decisions.parameters])
    return post(
        "withdrawal", rows, programme=programme, subject_kind="decision", actor=actor, at=at, reason=reason
    )
