"""Releases a print run (印刷ロットの確認): takes a run that was made, read back and approved; leaves it released for posting.

By another person than the maker. Takes what the run is printed on and put into off the shelf. Moves no case.
"""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.ground.step import Refusal, Report
from todoku.letters.approve_proof import is_covered, needs_own_proof
from todoku.letters.reply_permit import ask_permit
from todoku.letters.stock import take_for
from todoku.letters.stopped import ask_not_stopped
from todoku.letters.tables import PrintRun
from todoku.people.actor import Actor


class CannotRelease(Refusal):
    """This run cannot be released now, or not by this person."""


def release(run: PrintRun, *, actor: Actor, at: datetime) -> Report:
    """Releases the run. Safe to call twice.

    Raises CannotRelease for its maker, for a run not yet made, not read back or without the municipality's 校了, and what
    ask_not_stopped, ask_permit and take_for raise.
    """
    if run.made_by == actor.name:
        raise CannotRelease("印刷ロットの確認は、作成した人とは別の人が行ってください。")
    with transaction.atomic():
        found = (
            PrintRun.objects.select_for_update(of=("self",)).select_related("pdf", "programme").get(pk=run.pk)
        )
        released = found.state == "made"
        if released:
            ask_not_stopped(found)
            _ask_ready(found)
            ask_permit(found, on=localdate(at))
            take_for(found, actor=actor, at=at)
            found.state, found.released_at, found.released_by = "released", at, actor.name
            found.save(update_fields=["state", "released_at", "released_by"])
        elif found.state not in ("released", "dispatched"):
            raise CannotRelease("この印刷ロットはまだ作成が終わっていないか、取り消されています。")
    run.refresh_from_db()
    return Report(done=run.pieces if released else 0)


def _ask_ready(run: PrintRun) -> None:
    """Read back and approved, as the database asks once more (a_run_is_released_on_a_proof)."""
    if run.kind == "gift":
        return  # its pages are money and kept locked
    assert run.pdf is not None, "a run that was made has its file"
    if not run.read_backs.filter(sha256=run.pdf.sha256).exists():
        raise CannotRelease(
            "全ページの照合が済んでいません。印刷ロットの画面で照合してから、確認してください。"
        )
    if not is_covered(run):
        which = "この印刷ロットの" if needs_own_proof(run) else "この種類と文面の"
        raise CannotRelease(f"{which}校正刷りに、自治体の校了がありません。担当課に確認を依頼してください。")
