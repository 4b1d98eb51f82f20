"""A re-screening beside everybody else: killed in the middle of a chunk, twice at once, and while reviewers judge."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, connections, transaction

from tests.next_version import next_version
from tests.review.test_rescreen import OTHER, _ruled
from todoku.case.tables import CaseStage
from todoku.people.actor import SYSTEM
from todoku.programme.tables import Programme
from todoku.review.claim import NothingWaits, claim_next
from todoku.review.end_shift import end_shift
from todoku.review.judge import judge
from todoku.review.rescreen import rescreen, rescreen_let_go
from todoku.review.rescreen_tables import PastScreening, Rescreening
from todoku.review.tables import Finding, Proposal, Screening, Task


@pytest.fixture
def waiting(office):
    """Twenty web applications whose holder the roll does not know, and a Version that only notes such holders."""
    for one in office.applicants[:20]:
        office.send_web(one, holder_kana=OTHER)
    office.screen()
    assert Task.objects.filter(state="open").count() == 20
    next_version(office.programme, _ruled(office.programme.version.text, D12="note"), at=office.later())
    return office


def _run(office, **values):
    """A run with its own connection and its own look at the programme, as a worker has."""
    try:
        programme = Programme.objects.get(pk=office.programme.pk)
        return rescreen(programme=programme, actor=SYSTEM, at=office.at, **values)
    finally:
        connections.close_all()


def _wait_for_a_lock() -> int:
    """The process of the database that waits for a row at this moment."""
    for _ in range(1200):  # a busy machine takes its time
        with connection.cursor() as cursor:
            cursor.execute("select pg_stat_clear_snapshot()")  # a transaction sees the first look at it again
            cursor.execute(
                "select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
            )
            if row := cursor.fetchone():
                return int(row[0])
        time.sleep(0.05)
    raise AssertionError("nobody waits")


def _sound() -> None:
    """What must hold whoever met whom: nothing half done, nothing twice, nobody forgotten."""
    stages = dict(CaseStage.objects.values_list("case_id", "stage"))
    open_tasks = Counter(Task.objects.filter(state__in=["open", "held"]).values_list("case_id", flat=True))
    for case in Screening.objects.values_list("case_id", flat=True):
        assert open_tasks[case] == (1 if stages[case] == "in_review" else 0), stages[case]
        assert Proposal.objects.filter(case_id=case).exists() or stages[case] != "passed"
    behind = Screening.objects.exclude(version=Programme.objects.get().version)
    assert not behind.exists()
    assert PastScreening.objects.count() == PastScreening.objects.values("submission").distinct().count()
    assert Counter(Finding.objects.values_list("submission", "code")).most_common(1)[0][1] == 1


def test_a_run_killed_in_the_middle_of_a_chunk_leaves_nothing_of_it_and_goes_on(waiting):
    last = Task.objects.order_by("-case_id")[0]
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            # A reviewer's claim that is not finished: the chunk with this case waits for it.
            Task.objects.select_for_update().get(pk=last.pk)
            running = pool.submit(_run, waiting, chunk_rows=8)
            with connection.cursor() as cursor:
                cursor.execute("select pg_terminate_backend(%s)", [_wait_for_a_lock()])
        with pytest.raises(OperationalError):
            running.result(timeout=120)
    run = Rescreening.objects.get()
    assert (run.judged, PastScreening.objects.count(), run.ended_at) == (16, 16, None)
    assert CaseStage.objects.get(pk=last.case_id).stage == "in_review"

    assert _run(waiting).done == 4
    run.refresh_from_db()
    assert (run.judged, run.changed, run.ended_at is not None) == (20, 20, True)
    _sound()


def test_two_runs_at_once_judge_everything_once(waiting):
    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(lambda _: _run(waiting, chunk_rows=3), range(3)))
    assert sum(report.done for report in reports) == 20
    assert Rescreening.objects.get().judged == 20
    _sound()


def test_reviewers_who_judge_meanwhile_lose_nothing_and_nothing_is_left_behind(waiting):
    people = ("reviewer1", "reviewer2", "manager")
    actors = [waiting.staff[who] for who in people]
    at = waiting.later()

    def judges(actor):
        done = 0
        try:
            for _ in range(6):
                programme = Programme.objects.get(pk=waiting.programme.pk)
                task = claim_next(programme=programme, actor=actor, at=at)
                judge(task, outcome="approve", actor=actor, at=at)
                done += 1
        except NothingWaits:
            pass
        finally:
            connections.close_all()
        return done

    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(judges, actor) for actor in actors]
        running = pool.submit(_run, waiting, chunk_rows=2)
        judged = sum(one.result(timeout=120) for one in working)
        running.result(timeout=120)
    for actor in actors:
        end_shift(programme=waiting.programme, words="", actor=actor, at=at)
    rescreen_let_go(at=at)
    _run(waiting)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from todoku_verdict where undone_at is null")
        assert cursor.fetchone()[0] == judged
    _sound()
