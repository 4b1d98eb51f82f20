"""Notes the printer's deadline of a run (入稿締切): takes a run not yet posted; a hand-over after it stands as late."""

from datetime import datetime

from todoku.ground.step import Refusal, Report
from todoku.letters.tables import PrintRun
from todoku.people.actor import Actor
from todoku.people.look import record_look


class CannotSet(Refusal):
    """The deadline of this run can no longer be set."""


def set_deadline(run: PrintRun, *, deadline_at: datetime | None, actor: Actor, at: datetime) -> Report:
    """From now on the run is due at the printer by then; None: no printer waits for it. Raises CannotSet."""
    if run.parcels.exists():
        raise CannotSet("すでに入稿した印刷ロットです。締切は変えられません。")
    changed = PrintRun.objects.filter(pk=run.pk, state__in=("made", "released")).update(
        deadline_at=deadline_at
    )
    if not changed:
        raise CannotSet("発送前の印刷ロットだけに、入稿締切を決められます。")
    record_look(
        actor=actor, action="print.make", subject_kind="print_run", subject_id=run.pk, at=at,
        programme_slug=run.programme.slug, reason="入稿締切の記録",
    )  # fmt: skip
    return Report(done=changed)
