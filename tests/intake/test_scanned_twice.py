"""One paper becomes one submission: undone numbers, sheets scanned again, forms keyed by hand, and what was set aside."""

import pytest

from tests.intake.key_room import TYPED
from tests.scanned import filled, jpeg, note, printed
from todoku.intake.end_aside import InKeying, NotAside, ReasonNeeded, back_to_keying, close_aside
from todoku.intake.forms import PaperForm
from todoku.intake.key_form import key_first, set_aside
from todoku.intake.leading_page import PageMoved
from todoku.intake.make_key_tasks import BY_HAND, TWICE, make_key_tasks
from todoku.intake.receive_many import receive_many
from todoku.intake.receive_paper import receive_paper
from todoku.intake.sheets_of import sheets_of
from todoku.intake.tables import Keying, KeyTask, Submission
from todoku.people.tables import AuditEvent
from todoku.scan.act_on_page import TooLate, act_on_page, take_back
from todoku.scan.delivered import files_of_upload
from todoku.scan.receive_lot import receive_lot
from todoku.scan.tables import ScanLot, ScanPage
from todoku.scan.take_pages import take_pages


def _lot(room, pictures, name):
    kept = receive_lot(
        files_of_upload([(f"{i}.jpg", data) for i, data in enumerate(pictures)]), programme=room.programme, name=name,
        arrived_on=ScanLot.objects.get(name="束1").arrived_on, actor=room.one, at=room.now,
    )  # fmt: skip
    lot = ScanLot.objects.get(pk=kept.pk)
    take_pages(lot, actor=room.one, at=room.now)
    return lot


def _make(room, **lot):
    return make_key_tasks(programme=room.programme, actor=room.one, at=room.now, **lot)


def _form(room, number):
    return PaperForm(
        number=number, arrived_on=ScanLot.objects.get(name="束1").arrived_on, bank="0005", branch="001", kind=1,
        account_number="1234567", holder_kana="ヤマダ タロウ",
    )  # fmt: skip


def _by_hand(room, number):
    return receive_paper(_form(room, number), programme=room.programme, actor=room.two, at=room.now)


def _of_a_file(room, numbers):
    forms = [_form(room, number) for number in numbers]
    return receive_many(forms, programme=room.programme, actor=room.two, at=room.now)


def _typed(room, page, number):
    act_on_page(page.pk, "number", actor=room.one, at=room.now, number=number, sheet=1)
    return _make(room, lot=page.lot)


def test_an_undone_number_takes_its_key_task_back_and_the_right_one_is_keyed(room):
    numbers = [one.code.number for one in printed(room.programme, 2).forms()]
    lot = _lot(room, [jpeg(note("読めない申請書"))], "束2")
    page = ScanPage.objects.get(lot=lot)
    ScanPage.objects.filter(pk=page.pk).update(state="look")
    assert _typed(room, page, numbers[0]).done == 1
    wrong = KeyTask.objects.get(page=page)
    take_back(page.pk, actor=room.one, at=room.now)
    wrong.refresh_from_db()
    assert wrong.state == "void"
    assert _typed(room, page, numbers[1]).done == 1, (
        "the page leads a task of the household that it belongs to"
    )
    right = KeyTask.objects.exclude(state="void").get(page=page)
    assert right.case.number == numbers[1] and "bank" in sheets_of(right).fields
    take_back(page.pk, actor=room.one, at=room.now)
    assert _typed(room, page, numbers[1]).done == 1, "the same number typed again is keyed too"
    KeyTask.objects.filter(page=page, state="first").update(claimed_id=room.two.id, claimed_at=room.now)
    with pytest.raises(TooLate):
        take_back(page.pk, actor=room.one, at=room.now)


def test_a_task_whose_page_is_another_households_is_not_keyed(room):
    task = room.claim("first", room.one, most=1)[0]
    ScanPage.objects.filter(pk=task.page_id).update(case=None, state="look")
    with pytest.raises(PageMoved, match="保留"):
        key_first(task.pk, TYPED, actor=room.one, at=room.now)
    assert not Keying.objects.exists() and not Submission.objects.exists()
    set_aside(task.pk, "別の世帯の紙", actor=room.one, at=room.now)
    with pytest.raises(PageMoved):
        back_to_keying(task.pk, "見直し", actor=room.one, at=room.now)


def test_a_sheet_scanned_again_in_another_lot_is_looked_at_and_does_not_become_a_second_form(room):
    first = ScanPage.objects.filter(lot__name="束1", state="read").order_by("no")[0]
    room.first(room.one)
    room.later()
    room.second(room.two)
    paper = next(one for one in room.papers if one.code.number == first.number)
    again = _lot(room, [jpeg(filled(paper, room.boxes, {"signature": "やまだ"}))], "束2")
    page = ScanPage.objects.get(lot=again)
    assert (page.state, page.problems, page.number) == ("look", ["code_twice"], first.number)
    act_on_page(page.pk, "ok", actor=room.one, at=room.now)
    made = _make(room)
    task = KeyTask.objects.get(page=page)
    assert (made.done, made.waiting, task.state, task.aside_why) == (0, 1, "aside", TWICE)
    assert Submission.objects.count() == 1


def test_a_form_that_was_keyed_by_hand_the_same_day_is_set_aside_when_its_scan_comes(room):
    run = printed(room.programme, 1)
    (paper,) = run.forms()
    sent = _by_hand(room, paper.code.number)
    _lot(room, [jpeg(filled(paper, run.boxes[1]))], "束2")
    assert _make(room).waiting == 1
    task = KeyTask.objects.get(case=sent.case)
    assert (task.state, task.aside_why) == ("aside", BY_HAND)


def test_a_scanned_form_is_not_registered_by_one_person_alone(room):
    with pytest.raises(InKeying, match="打鍵"):
        _by_hand(room, room.numbers[0])
    assert _of_a_file(room, room.numbers[:2]).refused[1][0] == room.numbers[1], "nor by a file of keyed forms"
    assert not Submission.objects.exists()
    task = room.claim("first", room.one, most=1)[0]
    set_aside(task.pk, "読めない", actor=room.one, at=room.now)
    kept = _by_hand(room, room.numbers[0])
    task.refresh_from_db()
    assert kept.state == "received" and task.state == "void", "what was set aside ends with the registration"
    assert AuditEvent.objects.get(action="keying.close").subject_id == task.case_id
    assert _make(room).done == 0, "and is not made again"
    other = room.claim("first", room.one, most=1)[0]
    set_aside(other.pk, "読めない", actor=room.one, at=room.now)
    report = _of_a_file(room, room.numbers[1:])
    other.refresh_from_db()
    assert (report.done, len(report.refused), other.state) == (1, 1, "void"), (
        "a file of keyed forms does the same"
    )
    assert "「打鍵」で2人で" in report.refused[0][1]


def test_what_was_set_aside_ends_by_a_person_with_a_reason(room):
    room.first(room.one)
    task = KeyTask.objects.get(state="second")
    room.later()
    assert room.claim("second", room.two, most=1)
    set_aside(task.pk, "にじみ", actor=room.two, at=room.now)
    with pytest.raises(ReasonNeeded):
        back_to_keying(task.pk, " ", actor=room.two, at=room.now)
    assert back_to_keying(task.pk, "原紙で読める", actor=room.two, at=room.now).state == "first"
    assert not Keying.objects.filter(task=task, undone_at=None).exists()
    with pytest.raises(NotAside):
        close_aside(task.pk, "重複", actor=room.two, at=room.now)
    _, kept = room.first(room.one)
    assert kept.state == "second", "who typed it before may type it again"
    room.later()
    room.claim("second", room.two, most=1)
    set_aside(task.pk, "別の書類", actor=room.two, at=room.now)
    assert close_aside(task.pk, "別の書類", actor=room.two, at=room.now).state == "void"
    assert _make(room).done == 0
    assert list(AuditEvent.objects.filter(action__startswith="keying.").values_list("reason", flat=True)) == [
        "原紙で読める", "別の書類",
    ]  # fmt: skip
