"""Two different persons approve; a return, a question, a refusal and a 辞退 each go their way; nobody outvotes anybody."""

import pytest
from django.db import IntegrityError, transaction

from tests.review.agreed import agree
from todoku.case.tables import CaseEvent
from todoku.intake.correct_account import correct_account
from todoku.intake.forms import AccountForm
from todoku.intake.tables import AccountVersion, Submission
from todoku.review.answer import AlreadyAnswered, NeedsAnswer, NotTheOfficer, answer
from todoku.review.claim import NothingWaits
from todoku.review.judge import (
    DeclinedInPart,
    NeedsReason,
    NothingDeclined,
    NotPayable,
    NotYourTask,
    SamePerson,
    judge,
)
from todoku.review.office_may import NotForTheOffice
from todoku.review.tables import Finding, Proposal, Question, Screening, Task, Verdict


@pytest.fixture
def paper(office):
    """One sound paper form, screened."""
    one = office.applicants[0]
    office.arrive(office.form(one))
    return one


def test_a_second_person_approves_and_the_account_that_both_saw_is_put_forward(office, paper):
    office.verdict("reviewer1")
    assert office.stage(paper) == "in_review"
    assert not Proposal.objects.exists()
    office.verdict("reviewer2")
    proposal = Proposal.objects.get(case_id=paper.case)
    assert office.stage(paper) == "passed"
    assert (proposal.outcome, proposal.via) == ("grant", "two_persons")
    assert proposal.account == AccountVersion.objects.get(submission=office.submission(paper))


def test_the_first_reviewer_is_not_dealt_the_second_look_and_is_told_why(office, paper):
    office.verdict("reviewer1")
    with pytest.raises(NothingWaits, match="あなたが一次審査"):
        office.claim("reviewer1")
    assert office.claim("reviewer2").step == 2


def test_the_same_person_is_refused_by_name_and_by_the_database(office, paper):
    first = office.verdict("reviewer1")
    second = Task.objects.get(step=2)
    who = office.staff["reviewer1"]
    Task.objects.filter(pk=second.pk).update(state="held", claimed_by_id=who.id, claimed_at=office.at)
    with pytest.raises(SamePerson, match="ほかの担当者"):
        judge(second, outcome="approve", actor=who, at=office.later())
    with pytest.raises(IntegrityError, match="first_and_second_reviewer_differ"), transaction.atomic():
        Verdict.objects.create(
            task=second, case_id=first.case_id, submission_id=first.submission_id, step=2, round=1,
            staff_id=who.id, outcome="approve", at=office.at,
        )  # fmt: skip
    assert office.stage(paper) == "in_review"


def test_who_keyed_the_form_does_not_review_it_by_name_and_by_the_database(office):
    one = office.applicants[0]
    office.key(office.form(one), by="reviewer1")
    office.screen()
    who = office.staff["reviewer1"]
    with pytest.raises(NothingWaits):
        office.claim("reviewer1")
    task = Task.objects.get()
    Task.objects.filter(pk=task.pk).update(state="held", claimed_by_id=who.id, claimed_at=office.at)
    with pytest.raises(SamePerson, match="入力または口座の訂正"):
        judge(task, outcome="approve", actor=who, at=office.later())
    with pytest.raises(IntegrityError, match="who_enters_an_account_does_not_judge_it"), transaction.atomic():
        Verdict.objects.create(
            task=task, case_id=one.case, submission=task.submission, step=1, staff_id=who.id, outcome="approve", at=office.at
        )  # fmt: skip
    assert not Verdict.objects.exists()


def _other(account):
    return AccountForm(
        bank="0001", branch="001", kind=1, account_number="7654321", holder_kana=account.holder_kana
    )


def test_an_account_corrected_between_two_looks_is_looked_at_anew_by_two_who_did_not_correct_it(
    office, paper
):
    office.verdict("reviewer1")
    submission = office.submission(paper)
    correct_account(
        submission.pk, _other(office.account(paper)), actor=office.staff["manager"], at=office.later()
    )
    office.verdict("reviewer2")
    assert office.stage(paper) == "in_review"
    assert Task.objects.get(state="open").reason == "account_changed"
    with pytest.raises(NothingWaits):
        office.claim("manager")
    office.both()
    assert Proposal.objects.get().account.version == 2
    assert {v.staff_id for v in Verdict.objects.all()} == {
        office.staff[who].id for who in ("reviewer1", "reviewer2")
    }


def test_a_verdict_is_given_by_the_holder_alone_and_once(office, paper):
    task = office.claim("reviewer1")
    with pytest.raises(NotYourTask):
        judge(task, outcome="approve", actor=office.staff["reviewer2"], at=office.later())
    judge(task, outcome="approve", actor=office.staff["reviewer1"], at=office.later())
    with pytest.raises(NotYourTask):
        judge(task, outcome="return", codes=["D20"], actor=office.staff["reviewer1"], at=office.later())
    assert Verdict.objects.count() == 1


def test_a_verdict_stays_as_it_was_given(office, paper):
    verdict = office.verdict("reviewer1")
    with (
        pytest.raises(IntegrityError, match="a_verdict_is_taken_back_but_never_changed"),
        transaction.atomic(),
    ):
        Verdict.objects.filter(pk=verdict.pk).update(outcome="refuse")
    verdict.refresh_from_db()
    assert verdict.outcome == "approve"


@pytest.mark.parametrize(
    ("outcome", "values"),
    [
        ("return", {}),
        ("refuse", {}),
        ("refuse", {"codes": ["D42", "D43"]}),
        ("refer", {"comment": " "}),
        ("decline", {}),
    ],
)
def test_a_verdict_without_its_reason_is_refused_and_leaves_nothing(office, paper, outcome, values):
    with pytest.raises(NeedsReason):
        office.verdict("reviewer1", outcome, **values)
    assert not Verdict.objects.exists()
    assert Task.objects.get().state == "held"


def test_one_person_sends_back_and_the_codes_of_the_verdict_stand(office):
    one = office.applicants[0]
    office.arrive(office.form(one, account_evidence="", identity_evidence="unclear"))
    verdict = office.verdict("reviewer1", "return", codes=["D30"])
    assert office.stage(one) == "returned"
    assert set(Finding.objects.values_list("code", flat=True)) == {"D23", "D30"}
    assert verdict.codes == ["D30"]
    assert not Task.objects.filter(state__in=["open", "held"]).exists()


def test_a_correction_is_screened_and_judged_anew_and_the_old_application_is_superseded(office):
    one = office.applicants[0]
    office.arrive(office.form(one, account_evidence=""))
    office.verdict("reviewer1", "return", codes=["D30"])
    blank = {
        "bank": "",
        "branch": "",
        "account_number": "",
        "holder_kana": "",
        "yucho_symbol": "",
        "yucho_number": "",
    }
    office.later(days=5)
    office.arrive(office.form(one, identity_evidence="", account_evidence="clear", phone="", **blank))
    first, second = Submission.objects.filter(case_id=one.case).order_by("id")
    assert (first.state, second.state) == ("superseded", "screened")
    assert second.identity_evidence == "clear"
    assert not Finding.objects.filter(submission=second).exists()
    assert Screening.objects.get(submission=second).outcome == "clean"
    office.both()
    assert Proposal.objects.get().submission == second
    assert office.stage(one) == "passed"


def test_a_question_goes_to_the_municipality_and_its_answer_opens_a_round_for_two(office):
    one = office.applicants[0]
    office.arrive(office.form(one, members_corrected=True))
    office.verdict("reviewer1", "refer", comment="世帯員の訂正があります。届出を確認してください。")
    question = office.send_question(Question.objects.get())
    assert office.stage(one) == "with_municipality"
    with pytest.raises(NotTheOfficer):
        answer(question, ruling="grant", text="よい", actor=office.staff["manager"], at=office.later())
    with pytest.raises(NeedsAnswer):
        answer(question, ruling="grant", text=" ", actor=office.staff["officer"], at=office.later())
    answer(question, ruling="grant", text="届出のとおり。", actor=office.staff["officer"], at=office.later())
    with pytest.raises(AlreadyAnswered, match="市役所 きめる"):
        answer(question, ruling="refuse", text="違う", actor=office.staff["officer"], at=office.later())
    task = Task.objects.get(state="open")
    assert (task.round, task.step, task.reason) == (2, 1, "answered")
    office.both()
    assert office.stage(one) == "passed"
    assert {v.round for v in Verdict.objects.filter(outcome="approve")} == {2}


def test_two_reviewers_who_disagree_ask_the_municipality_with_both_views(office, paper):
    office.verdict("reviewer1")
    office.verdict("reviewer2", "refuse", codes=["D05"], comment="世帯主ではありません。")
    question = Question.objects.get()
    assert office.stage(paper) == "with_municipality"
    assert (
        "一次は「適」" in question.asked and "二次は「不支給相当（申請者が受給者でない）」" in question.asked
    )
    assert "世帯主ではありません。" in question.asked
    assert not Proposal.objects.exists()


def test_two_reasons_for_a_refusal_are_a_disagreement_too(office, paper):
    agree(office, '[criteria.codes.D42]\ndecides = "two_persons"')
    office.verdict("reviewer1", "refuse", codes=["D05"])
    office.verdict("reviewer2", "refuse", codes=["D42"])
    assert office.stage(paper) == "with_municipality"
    assert Question.objects.count() == 1


def test_two_who_agree_propose_to_refuse_with_the_reason(office, paper):
    office.both("refuse", codes=["D05"])
    proposal = Proposal.objects.get()
    assert (proposal.outcome, proposal.reason) == ("refuse", "D05")
    assert office.stage(paper) == "passed"


STRANGER = {"holder_kana": "ﾍﾞﾂ ﾉﾋﾄ"}


@pytest.fixture
def asked(office):
    """An account in somebody else's name, about which the municipality was asked; its answer is one call away."""
    one = office.applicants[0]
    office.arrive(office.form(one, **STRANGER))
    office.verdict("reviewer1", "refer", comment="世帯員でも旧姓でもない名義です。")
    question = office.send_question(Question.objects.get())

    def answered(ruling):
        answer(question, ruling=ruling, text="裁定", actor=office.staff["officer"], at=office.later())
        return one

    return answered


@pytest.mark.parametrize(
    ("outcome", "codes", "named"),
    [
        ("approve", [], "D12"),
        ("return", ["D12"], "D12"),
        ("refuse", ["D42"], "D42"),
        ("refuse", ["D43"], "D43"),
    ],
)
def test_what_the_criteria_leave_to_the_municipality_is_no_verdict_of_the_office(
    office, outcome, codes, named
):
    one = office.applicants[0]
    office.arrive(office.form(one, **STRANGER))
    with pytest.raises(NotForTheOffice, match=f"{named} .*「責任者へ照会」を選び"):
        office.verdict("reviewer1", outcome, codes=codes)
    assert not Verdict.objects.exists() and office.stage(one) == "in_review"
    # The remedy that the sentence names is open, and so is asking for what is the office's to ask.
    task = Task.objects.get(state="held")
    judge(task, outcome="refer", comment="名義の確認", actor=office.staff["reviewer1"], at=office.later())
    assert office.stage(one) == "with_municipality"


def test_a_paper_that_the_office_asks_for_is_asked_for_whatever_else_was_found(office):
    one = office.applicants[0]
    office.arrive(office.form(one, account_evidence="", **STRANGER))
    office.verdict("reviewer1", "return", codes=["D12", "D30"])
    assert office.stage(one) == "returned"


@pytest.mark.parametrize(
    ("ruling", "outcome", "codes", "stage"),
    [
        ("grant", "approve", [], "passed"),
        ("return", "return", ["D12"], "returned"),
        ("refuse", "refuse", ["D43"], "passed"),
    ],
)
def test_the_office_gives_the_verdict_of_the_ruling(asked, office, ruling, outcome, codes, stage):
    one = asked(ruling)
    office.verdict("reviewer1", outcome, codes=codes)
    if outcome != "return":
        office.verdict("reviewer2", outcome, codes=codes)
    assert office.stage(one) == stage


@pytest.mark.parametrize(
    ("ruling", "outcome", "codes"), [("return", "approve", []), ("grant", "refuse", ["D43"])]
)
def test_and_no_other(asked, office, ruling, outcome, codes):
    one = asked(ruling)
    with pytest.raises(NotForTheOffice, match="自治体の裁定と違う判定です"):
        office.verdict("reviewer1", outcome, codes=codes)
    assert office.stage(one) == "in_review"


def test_a_version_that_lets_two_persons_decide_lets_them(office):
    agree(
        office,
        '[[criteria.holder]]\ntier = "T7"\nmeaning = "どの名前とも一致しない。"\ndecides = "two_persons"',
    )
    one = office.applicants[0]
    office.arrive(office.form(one, **STRANGER))
    office.both()
    assert office.stage(one) == "passed"


def test_a_decline_is_confirmed_by_two_and_ends_the_case_without_a_decision(office):
    """By the usual criteria the manager decides about it: the second look is the manager's."""
    one = office.applicants[0]
    office.arrive(office.form(one, declines=True))
    first, second = office.both("decline", comment="本人に電話で確認した。")
    assert (first.staff_id, second.staff_id) == (office.staff["reviewer1"].id, office.staff["manager"].id)
    assert office.stage(one) == "declined"
    assert not Proposal.objects.exists()
    assert CaseEvent.objects.filter(case_id=one.case, to_stage="declined").count() == 1


def test_who_declines_for_some_of_a_household_does_not_decline_for_all_of_it(office):
    one = office.applicants[0]
    office.arrive(office.form(one, declines=True, members_corrected=True))
    with pytest.raises(DeclinedInPart, match="責任者へ照会"):
        office.verdict("reviewer1", "decline", comment="本人に電話で確認した。")
    assert office.stage(one) == "in_review"


def test_nothing_is_declined_that_the_form_does_not_decline(office, paper):
    with pytest.raises(NothingDeclined, match="辞退の届出がありません"):
        office.verdict("reviewer1", "decline", comment="電話で聞いた。")
    assert office.stage(paper) == "in_review"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"holder_kana": ""}, "口座名義"),
        ({"holder_kana": "山田"}, "1文字目「山」"),
        ({"bank": "", "branch": "", "account_number": "", "yucho_symbol": "", "yucho_number": ""}, "金融機関"),
        ({"bank": "0001", "branch": "001", "account_number": "123", "yucho_symbol": "", "yucho_number": ""}, "7桁"),
        ({"yucho_symbol": "99999", "yucho_number": "1"}, "金融機関"),
    ],
)  # fmt: skip
def test_an_account_that_no_bank_file_can_carry_is_not_approved(office, changes, sentence):
    office.arrive(office.form(office.applicants[0], **changes))
    with pytest.raises(NotPayable, match=sentence):
        office.verdict("reviewer1")
    assert not Verdict.objects.exists()


def test_a_sampled_application_passes_with_one_person(office):
    one = office.applicants[0]
    office.arrive(office.form(one))
    Screening.objects.update(persons=1, sampled=True)
    office.verdict("reviewer1")
    assert office.stage(one) == "passed"
    assert Proposal.objects.get().via == "one_person"
