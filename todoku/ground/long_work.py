"""Long work: started from a page or the command line, done by a worker, seen as a card with progress.

`start` writes the row and the job in one transaction; a worker takes it, beats while it runs, and writes the outcome.
Jobs are at-least-once: each start takes a higher fencing token, and only its holder may write progress or the end.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from todoku.ground.step import Refusal, Report
from todoku.ground.tables import LongWork

# Progress is written at most this often: a row a second is enough for a person and free for the database.
BEAT_SECONDS = 1.0
# A worker that has not beaten for so long is taken for dead; three beats could be a slow statement.
DEAD_AFTER_SECONDS = 45
LOG_LINES_MAX = 200
STOPPED = "停止しました。再開すると、続きから処理します。"


class Stopped(Refusal):
    """Somebody stopped the work; what is done stays done and a later start goes on from there."""


class Overtaken(Exception):
    """Another worker holds a newer token: this one must not write anything any more."""


@dataclass
class Progress:
    """Handed to a work function: tells how far it is, and learns whether it should stop."""

    work_id: int
    token: int
    _beaten: datetime | None = None

    def __call__(self, done: int, total: int | None = None, *, now: bool = False) -> None:
        """Writes done (and total) at most once a second; raises Stopped or Overtaken."""
        at = timezone.now()
        if not now and self._beaten and (at - self._beaten).total_seconds() < BEAT_SECONDS:
            return
        self._beaten = at
        values: dict[str, Any] = {"done_count": done, "beat_at": at}
        if total is not None:
            values["total_count"] = total
        held = LongWork.objects.filter(pk=self.work_id, token=self.token)
        if not held.update(**values):
            raise Overtaken
        if held.filter(state="stopping").exists():
            raise Stopped(STOPPED)


# What a verb may be handed: how far it is, of how many. Progress fits, and so does a line at the terminal.
Telling = Callable[[int, int | None], None]
Work = Callable[[Mapping[str, Any], Progress, datetime], Report]


def start(
    kind: str, *, label: str, arguments: Mapping[str, Any], scope: str, actor_name: str, at: datetime
) -> LongWork:
    """Records work and queues it for a worker; the same transaction as the page that asked for it."""
    from procrastinate.contrib.django import app

    with transaction.atomic():
        work = LongWork.objects.create(
            kind=kind,
            label=label,
            arguments=dict(arguments),
            scope=scope,
            started_by=actor_name,
            created_at=at,
        )
        app.configure_task("todoku.long_work", queue="work", lock=f"{scope}:{kind}").defer(work_id=work.pk)
    return work


def run(work_id: int, works: Mapping[str, Work]) -> None:
    """Does one queued work under a new token; safe to call again after a crash. Unknown or ended work is left alone."""
    at = timezone.now()
    open_states = ["waiting", "running"]
    taken = LongWork.objects.filter(pk=work_id, state__in=open_states).update(
        state="running", token=F("token") + 1, started_at=at, beat_at=at, ended_at=None
    )
    if not taken:
        return
    work = LongWork.objects.get(pk=work_id)
    progress = Progress(work.pk, work.token)
    try:
        report = works[work.kind](work.arguments, progress, at)
    except Overtaken:
        return
    except Stopped as stop:
        _end(work, "stopped", stop.sentence, [])
    except Refusal as refusal:
        _end(work, "refused", refusal.sentence, [])
    except Exception:
        # A bug: the card says so, and the queue keeps the traceback.
        _end(work, "broken", "処理中に誤りが起きました。記録を添えて管理者へ連絡してください。", [])
        raise
    else:
        _end(work, "done", _sentence(report), list(report.refused), report)


def _sentence(report: Report) -> str:
    parts = [f"{report.done:,}件を処理しました。"]
    if report.waiting:
        parts.append(f"{report.waiting:,}件は人の確認を待っています。")
    if report.refused:
        parts.append(f"{len(report.refused):,}件は処理できませんでした。")
    return report.note or "".join(parts)


def _end(
    work: LongWork, state: str, outcome: str, log: list[tuple[str, str]], report: Report | None = None
) -> None:
    values: dict[str, Any] = {"state": state, "outcome": outcome, "ended_at": timezone.now()}
    values["log"] = [list(line) for line in log[:LOG_LINES_MAX]]
    if report is not None:
        values["done_count"] = report.done
    LongWork.objects.filter(pk=work.pk, token=work.token).update(**values)


def stop(work_id: int) -> None:
    """Asks running work to stop at its next beat; waiting work stops at once."""
    LongWork.objects.filter(pk=work_id, state="waiting").update(state="stopped", ended_at=timezone.now())
    LongWork.objects.filter(pk=work_id, state="running").update(state="stopping")


def resume(work_id: int) -> None:
    """Queues stopped, refused or broken work again; every step skips what is already done."""
    from procrastinate.contrib.django import app

    with transaction.atomic():
        changed = LongWork.objects.filter(pk=work_id, state__in=["stopped", "refused", "broken"]).update(
            state="waiting"
        )
        if changed:
            work = LongWork.objects.get(pk=work_id)
            app.configure_task("todoku.long_work", queue="work", lock=f"{work.scope}:{work.kind}").defer(
                work_id=work_id
            )


def sweep(at: datetime) -> int:
    """Puts work of dead workers back to waiting; runs outside the queue, since a stuck queue cannot sweep itself.

    What a person had asked to stop is stopped by its worker's death: it does not go on by itself. Gives the number of jobs
    re-queued. The job row is retried by the queue's own function for stalled jobs.
    """
    dead = LongWork.objects.filter(beat_at__lt=at - timedelta(seconds=DEAD_AFTER_SECONDS))
    dead.filter(state="stopping").update(state="stopped", outcome=STOPPED, ended_at=at)
    return dead.filter(state="running").update(state="waiting")
