"""So many reviewers at once while a bulk run goes on: how long a claim and a verdict take, and what the pages ask.

A closed system: each reviewer thinks for some seconds between two acts; a small pool of server processes and threads does
them, as in production. What an act takes is counted from the moment at which it was due, so that waiting for a free thread
counts too. The bulk run is the re-screening of everything under a changed Version.
"""

import heapq
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from random import Random
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benches import report
from benches.measure import CLEAN_PROCESS, _set_up, apart
from benches.reviewing import drafted, emptied, filled, opened, screen_all
from benches.sample import Setting, programme_of
from todoku.people.actor import SYSTEM, Actor
from todoku.people.tables import Grant, Organisation, Staff
from todoku.review.claim import NothingWaits, claim_next
from todoku.review.judge import judge
from todoku.review.office_may import NotForTheOffice
from todoku.review.rescreen import rescreen
from todoku.review.tables import Verdict

REVIEWERS, APPLICATIONS, SECONDS, THINK_SECONDS = 250, 182_000, 60, 20.0
SERVERS, THREADS = 2, 4  # a small pool: more connections than cores make the database slower
DOOR = "todoku.web.office.urls"


class Act(NamedTuple):
    """One act of one reviewer: "claim" or "verdict", and its seconds from when it was due."""

    what: str
    seconds: float


class Latency(NamedTuple):
    """One kind of act, with or without the bulk run beside it."""

    what: str
    beside: str
    acts: int
    p50: float
    p99: float


class Reviewed(NamedTuple):
    """All latencies, the queries of each page, verdicts given, and what the bulk run judged meanwhile."""

    reviewers: int
    think_seconds: float
    latencies: list[Latency]
    queries: dict[str, int]
    verdicts: int
    rescreened: int


def reviewed(
    *, applications: int = APPLICATIONS, reviewers: int = REVIEWERS, seconds: float = SECONDS, think: float = THINK_SECONDS
) -> Reviewed:  # fmt: skip
    """Latencies alone, then beside the bulk run; every verdict lands on a case of its own or it is refused as a bug."""
    setting = Setting(applications, 0, 0)
    apart(filled, setting)
    apart(_screened, setting)
    people = apart(_people, setting, reviewers)
    queries = apart(_queries, setting, people[0])
    alone = _at_work(setting, people, seconds, think)
    apart(drafted, setting)
    apart(opened, setting)
    with ProcessPoolExecutor(1, mp_context=get_context(CLEAN_PROCESS), initializer=_set_up) as pool:
        run = pool.submit(_rescreened, setting)
        beside = _at_work(setting, people, seconds, think)
        judged = run.result()
    verdicts = apart(_verdicts, setting)
    emptied(setting)
    lines = [*_lines(alone, "alone"), *_lines(beside, "beside a re-screening")]
    return Reviewed(reviewers, think, lines, queries, verdicts, judged)


def _screened(setting: Setting) -> None:
    from benches.measure import Meter

    screen_all(Meter(), setting)


def _people(setting: Setting, count: int) -> list[int]:
    """So many reviewers; their passwords are not used."""
    office = Organisation.objects.get(kind="office")
    staff = Staff.objects.bulk_create(
        Staff(username=f"bench{number}", name=f"審査 {number}", organisation=office, password="!")
        for number in range(count)
    )
    Grant.objects.bulk_create(Grant(staff=one, role="reviewer") for one in staff)
    return [one.pk for one in staff]


def _actor(pk: int) -> Actor:
    staff = Staff.objects.select_related("organisation").get(pk=pk)
    return Actor(staff.pk, staff.name, staff.roles, staff.organisation.kind)


def _at_work(setting: Setting, people: Sequence[int], seconds: float, think: float) -> list[Act]:
    """The reviewers dealt over server processes and their threads."""
    shares = [list(people[place :: SERVERS * THREADS]) for place in range(SERVERS * THREADS)]
    with ProcessPoolExecutor(SERVERS, mp_context=get_context(CLEAN_PROCESS), initializer=_set_up) as pool:
        parts = [
            pool.submit(_server, setting, shares[place::SERVERS], seconds, think) for place in range(SERVERS)
        ]
        return [act for part in parts for act in part.result()]


def _server(setting: Setting, shares: list[list[int]], seconds: float, think: float) -> list[Act]:
    with ThreadPoolExecutor(len(shares)) as threads:
        started = [
            threads.submit(_thread, setting, share, seconds, think, seed) for seed, share in enumerate(shares)
        ]
        return [act for one in started for act in one.result()]


def _thread(setting: Setting, people: list[int], seconds: float, think: float, seed: int) -> list[Act]:
    """Does what is due next, for whichever of its reviewers it is due."""
    random, acts, until = Random(seed), [], time.monotonic() + seconds
    actors = {pk: _actor(pk) for pk in people}
    due = [(time.monotonic() + random.uniform(0, think), pk, None) for pk in people]
    heapq.heapify(due)
    try:
        while due and due[0][0] < until:
            when, pk, task = heapq.heappop(due)
            time.sleep(max(0.0, when - time.monotonic()))
            try:
                task = _act(setting, actors[pk], task)
            except NothingWaits:
                continue
            now = time.monotonic()
            acts.append(Act("claim" if task else "verdict", now - when))
            heapq.heappush(due, (now + random.expovariate(1 / think) if task else now, pk, task))
    finally:
        connections.close_all()
    return acts


def _act(setting: Setting, actor: Actor, task: Any) -> Any:
    """Claims the next task, or judges the one held; gives the task held now."""
    at = timezone.now()
    if task is None:
        return claim_next(programme=programme_of(setting), actor=actor, at=at)
    try:
        judge(task, outcome="approve", actor=actor, at=at)
    except NotForTheOffice:
        judge(task, outcome="refer", comment="確認をお願いします。", actor=actor, at=at)
    return None


def _rescreened(setting: Setting) -> int:
    return rescreen(programme=programme_of(setting), actor=SYSTEM, at=timezone.now()).done


def _verdicts(setting: Setting) -> int:
    """Verdicts given; none may have met another on the same look."""
    given = Verdict.objects.filter(task__programme=programme_of(setting), undone_at__isnull=True)
    looks = given.values("submission", "round", "step").distinct().count()
    assert looks == given.count(), "two verdicts on one look"
    return looks


def _queries(setting: Setting, pk: int) -> dict[str, int]:
    """The statements of each page that a reviewer opens, asked of the real views."""
    settings.ROOT_URLCONF = DOOR
    browser, slug = Client(), setting.slug
    browser.force_login(Staff.objects.get(pk=pk))
    base, found = f"/p/{slug}/review/", {}
    with CaptureQueriesContext(connection) as seen:
        browser.get(base)
    found["queue"] = len(seen)
    with CaptureQueriesContext(connection) as seen:
        page = browser.post(f"{base}next/").headers["Location"]
    found["claim"] = len(seen)
    with CaptureQueriesContext(connection) as seen:
        browser.get(page)
    found["task"] = len(seen)
    with CaptureQueriesContext(connection) as seen:
        browser.post(f"{page}verdict/", {"outcome": "approve"})
    found["verdict and next claim"] = len(seen)
    return found


def _lines(acts: Sequence[Act], beside: str) -> list[Latency]:
    lines = []
    for what in ("claim", "verdict"):
        seconds = sorted(act.seconds for act in acts if act.what == what)
        if len(seconds) >= 2:
            cuts = statistics.quantiles(seconds, n=100, method="inclusive")
            lines.append(Latency(what, beside, len(seconds), cuts[49], cuts[98]))
    return lines


HEADINGS = ("act", "bulk run", "acts", "p50 ms", "p99 ms")


def cells(line: Latency) -> tuple[str, ...]:
    return (line.what, line.beside, f"{line.acts:,}", f"{line.p50 * 1_000:,.1f}", f"{line.p99 * 1_000:,.1f}")


def text(found: Reviewed) -> str:
    pages = ", ".join(f"{page} {count}" for page, count in found.queries.items())
    return (
        f"{found.reviewers} reviewers at once, {found.think_seconds:g} s between acts\n\n"
        f"{report.aligned(HEADINGS, [cells(line) for line in found.latencies])}\n\n"
        f"Statements per page: {pages}. Verdicts {found.verdicts:,}, each on a look of its own;"
        f" judged again meanwhile {found.rescreened:,}."
    )


def values(found: Reviewed) -> dict[str, Any]:
    """Plain values for a file."""
    return {**found._asdict(), "latencies": [line._asdict() for line in found.latencies]}
