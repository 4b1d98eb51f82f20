"""Adds children born after the base date to the household's open case (出生による加算), where the terms pay for them.

Takes a later roll with the newborn in the household; leaves the child a member, and the right amount in the place of the
old one, which stays beside it. What is decided already is only counted: a supplement (追給) is an order of its own.
"""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from todoku.case.change_rules import BEFORE_DECISION
from todoku.case.due import judge
from todoku.case.hand_over import renew_keys
from todoku.case.members import members_of
from todoku.case.roll_member import born_later
from todoku.case.stages import LISTED
from todoku.ground.step import Report
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

WHY = "基準日の後に生まれた児童の加算"

# Born after the base date, in the household of an open case by the latest roll, and counted nowhere yet.
_BORN = """
select c.id, c.recipient_id, s.stage, e.amount_yen, p.id, p.birth_date, p.relation
  from todoku_person p
  join todoku_recipient r on r.programme_id = p.programme_id and r.payout = %(payout)s and r.unit_number = ''
                         and r.household_number = p.household_number
  join todoku_case c on c.programme_id = p.programme_id and c.payout = %(payout)s and c.recipient_id = r.id
  join todoku_casestage s on s.case_id = c.id and s.stage not in ('refused', 'declined', 'lapsed')
  join todoku_entitlement e on e.case_id = c.id and e.part = 1 and e.superseded_by_order = ''
 where p.programme_id = %(programme)s and p.in_latest_roll and p.birth_date > %(base_date)s and p.left_reason = ''
   and not exists (select 1 from todoku_member m where m.programme_id = p.programme_id and m.payout = %(payout)s
                                                   and m.person_id = p.id and m.superseded_by_order = '')
 order by c.id, p.id
"""
_MEMBERS = """
insert into todoku_member (programme_id, payout, recipient_id, person_id, relation, superseded_by_order)
select %(programme)s, %(payout)s, q.recipient, q.person, q.relation, ''
  from unnest(%(recipients)s::bigint[], %(persons)s::bigint[], %(relations)s::text[]) as q(recipient, person, relation)
"""
_SUPERSEDE = """
update todoku_entitlement set superseded_by_order = %(order)s
 where case_id = any(%(cases)s) and part = 1 and superseded_by_order = ''
"""
_AMOUNTS = """
insert into todoku_entitlement (case_id, programme_id, payout, recipient_id, version_id, part, amount_yen, member_count,
                                why, superseded_by_order)
select c.id, c.programme_id, c.payout, c.recipient_id, %(version)s, 1, q.yen, q.members, %(why)s, ''
  from unnest(%(cases)s::bigint[], %(yens)s::bigint[], %(counts)s::int[]) as q(case_id, yen, members)
  join todoku_case c on c.id = q.case_id
"""


class _Born(NamedTuple):
    case: int
    recipient: int
    stage: str
    amount_yen: int
    person: int
    birth_date: Any
    relation: str


class _Grown(NamedTuple):
    """One case with its newborns and what is due with them."""

    born: list[_Born]
    yen: int
    members: int


def add_newborns(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Report: `done` cases with a higher amount, `waiting` those decided already, for which a supplement is to be ordered."""
    terms = programme.terms
    if terms.programme.unit != "household":
        return Report()
    with transaction.atomic():
        Programme.objects.select_for_update().get(pk=programme.pk)
        done = waiting = 0
        for payout in (1, *(one.number for one in terms.payouts)):
            grown = _grown(programme, payout)
            open_still = [one for one in grown if one.born[0].stage in BEFORE_DECISION]
            if open_still:
                _write(open_still, programme, payout, at)
            done, waiting = done + len(open_still), waiting + len(grown) - len(open_still)
    note = f"{done:,}件に、基準日の後に生まれた児童を加えました。" if done else ""
    if waiting:
        note += f"{waiting:,}件は決定の後のため、追給の手続きが要ります。"
    return Report(done=done, waiting=waiting, note=note)


def _grown(programme: Programme, payout: int) -> list[_Grown]:
    """The cases of one payout whose amount is higher with the newborns than without."""
    terms = programme.terms
    with connection.cursor() as cursor:
        cursor.execute(
            _BORN, {"programme": programme.pk, "payout": payout, "base_date": terms.programme.base_date}
        )
        rows = [_Born(*row) for row in cursor.fetchall()]
    by_case: dict[int, list[_Born]] = {}
    for row in rows:
        by_case.setdefault(row.case, []).append(row)
    members = members_of([born[0].recipient for born in by_case.values()])
    together = [
        (
            [line.rule for line in members.get(born[0].recipient, [])]
            + [born_later(one.birth_date) for one in born],
            False,
        )
        for born in by_case.values()
    ]
    dues = judge(together, terms, payout, paid_before=payout > 1)
    return [
        _Grown(born, due.amount_yen, due.member_count)
        for born, due in zip(by_case.values(), dues, strict=True)
        if due.amount_yen > born[0].amount_yen
    ]


def _write(grown: list[_Grown], programme: Programme, payout: int, at: datetime) -> None:
    born = [child for one in grown for child in one.born]
    cases = [one.born[0].case for one in grown]
    values: dict[str, Any] = {
        "programme": programme.pk, "payout": payout, "version": programme.version.pk, "why": WHY,
        "order": f"{WHY}（名簿 {at:%Y-%m-%d}）",
        "recipients": [one.recipient for one in born], "persons": [one.person for one in born],
        "relations": [one.relation for one in born], "cases": cases, "yens": [one.yen for one in grown],
        "counts": [one.members for one in grown],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, values)
        cursor.execute(_SUPERSEDE, values)
        assert cursor.rowcount == len(cases), "every case had one amount"
        cursor.execute(_AMOUNTS, values)
    # A form printed with the old amount, and not yet posted, has another issue from now on: it is pulled.
    renew_keys([one.born[0].case for one in grown if one.born[0].stage == LISTED], programme=programme)
