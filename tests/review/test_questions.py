"""A question reaches the municipality only through the office's manager, with the evidence he chose; the database agrees."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils.timezone import localdate

from todoku.formats.bank_days import bank_days_after
from todoku.review.answer import NotForwarded, Scope, answer
from todoku.review.forward import NotReadyToSend, NotTheManager, NotWithManager, Shown, forward
from todoku.review.give_back import NeedsWords, give_back
from todoku.review.question_clock import ANSWER_DAYS, Clock, clock
from todoku.review.remind import NothingToRemindOf, remind
from todoku.review.ruling_tables import Ruling, RulingUse
from todoku.review.tables import Question, Task

WORDS = "世帯員の訂正があります。届出を確認してください。"


@pytest.fixture
def asked(office):
    """The office of a day on which a reviewer has asked, and the question."""
    office.arrive(office.form(office.applicants[0], members_corrected=True))
    office.verdict("reviewer1", "refer", comment=WORDS)
    return office, Question.objects.get()


def refused_by_the_database(name, write):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        write()


def test_a_question_waits_for_the_manager_and_nobody_else_sends_it(asked):
    office, question = asked
    assert (question.state, question.asked, office.stage(office.applicants[0])) == (
        "with_manager",
        WORDS,
        "with_municipality",
    )
    with pytest.raises(NotForwarded):
        answer(question, ruling="grant", text="よい", actor=office.staff["officer"], at=office.later())
    with pytest.raises(NotTheManager):
        forward(question, wording="x", shown=Shown(), actor=office.staff["reviewer2"], at=office.later())
    with pytest.raises(NotReadyToSend, match="文章"):
        forward(question, wording=" ", shown=Shown(), actor=office.staff["manager"], at=office.later())
    with pytest.raises(NotReadyToSend, match="期限"):
        forward(
            question, wording="x", shown=Shown(), due_on=date(2020, 1, 1), actor=office.staff["manager"],
            at=office.later(),
        )  # fmt: skip
    sent = forward(
        question,
        wording="届出の有無を教えてください。",
        shown=Shown(),
        actor=office.staff["manager"],
        at=office.later(),
    )
    assert (sent.state, sent.wording) == ("sent", "届出の有無を教えてください。")
    assert (sent.shown_findings, sent.shown_pictures, sent.shown_application, sent.shown_account) == (
        [],
        [],
        False,
        "none",
    ), "nothing is shown unless it is chosen"
    assert sent.due_on == bank_days_after(localdate(office.at), ANSWER_DAYS)
    with pytest.raises(NotWithManager, match="自治体の回答待ち"):
        give_back(question, words="もう一度", actor=office.staff["manager"], at=office.later())


def test_a_question_given_back_is_reviewed_anew_by_two_with_the_managers_words(asked):
    office, question = asked
    with pytest.raises(NeedsWords):
        give_back(question, words="", actor=office.staff["manager"], at=office.later())
    back = give_back(
        question,
        words="世帯員の続柄は名簿の2ページ目にあります。",
        actor=office.staff["manager"],
        at=office.later(),
    )
    assert (back.state, office.stage(office.applicants[0])) == ("given_back", "in_review")
    task = Task.objects.get(state="open")
    assert (task.round, task.reason) == (2, "given_back")
    office.both()
    assert office.stage(office.applicants[0]) == "passed"
    assert not Ruling.objects.exists()


def test_the_municipality_is_reminded_once_a_day(asked):
    office, question = asked
    manager = office.staff["manager"]
    with pytest.raises(NothingToRemindOf, match="業務責任者の確認待ち"):
        remind(question, actor=manager, at=office.later())
    office.send_question(question)
    assert remind(question, actor=manager, at=office.later()).reminders == 1
    with pytest.raises(NothingToRemindOf, match="今日はもう"):
        remind(question, actor=manager, at=office.later())
    assert remind(question, actor=manager, at=office.later(days=1)).reminders == 2


def test_an_answer_is_a_numbered_ruling_that_goes_to_nobody_by_name(asked):
    office, question = asked
    office.send_question(question)
    made = answer(
        question, ruling="grant", text="届出のとおり。", scope=Scope(like=True, codes=["D51"], words="世帯員の訂正"),
        actor=office.staff["officer"], at=office.later(),
    )  # fmt: skip
    assert (made.number, made.title, made.outcome, made.codes, made.scope) == (
        1,
        "裁定第1号",
        "grant",
        ["D51"],
        "like",
    )
    assert RulingUse.objects.get().way == "question"
    task = Task.objects.get(state="open")
    assert (task.reason, task.claimed_by_id) == ("answered", None), "no reviewer is named"


def test_the_database_lets_no_officer_answer_what_was_not_forwarded(asked):
    office, question = asked
    # Enrolled before: an attempt that is refused takes back all of its transaction.
    staff = {who: office.staff[who] for who in ("manager", "officer", "reviewer1")}
    rows = Question.objects.filter(pk=question.pk)
    answered = {"ruling": "grant", "answer": "よい", "answered_at": office.at, "state": "answered"}
    refused_by_the_database(
        "an_officer_answers_what_was_forwarded",
        lambda: rows.update(answerer_id=staff["officer"].id, wording="x", forwarder_id=staff["manager"].id,
                            forwarded_at=office.at, **answered),
    )  # fmt: skip
    refused_by_the_database(
        "the_forwarder_has_the_managers_role",
        lambda: rows.update(state="sent", wording="x", forwarder_id=staff["reviewer1"].id, forwarded_at=office.at),
    )  # fmt: skip
    refused_by_the_database(
        "a_sent_question_has_its_forwarder",
        lambda: rows.update(state="sent", wording="", forwarder_id=staff["manager"].id),
    )
    refused_by_the_database("a_question_stays_as_it_was_asked", lambda: rows.update(asked="ほかのこと"))
    office.send_question(question)
    refused_by_the_database("what_was_sent_stays", lambda: rows.update(shown_account="whole"))
    refused_by_the_database(
        "an_officer_answers_what_was_forwarded",
        lambda: rows.update(answerer_id=staff["manager"].id, **answered),
    )
    refused_by_the_database("a_question_goes_through_the_manager", lambda: rows.update(state="given_back"))
    answer(question, ruling="grant", text="よい", actor=staff["officer"], at=office.later())
    refused_by_the_database("an_answered_question_does_not_change", lambda: rows.update(answer="だめ"))
    refused_by_the_database(
        "a_ruling_is_ended_but_never_rewritten", lambda: Ruling.objects.update(reason="だめ")
    )
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        rows._raw_delete("default")


def test_a_ruling_is_made_by_an_answer_and_not_otherwise(asked):
    office, question = asked
    refused_by_the_database(
        "a_ruling_is_an_officers_answer",
        lambda: Ruling.objects.create(
            programme=office.programme, number=1, question=question, outcome="grant", reason="よい", scope="case",
            ruled_on=office.today, ruled_by_id=office.staff["officer"].id, at=office.at,
        ),
    )  # fmt: skip
    assert not Ruling.objects.exists()


MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("sent_after", "due_after", "closed_after", "today_after", "expected"),
    [
        (None, None, None, 0, Clock(0, 0, False)),
        (None, None, None, 2, Clock(2, 0, True)),  # nobody has sent it for two days
        (1, 8, None, 8, Clock(1, 7, False)),
        (1, 8, None, 9, Clock(1, 8, True)),  # the day after the one named
        (1, 8, 10, 20, Clock(1, 9, False)),  # answered: the clock stands
        (None, None, 3, 20, Clock(3, 0, False)),  # given back after three days
    ],
)
def test_the_clock_says_at_whose_side_a_question_waits(
    sent_after, due_after, closed_after, today_after, expected
):
    def day(after):
        return None if after is None else MONDAY + timedelta(days=after)

    assert expected == clock(
        asked_on=MONDAY, sent_on=day(sent_after), due_on=day(due_after), closed_on=day(closed_after),
        today=MONDAY + timedelta(days=today_after),
    )  # fmt: skip
