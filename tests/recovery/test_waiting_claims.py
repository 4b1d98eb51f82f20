"""Which claims wait for somebody: the query of the first pages says of each, on each day, what its clock says of one."""

from datetime import date

from django.db import connection

from tests.recovery.conftest import DUE, Recovery
from todoku.recovery.ask_for_payment import remind
from todoku.recovery.claim_facts import facts_of, with_facts
from todoku.recovery.dispute import dispute
from todoku.recovery.plan import equal_parts, plan
from todoku.recovery.steps import next_step, overdue_since
from todoku.recovery.tables import Claim
from todoku.recovery.waiting_claims import WAITING_CLAIMS

FIRST = date(2027, 2, 26)
ASKS = {"返還請求書と納付書を送る", "督促状を送る", "催告する（応じないときは徴収停止・訴訟などを検討）"}


def waiting(recovery: Recovery, day: date) -> dict[int, date]:
    with connection.cursor() as cursor:
        cursor.execute(WAITING_CLAIMS, {"p": recovery.programme.pk, "today": day})
        return {claim: since for claim, _, since in cursor.fetchall()}


def by_the_clock(day: date) -> dict[int, date]:
    found = {one: facts_of(one) for one in with_facts(Claim.objects.all())}
    return {
        one.pk: overdue_since(facts, day) or facts.opened_on
        for one, facts in found.items()
        if next_step(facts, day).words in ASKS
    }


def planned(recovery: Recovery, place: int, yen: int, paid_yen: int = 0) -> Claim:
    claim = recovery.noticed(place, amount_yen=yen)
    if paid_yen:
        recovery.pay(claim, paid_yen, f"領-{claim.pk}")
    plan(claim, equal_parts(yen - paid_yen, 3, FIRST), actor=recovery.staff["officer"], at=recovery.at)
    return claim


def test_the_query_and_the_clock_agree_on_every_claim_and_day(recovery: Recovery) -> None:
    manager = recovery.staff["manager"]
    to_send, overdue = recovery.claim(amount_yen=10_000), recovery.noticed(amount_yen=10_000)
    kept, broken = planned(recovery, 1, 30_000), planned(recovery, 1, 30_000)
    after_a_part = planned(recovery, 2, 20_000, paid_yen=5_000)
    disputed, reminded = recovery.noticed(2, amount_yen=10_000), recovery.noticed(3, amount_yen=10_000)
    dispute(disputed, why="申立て", actor=manager, at=recovery.at)
    assert waiting(recovery, DUE) == by_the_clock(DUE) == {to_send.pk: recovery.at.date()}
    recovery.on(date(2027, 1, 30))
    remind(reminded, kind="reminder", due_on=FIRST, actor=manager, at=recovery.at)
    recovery.on(date(2027, 2, 20))
    recovery.pay(kept, 10_000, "領-1")
    recovery.pay(after_a_part, 4_000, "領-2")
    seen = {}
    for day in (
        date(2027, 1, 30),
        FIRST,
        date(2027, 2, 27),
        date(2027, 3, 26),
        date(2027, 3, 27),
        date(2027, 5, 1),
    ):
        seen[day] = waiting(recovery, day)
        assert seen[day] == by_the_clock(day), day
    assert overdue.pk in seen[FIRST] and broken.pk not in seen[FIRST] and reminded.pk not in seen[FIRST]
    late = seen[date(2027, 2, 27)]
    assert kept.pk not in late and {broken.pk, after_a_part.pk, reminded.pk} <= late.keys()
    assert late[broken.pk] == FIRST and disputed.pk not in late
    assert seen[date(2027, 3, 27)][kept.pk] == date(2027, 3, 26), "the second part was not paid"
