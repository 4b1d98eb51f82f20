"""A verdict taken back while somebody else moves its case: either all of it holds, or nothing has changed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections, transaction

from tests.review.test_rescreen_at_once import _wait_for_a_lock
from todoku.people.actor import SYSTEM
from todoku.review.decide import decide, make_list
from todoku.review.reopen import reopen
from todoku.review.tables import Decision, Task
from todoku.review.undo import TooLate, undo
from todoku.review.withdraw import CannotWithdraw, withdraw


@pytest.fixture
def passed(office):
    """One case that both have approved, and the second verdict."""
    office.arrive(office.form(office.applicants[0]))
    _, second = office.both()
    return office, office.applicants[0], second


def meanwhile(act, taking_back):
    """Runs `act` in a transaction that `taking_back`, in a process of its own, must wait for; gives what came of it."""

    def own_connection():
        try:
            return taking_back()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            act()
            running = pool.submit(own_connection)
            _wait_for_a_lock()
        return running.result(timeout=120)


def test_what_is_decided_meanwhile_is_not_withdrawn(passed) -> None:
    office, one, second = passed
    made = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    at = office.later()
    with pytest.raises(CannotWithdraw, match="先へ進みました"):
        meanwhile(
            lambda: decide(made, sha256=made.sha256, actor=office.staff["officer"], at=at),
            lambda: withdraw(second, why="見誤り", actor=office.staff["reviewer2"], at=at),
        )
    second.refresh_from_db()
    assert (office.stage(one), second.undone_at, Decision.objects.get().in_force) == ("decided", None, True)
    assert not Task.objects.filter(state__in=["open", "held"]).exists()


def back(office, one):
    return lambda: reopen(
        [one.case], programme=office.programme, reason="new_terms", actor=SYSTEM, at=office.at
    )


def test_a_round_opened_meanwhile_is_not_opened_twice(passed) -> None:
    office, one, second = passed
    with pytest.raises(CannotWithdraw, match="先へ進みました"):
        meanwhile(
            back(office, one),
            lambda: withdraw(second, why="見誤り", actor=office.staff["reviewer2"], at=office.at),
        )
    assert [(task.round, task.reason) for task in Task.objects.filter(state="open")] == [(2, "new_terms")]


def test_a_round_opened_meanwhile_leaves_the_undone_look_closed(passed) -> None:
    office, one, second = passed
    at = second.at + timedelta(seconds=30)
    with pytest.raises(TooLate, match="次の担当者"):
        meanwhile(back(office, one), lambda: undo(second, actor=office.staff["reviewer2"], at=at))
    second.refresh_from_db()
    assert second.undone_at is None
    assert [(task.round, task.state) for task in Task.objects.filter(state__in=["open", "held"])] == [
        (2, "open")
    ]
