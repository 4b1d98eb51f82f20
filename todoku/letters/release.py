"""Releases a print run (印刷ロットの確認): takes a run that was made; leaves it released for posting.

By another person than the maker, who has looked at the proofs and at the pieces for hand work. Moves no case.
"""

from datetime import datetime

from todoku.ground.step import Refusal, Report
from todoku.letters.tables import PrintRun
from todoku.people.actor import Actor


class CannotRelease(Refusal):
    """This run cannot be released now, or not by this person."""


def release(run: PrintRun, *, actor: Actor, at: datetime) -> Report:
    """Releases the run. Safe to call twice. Raises CannotRelease for its maker and for a run not yet made."""
    if run.made_by == actor.name:
        raise CannotRelease("印刷ロットの確認は、作成した人とは別の人が行ってください。")
    changed = PrintRun.objects.filter(pk=run.pk, state="made").update(
        state="released", released_at=at, released_by=actor.name
    )
    run.refresh_from_db()
    if not changed and run.state not in ("released", "dispatched"):
        raise CannotRelease("この印刷ロットはまだ作成が終わっていないか、取り消されています。")
    return Report(done=run.pieces if changed else 0)
