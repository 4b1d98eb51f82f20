"""Tries a draft Version on what is open (試行): takes a Version that is not open; leaves one row of counts and sample numbers.

Every case is judged as the re-screening would judge it, by the same functions; nothing is written to any case.
"""

from datetime import datetime

from todoku.ground.long_work import Telling
from todoku.ground.step import Refusal, Report
from todoku.people.actor import Actor
from todoku.programme.tables import Version
from todoku.review.differences import Tally
from todoku.review.rescreen import CHUNK_ROWS, add_to
from todoku.review.rescreen_cases import try_cases
from todoku.review.rescreen_judge import judge_again
from todoku.review.rescreen_rows import choose, count_behind
from todoku.review.rescreen_tables import Rescreening


class NothingToTry(Refusal):
    """The Version is open already: what it changes has been done."""


def try_version(
    version: Version, *, actor: Actor, at: datetime, progress: Telling | None = None, chunk_rows: int = CHUNK_ROWS
) -> Report:  # fmt: skip
    """Counts what the draft would change, with numbers to look into. Raises NothingToTry for a Version that is open."""
    if version.opened_at:
        raise NothingToTry(f"第{version.number}版は開始しています。試行は、開始する前の案に対して行います。")
    programme = version.programme
    total, judged, changed, last = count_behind(programme, version.pk), 0, 0, 0
    tally = Tally()
    while chosen := choose(programme, version.pk, after=last, limit=chunk_rows, hold=False):
        changes = judge_again([submission for submission, _ in chosen], programme, version)
        changed += add_to(tally, changes)
        judged, last = judged + len(changes), chosen[-1][1]
        if progress:
            progress(judged, max(total, judged))
    cases, cases_changed = try_cases(programme, version, tally, progress=progress)
    Rescreening.objects.create(
        programme=programme, version=version, sha256=version.sha256, trial=True, actor_name=actor.name, started_at=at,
        ended_at=at, judged=judged, changed=changed, tally=tally.counts,
        cases=cases, cases_changed=cases_changed,
    )  # fmt: skip
    due = f"{cases:,}件の対象・区分・額を試し、{cases_changed:,}件が変わります。" if cases else ""
    return Report(
        done=judged, note=f"{judged:,}件を試しに点検しました。{changed:,}件の結果が変わります。{due}"
    )
