"""The sweeper: outside the queue, since a stuck queue cannot sweep itself.

Puts back what dead workers held: jobs of killed workers, long work without a beat, review tasks nobody came back to; and
judges what was let go of since a new Version opened.
"""

import asyncio
import time
from datetime import datetime

from django.db import connections
from django.utils import timezone
from procrastinate.contrib.django import app

from todoku.ground import long_work
from todoku.ground.step import Report
from todoku.review.claim import release_forgotten
from todoku.review.rescreen import rescreen_let_go

EVERY_SECONDS = 10
# A worker beats every 10 s; three beats missed means that it is gone (a killed worker is never reported otherwise).
STALLED_SECONDS = 30


def sweep(*, at: datetime) -> Report:
    """One pass; gives how many things were put back."""
    put_back = asyncio.run(_retry_stalled(at)) + long_work.sweep(at) + release_forgotten(at=at)
    rescreen_let_go(at=at)
    return Report(done=put_back)


async def _retry_stalled(at: datetime) -> int:
    """Jobs marked as doing whose worker does not beat any more go back to the queue."""
    worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with worker_app.open_async():
        manager = worker_app.job_manager
        stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS))
        for job in stalled:
            await manager.retry_job(job, retry_at=at)
        await manager.prune_stalled_workers(seconds_since_heartbeat=STALLED_SECONDS)
    return len(stalled)


def sweep_forever() -> None:
    """Sweeps every EVERY_SECONDS until the process is stopped."""
    while True:
        sweep(at=timezone.now())
        connections.close_all()
        time.sleep(EVERY_SECONDS)
