"""One person's open work goes to another (引継ぎ), by name where it is held by name; a person who leaves is out that evening.

Takes two people of one organisation and who orders it; leaves the work with the successor, or on the pile where the
successor's hands were on it already, and a Succession on record. Rulings, questions and approvals go with the role.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.ground.step import Refusal
from todoku.intake.tables import KeyTask
from todoku.payment.side_tables import Hold
from todoku.people.access import ACTIONS, ROLES, may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.people.retire import end_grants
from todoku.people.tables import Staff, Succession, roles_held
from todoku.programme.tables import Programme
from todoku.recovery.objection_tables import Objection
from todoku.review.hand_on import judgeable, move_work
from todoku.rounds.open_work import held_by_name, roles_here, waiting_for_roles


class CannotSucceed(Refusal):
    """The work cannot go from this person to that one."""


def succeed(
    leaver: Staff, successor: Staff, *, programme: Programme, leaves_on: date | None = None, note: str = "", actor: Actor,
    at: datetime,
) -> Succession:  # fmt: skip
    """Hands over everything in the programme's municipality; `leaves_on` ends the leaver's roles with that day."""
    _ask(leaver, successor, actor)
    if leaves_on and leaves_on < localdate(at):
        raise CannotSucceed("最後の日は、今日かそれより後にしてください。")
    with transaction.atomic():
        handed: dict[str, int] = {}
        for one in Programme.objects.filter(municipality_id=programme.municipality_id):
            if leaves_on:
                _ask_roles(one, leaver, leaves_on)
            for kind, count in _hand_over(one, leaver, successor, actor, at).items():
                handed[kind] = handed.get(kind, 0) + count
        if leaves_on:
            end_grants(leaver, on=leaves_on, actor=actor, at=at)
        assert actor.id is not None
        made = Succession.objects.create(
            leaver=leaver, successor=successor, municipality_code=programme.municipality_id, leaves_on=leaves_on,
            note=note.strip(), handed=handed, by_id=actor.id, at=at,
        )  # fmt: skip
        record_look(
            actor=actor, action="succession.make", subject_kind="staff", subject_id=leaver.pk, at=at,
            programme_slug=programme.slug,
        )  # fmt: skip
    return made


def _ask(leaver: Staff, successor: Staff, actor: Actor) -> None:
    if actor.id is None or not actor.roles & ACTIONS["succession.make"]:
        raise CannotSucceed("引継ぎを決められるのは、業務責任者と自治体の担当課です。")
    if leaver.pk == successor.pk or not successor.is_active:
        raise CannotSucceed("引き継ぐ相手は、利用中の別の人にしてください。")
    orders = Staff.objects.get(pk=actor.id)
    if len({leaver.organisation_id, successor.organisation_id, orders.organisation_id}) != 1:
        raise CannotSucceed("引継ぎは同じ所属の人どうしで、その所属の責任者が決めます。")


def _ask_roles(programme: Programme, leaver: Staff, leaves_on: date) -> None:
    """Nothing that waits for a role may be left without anybody who holds it."""
    leaving = {role for role, _ in roles_held(leaver.pk, on=leaves_on, codes=[programme.municipality_id])}
    others: set[str] = set()
    for pk, roles in roles_here(programme, leaves_on).items():
        others |= roles if pk != leaver.pk else set()
    alone = sorted({pile.role for pile in waiting_for_roles(programme, leaving)} - others)
    if alone:
        names = "・".join(ROLES[role].name for role in alone)
        raise CannotSucceed(
            f"{names}の仕事が残っていますが、{leaver.name}さんのほかにその役割の人がいません。"
            "先に後任の役割を登録してください（./run todoku enrol）。"
        )


def _hand_over(
    programme: Programme, leaver: Staff, successor: Staff, actor: Actor, at: datetime
) -> dict[str, int]:
    rows: dict[str, list[int]] = {}
    for piece in held_by_name(programme, [leaver.pk]):
        rows.setdefault(piece.kind, []).append(piece.row)
    looks = rows.get("review", []) + rows.get("review_for", [])
    _hand_looks(looks, programme, successor, actor, at)
    KeyTask.objects.filter(pk__in=rows.get("keying", []), claimed_id=leaver.pk).update(
        claimed_id=None, claimed_at=None
    )
    holds = Hold.objects.filter(pk__in=rows.get("hold", []), owner_id=leaver.pk, closed_at__isnull=True)
    here = frozenset(
        role for role, _ in roles_held(successor.pk, on=localdate(at), codes=[programme.municipality_id])
    )
    holds.update(owner=successor if may(here, "hold.close") or may(here, "hold.open") else None)
    objections = Objection.objects.filter(
        pk__in=rows.get("objection", []), assignee_id=leaver.pk, state="assigned"
    )
    if may(here, "objection.answer"):
        objections.update(assignee=successor)
    else:
        objections.update(assignee=None, state="received")
    return {kind: len(found) for kind, found in rows.items()}


def _hand_looks(
    tasks: Sequence[int], programme: Programme, successor: Staff, actor: Actor, at: datetime
) -> None:
    """Looks go to the successor, those that the successor may not judge to the pile of everybody."""
    if not tasks:
        return  # a programme that is being prepared has no terms to ask yet
    fit = judgeable(tasks, successor, programme)
    rest = sorted(set(tasks) - set(fit))
    if fit:
        move_work(fit, programme=programme, to=successor, words="引継ぎ", actor=actor, at=at)
    if rest:
        move_work(rest, programme=programme, words="引継ぎ", actor=actor, at=at)
