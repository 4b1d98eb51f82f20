"""A pushed notice that nobody answers counts as accepted the day after its last day; what came back or came late does not."""

from datetime import UTC, datetime, time, timedelta

import pytest

from tests.mailroom.conftest import set_up
from tests.office_day import OfficeDay
from tests.payment.planted import past_triggers, plant
from tests.proofs import proofed
from todoku.case.tables import Case, CaseStage
from todoku.letters.dispatch import dispatch
from todoku.letters.make_run import make_notice_run
from todoku.letters.release import release
from todoku.letters.undelivered import record_undelivered
from todoku.mailroom.close_bag import close_bag
from todoku.mailroom.send_paper_away import send_paper_away
from todoku.mailroom.tables import UnplacedPaper
from todoku.payment.make_transfers import make_transfers
from todoku.payment.sweep import sweep
from todoku.people.actor import SYSTEM
from todoku.registry.tables import KnownAccount, Person
from todoku.review.accept_silence import accept_silence, held_cohorts
from todoku.review.decide import decide, make_list, send_back
from todoku.review.tables import Decision, Finding, Proposal, Task
from todoku.web.office.home import held_needs
from todoku.web.office.printing_page import cohorts_to_print

BLANK = {
    "bank": "",
    "branch": "",
    "account_number": "",
    "holder_kana": "",
    "yucho_symbol": "",
    "yucho_number": "",
}


@pytest.fixture
def office(push_town):
    """Notices of the push cohort posted on the opening day."""
    day = OfficeDay(
        push_town.programme, push_town.households, datetime.combine(push_town.opens_on, time(1), UTC)
    )
    post_notices(day, limit=20)
    return day


def post_notices(day, limit=None):
    run = make_notice_run(programme=day.programme, limit=limit, actor=day.staff["printer"], at=day.later())
    release(proofed(run), actor=day.staff["manager"], at=day.later())
    run.refresh_from_db()
    dispatch(run, posted_on=day.today, counted=run.pieces, actor=day.staff["printer"], at=day.later())


def opt_out(day):
    return next(c.opt_out_date for c in day.programme.terms.cohorts if c.mode == "push")


def silent(day):
    return accept_silence(programme=day.programme, actor=SYSTEM, at=day.later())


def invited(day):
    return list(
        CaseStage.objects.filter(stage="invited", case__cohort="push")
        .order_by("case_id")
        .values_list("case_id", flat=True)
    )


def wait_until_after(day):
    day.at += timedelta(days=(opt_out(day) - day.today).days + 1)


def test_nothing_is_accepted_on_the_last_day_and_everything_on_the_next(office):
    posted = invited(office)
    office.at += timedelta(days=(opt_out(office) - office.today).days)
    assert silent(office).done == 0
    office.at += timedelta(days=1)
    report = silent(office)
    assert (report.done, report.waiting) == (len(posted), 0)
    assert silent(office).done == 0
    assert set(Proposal.objects.values_list("via", "outcome")) == {("push", "grant")}
    known = dict(KnownAccount.objects.values_list("person_id", "number"))
    for case in Case.objects.filter(pk__in=posted).select_related("recipient"):
        proposal = Proposal.objects.get(case=case)
        assert proposal.account.number == known[case.recipient.head_id]
        assert proposal.submission.channel == "push"


def test_a_known_account_that_two_households_share_is_looked_at_by_persons(office):
    posted = invited(office)
    first, second = (Case.objects.get(pk=case).recipient.head_id for case in posted[:2])
    known = KnownAccount.objects.get(person_id=first)
    KnownAccount.objects.filter(person_id=second).update(
        bank=known.bank, branch=known.branch, kind=known.kind, number=known.number
    )
    wait_until_after(office)
    report = silent(office)
    assert (report.done, report.waiting) == (len(posted) - 2, 2)
    assert set(Task.objects.values_list("case_id", "reason")) == {
        (posted[0], "shared_account"), (posted[1], "shared_account"),
    }  # fmt: skip
    assert set(Finding.objects.values_list("case_id", "code")) == {(posted[0], "D15"), (posted[1], "D15")}


def test_what_came_back_is_not_accepted(office):
    posted = invited(office)
    number = Case.objects.get(pk=posted[0]).number
    record_undelivered(
        number, programme=office.programme, reason="unknown", returned_on=office.today, actor=office.staff["clerk"],
        at=office.later(),
    )  # fmt: skip
    wait_until_after(office)
    report = silent(office)
    assert (report.done, report.waiting) == (len(posted) - 1, 1)
    assert CaseStage.objects.get(pk=posted[0]).stage == "invited"


def test_whoever_objected_or_died_or_was_written_to_too_late_is_left_to_a_person(office):
    posted = invited(office)
    dead = Case.objects.get(pk=posted[0]).recipient.head
    Person.objects.filter(pk=dead.pk).update(left_reason="death", left_on=office.today)
    objecting = next(one for one in office.applicants if one.case in posted[1:])
    office.send_web(
        objecting,
        declines=True,
        bank="",
        branch="",
        account_number="",
        holder_kana="",
        yucho_symbol="",
        yucho_number="",
    )
    wait_until_after(office)
    post_notices(office)
    late = set(invited(office)) - set(posted)
    assert late
    report = silent(office)
    assert report.done == len(posted) - 2
    assert report.waiting == len(late) + 1
    assert CaseStage.objects.get(pk=objecting.case).stage == "received"
    office.screen()
    office.both("decline", comment="本人に電話で確認した。")
    assert office.stage(objecting) == "declined"


def test_a_decline_that_lies_in_a_tray_is_not_paid_out(office):
    posted = invited(office)
    declining = Case.objects.get(pk=posted[0])
    with set_up(office.programme, office.later(), 1) as mailroom:
        mailroom.open(mailroom.letter(declining.number, "answer"))
        close_bag(mailroom.bag, actor=mailroom.staff["clerk"], at=mailroom.now)
    wait_until_after(office)
    report = silent(office)
    assert (report.done, report.waiting, report.note) == (len(posted) - 1, 1, "")
    assert CaseStage.objects.get(case=declining).stage == "invited"


def test_nobodys_silence_is_certain_while_paper_of_those_days_is_anybodys(office):
    posted = invited(office)
    with set_up(office.programme, office.later(), 1) as mailroom:
        mailroom.open(mailroom.letter("", "letter", unplaced="handwritten"))
        wait_until_after(office)
        report = silent(office)
        assert (report.done, report.waiting) == (0, len(posted))
        assert "開封が終わっていない袋1袋" in report.note and "所属不明の書類1件" in report.note
        # The same stands on the first page and at the print desk, with what there is to do.
        (need,) = held_needs(office.programme, "sample", frozenset({"manager"}), office.today)
        assert (need.count, need.text, need.url) == (len(posted), report.note, "/p/sample/mail/")
        assert "袋の開封を終え" in need.text
        assert report.note in [one["held"] for one in cohorts_to_print(office.programme, office.today)]
        assert held_needs(office.programme, "sample", frozenset({"print_operator"}), office.today) == []
        close_bag(mailroom.bag, actor=mailroom.staff["clerk"], at=office.later())
        assert (silent(office).done, "開封が終わっていない袋" in silent(office).note) == (0, False)
        paper = UnplacedPaper.objects.get()
        send_paper_away(
            paper, to="handed_on", why="市の別の窓口の書類", actor=mailroom.staff["clerk"], at=office.later()
        )
    report = silent(office)
    assert (report.done, report.waiting, report.note) == (len(posted), 0, "")
    assert held_cohorts(office.programme, office.today) == []


def test_a_pushed_case_that_is_sent_back_waits_for_two_persons_and_not_for_the_next_minute(office):
    wait_until_after(office)
    silent(office)
    made = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    decision = Decision.objects.order_by("id").first()
    send_back(
        decision, reason="死亡の届出を確認してください。", actor=office.staff["officer"], at=office.later()
    )
    silent(office)
    assert CaseStage.objects.get(pk=decision.case_id).stage == "in_review"
    office.both()
    assert CaseStage.objects.get(pk=decision.case_id).stage == "passed"
    made.refresh_from_db()
    decide(made, sha256=made.sha256, actor=office.staff["officer"], at=office.later())
    assert make_transfers(programme=office.programme, actor=SYSTEM, at=office.later()).done == made.grants


def test_a_grant_on_silence_rests_on_a_notice_that_was_posted(office):
    wait_until_after(office)
    silent(office)
    made = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    decide(made, sha256=made.sha256, actor=office.staff["officer"], at=office.later())
    run = sweep(programme=office.programme, occasion="hand", actor=SYSTEM, at=office.later())
    assert (made.grants > 0, run.violations) == (True, 0)
    plant(*past_triggers("dispatch", "delete from todoku_dispatch"))
    run = sweep(programme=office.programme, occasion="hand", actor=SYSTEM, at=office.later())
    assert run.checks["granted_on_an_application"]["found"] == made.grants
