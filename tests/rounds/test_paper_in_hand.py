"""Paper that was opened and not keyed yet is an answer: nobody is reminded, ends or accepts; a pulled letter never left."""

from datetime import timedelta

import pytest

from tests.mailroom.conftest import set_up
from tests.rounds.test_return_loop import REMINDER, RULES, post, returned, under
from todoku.intake.tables import KeyTask
from todoku.letters.tables import Dispatch, Letter, PrintRun, PulledPiece
from todoku.letters.undelivered import CannotRecord, record_undelivered
from todoku.mailroom.give_container import give_container
from todoku.mailroom.take_container import take_container
from todoku.people.actor import SYSTEM
from todoku.rounds.close_unanswered import NotOverdue, close_by_order, close_unanswered, overdue_returns
from todoku.rounds.due_letters import due_items
from todoku.scan.tables import ScanFile, ScanLot, ScanPage


def opened(office, one, *sheets):
    """An envelope of the household, opened into a tray; gives the mailroom."""
    with set_up(office.programme, office.later(), 1) as mailroom:
        mailroom.open(mailroom.letter(one.number, *sheets))
        return mailroom


def scanned(office, one, state, code=1):
    """A page of the household in a lot that was read."""
    lot = ScanLot.objects.create(
        programme=office.programme, name="束1", sha256="a" * 64, state="read", received_at=office.later(),
        received_by="受付 花子", arrived_on=office.today,
    )  # fmt: skip
    file = ScanFile.objects.create(lot=lot, no=1, name="1.jpg", sha256="b" * 64, size_bytes=1, path="x")
    return ScanPage.objects.create(
        programme=office.programme, lot=lot, no=1, file=file, state=state, number=one.number, sheet_code=code, page_no=1,
        issue=1, case_id=one.case, path="x", sha256="c" * 64, width=1, height=1,
    )  # fmt: skip


def overdue(office, one):
    """A returned application whose days have run out after two letters."""
    programme = under(office, RULES)
    returned(office, one, ["D20"], identity_evidence="")
    post(office, "return")
    office.later(days=30)
    post(office, "return_reminder")
    office.later(days=40)
    return programme


def ended(office):
    return close_unanswered(programme=office.programme, actor=SYSTEM, at=office.later()).done


def test_a_return_whose_answer_lies_in_a_tray_is_ended_neither_by_rule_nor_by_order(office):
    one = office.applicants[0]
    programme = overdue(office, one)
    mailroom = opened(office, one, "answer")
    assert overdue_returns(programme, office.today) == [] and ended(office) == 0
    with pytest.raises(NotOverdue):
        close_by_order(
            [one.case], programme=programme, order="福第1号", actor=office.staff["officer"], at=office.later()
        )
    assert office.stage(one) == "returned"
    # It went back to who sent it: nothing of the household lies here any more.
    carry = give_container(
        mailroom.tray, to="returned", stated=1, actor=mailroom.staff["clerk"], at=office.later()
    )
    take_container(carry, found=1, actor=mailroom.staff["other"], at=office.later())
    assert ended(office) == 1 and office.stage(one) == "lapsed"


def test_a_page_that_was_read_holds_the_case_until_its_task_is_done_with(office):
    one = office.applicants[0]
    programme = overdue(office, one)
    page = scanned(office, one, "read")
    assert overdue_returns(programme, office.today) == []
    task = KeyTask.objects.create(
        programme=programme, case_id=one.case, lot=page.lot, page=page, arrived_on=office.today, made_at=office.later(),
        state="aside",
    )  # fmt: skip
    assert overdue_returns(programme, office.today) == []
    KeyTask.objects.filter(pk=task.pk).update(state="void", done_at=office.later())
    assert [each.case_id for each in overdue_returns(programme, office.today)] == [one.case]
    ScanPage.objects.filter(pk=page.pk).update(state="look")
    assert overdue_returns(programme, office.today) == []
    ScanPage.objects.filter(pk=page.pk).update(state="void")
    assert ended(office) == 1


def posted_forms(office, people):
    """Forms of these, posted in one lot."""
    run = PrintRun.objects.create(
        programme=office.programme, kind="form", state="made", made_at=office.at, pieces=len(people)
    )
    letters = [
        Letter.objects.create(run=run, piece_no=place, case_id=one.case, kind="form")
        for place, one in enumerate(people, 1)
    ]
    Dispatch.objects.create(
        run=run, from_piece=1, to_piece=len(people), posted_on=office.today, counted=len(people), at=office.at,
        actor_name="印刷 一郎",
    )  # fmt: skip
    office.invite(people)
    return letters


def pull(letter, office, reason="moved"):
    return PulledPiece.objects.create(
        letter=letter, reason=reason, tray=1, position=1, listed_at=office.at, listed_by="印刷 一郎",
        voided_at=office.at, voided_by="印刷 一郎",
    )  # fmt: skip


def test_nobody_is_reminded_whose_form_lies_here_or_whose_letter_never_left(office):
    programme, people = under(office, REMINDER), office.applicants[:3]
    letters = posted_forms(office, people)
    pull(letters[1], office)
    opened(office, people[0], "form")
    day = programme.terms.deadline - timedelta(days=20)
    assert [item.case_id for item in due_items("reminder", programme, day)] == [people[2].case]


def test_a_return_that_was_pulled_starts_no_clock_and_is_written_again_as_its_next_copy(office):
    one = office.applicants[0]
    programme = under(office, RULES)
    returned(office, one, ["D20"], identity_evidence="")
    assert post(office, "return").pieces == 1
    first = Letter.objects.get(case_id=one.case, kind="return")
    pull(first, office)
    office.later(days=100)
    assert overdue_returns(programme, office.today) == []
    assert [item.case_id for item in due_items("return", programme, office.today)] == [one.case]
    assert post(office, "return").pieces == 1
    again = Letter.objects.filter(case_id=one.case, kind="return").latest("copy")
    assert (again.copy, again.occasion) == (2, first.occasion)
    assert list(due_items("return", programme, office.today)) == []


def test_a_spoiled_piece_is_not_written_again_by_the_round(office):
    one = office.applicants[0]
    returned(office, one, ["D20"], identity_evidence="")
    post(office, "return")
    pull(Letter.objects.get(case_id=one.case, kind="return"), office, "spoiled")
    assert list(due_items("return", office.programme, office.today)) == []


def test_what_came_back_is_the_piece_that_left(office):
    one, two = office.applicants[:2]
    letters = posted_forms(office, [one, two])  # a run of which another lot has not gone yet
    pull(letters[1], office)

    def came_back(number):
        return record_undelivered(
            number, programme=office.programme, reason="unknown", returned_on=office.today,
            actor=office.staff["clerk"], at=office.later(),
        )  # fmt: skip

    assert came_back(one.number).done == 1
    with pytest.raises(CannotRecord, match="発送した郵便がありません"):
        came_back(two.number)
