"""Asks of a print run whether an incident stops it (事故による停止): such a run is neither released nor posted nor handed
to the printer. Changes nothing; every verb by which pieces come nearer to the post asks here.
"""

from todoku.ground.step import Refusal
from todoku.letters.tables import PrintRun


class RunStopped(Refusal):
    """The run is stopped by an incident that is not closed."""


def ask_not_stopped(run: PrintRun) -> None:
    """Passes where no open incident stops the run. Raises RunStopped. The row is read anew, whatever the caller holds."""
    stopped = (
        PrintRun.objects.filter(pk=run.pk, stopped_by__isnull=False)
        .exclude(stopped_by__state="closed")
        .values_list("stopped_by_id", flat=True)
        .first()
    )
    if stopped is not None:
        raise RunStopped(
            f"この印刷ロットは、事故{stopped}のため止めています。事故の画面で停止を解くまで、確認も差出しも入稿もできません。"
        )
