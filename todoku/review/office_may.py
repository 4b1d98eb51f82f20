"""Whether a verdict is the office's to give (事務局の判定): what the agreed criteria leave to the municipality is asked there.

Takes a task and the verdict that is about to be given; passes, or refuses with the remedy. Where the municipality has ruled,
the office gives the verdict of the ruling and no other. Writes nothing.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.utils.timezone import localdate

from todoku.case.late_tables import LaterChange
from todoku.ground.step import Refusal
from todoku.programme.standard import agreed
from todoku.review.codes import code_words
from todoku.review.ruling_tables import RulingUse
from todoku.review.tables import Finding, Question, Task
from todoku.review.who_decides import Unmet, of_the_municipality

# What the office gives → the ruling that lets it, where the municipality decides.
RULED = {"approve": "grant", "return": "return", "refuse": "refuse"}
CHANGED = "D43"


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
    kept = reserved(task, outcome, codes)
    if not kept:
        return
    rulings = _rulings(task, at)
    if left := {code for code, since in kept.items() if not _covered(code, since, RULED[outcome], rulings)}:
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


def reserved(task: Task, outcome: str, codes: Collection[str] = ()) -> dict[str, datetime | None]:
    """The codes of this verdict that the municipality decides about, and when each was found (None: by this verdict).

    An approval is about everything that holds the application up; a refusal about its reason; a return only where it names
    nothing but such codes, since what else it asks for is the office's to ask.
    """
    rows = Finding.objects.filter(submission=task.submission_id).exclude(severity="note")
    found = {code: (evidence, at) for code, evidence, at in rows.values_list("code", "evidence", "at")}
    named = found.keys() if outcome == "approve" else codes
    unmet = [Unmet(code, found[code][0] if code in found else {}) for code in named]
    kept = of_the_municipality(unmet, agreed(task.programme.terms.criteria))
    if outcome == "return" and kept != frozenset(named):
        return {}
    return {code: found[code][1] if code in found else None for code in kept if not _settled(task, code)}


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
