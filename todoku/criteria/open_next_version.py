"""Opens a Version of a running programme (版の改正の開始): through the gate, after a trial, and with the re-screening begun.

Takes an unopened Version; leaves it open and, where cases stand in review, the long work that brings them to its terms.
"""

from datetime import datetime

from django.db import transaction

from todoku.criteria.open_version import CannotOpen, open_version
from todoku.criteria.revise_version import barriers
from todoku.ground import long_work
from todoku.people.actor import Actor
from todoku.programme.tables import Programme, Version
from todoku.review.rescreen_cases import count_cases_behind
from todoku.review.rescreen_rows import count_behind
from todoku.review.rescreen_tables import Rescreening


class NotTried(CannotOpen):
    """Nobody has seen yet what these terms change for the cases that are open."""


def open_next_version(version: Version, *, actor: Actor, at: datetime, sha256: str = "") -> Version:
    """Opens it as `open_version` does, whose refusals it raises; NotTried where open cases were not tried on this very text."""
    if version.opened_at is not None:
        return version
    behind = open_cases_behind(version) or due_cases_behind(version)
    if behind and tried(version) is None:
        raise NotTried(
            f"決定していない{behind:,}件などにどのような違いが出るかを、まだ試していません。「版の改正」で試行してから開始してください。"
        )
    found = barriers(version.programme, version.terms) if version.number > 1 else ()
    if found:
        raise CannotOpen("\n".join(one.sentence for one in found))
    with transaction.atomic():
        opened = open_version(version, actor=actor, at=at, sha256=sha256)
        if behind:
            begin_rescreen(version.programme, opened, actor=actor, at=at)
    return opened


def open_cases_behind(version: Version) -> int:
    """Open applications that were judged under other terms than this Version's; 0 before a programme's first opening."""
    return count_behind(version.programme, version.pk) if version.number > 1 else 0


def due_cases_behind(version: Version) -> int:
    """Cases whose amount or cohort this Version may make otherwise; 0 where it says nothing of either."""
    return count_cases_behind(version.programme, version) if version.number > 1 else 0


def tried(version: Version) -> Rescreening | None:
    """The last trial of exactly this text, if there was one."""
    trials = Rescreening.objects.filter(version=version, trial=True, sha256=version.sha256)
    return trials.order_by("-pk").first()


def begin_rescreen(programme: Programme, version: Version, *, actor: Actor, at: datetime) -> None:
    long_work.start(
        "rescreen", label=f"第{version.number}版での再点検", scope=programme.slug, actor_name=actor.name, at=at,
        arguments={"programme": programme.slug, "actor": actor.id},
    )  # fmt: skip
