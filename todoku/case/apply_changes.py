"""Applies the Version's table to what changed after the base date (異動の反映): lapses, hands over to the new head or
guardian, lets the payment go on, or lists what a person must decide.

Takes what find_changes.py finds over a later roll or list; leaves a LaterChange row for each, the cases that end or go to
another payee with their history. Each change is found once: a second run does nothing.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.case import stages
from todoku.case.change_rules import Standing, phase_of, rule_of, waits_for, who_of
from todoku.case.find_changes import FoundChange, find_changes
from todoku.case.hand_over import Handing, hand_over
from todoku.case.late_tables import LaterChange
from todoku.case.move import move
from todoku.ground.copy_rows import copy_rows, refresh_if_many
from todoku.ground.step import Report
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms
from todoku.registry.base_date import DEATH, MOVED, on_base_date

_COLUMNS = (
    "programme_id", "case_id", "person_id", "event", "who", "phase", "rule", "happened_on", "found_at", "roll_import_id",
    "state", "outcome", "waits_for", "stage_before", "payee_before_id", "payee_after_id", "order", "why", "actor_name",
    "done_at",
)  # fmt: skip
_HOLD = "select case_id from todoku_casestage where case_id = any(%s) order by case_id for update"
WHY_LAPSED = "基準日の後の死亡などにより支給しない（制度の定め）"
# It is the guardian who changes, though the list says so of the child.
CUSTODY = "custody_changed"
_HANDS = ("new_head", "new_guardian")


class _Judged:
    """A change with what the Version rules and whether it can be done now."""

    def __init__(self, found: FoundChange, terms: Terms, today: date) -> None:
        self.found = found
        standing = Standing(found.stage_then, found.stage, found.by_silence)
        self.who = who_of(
            terms.programme.unit, is_payee=found.is_payee or found.event == CUSTODY, is_member=found.is_member,
            members=found.members,
        )  # fmt: skip
        self.phase = phase_of(standing, terms.cohort(found.cohort), found.happened_on or today)
        self.rule = rule_of(terms.eligibility.changes, found.event, self.who, self.phase)
        self.waits = waits_for(self.rule, found.stage, has_successor=found.successor is not None)

    def does(self, *rules: str) -> bool:
        """Whether one of these rules is carried out now."""
        return self.rule in rules and not self.waits

    def row(self, programme: Programme, actor: Actor, at: datetime) -> tuple[Any, ...]:
        """The LaterChange row, in the order of _COLUMNS."""
        one, handed = self.found, self.does(*_HANDS)
        return (
            programme.pk, one.case, one.person, one.event, self.who, self.phase, self.rule, one.happened_on, at, one.roll,
            "waiting" if self.waits else "done", "" if self.waits else self.rule, self.waits, one.stage,
            one.payee if handed else None, one.successor if handed else None, "", "", actor.name,
            None if self.waits else at,
        )  # fmt: skip


def apply_changes(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Report: `done` changes applied by the table, `waiting` those that a person decides; the note says what was done."""
    terms = programme.terms
    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        found = [one for one in _held(programme) if _is_later(one, terms)]
        judged = _first_of_each_case([_Judged(one, terms, localdate(at)) for one in found])
        lapsed = {one.found.case for one in judged if one.does("lapse")}
        handed = {one.found.case: one.found.successor for one in judged if one.does(*_HANDS)}
        copy_rows("todoku_laterchange", _COLUMNS, (one.row(programme, actor, at) for one in judged))
        move(sorted(lapsed), programme=programme, to=stages.LAPSED, why=WHY_LAPSED, actor=actor, at=at)
        handings = [
            Handing(case, payee) for case, payee in handed.items() if payee is not None and case not in lapsed
        ]
        hand_over(handings, programme=programme)
    refresh_if_many(len(judged), "todoku_laterchange")
    waiting = sum(bool(one.waits) for one in judged)
    return Report(
        done=len(judged) - waiting,
        waiting=waiting,
        note=_note(len(judged), len(lapsed), len(handings), waiting),
    )


def _held(programme: Programme) -> list[FoundChange]:
    """What nobody has found before, with the stages kept from every other step until the transaction ends: whoever moves
    such a case at this moment is waited for, and where it then stands is what the rule is held against."""
    cases = sorted({one.case for one in find_changes(programme)})
    if not cases:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [cases])
    held = set(cases)
    return [one for one in find_changes(programme) if one.case in held]


def _is_later(one: FoundChange, terms: Terms) -> bool:
    """Whether it happened after a base date on which the person counted; what came before is a matter of eligibility."""
    if one.event not in ("died", "moved_out") or not one.is_member:
        return True
    reason = DEATH if one.event == "died" else MOVED
    return any(
        on_base_date(day, birth_date=None, moved_in_on=None, left_on=one.happened_on, left_reason=reason)
        for day in terms.base_dates
    )


def _first_of_each_case(judged: Sequence[_Judged]) -> list[_Judged]:
    """One payee for each case: where two changes would both name one, the second waits for a person."""
    handed: set[int] = set()
    for one in judged:
        if one.does(*_HANDS, "lapse"):
            if one.found.case in handed:
                one.waits = "stage"
            handed.add(one.found.case)
    return list(judged)


def _note(found: int, lapsed: int, handed: int, waiting: int) -> str:
    if not found:
        return "新しい異動はありません。"
    parts = [f"{found:,}件の異動を確かめました。"]
    if lapsed:
        parts.append(f"{lapsed:,}件は支給しないことになりました。")
    if handed:
        parts.append(f"{handed:,}件は新しい世帯主・養育する方に引き継ぎました。")
    if waiting:
        parts.append(f"{waiting:,}件は判断が要ります。")
    return "".join(parts)


def waiting_changes(programme: Programme) -> int:
    """How many changes wait for a person."""
    return LaterChange.objects.filter(programme=programme, state="waiting").count()
