"""So many reviewers at once while a bulk run goes on: how long claims, pages and verdicts take, and what the pages ask.

A closed system: each reviewer thinks for some seconds before a verdict; a small pool of server processes and threads answers,
through the door's own application and its pooled connections. What an act takes is counted from the moment at which it was
due, so that waiting for a free thread counts too. The bulk run is the re-screening of everything under a changed Version.
"""

import heapq
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from random import Random
from typing import Any, NamedTuple

from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benches import report
from benches.browser import Answer, Browser, set_up
from benches.measure import CLEAN_PROCESS, Meter, _set_up, apart, say
from benches.reviewing import drafted, emptied, filled, opened, screen_all
from benches.sample import Setting, programme_of
from todoku.ground.stand_back import server_stands_back, stand_back
from todoku.people.actor import SYSTEM
from todoku.people.tables import Grant, Organisation, Staff
from todoku.review.rescreen import rescreen
from todoku.review.tables import Task, Verdict

REVIEWERS, APPLICATIONS, SECONDS, THINK_SECONDS = 250, 182_000, 120, 60.0
SERVERS, THREADS = 2, 4  # a small pool: more connections than cores make the database slower
CLAIM, PAGE, VERDICT = "claim", "task page", "verdict and next claim"
LOOK_EVERY_SECONDS = 0.1
LOCKED = (
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)


class Act(NamedTuple):
    """One act of one reviewer, its seconds from when it was due, and the address of the task that it gave."""

    what: str
    seconds: float
    person: int
    task: str


class Latency(NamedTuple):
    """One kind of act, with or without the bulk run beside it, in seconds."""

    what: str
    beside: str
    acts: int
    p50: float
    p99: float


class Beside(NamedTuple):
    """What the bulk run judged, in how many seconds; how often and how many sessions were seen waiting for a lock."""

    rescreened: int
    seconds: float
    looks: int
    looks_with_waiting: int
    waiting_most: int


class Reviewed(NamedTuple):
    """All latencies, the queries of each page, verdicts given, tasks dealt, and the bulk run beside."""

    reviewers: int
    applications: int
    think_seconds: float
    latencies: list[Latency]
    queries: dict[str, int]
    verdicts: int
    dealt: int
    bulk: Beside


def reviewed(
    *, applications: int = APPLICATIONS, reviewers: int = REVIEWERS, seconds: float = SECONDS, think: float = THINK_SECONDS
) -> Reviewed:  # fmt: skip
    """Latencies alone, then beside the bulk run; a task dealt to two persons or two verdicts on one look are a bug."""
    setting = Setting(applications, 0, 0)
    say(f"{reviewers} reviewers: {applications:,} applications")
    apart(filled, setting)
    apart(_screened, setting)
    people = apart(_people, setting, reviewers)
    # New processes, not forks of one that has read other settings: each is a door, and stays one while terms change.
    with _processes(_servers(reviewers), set_up, "spawn") as doors:
        queries = doors.submit(_queries, setting, people[0]).result()
        alone = _at_work(doors, setting, people, seconds, think)
        say(f"{reviewers} reviewers alone: {len(alone):,} acts")
        apart(drafted, setting)
        apart(opened, setting)
        with _processes(2, _set_up) as others:
            run, seen = others.submit(_rescreened, setting), others.submit(_locks, seconds)
            both = alone + (beside := _at_work(doors, setting, people, seconds, think))
            (judged, took), looks = run.result(), seen.result()
    assert all(act.task for act in both if act.what == PAGE)
    dealt = _dealt(both)
    verdicts = apart(_verdicts, setting)
    emptied(setting)
    lines = [*_lines(alone, "alone"), *_lines(beside, "beside a re-screening")]
    waited = Beside(judged, took, len(looks), sum(1 for one in looks if one), max(looks, default=0))
    return Reviewed(reviewers, applications, think, lines, queries, verdicts, dealt, waited)


def _processes(count: int, ready: Any, way: str = CLEAN_PROCESS) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, mp_context=get_context(way), initializer=ready)


def _screened(setting: Setting) -> None:
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


def _servers(reviewers: int) -> int:
    """A handful of reviewers needs one process."""
    return min(SERVERS, max(1, reviewers // THREADS))


def _at_work(
    doors: ProcessPoolExecutor, setting: Setting, people: Sequence[int], seconds: float, think: float
) -> list[Act]:
    """The reviewers dealt over server processes and their threads."""
    servers = _servers(len(people))
    shares = [list(people[place :: servers * THREADS]) for place in range(servers * THREADS)]
    parts: list[Future[list[Act]]] = [
        doors.submit(_server, setting, shares[place::servers], seconds, think) for place in range(servers)
    ]
    return [act for part in parts for act in part.result()]


def _server(setting: Setting, shares: list[list[int]], seconds: float, think: float) -> list[Act]:
    browsers = {
        one.pk: Browser(one) for one in Staff.objects.filter(pk__in=[pk for share in shares for pk in share])
    }
    connections.close_all()
    # What a door imports and compiles for its first page is not what a reviewer waits for.
    desk = f"/p/{setting.slug}/review/"
    assert all(
        next(iter(browsers.values())).get(address).status == 200 for address in (desk, f"{desk}verdicts/")
    )
    with ThreadPoolExecutor(len(shares)) as threads:
        started = [
            threads.submit(_thread, desk, {pk: browsers[pk] for pk in share}, seconds, think, seed)
            for seed, share in enumerate(shares)
        ]
        return [act for one in started for act in one.result()]


def _thread(desk: str, people: dict[int, Browser], seconds: float, think: float, seed: int) -> list[Act]:
    """Does what is due next, for whichever of its reviewers it is due: to the end, and until one verdict at least is given."""
    random, acts, until, judged = Random(seed), [], time.monotonic() + seconds, False
    due = [(time.monotonic() + random.uniform(0, think), pk, CLAIM, "") for pk in people]
    heapq.heapify(due)
    while due and (due[0][0] < until or not judged):
        when, pk, what, task = heapq.heappop(due)
        time.sleep(max(0.0, when - time.monotonic()))
        answer = _act(people[pk], desk, what, task)
        now = time.monotonic()
        given = answer.place if "/task/" in answer.place else ""
        judged = judged or what == VERDICT or what == CLAIM and not given
        acts.append(Act(what, now - when, pk, task if what == PAGE else given))
        if given:
            heapq.heappush(due, (now, pk, PAGE, given))
        else:
            later = now + random.expovariate(1 / think) if think else now
            heapq.heappush(due, (later, pk, VERDICT if what == PAGE else CLAIM, task if what == PAGE else ""))
    return acts


def _act(browser: Browser, desk: str, what: str, task: str) -> Answer:
    """One act through the door. What the municipality decides about is no approval of the office: it is asked."""
    if what == PAGE:
        answer = browser.get(task)
    elif what == CLAIM:
        answer = browser.post(f"{desk}next/")
    else:
        answer = browser.post(f"{task}verdict/", outcome="approve")
        if answer.status == 422:
            answer = browser.post(f"{task}verdict/", outcome="refer", comment="見本の照会です。")
    assert answer.status == (200 if what == PAGE else 302), f"{what}: {answer.status} {answer.place}"
    return answer


def _dealt(acts: Sequence[Act]) -> int:
    """How many tasks were dealt; each to one person alone."""
    holders: dict[str, set[int]] = {}
    for act in acts:
        if act.what != PAGE and act.task:
            holders.setdefault(act.task, set()).add(act.person)
    twice = [task for task, persons in holders.items() if len(persons) > 1]
    assert not twice, f"dealt to two: {twice}"
    return len(holders)


def _rescreened(setting: Setting) -> tuple[int, float]:
    """As a worker does it: behind the desks."""
    stand_back()
    server_stands_back()
    began = time.perf_counter()
    done = rescreen(programme=programme_of(setting), actor=SYSTEM, at=timezone.now()).done
    return done, time.perf_counter() - began


def _locks(seconds: float) -> list[int]:
    """How many sessions waited for a lock, looked at ten times a second."""
    found, until = [], time.monotonic() + seconds
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(LOCKED)
            found.append(int(cursor.fetchone()[0]))
            time.sleep(LOOK_EVERY_SECONDS)
    return found


def _verdicts(setting: Setting) -> int:
    """Verdicts given; none may have met another on the same look, nor two persons on one case."""
    given = Verdict.objects.filter(task__programme=programme_of(setting), undone_at__isnull=True)
    looks = given.values("submission", "round", "step").distinct().count()
    assert looks == given.count(), "two verdicts on one look"
    held = Task.objects.filter(programme=programme_of(setting), state="held")
    assert held.values("case").distinct().count() == held.count(), "two persons on one case"
    return looks


def _queries(setting: Setting, pk: int) -> dict[str, int]:
    """The statements of each page that a reviewer opens, savepoints and session among them."""
    browser, base, found = Browser(Staff.objects.get(pk=pk)), f"/p/{setting.slug}/review/", {}
    with CaptureQueriesContext(connection) as seen:
        browser.get(base)
    found["queue"] = len(seen)
    with CaptureQueriesContext(connection) as seen:
        task = _act(browser, base, CLAIM, "").place
    found[CLAIM] = len(seen)
    with CaptureQueriesContext(connection) as seen:
        _act(browser, base, PAGE, task)
    found[PAGE] = len(seen)
    with CaptureQueriesContext(connection) as seen:
        _act(browser, base, VERDICT, task)
    found[VERDICT] = len(seen)
    return found


def _lines(acts: Sequence[Act], beside: str) -> list[Latency]:
    lines = []
    for what in (CLAIM, PAGE, VERDICT):
        seconds = sorted(act.seconds for act in acts if act.what == what)
        if len(seconds) >= 2:
            cuts = statistics.quantiles(seconds, n=100, method="inclusive")
            lines.append(Latency(what, beside, len(seconds), cuts[49], cuts[98]))
    return lines


HEADINGS = ("act", "bulk run", "acts", "p50 ms", "p99 ms")


def cells(line: Latency) -> tuple[str, ...]:
    return (line.what, line.beside, f"{line.acts:,}", f"{line.p50 * 1_000:,.1f}", f"{line.p99 * 1_000:,.1f}")


def text(found: Reviewed) -> str:
    bulk, pages = found.bulk, ", ".join(f"{page} {count}" for page, count in found.queries.items())
    return (
        f"{found.reviewers} reviewers at once, {found.applications:,} applications,"
        f" {found.think_seconds:g} s before a verdict\n\n"
        f"{report.aligned(HEADINGS, [cells(line) for line in found.latencies])}\n\n"
        f"Statements per page: {pages}. Verdicts {found.verdicts:,}, each on a look of its own;"
        f" {found.dealt:,} tasks dealt, each to one person. Judged again meanwhile {bulk.rescreened:,} in {bulk.seconds:,.0f} s."
        f" Sessions waiting for a lock in {bulk.looks_with_waiting:,} of {bulk.looks:,} looks, at most {bulk.waiting_most}."
    )


def values(found: Reviewed) -> dict[str, Any]:
    """Plain values for a file."""
    lines = [line._asdict() for line in found.latencies]
    return {**found._asdict(), "latencies": lines, "bulk": found.bulk._asdict()}
