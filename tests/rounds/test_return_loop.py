"""A returned application: asked for what is missing, answered by web or by telephone, asked again, and ended by rule."""

from datetime import timedelta

import pytest

from tests.next_version import next_version
from tests.office_day import PICTURE
from tests.proofs import proofed
from tests.review.test_rescreen import _ruled
from todoku.case.tables import Case, CaseEvent
from todoku.custody import files
from todoku.intake.tables import AccountVersion, ContactNote, Document
from todoku.letters.dispatch import dispatch
from todoku.letters.make_run import make_form_run
from todoku.letters.pull_list import list_pulls
from todoku.letters.release import release
from todoku.letters.request_letter import NotSent, request_letter
from todoku.letters.tables import Dispatch, Letter, PrintRun, PulledPiece, Undelivered
from todoku.people.actor import SYSTEM
from todoku.programme.tables import Programme
from todoku.registry.tables import Person
from todoku.review.answer_by_phone import NotByPhone, PhoneAnswer, answer_by_phone, known_numbers
from todoku.review.rescreen import rescreen
from todoku.review.tables import Task, Verdict
from todoku.rounds.close_unanswered import (
    NoOrder,
    NotOverdue,
    close_by_order,
    close_unanswered,
    overdue_returns,
)
from todoku.rounds.count_due_letters import count_due_letters
from todoku.rounds.due_letters import due_items, make_due_letters

RULES = '[returns]\nreply_days = 21\nremind_after_days = 30\nclose_after_days = 60\nclosing = "lapse"\n'
ACKNOWLEDGED = (
    '[letters.acknowledgement]\ntitle = "{short_name} 受付のお知らせ"\nlead = "申請書が届きました。"\n'
)
REMINDER = '[letters.reminder]\ntitle = "給付金の手続のご確認"\nlead = "まだ届いていないようです。"\n'


def under(office, *tables):
    """The programme with further tables in its terms."""
    text = office.programme.version.text
    for table in tables:
        head = table.split("\n")[0]
        if head not in text:
            text += "\n" + table
        elif head == "[returns]":
            text = text[: text.index("[returns]")] + table + "\n" + text[text.index("[unclaimed]") :]
    next_version(office.programme, text, at=office.later(), actor=office.staff["manager"])
    office.programme = Programme.objects.select_related("municipality").get(pk=office.programme.pk)
    return office.programme


def returned(office, one, codes, **changes):
    office.invite([one])
    office.arrive(office.form(one, **changes))
    first = office.verdict("reviewer1", "return", codes=codes)
    # What is the manager's goes back to the resident when the manager has seen it too.
    if Task.objects.filter(submission=first.submission, state="open", for_manager=True).exists():
        return office.verdict("manager", "return", codes=codes)
    return first


def post(office, kind):
    """The letters of a kind are printed, approved, looked at by another person and posted."""
    make_due_letters(programme=office.programme, actor=office.staff["printer"], at=office.later())
    run = proofed(PrintRun.objects.filter(kind=kind).latest("pk"))
    manager = office.staff["manager"]
    release(run, actor=manager, at=office.later())
    dispatch(run, posted_on=office.today, counted=run.pieces, actor=manager, at=office.later())
    return run


def web(office, one, **changes):
    """What the resident sends by web: only what was asked."""
    blank = {
        "phone": "",
        "bank": "",
        "branch": "",
        "kind": 1,
        "account_number": "",
        "holder_kana": "",
        "yucho_symbol": "",
        "yucho_number": "",
    }
    return office.send_web(one, **{**blank, **changes})


def test_a_correction_by_web_is_completed_from_what_was_returned_and_looked_at_by_a_person(office):
    one = office.applicants[0]
    returned(office, one, ["D20"], identity_evidence="")
    before = office.submission(one)
    account = AccountVersion.objects.get(submission=before)
    office.later(days=1)
    web(office, one)
    after = office.submission(one)
    assert (after.channel, after.state, office.stage(one)) == ("web", "received", "received")
    assert (after.phone, after.rail, after.identity_evidence) == (before.phone, before.rail, "clear")
    kept = AccountVersion.objects.get(submission=after)
    named = ("bank", "branch", "kind", "number", "holder_kana", "staff_id", "entered_by")
    assert [getattr(kept, name) for name in named] == [getattr(account, name) for name in named]
    office.screen()
    assert office.stage(one) == "in_review" and Task.objects.filter(submission=after, state="open").exists()


def test_an_account_that_is_named_anew_takes_nothing_over_of_the_old_one(office):
    one = office.applicants[0]
    returned(office, one, ["D10"], holder_kana="")
    old = office.submission(one)
    Document.objects.create(
        submission=old, kind="identity", sha256="0" * 64, path=files.write("documents/a.jpg", PICTURE.data).path,
        width=1, height=1, size_bytes=1,
    )  # fmt: skip
    office.later(days=1)
    new = office.account(one, 1)
    web(
        office, one, bank=new.bank, branch=new.branch, kind=new.account_kind, account_number=new.number,
        holder_kana=new.holder_kana, yucho_symbol=new.symbol, yucho_number=new.yucho_number,
    )  # fmt: skip
    after = office.submission(one)
    assert AccountVersion.objects.get(submission=after).number == new.number
    assert sorted(Document.objects.filter(submission=after).values_list("kind", flat=True)) == [
        "account",
        "identity",
    ]


def test_what_is_neither_account_nor_identity_is_answered_by_a_call_that_the_office_makes(office):
    one = office.applicants[0]
    returned(office, one, ["D04"], applied_on=None)
    case = Case.objects.get(pk=one.case)
    agent, before = office.staff["manager"], office.submission(one)
    said = PhoneAnswer("ご本人", before.phone, "番号と生年月日", "11月20日に書いた", applied_on=office.today)
    with pytest.raises(NotByPhone, match="かけ直してください"):
        answer_by_phone(
            case, PhoneAnswer("ご本人", "09000000000", "番号と生年月日", "", applied_on=office.today),
            actor=agent, at=office.later(),
        )  # fmt: skip
    with pytest.raises(NotByPhone, match="書いた日"):
        answer_by_phone(
            case, PhoneAnswer("ご本人", before.phone, "番号と生年月日", ""), actor=agent, at=office.later()
        )
    assert not ContactNote.objects.exists() and office.stage(one) == "returned"
    after = answer_by_phone(case, said, actor=agent, at=office.later())
    assert (after.channel, after.state, after.applied_on, office.stage(one)) == (
        "phone",
        "received",
        office.today,
        "received",
    )
    note = ContactNote.objects.get()
    assert (note.caller, note.channel, note.case_id) == (
        "ご本人",
        "outbound",
        one.case,
    ) and before.phone in note.asked
    assert (
        AccountVersion.objects.get(submission=after).number
        == AccountVersion.objects.get(submission=before).number
    )
    office.screen()
    assert office.stage(one) == "in_review"


@pytest.mark.parametrize("codes", [["D10"], ["D20"], ["D05"], ["D04", "D30"]])
def test_an_account_a_payee_or_an_identity_is_refused_on_the_telephone(office, codes):
    one = office.applicants[0]
    returned(office, one, codes, account_evidence="", identity_evidence="")
    with pytest.raises(NotByPhone, match="郵送かウェブ"):
        answer_by_phone(
            Case.objects.get(pk=one.case),
            PhoneAnswer("ご本人", office.submission(one).phone, "番号と生年月日", "口座は…", applied_on=office.today),
            actor=office.staff["manager"], at=office.later(),
        )  # fmt: skip
    assert office.stage(one) == "returned"


@pytest.mark.parametrize("codes", [["D50"], ["D07"]])
def test_without_a_number_that_was_known_nobody_declines_or_changes_the_way_by_telephone(office, codes):
    one = office.applicants[0]
    returned(office, one, codes, phone="")
    case = Case.objects.get(pk=one.case)
    Person.objects.filter(headed__cases=one.case).update(phone="")
    assert known_numbers(case) == []
    said = PhoneAnswer(
        "ご本人", "09012345678", "番号と生年月日", "受け取らない", rail="counter", declines=True
    )
    with pytest.raises(NotByPhone, match="申請書にも名簿にも電話番号がない"):
        answer_by_phone(case, said, actor=office.staff["manager"], at=office.later())
    assert office.stage(one) == "returned" and not ContactNote.objects.exists()


def test_the_second_request_goes_out_once_and_then_the_rule_ends_the_case(office):
    programme, one = under(office, RULES), office.applicants[0]
    returned(office, one, ["D20"], identity_evidence="")
    post(office, "return")
    office.later(days=29)
    assert list(due_items("return_reminder", programme, office.today)) == []
    office.later(days=1)
    (item,) = due_items("return_reminder", programme, office.today)
    assert item.back == ("attach",)
    post(office, "return_reminder")
    assert list(due_items("return_reminder", programme, office.today)) == []
    office.later(days=29)
    assert close_unanswered(programme=programme, actor=office.staff["manager"], at=office.later()).done == 0
    office.later(days=2)
    assert close_unanswered(programme=programme, actor=office.staff["manager"], at=office.later()).done == 1
    assert office.stage(one) == "lapsed"
    assert "制度の定め" in CaseEvent.objects.filter(case_id=one.case).order_by("-pk")[0].move.why


def test_nobody_ends_by_a_rule_whose_letter_came_back_or_who_was_not_asked_twice(office):
    programme, (one, two) = under(office, RULES), office.applicants[:2]
    for each in (one, two):
        returned(office, each, ["D20"], identity_evidence="")
    post(office, "return")
    office.later(days=30)
    post(office, "return_reminder")
    Undelivered.objects.create(
        letter=Letter.objects.get(case_id=one.case, kind="return"), reason="unknown", returned_on=office.today,
        at=office.at, actor_name="受付 花子",
    )  # fmt: skip
    office.later(days=40)
    report = close_unanswered(programme=programme, actor=office.staff["manager"], at=office.later())
    assert (report.done, report.waiting) == (1, 1)
    assert (office.stage(one), office.stage(two)) == ("returned", "lapsed")
    (left,) = overdue_returns(programme, office.today)
    assert left.number == one.number and "届かず" in left.kept


def test_where_the_terms_say_so_the_municipality_ends_a_case_by_an_order_with_a_number(office):
    programme = under(office, RULES.replace('"lapse"', '"ask_municipality"'))
    one = office.applicants[0]
    returned(office, one, ["D20"], identity_evidence="")
    post(office, "return")
    office.later(days=30)
    post(office, "return_reminder")
    office.later(days=40)
    officer = office.staff["officer"]
    report = close_unanswered(programme=programme, actor=office.staff["manager"], at=office.later())
    assert (report.done, report.waiting, office.stage(one)) == (0, 1, "returned")
    with pytest.raises(NoOrder):
        close_by_order([one.case], programme=programme, order=" ", actor=officer, at=office.later())
    with pytest.raises(NotOverdue):
        close_by_order(
            [one.case, office.applicants[1].case], programme=programme, order="福第12号", actor=officer, at=office.later()
        )  # fmt: skip
    close_by_order([one.case], programme=programme, order="福第12号", actor=officer, at=office.later())
    assert office.stage(one) == "lapsed"
    assert "福第12号" in CaseEvent.objects.filter(case_id=one.case).order_by("-pk")[0].move.why


def test_a_receipt_goes_to_paper_alone_and_only_where_the_terms_send_it(office):
    one, two = office.applicants[:2]
    office.invite([one, two])
    office.key(office.form(one))
    office.send_web(two)
    assert "acknowledgement" not in office.programme.terms.letters
    programme = under(office, ACKNOWLEDGED)
    (item,) = due_items("acknowledgement", programme, office.today)
    assert item.case_id == one.case and len(item.values) == 2


def test_a_reminder_goes_once_to_whom_a_form_was_posted_and_who_has_not_answered(office):
    programme, people = under(office, REMINDER), office.applicants[:4]
    run = PrintRun.objects.create(programme=programme, kind="form", state="made", made_at=office.at, pieces=4)
    for place, one in enumerate(people, 1):
        Letter.objects.create(run=run, piece_no=place, case_id=one.case, kind="form")
    Dispatch.objects.create(
        run=run,
        from_piece=1,
        to_piece=4,
        posted_on=office.today,
        counted=4,
        at=office.at,
        actor_name="印刷 一郎",
    )
    office.invite(people)
    office.key(office.form(people[0]))
    Person.objects.filter(headed__cases=people[3].case).update(protected=True)
    deadline = programme.terms.deadline
    assert list(due_items("reminder", programme, deadline - timedelta(days=22))) == []
    (first, second) = due_items("reminder", programme, deadline - timedelta(days=21))
    assert [first.case_id, second.case_id] == [people[1].case, people[2].case]
    assert list(due_items("reminder", programme, deadline - timedelta(days=2))) == []
    office.at += timedelta(days=(deadline - timedelta(days=20) - office.today).days)
    run = post(office, "reminder")
    assert (run.pieces, run.pages) == (2, 4)
    assert list(due_items("reminder", programme, office.today)) == []


def test_a_sheet_that_was_asked_for_is_sent_once_where_it_can_still_change_something(office):
    one, agent = office.applicants[0], office.staff["manager"]
    office.invite([one])
    case = Case.objects.select_related("programme").get(pk=one.case)
    first = request_letter(case, "decline_form", asked_by="ご本人", actor=agent, at=office.later())
    assert request_letter(case, "decline_form", asked_by="ご本人", actor=agent, at=office.later()) == first
    (item,) = due_items("decline_form", office.programme, office.today)
    assert (item.occasion, item.back) == (first.pk, ("decline",)) and dict(item.fields)[
        "decline_amount"
    ].endswith("円")
    run = post(office, "decline_form")
    assert (run.pieces, run.pages) == (1, 2)
    assert list(due_items("decline_form", office.programme, office.today)) == []
    with pytest.raises(NotSent):
        request_letter(case, "account_form", asked_by="ご本人", actor=agent, at=office.later())
    with pytest.raises(NotSent, match="だれの申出"):
        request_letter(case, "proxy_form", asked_by=" ", actor=agent, at=office.later())


def test_a_return_whose_ground_new_terms_drop_is_pulled_or_told_of_and_the_next_one_is_a_letter_of_its_own(
    office,
):
    """One letter was posted, one lies here printed: the first gets a notice, the second never leaves, both go on."""
    first_text = office.programme.version.text
    next_version(office.programme, _ruled(first_text, D04="return"), at=office.later())
    posted, printed = office.applicants[:2]
    returned(office, posted, ["D04"], phone="")
    post(office, "return")
    returned(office, printed, ["D04"], phone="")
    make_due_letters(programme=office.programme, actor=office.staff["printer"], at=office.later())
    lies_here = PrintRun.objects.filter(kind="return").latest("pk")

    next_version(office.programme, _ruled(first_text, D04="note"), at=office.later())
    rescreen(programme=office.programme, actor=SYSTEM, at=office.later())
    assert (office.stage(posted), office.stage(printed)) == ("in_review", "in_review")
    list_pulls(lies_here, actor=office.staff["printer"], at=office.later())
    assert PulledPiece.objects.get().reason == "terms"
    (notice,) = due_items("return_dropped", office.programme, office.today)
    assert notice.case_id == posted.case
    assert [one.ordinary for one in count_due_letters(office.programme) if one.kind == "return_dropped"] == [
        1
    ]
    post(office, "return_dropped")
    assert list(due_items("return_dropped", office.programme, office.today)) == []

    # The reviewer of the new round finds something else: it is asked for, though a letter went out for this application.
    task = Task.objects.get(case_id=posted.case, state="open")
    assert (task.round, task.reason) == (2, "new_terms")
    Task.objects.filter(case_id=printed.case, state="open").update(not_before=office.later(days=1))
    office.verdict("reviewer2", "return", codes=["D20"])
    assert office.stage(posted) == "returned"
    (again,) = due_items("return", office.programme, office.today)
    assert (again.case_id, again.occasion) == (posted.case, -Verdict.objects.latest("pk").pk)
    post(office, "return")
    assert list(due_items("return", office.programme, office.today)) == []


def test_who_was_told_another_amount_is_told_of_the_new_one_once(office):
    run = proofed(
        make_form_run(programme=office.programme, limit=1, actor=office.staff["printer"], at=office.later())
    )
    release(run, actor=office.staff["manager"], at=office.later())
    dispatch(run, posted_on=office.today, counted=1, actor=office.staff["manager"], at=office.later())
    (case,) = run.letters.values_list("case_id", flat=True)
    text = office.programme.version.text
    assert text.count("{ yen_per_person = 100000 }") == 1
    less = text.replace("{ yen_per_person = 100000 }", "{ yen_per_person = 90000 }")
    next_version(office.programme, less, at=office.later())
    rescreen(programme=office.programme, actor=SYSTEM, at=office.later())
    office.programme = Programme.objects.select_related("municipality").get(pk=office.programme.pk)
    (notice,) = due_items("terms_changed", office.programme, office.today)
    assert (notice.case_id, notice.values[0]) == (case, "お支払いする額が変わりました")
    before, after = (int(yen.rstrip("円").replace(",", "")) for yen in notice.values[1:3])
    assert after == before * 9 // 10
    post(office, "terms_changed")
    assert list(due_items("terms_changed", office.programme, office.today)) == []
