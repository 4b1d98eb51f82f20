"""What a decision list says otherwise than the lists before it (前回との違い): who came again, what changed and why, who is gone.

Reads only. Takes a list; gives counts and rows by case. A case new on a list is counted, not named: every row of the
list names it. Supplements (追給) stand on lists of their own and are not compared.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection

from todoku.review.reopen import REASONS
from todoku.review.tables import DecisionList

NEW, SAME, CHANGED, GONE = "new", "same", "changed", "gone"
NAMES = {
    NEW: "新しく載った",
    SAME: "もう一度載った（内容は同じ）",
    CHANGED: "もう一度載った（内容が変わった）",
    GONE: "前の一覧から外れた",
}

# `d` is the row on this list, `e` the row of the same case and part on the last list before it. A row that was taken off
# keeps its amount, and only a refusal has none: so it still tells what had been proposed.
_OUTCOME = "case when {0}.outcome <> 'sent_back' then {0}.outcome when {0}.amount_yen > 0 then 'grant' else 'refuse' end"
_ON_LIST = f"""
select d.case_id, case
         when e.id is null then 'new'
         when ({_OUTCOME.format("e")}, e.reason, e.amount_yen, e.rail, e.account_id)
              is not distinct from (d.outcome, d.reason, d.amount_yen, d.rail, d.account_id) then 'same'
         else 'changed' end as kind,
       {_OUTCOME.format("e")} as was, e.reason as was_reason, e.amount_yen as was_yen, e.account_id as was_account,
       e.decision_list_id as was_on, d.outcome, d.reason, d.amount_yen, d.account_id, e.remark
  from todoku_decision d
  left join lateral (
    select x.* from todoku_decision x join todoku_decisionlist y on y.id = x.decision_list_id and y.kind = 'first'
     where x.case_id = d.case_id and x.part = d.part and x.decision_list_id < d.decision_list_id
     order by x.decision_list_id desc limit 1) e on true
 where d.decision_list_id = %(list)s and d.outcome <> 'sent_back'
"""
# Gone: taken off this list or off one since the last decided list, or pulled back after that decision and not here.
_GONE = f"""
select e.case_id, 'gone' as kind, {_OUTCOME.format("e")} as was, e.reason, e.amount_yen, e.account_id,
       e.decision_list_id, '' as outcome, '' as now_reason, 0::bigint as now_yen, null::bigint as now_account, e.remark
  from todoku_decision e
 where e.id in (
         select x.id from todoku_decision x join todoku_decisionlist y on y.id = x.decision_list_id
          where y.programme_id = %(programme)s and y.kind = 'first' and x.outcome = 'sent_back'
            and x.decision_list_id > %(before)s and x.decision_list_id <= %(list)s
         union
         select max(x.id) from todoku_move m
           join todoku_caseevent v on v.move_id = m.id and v.from_stage = 'decided' and v.to_stage <> 'paying'
           join todoku_decision x on x.case_id = v.case_id and x.part = 1 and not x.in_force and x.outcome <> 'sent_back'
            and x.decision_list_id < %(list)s
          where m.programme_id = %(programme)s and m.at > %(since)s and m.at <= %(until)s
          group by x.case_id)
   and not exists (select 1 from todoku_decision n where n.decision_list_id = %(list)s and n.case_id = e.case_id
                      and n.part = e.part and n.outcome <> 'sent_back')
"""
_COUNTS = f"select kind, count(*) from (({_ON_LIST}) union all ({_GONE})) x group by kind"
# Why: what was said when it left the list before, else why its last round of review was opened, else the order.
_ROWS = f"""
select c.number, x.kind, x.was, x.was_reason, x.was_yen, x.outcome, x.reason, x.amount_yen, x.was_on,
       x.was_account is distinct from x.account_id, x.remark,
       coalesce((select t.reason from todoku_task t where t.case_id = x.case_id order by t.id desc limit 1), ''),
       coalesce((select o.superseded_by_order from todoku_entitlement o
                  where o.case_id = x.case_id and o.part = 1 and o.superseded_by_order <> ''
                  order by o.id desc limit 1), ''), g.stage
  from (select * from (({_ON_LIST}) union all ({_GONE})) y where y.kind in ('same', 'changed', 'gone')) x
  join todoku_case c on c.id = x.case_id
  join todoku_casestage g on g.case_id = x.case_id
 order by x.kind = 'same', c.number
"""


class Difference(NamedTuple):
    """One case that the list before held otherwise: what it said, what this one says, and why."""

    number: str
    kind: str
    was: str
    was_reason: str
    was_yen: int
    outcome: str
    reason: str
    amount_yen: int
    was_on: int
    other_account: bool
    remark: str
    round_reason: str
    order: str
    stage: str

    @property
    def cause(self) -> str:
        """Why, in the words that were said when it was taken back; else what opened its last round of review."""
        said = [self.remark or REASONS.get(self.round_reason, "")]
        if self.was_yen and self.amount_yen and self.was_yen != self.amount_yen and self.order:
            said.append(f"支給予定額を改めた（決裁 {self.order}）")
        return "。".join(part for part in said if part) or "記録なし"


def counts_of(made: DecisionList) -> dict[str, int]:
    """How many cases of each kind of NAMES; {} for a list that is not compared."""
    if made.kind != "first":
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, _values(made))
        found = dict(cursor.fetchall())
    return {kind: found.get(kind, 0) for kind in NAMES}


def differences_of(made: DecisionList, *, limit: int | None = None) -> Iterator[Difference]:
    """The cases that a list before held: changed and gone ones first, each group by number."""
    if made.kind != "first":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"{_ROWS} limit %(limit)s", _values(made) | {"limit": limit})
        for row in cursor.fetchall():
            yield Difference(*row)


def _values(made: DecisionList) -> dict[str, Any]:
    before = (
        DecisionList.objects.filter(programme_id=made.programme_id, state="decided", kind="first", pk__lt=made.pk)
        .order_by("-pk").values_list("pk", "decided_at").first()
    )  # fmt: skip
    return {
        "list": made.pk, "programme": made.programme_id, "before": before[0] if before else 0,
        "since": before[1] if before else made.made_at, "until": made.decided_at or "infinity",
    }  # fmt: skip
