"""Brings amount, cohort and ground of undecided cases to the open Version (版による案件の変更); proposes for decided ones.

Takes cases whose amount stands by other terms; leaves a TermsChange for each that differs, the new amount beside the old one,
and the case where the difference puts it. What is decided is only proposed: a supplement or a recovery is an order of its
own. A chunk is one transaction; a run that was killed goes on behind the last case that it reached.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from todoku.ground.long_work import Telling
from todoku.people.actor import Actor
from todoku.programme.tables import Programme, Version
from todoku.programme.terms import Terms
from todoku.review.case_differences import UNDECIDED
from todoku.review.case_locks import hold_cases
from todoku.review.decision_lists import take_off
from todoku.review.differences import Tally
from todoku.review.rescreen_case_rows import (
    Judged,
    as_it_stands,
    count_cases,
    next_cases,
    older,
    seconds,
    stand_now,
)
from todoku.review.rescreen_case_writes import write_cases
from todoku.review.rescreen_tables import Rescreening

CHUNK_CASES = 5_000


def count_cases_behind(programme: Programme, version: Version) -> int:
    """How many cases a run under this Version has still to look at; 0 where it changes no amount and no cohort."""
    run = Rescreening.objects.filter(version=version, trial=False).first()
    return count_cases(programme, older(programme, version), after=run.reached if run else 0)


def try_cases(
    programme: Programme, version: Version, tally: Tally, *, progress: Telling | None = None, chunk_rows: int = CHUNK_CASES
) -> tuple[int, int]:  # fmt: skip
    """Counts what a draft would make of the cases; gives how many were looked at, and how many differ. Writes nothing."""
    old = older(programme, version)
    total, seen, changed, last = count_cases(programme, old), 0, 0, 0
    while total:
        chunk = next_cases(programme, version, old, after=last, limit=chunk_rows)
        if not chunk.reached:
            break
        changed += count_into(tally, chunk.judged)
        seen, last = seen + len(chunk.judged), chunk.reached
        if progress:
            progress(seen, total)
    _count_seconds(tally, programme)
    return seen, changed


def rescreen_cases(
    run: Rescreening, programme: Programme, *, actor: Actor, at: datetime, progress: Telling | None = None,
    chunk_rows: int = CHUNK_CASES,
) -> int:  # fmt: skip
    """Gives how many cases were looked at. Safe to run twice, or twice at once: each case is reached once."""
    version, seen = programme.version, 0
    old = older(programme, version)
    total = count_cases(programme, old, after=run.reached)
    while total and (count := _chunk(run, programme, version, old, actor, at, chunk_rows)):
        seen += count
        if progress:
            progress(seen, max(total, seen))
    return seen


def _chunk(
    run: Rescreening, programme: Programme, version: Version, old: Mapping[int, Terms], actor: Actor, at: datetime, limit: int
) -> int:  # fmt: skip
    """Judges and writes the next chunk; gives how many cases were in it."""
    with transaction.atomic():
        kept = Rescreening.objects.select_for_update().get(pk=run.pk)
        if programme.versions.filter(opened_at__isnull=False, number__gt=version.number).exists():
            return 0  # terms that were opened meanwhile have a run of their own
        chunk = next_cases(programme, version, old, after=kept.reached, limit=limit)
        if not chunk.reached:
            return 0
        judged = _held(chunk.judged, programme)
        write_cases([one for one in judged if one.differs], kept, programme, actor=actor, at=at)
        tally = Tally(kept.tally)
        kept.cases_changed += count_into(tally, judged)
        if not kept.cases:
            _count_seconds(tally, programme)
        kept.cases += len(judged)
        kept.reached, kept.tally, kept.ended_at = chunk.reached, tally.counts, None
        kept.save(update_fields=["cases", "cases_changed", "reached", "tally", "ended_at"])
    return len(judged)


def _held(judged: Sequence[Judged], programme: Programme) -> list[Judged]:
    """What differs, off the open lists and with its stage held, as it stands by then: whoever moves such a case at this
    moment is waited for. Lists before the programme and its stages, as the decision does."""
    differ = [one.case for one in judged if one.differs]
    if not differ:
        return list(judged)
    leaving = [one.case for one in judged if one.differs and one.stood.stage in UNDECIDED]
    hold_cases(leaving, programme.pk)
    take_off(leaving, remark="版の改正")
    now = stand_now(differ)
    return [as_it_stands(one, *now[one.case]) if one.case in now else one for one in judged]


def count_into(tally: Tally, judged: Sequence[Judged]) -> int:
    """Counts what differs by its kinds; gives how many differ. Beside them what is looked at by the roll alone."""
    for one in judged:
        if one.silent:
            tally.add(one.number, ("case:silent",))
    differ = [one for one in judged if one.differs]
    for one in differ:
        assert one.differs is not None
        tally.add(one.number, (f"case:{kind}" for kind in one.differs.kinds))
    return len(differ)


def _count_seconds(tally: Tally, programme: Programme) -> None:
    count, numbers = seconds(programme)
    if count:
        tally.counts["case:second"] = {"count": count, "cases": numbers}
