"""Ends returned applications (返戻) that nobody answered: by the rule of the terms, or by the municipality's order.

Takes cases at RETURNED whose letters were posted and whose days have run out; moves them to LAPSED. Whoever no letter
reached, and people under 支援措置, never end by a rule: they stay on the municipality's list.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.case import stages
from todoku.case.move import move
from todoku.case.tables import Case
from todoku.ground.step import Refusal, Report
from todoku.letters.waiting import SET_ASIDE, withheld
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.rounds.return_letters import OPEN_RETURNS, SECOND_DAYS

LAPSE = "lapse"


class NoOrder(Refusal):
    """The municipality ends a case by an order that has a number."""


class NotOverdue(Refusal):
    """One of the cases was answered meanwhile, or its days have not run out."""


class Overdue(NamedTuple):
    """A returned case whose days have run out: when it was asked, when asked again, since when overdue, and what keeps a
    rule from ending it (words of waiting.SET_ASIDE; "" for nothing)."""

    case_id: int
    number: str
    posted_on: date
    reminded_on: date | None
    since: date
    kept: str
    codes: tuple[str, ...]


def close_unanswered(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """By the rule, where the terms have one: done = ended, waiting = left to the municipality."""
    found = overdue_returns(programme, localdate(at))
    ended = [one.case_id for one in found if not one.kept] if programme.terms.returns.closing == LAPSE else []
    days = programme.terms.returns.close_after_days
    with transaction.atomic():
        move(
            ended, programme=programme, to=stages.LAPSED, why=f"返戻の手紙から{days}日、お答えがない（制度の定め）",
            actor=actor, at=at,
        )  # fmt: skip
    return Report(done=len(ended), waiting=len(found) - len(ended))


def close_by_order(
    cases: Sequence[int], *, programme: Programme, order: str, actor: Actor, at: datetime
) -> Report:
    """By the municipality's order, all or none. Raises NoOrder or NotOverdue."""
    if not order.strip():
        raise NoOrder("期限切れとする決裁の番号を入力してください。")
    with transaction.atomic():
        overdue = {one.case_id for one in overdue_returns(programme, localdate(at))}
        if not cases or not overdue.issuperset(cases):
            raise NotOverdue(
                "お答えの届いた案件か、まだ期限の来ない案件が含まれています。一覧を開き直して、選び直してください。"
            )
        moved = move(
            list(cases), programme=programme, to=stages.LAPSED, why=f"返戻にお答えがない（決裁 {order.strip()}）"[:100],
            actor=actor, at=at,
        )  # fmt: skip
    return Report(done=moved)


def overdue_returns(programme: Programme, today: date) -> list[Overdue]:
    """Returned cases whose days have run out, oldest first; none where the terms set no such day.

    Where the terms ask a second time, the days run from that letter too: nobody ends who was not asked twice.
    """
    returns = programme.terms.returns
    if not returns.close_after_days:
        return []
    with connection.cursor() as cursor:
        cursor.execute(OPEN_RETURNS, [programme.pk])
        rows = cursor.fetchall()
    ends = {}
    for case, _occasion, codes, _letter, posted_on, reminded_on, _reminder in rows:
        if returns.remind_after_days and reminded_on is None:
            continue
        last = posted_on + timedelta(days=returns.close_after_days)
        if reminded_on:
            last = max(last, reminded_on + timedelta(days=SECOND_DAYS))
        if last < today:
            ends[case] = (posted_on, reminded_on, last + timedelta(days=1), tuple(codes))
    kept = {one.case_id: SET_ASIDE[one.reason] for one in withheld(list(ends))}
    numbers = dict(Case.objects.filter(pk__in=list(ends)).values_list("pk", "number"))
    found = [
        Overdue(case, numbers[case], posted, reminded, since, kept.get(case, ""), codes)
        for case, (posted, reminded, since, codes) in ends.items()
    ]
    return sorted(found, key=lambda one: (one.since, one.number))
