"""What is said against a decision: registered at either door, its clock counted, held, assigned, answered by an order."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.timezone import localdate

from tests.web.test_declines import at_stage, confirmed, stage_of, told
from todoku.handback.case_records import records_of
from todoku.payment.side_tables import Hold
from todoku.payment.tables import Transfer
from todoku.people.tables import AuditEvent, Staff
from todoku.recovery.answer_objection import CannotAnswer, answer_objection
from todoku.recovery.objection_tables import Objection
from todoku.recovery.take_objection import CannotObject, Said, assign_objection, last_day, take_objection
from todoku.review.decide import decide
from todoku.review.tables import Decision, Task
from todoku.rounds.due_letters import due_items

SAID = Said("again", "amount", "paper", "本人", "世帯の人数が違います。", date.min)


def taken(day, case, said=SAID, who="manager"):
    said = replace(said, received_on=localdate())
    return take_objection(case, said, actor=day.staff[who], at=timezone.now())


def answered(day, one, outcome, order="決裁8-1", who="officer"):
    words = "名簿を確かめました。"
    return answer_objection(
        one, outcome=outcome, order=order, reason=words, actor=day.staff[who], at=timezone.now()
    )


def refused_case(day):
    made = day.list_made()
    decide(made, sha256=made.sha256, actor=day.staff["officer"], at=timezone.now())
    return at_stage("refused")


@pytest.mark.parametrize(
    ("known_on", "last"),
    [(date(2026, 12, 1), date(2027, 3, 1)), (date(2026, 11, 30), date(2027, 2, 28)), (None, None)],
)
def test_three_months_run_from_the_day_after_it_was_known(known_on, last):
    assert last_day("review", known_on) == last
    assert last_day("again", known_on) is None


def test_before_the_bank_it_holds_the_payment_until_the_municipality_has_answered(day):
    day.built()
    case = at_stage("decided")
    one = taken(day, case)
    assert (one.title, one.door, one.due_on) == ("申出第1号", "office", localdate() + timedelta(days=30))
    assert Hold.objects.get(case=case).kind == "objection"
    assert Transfer.objects.get(case=case).batch_id is None
    with pytest.raises(CannotObject, match="すでに受け付けています"):
        taken(day, case)
    with pytest.raises(CannotAnswer, match="自治体の担当課職員だけ"):
        answered(day, one, "kept", who="manager")
    with pytest.raises(CannotAnswer, match="決裁の番号"):
        answered(day, one, "kept", order=" ")
    answered(day, one, "kept")
    assert Hold.objects.get(case=case).closed_at is not None and stage_of(case) == "decided"
    (letter,) = due_items("objection_answer", day.programme, localdate())
    assert letter.values[2] == "決定のとおりとします" and letter.items[0] == "名簿を確かめました。"


def test_a_changed_decision_is_reviewed_by_two_and_decided_anew_never_silently(day):
    case = refused_case(day)
    one = taken(day, case, replace(SAID, about="refused"))
    answered(day, one, "changed", order="決裁8-9")
    one.refresh_from_db()
    assert (stage_of(case), one.effect) == ("in_review", "review")
    old = Decision.objects.get(case=case)
    assert not old.in_force and "決裁8-9" in old.remark
    task = Task.objects.get(case=case, state="open")
    assert (task.reason, task.step) == ("objection", 1)
    with pytest.raises(CannotAnswer, match="終わっています"):
        answered(day, one, "kept")


def test_a_decline_that_nobody_may_take_back_any_more_goes_on_by_the_municipalitys_order(day):
    reviewed, waiting = at_stage("in_review"), at_stage("listed")
    for case in (reviewed, waiting):
        confirmed(day, told(day, case))
    answered(day, taken(day, reviewed, replace(SAID, about="lapsed")), "changed", order="決裁9-1")
    answered(day, taken(day, waiting, replace(SAID, about="lapsed")), "changed", order="決裁9-2")
    assert (stage_of(reviewed), stage_of(waiting)) == ("in_review", "listed")
    assert Task.objects.get(case=reviewed, state="open").reason == "declined_back"
    told_what = {
        letter.case_id: letter.items[1]
        for letter in due_items("objection_answer", day.programme, localdate())
    }
    assert "手続きを終わりとした取扱いを取り消し、もう一度審査" in told_what[reviewed.pk]
    assert "申請をもう一度お受けします" in told_what[waiting.pk]


def test_no_number_of_the_tax_register_is_kept_or_printed(day):
    one = taken(day, at_stage("decided"))
    with pytest.raises(CannotAnswer, match="マイナンバー"):
        answer_objection(
            one, outcome="kept", order="決裁8-3", reason="番号 123456789018 を確かめました。",
            actor=day.staff["officer"], at=timezone.now(),
        )  # fmt: skip
    assert Objection.objects.get(pk=one.pk).state == "received"


def test_against_a_disposition_the_answer_names_the_ruling_and_the_officer_is_reminded_of_it(day, signed_in):
    said = {"about": "amount", "channel": "paper", "said_by": "本人", "words": "世帯の人数が違います。"}
    one, other = (
        Objection.objects.create(
            programme=day.programme, case=case, number=number, kind=kind, **said, door="office", received_on=localdate(),
            registered_at=timezone.now(), registered_by_id=day.staff["manager"].id, due_on=localdate(),
        )
        for number, kind, case in ((1, "review", at_stage("decided")), (2, "correction", refused_case(day)))
    )  # fmt: skip
    with signed_in("municipality", "officer") as browser:
        pages = [
            browser.get(f"/p/{day.programme.slug}/objections/{each.pk}/").content.decode()
            for each in (one, other)
        ]
    assert ["裁決書の代わりになりません" in page for page in pages] == [True, False]
    for each in (one, other):
        answered(day, each, "kept")
    letters = {one.case_id: one.items[1] for one in due_items("objection_answer", day.programme, localdate())}
    assert "裁決書の謄本は、別にお送りします" in letters[one.case_id]
    assert "裁決書" not in letters[other.case_id]


def test_a_gift_knows_no_appeal_and_what_is_not_decided_no_objection(day):
    with pytest.raises(CannotObject, match="行政処分ではない"):
        taken(day, at_stage("decided"), replace(SAID, kind="review"))
    with pytest.raises(CannotObject, match="まだ決定していません"):
        taken(day, at_stage("in_review"))


def test_the_database_takes_an_answer_from_an_officer_alone_and_keeps_what_was_said(day):
    one = taken(day, at_stage("decided"))
    manager = day.staff["manager"].id
    values = {
        "state": "answered",
        "outcome": "kept",
        "order": "x",
        "reason": "x",
        "answered_at": timezone.now(),
    }
    with pytest.raises(DatabaseError, match="an_objection_is_answered_by_an_officer"), transaction.atomic():
        Objection.objects.filter(pk=one.pk).update(**values, answered_by_id=manager)
    with pytest.raises(DatabaseError, match="an_objection_stays_as_it_was_said"), transaction.atomic():
        Objection.objects.filter(pk=one.pk).update(words="y")


def test_both_doors_register_and_the_municipality_assigns_and_answers(day, signed_in):
    slug, case, other = day.programme.slug, at_stage("decided"), refused_case(day)
    form = {
        "kind": "correction", "about": "amount", "channel": "counter", "said_by": "本人", "words": "額が違います。",
        "received_on": localdate().isoformat(),
    }  # fmt: skip
    with signed_in("office", "manager") as browser:
        missing = browser.post(f"/p/{slug}/objections/case/{case.number}/", form | {"words": ""})
        assert missing.status_code == 422 and "申出の内容を入力してください" in missing.content.decode()
        vague = browser.post(f"/p/{slug}/objections/case/{case.number}/", form | {"about": ""})
        assert "何についての申出かを選んでください" in vague.content.decode()
        browser.post(f"/p/{slug}/objections/case/{case.number}/", form)
        first = Objection.objects.get()
        seen = browser.get(f"/p/{slug}/objections/{first.pk}/").content.decode()
        assert "回答するのは、自治体の担当課職員です" in seen and 'value="answer"' not in seen
    with signed_in("municipality", "officer") as browser:
        browser.post(
            f"/p/{slug}/objections/case/{other.number}/", form | {"kind": "again", "about": "refused"}
        )
        listed = browser.get(f"/p/{slug}/objections/").content.decode()
        assert "申出第1号" in listed and "申出第2号" in listed
        here = f"/p/{slug}/objections/{first.pk}/"
        browser.post(here, {"do": "assign", "assignee": day.staff["officer2"].id})
        bad = browser.post(here, {"do": "answer", "outcome": "kept", "order": "", "reason": "確かめました。"})
        assert bad.status_code == 422 and "決裁の番号" in bad.content.decode()
        browser.post(
            here, {"do": "answer", "outcome": "kept", "order": "決裁8-2", "reason": "確かめました。"}
        )
        story = browser.get(f"/p/{slug}/case/{case.number}/").content.decode()
    first.refresh_from_db()
    assert (first.state, first.assignee.username) == ("answered", "officer2")
    assert "申出第1号に回答しました" in story
    assert Objection.objects.get(number=2).door == "municipality"
    assert AuditEvent.objects.filter(action="objection.answer", reason__contains="決裁8-2").exists()


def test_nobody_of_a_contractor_is_named_to_look_into_it(day):
    one = taken(day, at_stage("decided"))
    with pytest.raises(CannotObject, match="担当課職員です"):
        assign_objection(
            one, Staff.objects.get(username="manager"), actor=day.staff["officer"], at=timezone.now()
        )


def test_the_deliverable_tells_what_was_said_and_how_it_ended(day):
    case = at_stage("decided")
    answered(day, taken(day, case), "kept")
    (record,) = records_of([case.pk])
    told = [event.what for event in record.events if event.kind == "申出"]
    assert told == ["申出第1号（再審査の申出）を受付", "申出第1号：決定のとおりとする（棄却）"]
