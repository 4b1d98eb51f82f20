"""Steps that meet at one case take its locks in one order (review/case_locks.py): both finish, whoever comes first, and what is
left holds together. Real connections; a third one keeps both from going on until each has what it locks first."""

import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from tests.review.test_change_questions import ask, change_of, second_of, with_family
from tests.review.test_taken_back_at_once import meanwhile
from todoku.case.tables import Case
from todoku.ground.step import Refusal
from todoku.intake.tell_decline import Told, tell_decline
from todoku.payment.close_hold import close_hold
from todoku.payment.confirm_decline import confirm_decline
from todoku.payment.hand_back import hand_back
from todoku.payment.hold import hold
from todoku.payment.make_transfers import make_transfers
from todoku.payment.tables import Transfer
from todoku.people.actor import SYSTEM
from todoku.programme.tables import Programme
from todoku.review.answer_change import answer_change
from todoku.review.case_locks import hold_cases
from todoku.review.claim import put_back
from todoku.review.decide import decide, make_list
from todoku.review.judge import judge
from todoku.review.reopen import reopen
from todoku.review.rescreen_tables import Rescreening, TermsChange
from todoku.review.tables import Decision, DecisionList, Task, Verdict
from todoku.review.undo import undo
from todoku.review.undo_terms_change import undo_terms_change
from todoku.review.withdraw import withdraw

# What the third connection keeps, by what the two then stand before.
KEPT = {
    "programme": "select 1 from todoku_programme for no key update",
    "list": "select 1 from todoku_decisionlist for update",
    "stage": "select 1 from todoku_casestage for update",
    "application": "select 1 from todoku_submission for update",
}
WAITING = (
    "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
)
WAITS = 1200  # looks of 50 ms: a busy machine takes its time


def both(first, second, kept):
    """Starts one after the other while a third keeps what they need; lets go, and gives what came of each."""

    def alone(step):
        try:
            return step()
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        running: list[Future] = []
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(KEPT[kept])
            for step in (first, second):
                running.append(pool.submit(alone, step))
                _stand_still(cursor, running)
        return [one.result(timeout=120) for one in running]


def _stand_still(cursor, running):
    """Until each of them waits for a lock or is done."""
    for _ in range(WAITS):
        cursor.execute("select pg_stat_clear_snapshot()")
        cursor.execute(WAITING)
        if cursor.fetchone()[0] >= sum(not one.done() for one in running):
            return
        time.sleep(0.05)
    raise AssertionError("somebody neither waits nor ends")


class Crossing:
    """One case on an open list, of which a change, a change of terms and a word about declining wait."""

    def __init__(self, office):
        self.office, self.one = office, with_family(office)[0]
        office.arrive(office.form(self.one))
        office.both()
        self.made = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
        self.case = Case.objects.select_related("programme").get(pk=self.one.case)
        self.change = change_of(office, self.one)
        self.question = office.send_question(ask(office))
        version = office.programme.version
        run = Rescreening.objects.create(
            programme=office.programme, version=version, sha256=version.sha256, trial=False, started_at=office.at,
            actor_name="x",
        )  # fmt: skip
        self.terms = TermsChange.objects.create(
            programme=office.programme, case=self.case, rescreening=run, version=version, kind="cohort", state="done",
            stage="passed", cohort_before=self.case.cohort, cohort_after=self.case.cohort, at=office.at,
        )  # fmt: skip
        self.word = tell_decline(
            self.case, Told("decline", "phone", "本人"), actor=office.staff["manager"], at=office.later()
        )
        self.at = office.later()

    def decided(self):
        """The same case once its list is decided."""
        self.decide()
        self.at = self.office.later()
        return self

    def decide(self):
        officer = self.office.staff["officer"]
        return decide(self.made, sha256=self.made.sha256, actor=officer, at=self.at)

    def undo_terms(self):
        return undo_terms_change(
            self.terms, order="決裁第5号", actor=self.office.staff["officer"], at=self.at
        )

    def answer(self):
        return answer_change(
            self.question, then="new_head", text="確認した。", payee=second_of(self.one),
            actor=self.office.staff["officer"], at=self.at,
        )  # fmt: skip

    def decline(self):
        return confirm_decline(
            self.word, second="letter", words="辞退届", actor=self.office.staff["manager"], at=self.at
        )

    def reopen(self):
        return reopen(
            [self.case.pk], programme=self.case.programme, reason="sent_back", actor=SYSTEM, at=self.at
        )

    def hand_back(self):
        return hand_back(self.case, reason="口座の疑い", actor=self.office.staff["manager"], at=self.at)

    def transfers(self):
        programme = Programme.objects.get(pk=self.case.programme_id)
        return make_transfers(programme=programme, actor=SYSTEM, at=self.at)

    def close(self):
        held = self.case.holds.get(kind="death")
        return close_hold(
            held, outcome="hand_back", words="戻す", actor=self.office.staff["officer"], at=self.at
        )

    def sound(self):
        """A transfer follows a decision in force, and a decision in force a case that is decided."""
        stage = self.office.stage(self.one)
        in_force = Decision.objects.filter(case=self.case, in_force=True).exists()
        live = Transfer.objects.filter(case=self.case).exclude(state="void").exists()
        assert in_force == (stage == "decided") and (in_force or not live)
        listed = Decision.objects.filter(case=self.case, decision_list__state="open").exclude(
            outcome="sent_back"
        )
        assert stage == "passed" or not listed.exists()


@pytest.fixture
def crossing(office):
    return Crossing(office)


@pytest.mark.parametrize("kept", ["programme", "stage"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("answer", "undo_terms"), ("undo_terms", "answer"), ("answer", "decide"), ("decide", "undo_terms"),
        ("answer", "decline"), ("decline", "undo_terms"), ("reopen", "answer"),
    ],
)  # fmt: skip
def test_steps_before_the_decision_wait_for_each_other(crossing, first, second, kept):
    results = both(getattr(crossing, first), getattr(crossing, second), kept)
    assert not isinstance(results[0], Refusal) or not isinstance(results[1], Refusal)
    crossing.sound()


@pytest.mark.parametrize("kept", ["programme", "stage"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("transfers", "hand_back"), ("hand_back", "transfers"), ("hand_back", "decline"), ("close", "transfers"),
        ("decline", "close"), ("undo_terms", "hand_back"),
    ],
)  # fmt: skip
def test_steps_after_the_decision_wait_for_each_other(crossing, first, second, kept):
    crossing.decided()
    hold(crossing.case, kind="death", reason="届出", actor=crossing.office.staff["officer"], at=crossing.at)
    results = both(getattr(crossing, first), getattr(crossing, second), kept)
    assert not isinstance(results[0], Refusal) or not isinstance(results[1], Refusal)
    crossing.sound()


def test_a_list_that_is_made_while_the_programme_is_waited_for_is_locked_before_it(office):
    """Whoever waits goes back behind the new list, and so never holds the programme while it wants a list."""
    one = office.applicants[0]
    office.arrive(office.form(one))
    office.both()
    at, manager = office.later(), office.staff["manager"]

    def holding():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                hold_cases([one.case], office.programme.pk)
                cursor.execute("select id from todoku_decisionlist where state = 'open' for update nowait")
                return cursor.fetchone()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            made = make_list(programme=office.programme, actor=manager, at=at)
            running = pool.submit(holding)
            _stand_still(cursor, [running])
        assert running.result(timeout=120) == (made.pk,)
    assert DecisionList.objects.get().state == "open"


def test_transfers_under_way_are_waited_for_and_void_with_the_case_that_goes_back(crossing):
    crossing.decided()
    meanwhile(crossing.transfers, crossing.hand_back)
    assert [one.state for one in Transfer.objects.all()] == ["void"]
    crossing.sound()
    assert crossing.transfers().done == 0


class AtTheDesk:
    """One case whose second look is held, of which a word about declining waits."""

    def __init__(self, office):
        self.office, self.one, self.who = office, office.applicants[0], "reviewer1"
        office.arrive(office.form(self.one))
        self.verdict = office.verdict("reviewer1")
        self.held = office.claim("reviewer2")
        self.case = Case.objects.select_related("programme").get(pk=self.one.case)
        self.word = tell_decline(
            self.case, Told("decline", "phone", "本人"), actor=office.staff["manager"], at=office.later()
        )
        self.at, self.made = office.later(), None

    def judged(self):
        """The same case once the second look is taken, and listed for the decision."""
        self.verdict = self.judge()
        self.who = "reviewer2"
        self.made = make_list(programme=self.office.programme, actor=self.office.staff["manager"], at=self.at)
        return self

    def judge(self):
        return judge(self.held, outcome="approve", actor=self.office.staff["reviewer2"], at=self.at)

    def decline(self):
        return confirm_decline(
            self.word, second="letter", words="辞退届", actor=self.office.staff["manager"], at=self.at
        )

    def decide(self):
        officer = self.office.staff["officer"]
        return decide(self.made, sha256=self.made.sha256, actor=officer, at=self.at)

    def undo(self):
        return undo(self.verdict, actor=self.office.staff[self.who], at=self.at)

    def withdraw(self):
        return withdraw(self.verdict, why="見誤り", actor=self.office.staff[self.who], at=self.at)

    def sound(self):
        """A look is open or held while the case is in review and at no other time; what is decided was judged by two."""
        stage = self.office.stage(self.one)
        looks = Task.objects.filter(case=self.case, state__in=["open", "held"]).exists()
        assert looks == (stage == "in_review") and stage in ("in_review", "passed", "declined", "decided")
        assert (
            stage != "decided" or Verdict.objects.filter(case=self.case, undone_at__isnull=True).count() == 2
        )


@pytest.mark.parametrize(("first", "second"), [("decline", "judge"), ("judge", "decline")])
def test_a_verdict_and_a_decline_wait_for_each_other(office, first, second):
    desk = AtTheDesk(office)
    results = both(getattr(desk, first), getattr(desk, second), "stage")
    assert not isinstance(results[0], Refusal)
    assert office.stage(desk.one) == "declined"
    desk.sound()


@pytest.mark.parametrize("second", ["withdraw", "undo"])
def test_a_first_verdict_taken_back_waits_for_a_decline_that_stops_the_second_look(office, second):
    desk = AtTheDesk(office)
    if second == "undo":
        put_back(desk.held, actor=office.staff["reviewer2"], at=desk.at)
    results = both(desk.decline, getattr(desk, second), "stage")
    assert not isinstance(results[0], Refusal) and isinstance(results[1], Refusal)
    assert office.stage(desk.one) == "declined"
    desk.sound()


@pytest.mark.parametrize("kept", ["programme", "list", "stage"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("decline", "withdraw"), ("withdraw", "decline"), ("decide", "withdraw"), ("withdraw", "decide"),
        ("decline", "undo"), ("undo", "decline"),
    ],
)  # fmt: skip
def test_a_verdict_taken_back_waits_for_who_decides_or_declines(office, first, second, kept):
    desk = AtTheDesk(office).judged()
    results = both(getattr(desk, first), getattr(desk, second), kept)
    assert not isinstance(results[0], Refusal) or not isinstance(results[1], Refusal)
    desk.sound()
