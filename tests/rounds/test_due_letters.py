"""Letters that review and payment have made due: one run per kind, each letter once, in the words of the verdict."""

from datetime import timedelta

from todoku.formats.wareki import format_wareki
from todoku.letters.tables import Letter, PrintRun
from todoku.review.codes import CODES
from todoku.review.decide import decide, make_list
from todoku.rounds.due_letters import due_items, make_due_letters


def returned(office, one, codes):
    office.invite([one])
    office.arrive(office.form(one, account_evidence="", identity_evidence="unclear"))
    return office.verdict("reviewer1", "return", codes=codes)


def test_a_return_letter_says_what_the_reviewer_ruled_and_until_when(office):
    one = office.applicants[0]
    verdict = returned(office, one, ["D30", "D24"])
    (item,) = due_items("return", office.programme, office.today)
    assert item.items == (CODES["D24"].sentence, CODES["D30"].sentence)
    assert item.values == (format_wareki(office.today + timedelta(days=21)), "貼付台紙、返信用封筒")
    assert item.back == ("attach",)
    assert (item.case_id, item.occasion) == (one.case, verdict.submission_id)


def test_a_return_letter_is_written_once_and_again_for_the_next_return(office):
    one, printer = office.applicants[0], office.staff["printer"]
    returned(office, one, ["D30"])
    for expected in (1, 0):
        assert make_due_letters(programme=office.programme, actor=printer, at=office.later()).done == expected
    office.later(days=7)
    office.arrive(office.form(one, identity_evidence="expired"))
    office.verdict("reviewer2", "return", codes=["D21"])
    assert make_due_letters(programme=office.programme, actor=printer, at=office.later()).done == 1
    assert Letter.objects.filter(case_id=one.case, kind="return").count() == 2
    assert PrintRun.objects.filter(kind="return").count() == 2


def test_after_the_deadline_a_resident_still_has_a_week(office):
    one = office.applicants[0]
    office.at += timedelta(days=(office.programme.terms.deadline - office.today).days)
    returned(office, one, ["D30"])
    office.later(days=2)
    (item,) = due_items("return", office.programme, office.today)
    assert item.values[0] == format_wareki(office.today + timedelta(days=7))


def test_a_correction_that_has_arrived_makes_the_letter_needless(office):
    one = office.applicants[0]
    returned(office, one, ["D30"])
    office.later(days=1)
    office.key(office.form(one))
    assert list(due_items("return", office.programme, office.today)) == []
    assert office.stage(one) == "received"


def test_the_terms_say_which_letters_are_sent(office):
    one = office.applicants[0]
    office.invite([one])
    office.arrive(office.form(one))
    office.both()
    made = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    decide(made, sha256=made.sha256, actor=office.staff["officer"], at=office.later())
    assert [item.case_id for item in due_items("granted", office.programme, office.today)] == [one.case]
    assert "decision" not in office.programme.terms.letters
    assert (
        make_due_letters(programme=office.programme, actor=office.staff["printer"], at=office.later()).done
        == 0
    )


def test_a_decision_after_its_day_of_the_calendar_promises_no_day(office):
    one = office.applicants[0]
    office.invite([one])
    office.arrive(office.form(one))
    office.both()
    slot = office.programme.terms.payment_date_for(office.today)
    made = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    office.at += timedelta(days=(slot.pays_on - office.today).days + 1)
    decide(made, sha256=made.sha256, actor=office.staff["officer"], at=office.later())
    (item,) = due_items("granted", office.programme, office.today)
    assert item.values[3] == "決まりしだいお知らせします"
