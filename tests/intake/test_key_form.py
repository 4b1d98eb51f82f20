"""A scanned form is keyed by two persons: agreed it is received as any paper form, else a third one chooses."""

import pytest
from django.db import IntegrityError, transaction

from tests.intake.key_room import TYPED
from todoku.case.tables import CaseStage
from todoku.intake.claim_key_task import CLAIMED_MINUTES_MAX
from todoku.intake.key_form import (
    NotYours,
    SameKeyer,
    TooLateToTakeBack,
    key_first,
    key_second,
    set_aside,
    settle,
    take_back,
)
from todoku.intake.keyed_values import PAPERS
from todoku.intake.make_key_tasks import make_key_tasks
from todoku.intake.sheets_of import sheets_of
from todoku.intake.tables import (
    AccountVersion,
    Entry,
    KeyCorrection,
    Keying,
    KeyTask,
    ProofVersion,
    Submission,
)
from todoku.review.screen import screen
from todoku.review.tables import Finding, Task, Verdict


def test_two_who_agree_receive_the_form_and_neither_judges_it(room):
    assert (
        room.made.done == 3
        and make_key_tasks(programme=room.programme, actor=room.one, at=room.now).done == 0
    )
    task, kept = room.first(room.one)
    sheets = sheets_of(task)
    assert {"bank", "holder_kana", "arrived_on", "identity_evidence"} <= set(sheets.fields)
    assert [page.state for page in sheets.pages] == ["read", "attached"] and 0 < sheets.crops["bank"].y < 1
    assert kept.state == "second" and not Submission.objects.exists()
    assert room.claim("second", room.two) == [], "the minute belongs to who typed"
    room.later()
    assert [one.pk for one in room.claim("second", room.one)] == [], "nobody compares with oneself"
    _, kept = room.second(room.two, account_number="１２３４５６７", holder_kana="ﾔﾏﾀﾞ  ﾀﾛｳ")
    sent = Submission.objects.get()
    assert kept.state == "done" and kept.receipt == sent.receipt_number
    assert (sent.case.number, sent.state, sent.channel) == (room.numbers[0], "received", "paper")
    assert CaseStage.objects.get(case=sent.case).stage == "received"
    account = AccountVersion.objects.get(submission=sent)
    assert (account.bank, account.number, account.staff_id) == ("0005", "1234567", room.two.id)
    assert not Entry.objects.exists() and Keying.objects.count() == 2
    screen(programme=room.programme, actor=room.three, at=room.now)
    review = Task.objects.filter(submission=sent).first() or Task.objects.create(
        programme=room.programme, case=sent.case, submission=sent, arrived_on=sent.arrived_on, step=1, round=1,
        reason="sample", queue="sample", due_on=sent.arrived_on,
    )  # fmt: skip
    for who in (room.one, room.two):
        with (
            pytest.raises(IntegrityError, match="who_enters_an_account_does_not_judge_it"),
            transaction.atomic(),
        ):
            Verdict.objects.create(
                task=review, case=sent.case, submission=sent, step=1, round=1, staff_id=who.id, outcome="refer",
                at=room.now,
            )  # fmt: skip


def test_two_who_differ_wait_for_a_third_and_each_field_put_right_is_recorded(room):
    room.first(room.one)
    room.later()
    task, kept = room.second(room.two, account_number="1234561", branch="002")
    assert kept.state == "differs" and not Submission.objects.exists()
    room.later()
    assert room.claim("differs", room.one) == room.claim("differs", room.two) == []
    (held,) = room.claim("differs", room.three)
    with pytest.raises(NotYours):
        settle(held.pk, TYPED, actor=room.two, at=room.now)
    kept = settle(held.pk, TYPED | {"branch": "002"}, actor=room.three, at=room.now)
    assert kept.state == "done" and AccountVersion.objects.get().branch == "002"
    assert sorted(KeyCorrection.objects.values_list("field", "before", "after", "why")) == [
        ("account_number", "1234561", "1234567", "2回目の入力"), ("branch", "001", "002", "1回目の入力"),
    ]  # fmt: skip
    assert AccountVersion.objects.get().number == "1234567"


def test_a_keying_is_taken_back_within_its_minute_and_never_changed(room):
    task, _ = room.first(room.one)
    with pytest.raises(TooLateToTakeBack):
        take_back(task.pk, actor=room.two, at=room.now)
    assert take_back(task.pk, actor=room.one, at=room.now).state == "first"
    _, kept = room.first(room.one, phone="045-111-1111")
    assert kept.state == "second" and Keying.objects.filter(task=task).count() == 2
    room.later()
    with pytest.raises(TooLateToTakeBack):
        take_back(task.pk, actor=room.one, at=room.now)
    for values in ({"values": {}}, {"staff_id": 1}):
        with pytest.raises(Exception), transaction.atomic():  # noqa: B017, PT011
            Keying.objects.filter(undone_at=None).update(**values)
    assert Keying.objects.get(undone_at=None).values["phone"] == "045-111-1111"


def test_no_two_people_hold_one_task_and_a_forgotten_one_goes_back(room):
    mine, yours = room.claim("first", room.one), room.claim("first", room.two)
    assert len(mine) == 2 and len(yours) == 1 and not {one.pk for one in mine} & {one.pk for one in yours}
    assert [one.pk for one in room.claim("first", room.one)] == [one.pk for one in mine], "one's own first"
    assert room.claim("first", room.three) == []
    room.later(CLAIMED_MINUTES_MAX * 60 + 1)
    taken = room.claim("first", room.three, most=3)
    assert len(taken) == 3
    with pytest.raises(NotYours):
        key_first(mine[0].pk, TYPED, actor=room.one, at=room.now)


def test_the_same_person_is_refused_by_name_and_by_the_database(room):
    task, _ = room.first(room.one)
    KeyTask.objects.filter(pk=task.pk).update(claimed_id=room.one.id, claimed_at=room.now)
    with pytest.raises(SameKeyer):
        key_second(task.pk, TYPED, actor=room.one, at=room.now)
    with (
        pytest.raises(IntegrityError, match="a_form_is_keyed_twice_by_different_persons"),
        transaction.atomic(),
    ):
        Keying.objects.create(
            task=task, round=2, staff_id=room.one.id, actor_name="x", finished_at=room.now, values={}
        )


def test_a_form_of_a_paid_case_and_one_that_cannot_be_read_are_set_aside_with_the_reason(room):
    task, _ = room.first(room.one)
    CaseStage.objects.filter(case=task.case).update(stage="lapsed", previous="invited")
    room.later()
    _, kept = room.second(room.two)
    task.refresh_from_db()
    assert kept.state == "aside" and "期限切れ" in task.aside_why and not Submission.objects.exists()
    held = room.claim("first", room.one, most=1)[0]
    assert set_aside(held.pk, "鉛筆で読めない", actor=room.one, at=room.now).state == "aside"
    held.refresh_from_db()
    assert held.aside_why == "鉛筆で読めない"


PAPER = {"identity_kind": "driving_licence", "identity_on": "2031-05-03"}


def test_kind_and_day_of_the_paper_are_keyed_twice_and_kept_with_the_form(room):
    task, _ = room.first(room.one, **PAPER)
    assert set(PAPERS) <= set(sheets_of(task).fields)
    room.later()
    _, kept = room.second(room.two, **PAPER)
    papers = ProofVersion.objects.get()
    assert kept.state == "done" and papers.submission == Submission.objects.get()
    assert (papers.first, f"{papers.first_on}", papers.staff_id) == (
        "driving_licence",
        "2031-05-03",
        room.two.id,
    )


def test_a_day_that_two_read_differently_is_settled_by_a_third_and_recorded(room):
    room.first(room.one, **PAPER)
    room.later()
    task, kept = room.second(room.two, **PAPER | {"identity_on": "2021-05-03"})
    assert kept.state == "differs"
    room.later()
    (held,) = room.claim("differs", room.three)
    settle(held.pk, TYPED | PAPER | {"identity_on": "2021-05-03"}, actor=room.three, at=room.now)
    assert f"{ProofVersion.objects.get().first_on}" == "2021-05-03"
    correction = KeyCorrection.objects.get()
    assert (correction.field, correction.before, correction.after) == (
        "identity_on",
        "2031-05-03",
        "2021-05-03",
    )
    screen(programme=room.programme, actor=room.three, at=room.now)
    assert "D21" in Finding.objects.values_list("code", flat=True), (
        "the checks judge it as on every other way"
    )


def test_a_paper_that_the_first_overlooked_is_there_once_a_third_has_seen_it(room):
    room.first(room.one, identity_evidence="none")
    room.later()
    room.second(room.two, **PAPER)
    room.later()
    (held,) = room.claim("differs", room.three)
    settle(held.pk, TYPED | PAPER, actor=room.three, at=room.now)
    assert Submission.objects.get().identity_evidence == "clear" and ProofVersion.objects.exists()


def test_a_kind_that_nobody_can_tell_names_no_paper(room):
    room.first(room.one, identity_kind="unclear")
    room.later()
    _, kept = room.second(room.two, identity_kind="unclear")
    assert kept.state == "done" and not ProofVersion.objects.exists()
