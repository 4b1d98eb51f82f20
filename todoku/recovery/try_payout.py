"""Tries the opening of a further payout (後の支給回の試算): counts whom it would be for, how many yen, and who is left out.

Takes a payout of the open Version; leaves one PayoutOpening row. Writes to no case.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from todoku.case.payout_tables import PayoutOpening
from todoku.ground.step import Refusal, Report
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.programme.contents import Payout
from todoku.programme.tables import Programme
from todoku.recovery.payout_candidates import all_candidates
from todoku.registry.tables import Recipient, RollImport

ACTION = "case.open"
Progress = Callable[[int, int | None], None]


class CannotOpenPayout(Refusal):
    """The terms have no such payout, its days are past, or what was shown is no longer so."""


def try_payout(
    number: int, *, programme: Programme, actor: Actor, at: datetime, progress: Progress | None = None
) -> Report:
    """Report: `done` cases that would be opened; the note says their yen and how many are left out. Raises CannotOpenPayout."""
    payout = ask_payout(number, programme, actor)
    tally = count(programme, payout, progress)
    tried = write_down(programme, payout, tally, trial=True, actor=actor, at=at)
    left = sum(tally["left"].values())
    return Report(
        done=tried.cases, note=f"{tried.cases:,}件・{tried.total_yen:,}円。対象から外れる方は{left:,}件です。"
    )


def ask_payout(number: int, programme: Programme, actor: Actor) -> Payout:
    """The payout of the terms that may be tried and opened. Raises CannotOpenPayout."""
    if not may(actor.roles, ACTION):
        raise CannotOpenPayout("支給回を開始する権限がありません。業務責任者に依頼してください。")
    if number not in {one.number for one in programme.terms.payouts}:
        raise CannotOpenPayout("この制度の版に、その支給回はありません。制度の版を確かめてください。")
    if RollImport.objects.filter(programme=programme, state="taking").exists():
        raise CannotOpenPayout("名簿の取込みが途中です。名簿の取込みを終えてから、試算してください。")
    return programme.terms.payout(number)


def count(programme: Programme, payout: Payout, progress: Progress | None = None) -> dict[str, Any]:
    """{"cohorts": {name: [cases, yen]}, "left": {reason: count}} of everybody who has no case in this payout yet."""
    cohorts: dict[str, list[int]] = {}
    left: dict[str, int] = {}
    total = Recipient.objects.filter(programme=programme, payout=payout.follows or 1).count()
    seen = 0
    for chunk in all_candidates(programme, payout):
        for one in chunk:
            if one.left:
                left[one.left] = left.get(one.left, 0) + 1
            else:
                counted = cohorts.setdefault(one.due.cohort, [0, 0])
                counted[0] += 1
                counted[1] += one.due.amount_yen
        seen += len(chunk)
        if progress:
            progress(seen, max(total, seen))
    return {"cohorts": cohorts, "left": left}


def digest_of(programme: Programme, payout: Payout, tally: dict[str, Any]) -> str:
    """What a trial showed, as one digest: opened is what was shown, under the terms under which it was shown."""
    shown = json.dumps([payout.number, programme.version.sha256, tally], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()


def write_down(
    programme: Programme, payout: Payout, tally: dict[str, Any], *, trial: bool, actor: Actor, at: datetime
) -> PayoutOpening:
    """The row of a trial or an opening."""
    counts = list(tally["cohorts"].values())
    return PayoutOpening.objects.create(
        programme=programme, payout=payout.number, version=programme.version, trial=trial,
        sha256=digest_of(programme, payout, tally), cases=sum(cases for cases, _ in counts),
        total_yen=sum(yen for _, yen in counts), tally=tally, actor_name=actor.name, at=at,
    )  # fmt: skip
