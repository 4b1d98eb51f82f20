"""The tasks of the job queue: long work by its id, and a small round each minute. Holds no logic of its own.

Comes in: jobs that pages queued in their own transaction. Goes out: calls of works and of the round's inward steps.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from django.utils import timezone
from procrastinate.contrib.django import app

from todoku.ground import long_work
from todoku.ground.stand_back import server_stands_back, stand_back
from todoku.people.actor import SYSTEM
from todoku.programme.tables import Programme
from todoku.rounds.round import afternoon, inward, nightly
from todoku.rounds.works import WORKS


@contextmanager
def _behind_the_desks() -> Iterator[None]:
    """The connection of this thread stands back as its worker does, and is closed afterwards."""
    try:
        server_stands_back()
        yield
    finally:
        connections.close_all()


@app.task(name="todoku.long_work", queue="work")
def do_long_work(work_id: int) -> None:
    """Runs one long work."""
    with _behind_the_desks():
        long_work.run(work_id, WORKS)


@app.periodic(cron="* * * * *")
@app.task(name="todoku.minute_round", queue="minute", queueing_lock="minute_round", lock="minute_round")
def minute_round(timestamp: int) -> None:
    """What needs no person and should not wait for the evening: web applications taken in, screened, passed on."""
    with _behind_the_desks():
        at = timezone.now()
        for programme in Programme.objects.filter(versions__opened_at__isnull=False).distinct():
            inward(programme=programme, actor=SYSTEM, at=at)


# Half past three in the afternoon in Japan, on days of post: time to release and enclose before the last collection.
@app.periodic(cron="30 6 * * 1-5")
@app.task(
    name="todoku.afternoon_round", queue="minute", queueing_lock="afternoon_round", lock="afternoon_round"
)
def afternoon_round(timestamp: int) -> None:
    """What was found today becomes letters today, for each programme that is open."""
    with _behind_the_desks():
        at = timezone.now()
        for programme in Programme.objects.filter(versions__opened_at__isnull=False).distinct():
            afternoon(programme=programme, actor=SYSTEM, at=at)


# Three in the morning in Japan (the queue's clock is UTC): after the backups, before anybody works.
@app.periodic(cron="0 18 * * *")
@app.task(name="todoku.night_round", queue="minute", queueing_lock="night_round", lock="night_round")
def night_round(timestamp: int) -> None:
    """Late facts and the sweep over every invariant of the money, for each programme that is open."""
    with _behind_the_desks():
        at = timezone.now()
        for programme in Programme.objects.filter(versions__opened_at__isnull=False).distinct():
            nightly(programme=programme, actor=SYSTEM, at=at)


def work_forever(queues: list[str]) -> None:
    """Runs a worker until it is told to stop; used by the worker command."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stand_back()
    worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    worker_app.run_worker(queues=queues or None, concurrency=1, name=f"worker-{os.getpid()}")
    sys.stdout.flush()
