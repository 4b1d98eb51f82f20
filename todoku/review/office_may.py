"""Whether a verdict is the reviewers' to give (事務局の判定): what the agreed criteria leave to the municipality is asked there,
what they leave to the manager (業務責任者) is seen by one.

Takes a task and the verdict that is about to be given; passes, or refuses with the remedy. Where the municipality has ruled,
the office gives the verdict of the ruling and no other. Writes nothing; migrations/sql/deciders.sql holds verdicts to the
same.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import Q
from django.utils.timezone import localdate

from todoku.case.late_tables import LaterChange
from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.review.codes import code_words
from todoku.review.reopen import FAST
from todoku.review.ruling_tables import RulingUse
from todoku.review.tables import Finding, Question, Task, Verdict
from todoku.review.who_decides import MANAGER, MUNICIPALITY, TWO_PERSONS, Unmet, decider_of

# What the office gives → the ruling that lets it, where the municipality decides. Nothing is paid to who declines.
RULED = {"approve": "grant", "return": "return", "refuse": "refuse", "decline": "refuse"}
CHANGED, DECLINED = "D43", "D50"


# A code that holds an application up, what is said of it, and since when it is known (None: by this verdict).
Held = tuple[str, Mapping[str, object], datetime | None]


class NotForTheOffice(Refusal):
    """By the agreed criteria the municipality decides this, and it has not been asked or has ruled otherwise."""


class _Ruled(NamedTuple):
    """What the municipality said of this application: the outcome, and the codes for which it holds (None: all found then)."""

    outcome: str
    codes: frozenset[str] | None
    at: datetime


def ask_office_may(task: Task, outcome: str, codes: Collection[str], at: datetime) -> None:
    """Passes where the office itself may give this verdict. Raises NotForTheOffice."""
    if outcome not in RULED:
        return
    if left := left_to(MUNICIPALITY, task, outcome, codes, at):
        rulings = _rulings(task, at)
        otherwise = any(one.outcome != RULED[outcome] for one in rulings)
        why = (
            "自治体の裁定と違う判定です。裁定のとおりに判定するか、"
            if otherwise
            else "事務局では判定できません。「責任者へ照会」を選び、"
        )
        then = (
            "「責任者へ照会」であらためて確かめてください。"
            if otherwise
            else "確かめたいことを書いて送ってください。"
        )
        raise NotForTheOffice(
            f"審査基準で自治体が決めることになっています（{code_words(sorted(left))}）。{why}{then}"
        )


def left_to_manager(
    task: Task, outcome: str, codes: Collection[str], actor: Actor, at: datetime
) -> frozenset[str]:
    """The codes for which this verdict needs the manager's word as well: none where the actor is one, or whoever looked first
    in this round is; where this look is only there because the one before was fast, whoever looked then. Raises
    NotForTheOffice where a second look that was not the manager's would conclude it."""
    if outcome not in RULED or MANAGER in actor.roles:
        return frozenset()
    left = left_to(MANAGER, task, outcome, codes, at)
    if not left:
        return left
    rounds = (task.round - 1, task.round) if task.reason == FAST else (task.round,)
    looked = Verdict.objects.filter(submission=task.submission_id, round__in=rounds, undone_at__isnull=True)
    if any(is_manager(who, task.programme_id) for who in looked.values_list("staff_id", flat=True)):
        return frozenset()
    looked = looked.filter(round=task.round)
    if task.step == 2 and looked.filter(step=1, outcome=outcome, codes=list(codes)).exists():
        raise NotForTheOffice(
            f"審査基準で業務責任者が決めることになっています（{code_words(sorted(left))}）。"
            "「引継ぎ」で業務責任者に渡してください。"
        )
    return left


def is_manager(staff_id: int, programme_id: int) -> bool:
    """Whether somebody holds the manager's role, or acts for who does: asked of the database, as its own guards ask."""
    with connection.cursor() as cursor:
        cursor.execute("select holds_role(%s, 'manager', %s)", [staff_id, programme_id])
        return bool(cursor.fetchone()[0])


def left_to(decider: str, task: Task, outcome: str, codes: Collection[str], at: datetime) -> frozenset[str]:
    """The codes of this verdict that the decider decides about and that no ruling of the municipality covers.

    An approval is about everything that holds the application up, a decline about the box for declining, a refusal about its
    reason; a return only where it names nothing that the office asks for anyway.
    """
    found = _found(task)
    if outcome == "approve":
        named = {code for code, _, _ in found}
    else:
        named = {DECLINED} & {code for code, _, _ in found} if outcome == "decline" else set(codes)
    unset: list[Held] = [(code, {}, None) for code in named - {code for code, _, _ in found}]
    deciders = task.programme.version.deciders
    decided = [
        (code, decider_of(Unmet(code, evidence), deciders), since)
        for code, evidence, since in [*found, *unset]
        if code in named
    ]
    if outcome == "return" and any(by == TWO_PERSONS for _, by, _ in decided):
        return frozenset()
    mine = [(code, since) for code, by, since in decided if by == decider and not _settled(task, code)]
    rulings = _rulings(task, at) if mine else []
    return frozenset(code for code, since in mine if not _covered(code, since, RULED[outcome], rulings))


def _found(task: Task) -> list[Held]:
    """What holds the application up: code, what is said of it, and since when it is known."""
    rows = Finding.objects.filter(submission=task.submission_id).exclude(severity="note")
    return list(rows.values_list("code", "evidence", "at"))


def _settled(task: Task, code: str) -> bool:
    """A change after the base date (異動) that the Version's table or the municipality's order has settled."""
    return code == CHANGED and LaterChange.objects.filter(case=task.case_id, state="done").exists()


def _rulings(task: Task, at: datetime) -> list[_Ruled]:
    """The answer to the last question about this application, then the rulings laid beside it that still hold."""
    asked = (
        Question.objects.filter(submission=task.submission_id, state="answered")
        .order_by("-answered_at")
        .first()
    )
    answers = [_Ruled(asked.ruling, None, asked.answered_at)] if asked and asked.answered_at else []
    laid = RulingUse.objects.filter(
        Q(ruling__ended_on__isnull=True) | Q(ruling__ended_on__gt=localdate(at)),
        submission=task.submission_id,
    ).exclude(way="question")
    return answers + [
        _Ruled(outcome, frozenset(codes), when)
        for outcome, codes, when in laid.order_by("-at").values_list("ruling__outcome", "ruling__codes", "at")
    ]


def _covered(code: str, since: datetime | None, wanted: str, rulings: Collection[_Ruled]) -> bool:
    """Whether a ruling of this outcome holds for a code that was found then; one set by hand is the verdict's own reason."""
    return any(
        one.outcome == wanted
        and (one.codes is None and (since is None or since <= one.at) or code in (one.codes or ()))
        for one in rulings
    )
