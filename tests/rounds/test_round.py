"""One round runs every inward step on whatever waits, lists what waits for whom, and never acts outward."""

from todoku.case.tables import Case, CaseStage
from todoku.intake.tables import Submission
from todoku.letters.tables import PrintRun
from todoku.payment.tables import Batch, Transfer
from todoku.people.actor import SYSTEM
from todoku.registry.tables import RollImport
from todoku.review.decide import decide, make_list
from todoku.review.tables import DecisionList, Screening
from todoku.rounds.round import EACH_AFTERNOON, EACH_MINUTE, STEPS, afternoon, do_round, inward


def run(office):
    return {
        step.name: report
        for step, report in do_round(programme=office.programme, actor=SYSTEM, at=office.later())
    }


def test_every_step_reports_once_in_journey_order(office):
    reports = list(do_round(programme=office.programme, actor=SYSTEM, at=office.later()))
    assert [step.name for step, _ in reports] == [step.name for step in STEPS]
    assert all(step.who for step, _ in reports if step.outward)
    assert {*EACH_MINUTE, *EACH_AFTERNOON} < {step.name for step in STEPS if not step.outward}


def test_a_round_prints_what_waits_and_posts_nothing(office):
    reports = run(office)
    printed = reports["申請書・お知らせの印刷"].done
    assert printed > 250
    assert reports["発送"].waiting == PrintRun.objects.filter(state="made").count() == 1
    assert not CaseStage.objects.exclude(stage="listed").exists()


def test_what_was_found_today_is_a_letter_this_afternoon_and_waits_for_a_person(office):
    one = office.applicants[0]
    office.invite([one])
    office.key(office.form(one, account_evidence=""))
    office.screen()
    office.verdict("reviewer1", "return", codes=["D30"])
    for _ in range(2):
        afternoon(programme=office.programme, actor=SYSTEM, at=office.later())
    made = PrintRun.objects.get(kind="return")
    assert (made.state, made.pieces, made.made_by) == ("made", 1, SYSTEM.name)


def test_a_second_round_finds_nothing_left_to_do(office):
    run(office)
    again = run(office)
    # The sweep only looks, each time anew; all that does something has nothing left.
    assert again.pop("不変条件の点検").done > 0
    assert {name: report.done for name, report in again.items() if report.done} == {}


def test_a_round_takes_web_applications_from_sent_to_passed_and_pays_only_what_is_decided(office):
    office.invite(office.unsampled[:3])
    for one in office.unsampled[:3]:
        office.send_web(one)
    Submission.objects.update(state="received")
    reports = run(office)
    assert reports["点検"].done == 3
    assert reports["決定待ち"].waiting == 3
    assert reports["振込の作成"].done == 0
    made = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    assert run(office)["支給の決定"].waiting == 1
    decide(made, sha256=made.sha256, actor=office.staff["officer"], at=office.later())
    reports = run(office)
    assert reports["振込の作成"].done == 3
    assert reports["振込データの作成"].waiting == 3 == Transfer.objects.filter(state="ready").count()
    assert not Batch.objects.exists()
    assert DecisionList.objects.get().state == "decided"


def test_each_minute_only_what_residents_and_reviewers_wait_for(office):
    one = office.unsampled[0]
    office.invite([one])
    office.send_web(one)
    inward(programme=office.programme, actor=SYSTEM, at=office.later())
    assert office.stage(one) == "passed"
    assert Screening.objects.count() == 1
    assert not PrintRun.objects.exists()


def test_a_step_that_refuses_says_so_and_the_others_go_on(office):
    one = office.unsampled[0]
    office.invite([one])
    office.send_web(one)
    RollImport.objects.update(state="taking")
    opened = Case.objects.count()
    reports = run(office)
    (what, why), *_ = reports["案件の作成"].refused
    assert what == "案件の作成" and why.endswith("。")
    assert reports["点検"].done == 1
    assert Case.objects.count() == opened
