"""Judges what is open again when a new Version has opened (再点検): takes results of other terms; leaves those of the open ones.

What stood goes into the past, cases move where the difference asks for it, verdicts stay. Safe to run twice, or twice at
once: a chunk is one transaction, and a killed run goes on. What a person holds is judged when it is let go. Nothing decided,
paying or paid is touched.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from todoku.ground.copy_rows import refresh_if_many
from todoku.ground.long_work import Telling
from todoku.ground.step import Report
from todoku.people.actor import SYSTEM, Actor
from todoku.programme.tables import Programme, Version
from todoku.review.differences import Tally
from todoku.review.find_shared import find_shared
from todoku.review.rescreen_cases import count_cases_behind, rescreen_cases
from todoku.review.rescreen_judge import Change, judge_again
from todoku.review.rescreen_rows import choose, count_behind, held_now, left_behind
from todoku.review.rescreen_tables import Rescreening
from todoku.review.rescreen_writes import held_cases, write

CHUNK_ROWS = 2_000  # twice the work of a first screening's row, and reviewers wait for none of it for long
_GROWN = ("todoku_pastscreening", "todoku_pastfinding", "todoku_screening", "todoku_task", "todoku_casestage")


def rescreen(
    *, programme: Programme, actor: Actor, at: datetime, progress: Telling | None = None, chunk_rows: int = CHUNK_ROWS
) -> Report:  # fmt: skip
    """Brings every open application and every undecided amount to the open Version. Report: done = judged, waiting = held by
    a person at the moment."""
    version = programme.version
    total, cases = count_behind(programme, version.pk), count_cases_behind(programme, version)
    if not total and not cases:
        Rescreening.objects.filter(version=version, trial=False, ended_at=None).update(ended_at=at, held=[])
        return Report(note="すべての申請が、開始している版の基準で点検されています。")
    run = _run_of(version, actor, at)
    rescreen_cases(run, programme, actor=actor, at=at, progress=progress)
    done = _pass_over(run, programme, actor, at, progress, chunk_rows, total)
    refresh_if_many(done, *_GROWN)
    find_shared(programme=programme, actor=actor, at=at)
    held = _keep_held(run, programme, at)
    run.refresh_from_db()
    return Report(done=done, waiting=len(held), note=note_of(run))


def rescreen_let_go(*, at: datetime) -> int:
    """Judges what was held when a new Version opened and has been let go since; run by the sweeper. Gives how many."""
    waiting = (
        Rescreening.objects.filter(trial=False, ended_at=None).exclude(held=[]).select_related("programme")
    )
    return sum(
        rescreen_released(run.held, programme=run.programme, actor=SYSTEM, at=at)
        for run in waiting
        if run.version_id == run.programme.version.pk
    )


def rescreen_released(submissions: Sequence[int], *, programme: Programme, actor: Actor, at: datetime) -> int:
    """Judges these again if they were held while a new Version opened; gives how many. One small query where none was."""
    run = Rescreening.objects.filter(programme=programme, trial=False, ended_at=None).order_by("-pk").first()
    if run is None or run.version_id != programme.version.pk or not set(run.held) & set(submissions):
        return 0
    done, _ = _chunk(run, programme, 0, len(submissions), actor, at, only=submissions)
    # Also where nothing was left to judge: who declined in the meantime is waited for no longer.
    _keep_held(run, programme, at, known_alone=True)
    return done


def _keep_held(
    run: Rescreening, programme: Programme, at: datetime, *, known_alone: bool = False
) -> list[int]:
    """Writes down and gives what the run still waits for, under the row's lock: of two who end at once neither loses any.

    `known_alone`: of those that it waits for already.
    """
    with transaction.atomic():
        kept = Rescreening.objects.select_for_update().get(pk=run.pk)
        held = (
            []
            if _overtaken(programme)
            else left_behind(programme, run.version_id, only=kept.held if known_alone else None)
        )
        Rescreening.objects.filter(pk=run.pk).update(held=held, ended_at=None if held else at)
    return held


def _run_of(version: Version, actor: Actor, at: datetime) -> Rescreening:
    run, _ = Rescreening.objects.get_or_create(
        version=version, trial=False,
        defaults={
            "programme_id": version.programme_id, "sha256": version.sha256, "actor_name": actor.name, "started_at": at
        },
    )  # fmt: skip
    return run


def _pass_over(
    run: Rescreening, programme: Programme, actor: Actor, at: datetime, progress: Telling | None, chunk_rows: int, total: int
) -> int:  # fmt: skip
    """Goes over all that is behind, again as long as something was found: others work on the same cases meanwhile."""
    done = 0
    while True:
        before, last = done, 0
        while True:
            judged, reached = _chunk(run, programme, last, chunk_rows, actor, at)
            if not reached:
                break
            done, last = done + judged, reached
            if progress:
                progress(done, max(total, done))
        if done == before:
            return done


def _chunk(
    run: Rescreening, programme: Programme, after: int, limit: int, actor: Actor, at: datetime,
    *, only: Sequence[int] | None = None,
) -> tuple[int, int]:  # fmt: skip
    """Judges and writes the next chunk; gives how many, and the case that it reached (0: none was left)."""
    with transaction.atomic():
        chosen = choose(programme, run.version_id, after=after, limit=limit, only=only, hold=True)
        # Terms that were opened meanwhile have a run of their own: these do not take its results back.
        if not chosen or _overtaken(programme):
            return 0, 0
        taken = held_now([submission for submission, _ in chosen])
        changes = judge_again(
            [submission for submission, _ in chosen if submission not in taken],
            programme,
            programme.version,
        )
        changes = held_cases(changes)
        write(changes, run, programme, actor=actor, at=at)
        _add(run, changes)
    return len(changes), chosen[-1][1]


def _overtaken(programme: Programme) -> bool:
    """Whether a later Version has been opened since; asked anew, since a long run holds the programme as it was."""
    return programme.versions.filter(opened_at__isnull=False, number__gt=programme.version.number).exists()


def _add(run: Rescreening, changes: Sequence[Change]) -> None:
    """Adds the chunk to the run's counts, in the chunk's transaction."""
    kept = Rescreening.objects.select_for_update().get(pk=run.pk)
    tally = Tally(kept.tally)
    kept.changed += add_to(tally, changes)
    kept.judged += len(changes)
    kept.tally = tally.counts
    kept.ended_at = None
    kept.save(update_fields=["judged", "changed", "tally", "ended_at"])


def add_to(tally: Tally, changes: Sequence[Change]) -> int:
    """Counts what differs, by kind and by what follows; gives how many differ."""
    differ = [one for one in changes if one.kinds]
    for one in differ:
        tally.add(one.number, (*one.kinds, f"act:{one.act}"))
    return len(differ)


def note_of(run: Rescreening) -> str:
    """One sentence for the card."""
    held = f"審査中の{len(run.held):,}件は、担当者が手を離したときに点検します。" if run.held else ""
    cases = (
        f"{run.cases:,}件の対象・区分・額を確かめ、{run.cases_changed:,}件が変わりました。"
        if run.cases
        else ""
    )
    return f"{run.judged:,}件を新しい基準で点検し、{run.changed:,}件の結果が変わりました。{cases}{held}"
