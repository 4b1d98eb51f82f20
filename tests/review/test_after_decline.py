"""An application that comes after a confirmed decline (辞退): persons look, with both before them; nobody is paid by it alone."""

from datetime import date, timedelta

import pytest
from django.utils.timezone import localdate

from todoku.case.move import move
from todoku.case.tables import Case, CaseEvent
from todoku.intake.decline_tables import DeclineWord
from todoku.intake.first_counts import AFTER_DECLINE
from todoku.intake.tables import Submission
from todoku.intake.tell_decline import Told, tell_decline
from todoku.payment.confirm_decline import CannotConfirm, confirm_decline
from todoku.payment.take_back_decline import take_back
from todoku.review.checks import check
from todoku.review.findings import LOOK, Facts
from todoku.review.tables import Finding, Task
from todoku.web.office.review_declined import declined_before
from todoku.web.office.review_pictures import pictures_of
from todoku.web.office.review_task import task_context

REVIEWER = frozenset({"reviewer"})


def case_of(one) -> Case:
    return Case.objects.select_related("programme", "standing").get(pk=one.case)


def declines(office, one):
    """Says by telephone that nothing is wanted; a call back confirms it."""
    word = tell_decline(
        case_of(one), Told("decline", "phone", "本人"), actor=office.staff["clerk"], at=office.later()
    )
    return confirm_decline(
        word,
        second="call",
        words="名簿の番号にかけ、本人に",
        actor=office.staff["manager"],
        at=office.later(),
    )


def test_what_the_manager_decides_no_other_ends_by_a_call(office):
    """A box that was marked waits for the manager: who confirms the same will by telephone does not go round that."""
    one = office.applicants[0]
    office.arrive(office.form(one, declines=True))
    assert (
        Finding.objects.filter(submission=office.submission(one), code="D50")
        .exclude(severity="note")
        .exists()
    )
    told = Told("decline", "phone", "本人")
    word = tell_decline(case_of(one), told, actor=office.staff["clerk"], at=office.later())
    said = {"second": "letter", "words": "辞退届が届いた", "at": office.later()}
    with pytest.raises(CannotConfirm, match="業務責任者"):
        confirm_decline(word, actor=office.staff["clerk"], **said)
    assert office.stage(one) == "in_review" and DeclineWord.objects.get().state == "told"
    assert confirm_decline(word, actor=office.staff["manager"], **said).state == "done"
    assert office.stage(one) == "declined"


def takes_back(office, one) -> None:
    told = Told("take_back", "phone", "本人")
    word = tell_decline(case_of(one), told, actor=office.staff["clerk"], at=office.later())
    assert take_back(word, actor=office.staff["clerk"], at=office.later())


def moved_to(office, one, stage: str) -> None:
    """What the reviewers' verdicts end in, without their looks."""
    Task.objects.filter(case_id=one.case).update(state="void", closed_at=office.at)
    manager = office.staff["manager"]
    move([one.case], programme=office.programme, to=stage, why="審査の結果", actor=manager, at=office.later())


def found(office, one) -> list[tuple[str, str]]:
    """What holds the last application up for a decline before it: code and severity."""
    rows = Finding.objects.filter(submission=office.submission(one), evidence__why="after_decline")
    return list(rows.values_list("code", "severity"))


def test_it_does_not_undo_the_decline_by_itself_but_is_looked_at_beside_it(office):
    one, other = office.applicants[:2]
    word = declines(office, one)
    office.arrive(office.form(one), office.form(other))
    assert (office.stage(one), office.stage(other)) == ("in_review", "in_review")
    assert (found(office, one), found(office, other)) == ([("D50", LOOK)], [])
    moved = CaseEvent.objects.filter(case_id=one.case, from_stage="declined").get()
    assert (moved.to_stage, moved.move.why) == ("received", AFTER_DECLINE)
    assert office.submission(one).declined_on == localdate(word.settled_at)
    task = Task.objects.select_related("case__recipient__head", "submission", "programme").get(
        case_id=one.case
    )
    page = task_context(task, REVIEWER)
    (line,) = [line for line in page["form_lines"] if line.label == "先の辞退"]
    assert line.differs and line.held == f"{localdate(word.settled_at):%Y/%m/%d}に辞退を確認"
    assert "電話で申出（本人）" in line.note and "名簿の番号にかけ、本人に" in line.note
    assert page["declines"] and "本人に電話か手紙で確かめる" in page["eyes"][0]


def test_the_reviewers_may_find_that_the_decline_stands(office):
    one = office.applicants[0]
    declines(office, one)
    office.arrive(office.form(one))
    office.verdict("reviewer1", "decline", comment="12月4日、本人に電話。申請は辞退の前に出したもの")
    assert Task.objects.get(case_id=one.case, state="open").step == 2


def test_a_notice_that_two_judged_stands_beside_the_application_with_its_pictures(office):
    one = office.applicants[0]
    nothing = {
        "bank": "",
        "branch": "",
        "account_number": "",
        "holder_kana": "",
        "yucho_symbol": "",
        "yucho_number": "",
    }
    office.arrive(office.form(one, declines=True, identity_evidence="", account_evidence="", **nothing))
    notice = office.submission(one)
    moved_to(office, one, "declined")
    office.arrive(office.form(one))
    assert found(office, one) == [("D50", LOOK)]
    task = Task.objects.select_related("case__recipient__head", "submission", "programme").get(
        case_id=one.case, state="open"
    )
    (line,) = [line for line in task_context(task, REVIEWER)["form_lines"] if line.label == "先の辞退"]
    assert notice.receipt_number in line.note
    notice.documents.create(kind="form", sha256="0" * 64, path="x", width=1, height=1, size_bytes=1)
    assert [one.words for one in pictures_of(task, "sample")] == ["先の辞退届：申請書の画像"]


def test_a_word_that_was_taken_back_is_not_shown_as_the_decline_that_stands(office):
    one = office.applicants[0]
    declines(office, one)
    takes_back(office, one)
    moved_to(office, one, "declined")
    office.arrive(office.form(one))
    before = declined_before(office.submission(one))
    assert before is not None and before.note == ""


def test_who_came_back_by_his_own_word_is_not_asked_again(office):
    one = office.applicants[0]
    office.key(office.form(one))
    declines(office, one)
    takes_back(office, one)
    office.screen()
    assert found(office, one) == [] and office.submission(one).declined_on is None


def test_what_counts_instead_of_it_and_what_answers_its_letter_are_asked_the_same(office):
    late, back = office.applicants[:2]
    for one in (late, back):
        declines(office, one)
    office.key(office.form(late))
    before = office.today - timedelta(days=1)
    office.key(office.form(late, arrived_on=before, postmark_on=before, which=1))
    office.arrive(office.form(back, identity_evidence=""))
    first, second = Submission.objects.filter(case_id=late.case).order_by("pk")
    assert (first.state, second.state) == ("not_counted", "screened") and second.declined_on == office.today
    moved_to(office, back, "returned")
    office.arrive(office.form(back))
    assert found(office, back) == [("D50", LOOK)]


def test_taken_back_after_the_reviewers_let_it_stand_the_application_goes_on(office):
    one = office.applicants[0]
    assert declines(office, one).stage_before == "invited"
    office.arrive(office.form(one))
    moved_to(office, one, "declined")
    takes_back(office, one)
    assert office.stage(one) == "in_review"


@pytest.mark.parametrize("severities", [None, {"D50": "off"}, {"D50": "note"}])
def test_no_version_leaves_it_unseen(severities):
    facts = Facts(declined_on=date(2026, 12, 3))
    assert ("D50", LOOK) in [(one.code, one.severity) for one in check(facts, severities)]
    assert "D50" not in [one.code for one in check(Facts(declines=True), {"D50": "off"})]
