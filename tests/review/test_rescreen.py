"""A new Version judges what is open again: for every way in which a case can stand, what becomes of it, and what never does."""

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.next_version import next_version
from tests.review.agreed import agree
from todoku.case.due import Due
from todoku.case.move import move
from todoku.case.supersede import replace_amount
from todoku.case.tables import Case, DoorKey, Entitlement
from todoku.criteria.draft_version import draft_version
from todoku.ground.long_work import Stopped
from todoku.ledger.tables import LedgerEntry
from todoku.letters.tables import Reissue
from todoku.people.actor import SYSTEM
from todoku.programme.tables import Programme
from todoku.review.case_differences import Stood, difference
from todoku.review.claim import claim_next, put_back, release_forgotten
from todoku.review.decide import decide, make_list
from todoku.review.judge import judge
from todoku.review.rescreen import rescreen, rescreen_let_go
from todoku.review.rescreen_tables import PastFinding, PastScreening, Rescreening, TermsChange
from todoku.review.tables import DecisionList, Finding, Proposal, Question, Screening, Task, Verdict
from todoku.review.try_version import NothingToTry, try_version
from todoku.review.undo_terms_change import CannotTakeBack, undo_terms_change

OTHER = "ﾍﾞﾂ ﾉﾋﾄ"  # a holder whom the roll does not know: D12, to be looked at
# Here two reviewers of the office decide about such a holder.
TWO_DECIDE = (
    '[[criteria.holder]]\ntier = "T7"\nmeaning = "どの名前とも一致しない。"\ndecides = "two_persons"\n'
)


@pytest.fixture
def desk(office):
    """The office, with the text that its open Version has."""
    office.text = office.programme.version.text
    return office


def _said(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def _ruled(text: str, **severities: str) -> str:
    """The text with these severities in [review.checks], whatever stood there."""
    head, rest = text.split("[review.checks]\n", 1)
    body = rest.split("\n[", 1)
    lines = "".join(f'{code} = "{severity}"\n' for code, severity in severities.items())
    decide = "" if TWO_DECIDE in text else f"\n{TWO_DECIDE}"
    return f"{head}[review.checks]\n{lines}\n[{body[1]}{decide}"


def _open(desk, text: str) -> None:
    next_version(desk.programme, text, at=desk.later())


def _again(desk, **values):
    return rescreen(programme=desk.programme, actor=SYSTEM, at=desk.later(), **values)


def _found(one) -> dict[str, str]:
    return dict(Finding.objects.filter(case_id=one.case).values_list("code", "severity"))


def _everything() -> dict[str, list]:
    """Every row of review that a trial must leave as it is."""
    tables = (Screening, Finding, Task, Verdict, Proposal, Question, PastScreening, PastFinding)
    kept = {one.__name__: list(one.objects.order_by("pk").values()) for one in tables}
    with connection.cursor() as cursor:
        cursor.execute("select * from todoku_casestage order by case_id")
        return kept | {"stages": cursor.fetchall()}


def test_what_needs_no_eyes_any_more_passes_and_comes_back_when_it_does_again(desk):
    one = desk.unsampled[0]
    desk.send_web(one, holder_kana=OTHER)
    desk.screen()
    assert (desk.stage(one), _found(one)) == ("in_review", {"D12": "look"})
    first = desk.programme.version

    _open(desk, _ruled(desk.text, D12="note"))
    report = _again(desk)
    assert (report.done, report.waiting) == (1, 0)
    assert (desk.stage(one), _found(one)) == ("passed", {"D12": "note"})
    assert Task.objects.get(case_id=one.case).state == "void"
    assert Proposal.objects.get(case_id=one.case).via == "straight"
    screening = Screening.objects.get(case_id=one.case)
    assert (screening.outcome, screening.persons, screening.version) == ("clean", 0, desk.programme.version)
    past = PastScreening.objects.get()
    assert (past.outcome, past.persons, past.version) == ("look", 2, first)
    assert PastFinding.objects.get().severity == "look"

    _open(desk, _ruled(desk.text, D12="return"))
    _again(desk)
    assert (desk.stage(one), _found(one)) == ("in_review", {"D12": "return"})
    task = Task.objects.get(case_id=one.case, state="open")
    assert (task.reason, task.step, task.queue) == ("return", 1, "account")
    assert list(PastScreening.objects.order_by("pk").values_list("outcome", flat=True)) == ["look", "clean"]


def test_a_trial_shows_what_the_opening_then_does_and_writes_nothing_to_any_case(desk):
    for place, one in enumerate(desk.unsampled[:12]):
        if place % 3:
            desk.send_web(one, **({"holder_kana": OTHER} if place % 2 else {}))
        else:
            desk.key(desk.form(one, identity_evidence="" if place % 2 else "clear", phone=""))
    desk.screen()
    text = _ruled(desk.text, D12="note", D04="return")
    planned = draft_version(desk.programme, text, actor=SYSTEM, at=desk.later())
    before = _everything()
    try_version(planned, actor=SYSTEM, at=desk.later(), chunk_rows=5)
    assert _everything() == before
    tried = Rescreening.objects.get(trial=True)
    assert tried.judged == 12 and tried.changed > 0
    assert {"eyes_to_straight", "to_return", "severity:D04", "severity:D12", "act:pass"} <= set(tried.tally)

    _open(desk, text)
    _again(desk, chunk_rows=5)
    done = Rescreening.objects.get(trial=False)
    assert (done.judged, done.changed, done.tally) == (tried.judged, tried.changed, tried.tally)
    with pytest.raises(NothingToTry, match="開始しています"):
        try_version(desk.programme.version, actor=SYSTEM, at=desk.later())


def test_a_second_run_finds_nothing_to_do(desk):
    for one in desk.applicants[:6]:
        desk.send_web(one, holder_kana=OTHER)
    desk.screen()
    _open(desk, _ruled(desk.text, D12="note"))
    assert _again(desk).done == 6
    before = _everything()
    again = _again(desk)
    assert (again.done, again.waiting, _everything() == before) == (0, 0, True)


def test_what_passed_without_eyes_and_needs_them_now_leaves_the_open_list(desk):
    seen, one = desk.unsampled[:2]
    desk.send_web(one)
    desk.key(desk.form(seen))
    desk.screen()
    desk.both()
    made = make_list(programme=desk.programme, actor=SYSTEM, at=desk.later())
    assert (made.grants, desk.stage(seen), desk.stage(one)) == (2, "passed", "passed")

    _open(desk, _said(desk.text, ('web = "straight"', 'web = "two_persons"')))
    _again(desk)
    assert (desk.stage(seen), desk.stage(one)) == ("passed", "in_review")
    made.refresh_from_db()
    assert (made.state, made.grants) == ("open", 1)
    assert Screening.objects.get(case_id=one.case).persons == 2
    desk.both()
    assert desk.stage(one) == "passed"


def test_what_is_decided_is_never_touched(desk):
    one = desk.unsampled[0]
    desk.send_web(one)
    desk.screen()
    officer = desk.staff["officer"]
    made = make_list(programme=desk.programme, actor=SYSTEM, at=desk.later())
    decide(made, sha256=made.sha256, actor=officer, at=desk.later())
    _open(desk, _said(desk.text, ('web = "straight"', 'web = "two_persons"')))
    before = _everything()
    assert _again(desk).done == 0
    assert (_everything() == before, desk.stage(one)) == (True, "decided")
    assert DecisionList.objects.get().state == "decided"


def test_persons_look_again_only_where_something_is_found_that_they_did_not_see(desk):
    _open(desk, _ruled(desk.text, D12="off", D04="look"))
    unseen, seen = desk.applicants[:2]
    desk.arrive(desk.form(unseen, holder_kana=OTHER), desk.form(seen, phone=""))
    desk.both()
    desk.both()
    assert (desk.stage(unseen), desk.stage(seen)) == ("passed", "passed")

    _open(desk, _ruled(desk.text, D12="look", D04="return"))
    _again(desk)
    assert (desk.stage(unseen), desk.stage(seen)) == ("in_review", "passed")
    task = Task.objects.get(case_id=unseen.case, state="open")
    assert (task.reason, task.round, task.step) == ("new_terms", 2, 1)
    assert Verdict.objects.filter(undone_at__isnull=True).count() == 4
    assert _found(seen) == {"D04": "return"}
    desk.both()
    assert desk.stage(unseen) == "passed"


def test_a_return_ends_when_nothing_is_left_to_ask_for(desk):
    over, still = desk.applicants[:2]
    desk.arrive(desk.form(over, identity_evidence=""), desk.form(still, identity_evidence="", signed=False))
    returned = {over.case: ["D20"], still.case: ["D20", "D02"]}
    for _ in returned:
        actor = desk.staff["reviewer1"]
        task = claim_next(programme=desk.programme, actor=actor, at=desk.later())
        judge(task, outcome="return", codes=returned[task.case_id], actor=actor, at=desk.later())
    text = _said(
        desk.text,
        ('paper = ["identity", "account_proof", "signature"]', 'paper = ["account_proof", "signature"]'),
    )
    _open(desk, text)
    _again(desk)
    assert (desk.stage(over), desk.stage(still)) == ("in_review", "returned")
    assert Task.objects.get(case_id=over.case, state="open").round == 2
    assert (_found(over), _found(still)) == ({}, {"D02": "return"})


def test_half_way_between_two_persons_one_approval_is_enough_or_the_first_look_is_taken_anew(desk):
    _open(desk, _said(_ruled(desk.text, D12="off"), ('web = "straight"', 'web = "two_persons"')))
    enough, anew = desk.unsampled[:2]
    desk.send_web(enough)
    desk.send_web(anew, holder_kana=OTHER)
    desk.screen()
    desk.verdict("reviewer1")  # never dealt the second look of the same case
    desk.verdict("reviewer1")
    assert set(Task.objects.filter(state="open").values_list("step", flat=True)) == {2}

    _open(desk, _said(_ruled(desk.text, D12="look"), ('web = "straight"', 'web = "one_person"')))
    _again(desk)
    assert (desk.stage(enough), desk.stage(anew)) == ("passed", "in_review")
    assert Proposal.objects.get(case_id=enough.case).via == "one_person"
    opened = Task.objects.get(case_id=anew.case, state="open")
    assert (opened.step, opened.round, opened.reason) == (1, 2, "new_terms")
    assert Counter(Task.objects.filter(step=2).values_list("state", flat=True)) == {"void": 2}


def test_a_case_with_the_municipality_waits_for_its_answer_and_is_judged_all_the_same(desk):
    one = desk.applicants[0]
    desk.arrive(desk.form(one, holder_kana=OTHER))
    desk.verdict("reviewer1", "refer", comment="同居の親族か")
    _open(desk, _ruled(desk.text, D12="note"))
    _again(desk)
    assert desk.stage(one) == "with_municipality"
    assert (_found(one), Screening.objects.get().version) == ({"D12": "note"}, desk.programme.version)


def test_an_account_put_right_since_is_no_difference_of_the_new_terms(desk):
    one = desk.unsampled[0]
    desk.send_web(one, holder_kana=OTHER)
    desk.screen()
    account = desk.submission(one).accounts.get()
    account.pk, account.version, account.holder_kana = None, 2, one.household.head.kana
    account.staff_id = desk.staff["clerk"].id
    account.save()
    _open(desk, _said(desk.text, ("sample_percent = 5 ", "sample_percent = 6 ")))
    report = _again(desk)
    assert (report.done, Rescreening.objects.get().changed) == (1, 0)
    assert (desk.stage(one), _found(one)) == ("in_review", {"D12": "look"})


def test_a_held_look_is_not_torn_away_and_is_judged_when_it_is_put_back(desk):
    one, other = desk.unsampled[:2]
    for each in (one, other):
        desk.send_web(each, holder_kana=OTHER)
    desk.screen()
    actor = desk.staff["reviewer1"]
    task = claim_next(programme=desk.programme, actor=actor, at=desk.later())
    holding, free = (one, other) if task.case_id == one.case else (other, one)

    _open(desk, _ruled(desk.text, D12="note"))
    report = _again(desk)
    assert (report.done, report.waiting) == (1, 1)
    assert "1件は、担当者が手を離したときに点検します" in report.note
    assert (desk.stage(free), desk.stage(holding)) == ("passed", "in_review")
    task.refresh_from_db()
    assert (task.state, task.claimed_by_id, _found(holding)) == ("held", actor.id, {"D12": "look"})

    put_back(task, actor=actor, at=desk.later())
    assert (desk.stage(holding), _found(holding)) == ("passed", {"D12": "note"})
    done = Rescreening.objects.get()
    assert (done.judged, done.held, done.ended_at is not None) == (2, [], True)


def test_a_verdict_given_on_the_old_terms_stands_and_the_case_is_judged_by_the_new(desk):
    _open(desk, _said(_ruled(desk.text, D12="off"), ('web = "straight"', 'web = "one_person"')))
    one = desk.unsampled[0]
    desk.send_web(one, holder_kana=OTHER)
    desk.screen()
    actor = desk.staff["reviewer1"]
    task = claim_next(programme=desk.programme, actor=actor, at=desk.later())
    _open(desk, _said(_ruled(desk.text, D12="look"), ('web = "straight"', 'web = "one_person"')))
    assert _again(desk).waiting == 1
    judge(task, outcome="approve", actor=actor, at=desk.later())
    assert (desk.stage(one), _found(one)) == ("in_review", {"D12": "look"})
    assert Verdict.objects.get().undone_at is None
    assert Task.objects.get(state="open").reason == "new_terms"


def test_a_look_that_nobody_came_back_to_is_judged_by_the_sweeper(desk):
    one = desk.unsampled[0]
    desk.send_web(one, holder_kana=OTHER)
    desk.screen()
    claim_next(programme=desk.programme, actor=desk.staff["reviewer1"], at=desk.later())
    _open(desk, _ruled(desk.text, D12="note"))
    assert _again(desk).waiting == 1
    assert rescreen_let_go(at=desk.later()) == 0
    release_forgotten(at=desk.later(hours=2))
    assert rescreen_let_go(at=desk.later()) == 1
    assert desk.stage(one) == "passed"


def test_a_stopped_run_goes_on_where_it_was(desk):
    for one in desk.applicants[:9]:
        desk.send_web(one, holder_kana=OTHER)
    desk.screen()
    _open(desk, _ruled(desk.text, D12="note"))

    def stop_after_four(done: int, _total: int | None) -> None:
        if done >= 4:
            raise Stopped("停止しました。")

    with pytest.raises(Stopped):
        _again(desk, progress=stop_after_four, chunk_rows=2)
    half = Rescreening.objects.get()
    assert (half.judged, half.ended_at, PastScreening.objects.count()) == (4, None, 4)
    assert _again(desk, chunk_rows=2).done == 5
    half.refresh_from_db()
    assert (half.judged, half.ended_at is not None, PastScreening.objects.count()) == (9, True, 9)
    assert set(Screening.objects.values_list("version", flat=True)) == {desk.programme.version.pk}


def test_the_number_of_statements_does_not_depend_on_the_number_of_applications(desk):
    def statements(applicants, text):
        for place, one in enumerate(applicants):
            if place % 2:
                desk.key(desk.form(one, phone=""))
            else:
                desk.send_web(one, holder_kana=OTHER)
        desk.screen()
        _open(desk, text)
        programme = Programme.objects.get(pk=desk.programme.pk)
        with CaptureQueriesContext(connection) as seen:
            rescreen(programme=programme, actor=SYSTEM, at=desk.later())
        return len(seen)

    few = statements(desk.applicants[:4], _ruled(desk.text, D12="note"))
    many = statements(desk.applicants[4:30], _ruled(desk.text, D12="look", D04="return"))
    assert abs(few - many) <= 10 and many < 70


LESS = ("{ yen_per_person = 100000 }", "{ yen_per_person = 90000 }")


def _due(one) -> list[tuple[int, int, str]]:
    """Every amount of a case: yen, by which Version, superseded by what."""
    rows = Entitlement.objects.filter(case_id=one.case).order_by("pk")
    return list(rows.values_list("amount_yen", "version__number", "superseded_by_order"))


def _terms_changes(one) -> list[tuple[str, str]]:
    return list(TermsChange.objects.filter(case_id=one.case).order_by("pk").values_list("kind", "state"))


def test_an_amount_takes_effect_where_nothing_is_decided_and_is_only_proposed_where_it_is(desk):
    """In review, on an open list, not yet applied and not yet posted the amount follows; decided it stays. And it comes back."""
    decided, listed, reviewed, invited, *_ = desk.unsampled
    unposted = Case.objects.filter(programme=desk.programme, standing__stage="listed").order_by("pk")[0]
    desk.send_web(decided)
    desk.screen()
    first = make_list(programme=desk.programme, actor=SYSTEM, at=desk.later())
    decide(first, sha256=first.sha256, actor=desk.staff["officer"], at=desk.later())
    desk.send_web(listed)
    desk.send_web(reviewed, holder_kana=OTHER)
    desk.screen()
    made = make_list(programme=desk.programme, actor=SYSTEM, at=desk.later())
    text, old = _said(desk.text, LESS), desk.text
    planned = draft_version(desk.programme, text, actor=SYSTEM, at=desk.later())
    yens, ledger = (
        {one: _due(one)[0][0] for one in (decided, listed, reviewed, invited)},
        LedgerEntry.objects.count(),
    )
    issue = DoorKey.objects.get(case=unposted).issue
    before = list(Entitlement.objects.order_by("pk").values())
    try_version(planned, actor=SYSTEM, at=desk.later(), chunk_rows=5)
    assert list(Entitlement.objects.order_by("pk").values()) == before
    tried = Rescreening.objects.get()
    assert tried.tally["case:recovery"]["count"] == 1
    assert tried.tally["case:amount_down"]["count"] == tried.cases_changed - 1 > 30

    _open(desk, text)
    assert _again(desk).done == 2
    run = Rescreening.objects.get(trial=False)
    assert (run.tally, run.cases_changed) == (tried.tally, tried.cases_changed)
    for one in (listed, reviewed, invited):
        less = yens[one] * 9 // 10
        assert _due(one) == [(yens[one], 1, "第2版の開始"), (less, 2, "")]
        assert _terms_changes(one) == [("amount", "done")]
    assert (_due(decided), _terms_changes(decided)) == ([(yens[decided], 1, "")], [("recovery", "proposed")])
    assert (desk.stage(decided), LedgerEntry.objects.count()) == ("decided", ledger)
    made.refresh_from_db()
    assert (made.state, desk.stage(listed)) == ("void", "passed")
    assert DoorKey.objects.get(case=unposted).issue == issue + 1  # a form that lies here printed is pulled
    again = make_list(programme=desk.programme, actor=SYSTEM, at=desk.later())
    assert again.total_yen == yens[listed] * 9 // 10
    assert _again(desk).done == 0 and TermsChange.objects.filter(case_id=invited.case).count() == 1

    _open(desk, old)
    _again(desk)
    assert _due(invited)[-1] == (yens[invited], 3, "") and len(_due(invited)) == 3


def test_an_amount_that_an_order_put_right_is_left_to_a_person_and_one_change_is_taken_back_until_the_decision(
    desk,
):
    ordered, plain = desk.applicants[:2]
    case = Case.objects.get(pk=ordered.case)
    replace_amount(case, amount_yen=12_000, member_count=1, order="決裁第1号")
    yen = _due(plain)[0][0]
    _open(desk, _said(desk.text, LESS))
    _again(desk)
    assert (_due(ordered)[-1], _terms_changes(ordered)) == ((12_000, 1, ""), [("kept", "proposed")])
    change = TermsChange.objects.get(case_id=plain.case)
    with pytest.raises(CannotTakeBack, match="担当課"):
        undo_terms_change(change, order="決裁第2号", actor=desk.staff["manager"], at=desk.later())
    undo_terms_change(change, order="決裁第2号", actor=desk.staff["officer"], at=desk.later())
    change.refresh_from_db()
    assert (change.state, _due(plain)[-1][0], _due(plain)[-2][2]) == ("undone", yen, "決裁第2号")
    with pytest.raises(CannotTakeBack, match="取り消"):
        undo_terms_change(change, order="決裁第3号", actor=desk.staff["officer"], at=desk.later())


def test_a_run_of_terms_that_were_followed_by_others_takes_no_result_back(desk):
    one = desk.unsampled[0]
    desk.send_web(one, holder_kana=OTHER)
    desk.screen()
    _open(desk, _ruled(desk.text, D12="note"))
    slow = Programme.objects.get(pk=desk.programme.pk)
    second = slow.version  # known from now on, as a run holds it that began before the third Version
    _open(desk, _ruled(desk.text, D12="return"))
    _again(desk)

    report = rescreen(programme=slow, actor=SYSTEM, at=desk.later())
    assert (report.done, report.waiting) == (0, 0)
    assert Screening.objects.get().version == desk.programme.version
    assert (_found(one), PastScreening.objects.count()) == ({"D12": "return"}, 1)
    assert Rescreening.objects.get(version=second).ended_at is not None


def test_whoever_declined_while_the_run_waited_is_waited_for_no_longer(desk):
    one = desk.unsampled[0]
    desk.send_web(one, holder_kana=OTHER)
    desk.screen()
    task = desk.claim("reviewer1")
    _open(desk, _ruled(desk.text, D12="note"))
    assert _again(desk).waiting == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "update todoku_casestage set previous = 'in_review', stage = 'declined' where case_id = %s",
            [one.case],
        )
    put_back(task, actor=desk.staff["reviewer1"], at=desk.later())
    run = Rescreening.objects.get()
    assert (run.held, run.judged, run.ended_at is not None) == ([], 0, True)


@pytest.mark.parametrize(("seconds", "stage"), [(25, "in_review"), (5, "passed")])
def test_one_approval_is_enough_now_unless_it_was_given_so_fast_that_another_looks(desk, seconds, stage):
    """Looks take twenty seconds here."""
    one = desk.unsampled[0]
    agree(desk, f"[review.fast]\nagain = true\nseconds = {seconds}\n{TWO_DECIDE}")
    desk.send_web(one, holder_kana=OTHER)
    desk.screen()
    desk.verdict("reviewer1")
    _open(desk, _ruled(desk.programme.version.text, D12="note"))
    _again(desk)
    assert desk.stage(one) == stage
    assert Task.objects.get(case_id=one.case, step=2).state == ("open" if stage == "in_review" else "void")


def test_who_is_not_due_any_more_ends_before_the_application_is_looked_at_after_it_and_comes_back(desk):
    """An income test in a programme that had none: of those who have not applied the case ends, of the others a person looks."""
    text = _said(desk.text, ('["resident_on_base_date"]', '["resident_on_base_date", "all_members_untaxed"]'))
    chosen = desk.unsampled
    for one in chosen[:8]:
        desk.send_web(one)
    desk.screen()
    planned = draft_version(desk.programme, text, actor=SYSTEM, at=desk.later())
    try_version(planned, actor=SYSTEM, at=desk.later())
    _open(desk, text)
    _again(desk)
    run, tried = Rescreening.objects.get(trial=False), Rescreening.objects.get(trial=True)
    assert run.tally == tried.tally
    kinds = dict(TermsChange.objects.values_list("case_id", "kind"))
    out = {one for one in chosen if one.case in kinds}
    assert {desk.stage(one) for one in chosen[:8] if one in out} == {"in_review"}
    assert {kinds[one.case] for one in chosen[:8] if one in out} == {"not_due"}
    assert {desk.stage(one) for one in chosen[:8] if one not in out} <= {"passed"}
    ended = [one for one in chosen[8:] if one in out and desk.stage(one) == "lapsed"]
    assert ended and {kinds[one.case] for one in ended} == {"lapsed"}
    first = TermsChange.objects.get(case_id=ended[0].case)
    assert (first.state, first.stage, first.reason != "") == ("done", "invited", True)
    undo_terms_change(first, order="決裁第5号", actor=desk.staff["officer"], at=desk.later())
    assert desk.stage(ended[0]) == "invited"

    _open(desk, desk.text)
    _again(desk)
    assert {desk.stage(one) for one in ended} == {"invited"}
    assert (
        TermsChange.objects.filter(kind="revived").count()
        == TermsChange.objects.filter(kind="lapsed").count() - 1
    )


@pytest.mark.parametrize(
    ("stood", "was", "now", "kinds"),
    [
        (Stood("invited", "a", 100), Due(100, 1, "a", ""), Due(90, 1, "a", ""), ("amount_down",)),
        (Stood("passed", "a", 100), Due(100, 1, "a", ""), Due(110, 1, "b", ""), ("amount_up",)),
        (Stood("listed", "a", 100), Due(100, 1, "a", ""), Due(100, 1, "b", ""), ("cohort",)),
        (Stood("listed", "b", 100), Due(100, 1, "a", ""), Due(100, 1, "a", ""), ()),
        (Stood("listed", "b", 100, cohort_by_terms=True), Due(100, 1, "a", ""), Due(100, 1, "a", ""), ("cohort",)),
        (Stood("returned", "a", 80), Due(100, 1, "a", ""), Due(90, 1, "a", ""), ("kept",)),
        (Stood("listed", "a", 100), Due(100, 1, "a", ""), Due(0, 1, "", "taxed"), ("lapsed",)),
        (Stood("received", "a", 100), Due(100, 1, "a", ""), Due(0, 1, "", "taxed"), ("not_due",)),
        (Stood("listed", "a", 100), Due(0, 1, "", "taxed"), Due(0, 1, "", "taxed"), ()),
        (Stood("paid", "a", 100), Due(100, 1, "a", ""), Due(0, 1, "", "taxed"), ("recovery",)),
        (Stood("in_review", "a", 100, decided=True), Due(100, 1, "a", ""), Due(120, 1, "a", ""), ("supplement",)),
        (Stood("lapsed", "a", 100, lapsed_at="listed"), Due(100, 1, "a", ""), Due(90, 1, "b", ""),
         ("revived", "amount_down", "cohort")),
        (Stood("lapsed", "a", 100), Due(100, 1, "a", ""), Due(90, 1, "a", ""), ()),
        (Stood("refused", "a", 100), Due(100, 1, "a", ""), Due(90, 1, "a", ""), ()),
    ],
)  # fmt: skip
def test_what_new_terms_make_of_a_case(stood, was, now, kinds):
    found = difference(stood, was, now)
    assert (found.kinds if found else ()) == kinds


def test_another_cohort_is_entered_before_the_application_with_the_letter_of_the_new_one(push_town):
    """A push that is none any more: who was written to is sent the form, whose notice lies here printed is pulled."""
    programme = push_town.programme
    text = programme.version.text
    posted, listed = Case.objects.filter(programme=programme, cohort="push").order_by("pk")[:2]
    move([posted.pk], programme=programme, to="invited", why="発送", actor=SYSTEM, at=push_town.at)
    issues = dict(DoorKey.objects.values_list("case_id", "issue"))
    assert text.count('condition = "known_account"\n') == 1
    nobody = text.replace(
        'condition = "known_account"\n',
        'condition = "known_account"\naccount_sources = ["child_allowance"]\n',
    )
    next_version(programme, nobody, at=push_town.at)
    rescreen(programme=programme, actor=SYSTEM, at=push_town.at)
    for case in (posted, listed):
        case.refresh_from_db()
        assert case.cohort != "push" and DoorKey.objects.get(case=case).issue == issues[case.pk] + 1
    assert list(Reissue.objects.values_list("case_id", flat=True)) == [posted.pk]
    next_version(programme, text, at=push_town.at)
    rescreen(programme=programme, actor=SYSTEM, at=push_town.at)
    listed.refresh_from_db()
    assert listed.cohort == "push"
