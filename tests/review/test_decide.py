"""The municipality decides exactly the list it saw; the office only proposes; what is sent back is reviewed by two again."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from todoku.case.tables import Entitlement
from todoku.people.actor import SYSTEM
from todoku.review.code_sentences import REFUSALS
from todoku.review.decide import (
    ListChanged,
    NeedsReason,
    NothingToDecide,
    NotTheDecider,
    current_digest,
    decide,
    make_list,
    send_back,
)
from todoku.review.list_differences import CHANGED, GONE, NEW, SAME, counts_of, differences_of
from todoku.review.tables import Decision, DecisionList, Task
from todoku.rounds.due_letters import due_items, make_due_letters


@pytest.fixture
def proposed(office):
    """Three grants and one refusal wait for a decision."""
    four = office.applicants[:4]
    office.arrive(*(office.form(one) for one in four))
    for _ in four[:3]:
        office.both()
    office.both("refuse", codes=["D05"])
    return four


@pytest.fixture
def listed(office, proposed):
    return make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())


def decided(office, made, *, sha256=None, who="officer"):
    return decide(made, sha256=sha256 or made.sha256, actor=office.staff[who], at=office.later())


def test_a_list_totals_its_proposals_and_carries_their_digest(office, proposed, listed):
    granted = Entitlement.objects.filter(case_id__in=[one.case for one in proposed[:3]])
    assert (listed.grants, listed.refusals) == (3, 1)
    assert listed.total_yen == sum(granted.values_list("amount_yen", flat=True))
    assert listed.sha256 == current_digest(listed)
    assert Decision.objects.get(outcome="refuse").amount_yen == 0
    assert not Decision.objects.filter(in_force=True).exists()


def test_a_case_is_on_one_open_list(office, listed):
    with pytest.raises(NothingToDecide):
        make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    assert DecisionList.objects.count() == 1


def test_two_who_gather_at_the_same_moment_make_one_list(office, proposed):
    manager, at = office.staff["manager"], office.later()

    def gather(_):
        try:
            return make_list(programme=office.programme, actor=manager, at=at).grants
        except NothingToDecide:
            return 0
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(gather, range(4))) == [0, 0, 0, 3]
    assert Decision.objects.count() == 4


def test_the_officer_decides_grants_and_refusals_at_once(office, proposed, listed):
    report = decided(office, listed)
    assert report.done == 4
    assert [office.stage(one) for one in proposed] == ["decided"] * 3 + ["refused"]
    assert Decision.objects.filter(in_force=True).count() == 4
    listed.refresh_from_db()
    assert (listed.state, listed.decided_by) == ("decided", "市役所 きめる")


@pytest.mark.parametrize("who", ["manager", "reviewer1", "viewer", "treasurer"])
def test_nobody_but_an_officer_decides(office, listed, who):
    with pytest.raises(NotTheDecider):
        decided(office, listed, who=who)
    listed.refresh_from_db()
    assert listed.state == "open"


def test_the_system_itself_does_not_decide(office, listed):
    with pytest.raises(NotTheDecider):
        decide(listed, sha256=listed.sha256, actor=SYSTEM, at=office.later())
    assert not Decision.objects.filter(in_force=True).exists()


def test_another_digest_is_refused_and_nothing_is_decided(office, proposed, listed):
    with pytest.raises(ListChanged, match="変わっています"):
        decided(office, listed, sha256="0" * 64)
    assert {office.stage(one) for one in proposed} == {"passed"}


def test_a_list_whose_rows_were_changed_under_its_digest_is_refused(office, proposed, listed):
    Decision.objects.filter(case_id=proposed[0].case).update(amount_yen=1)
    with pytest.raises(ListChanged):
        decided(office, listed)
    assert {office.stage(one) for one in proposed} == {"passed"}


def test_a_list_is_decided_once(office, listed):
    decided(office, listed)
    with pytest.raises(ListChanged):
        decided(office, listed)
    assert DecisionList.objects.get().state == "decided"


def test_what_is_sent_back_leaves_the_list_and_is_looked_at_by_two_again(office, proposed, listed):
    one, officer = proposed[0], office.staff["officer"]
    before, total = listed.sha256, listed.total_yen
    decision = Decision.objects.get(case_id=one.case)
    with pytest.raises(NeedsReason):
        send_back(decision, reason=" ", actor=officer, at=office.later())
    with pytest.raises(NotTheDecider):
        send_back(decision, reason="確認してください。", actor=office.staff["manager"], at=office.later())
    made = send_back(decision, reason="世帯の変更を確認してください。", actor=officer, at=office.later())
    assert (made.grants, made.refusals) == (2, 1)
    assert made.total_yen == total - decision.amount_yen
    assert made.sha256 == current_digest(made) != before
    with pytest.raises(ListChanged):
        decided(office, made, sha256=before)
    assert decided(office, made).done == 3
    assert office.stage(one) == "in_review"
    task = Task.objects.get(case_id=one.case, state="open")
    assert (task.reason, task.round, task.step) == ("sent_back", 2, 1)
    office.both()
    assert office.stage(one) == "passed"
    again = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    assert (again.grants, again.refusals) == (1, 0)


def test_what_is_sent_back_twice_is_refused(office, proposed, listed):
    decision, officer = Decision.objects.get(case_id=proposed[0].case), office.staff["officer"]
    send_back(decision, reason="確認してください。", actor=officer, at=office.later())
    with pytest.raises(ListChanged, match="すでに一覧から外れています"):
        send_back(decision, reason="もう一度。", actor=officer, at=office.later())
    assert Task.objects.filter(case_id=proposed[0].case, reason="sent_back").count() == 1


def test_a_list_from_which_everything_is_taken_is_void(office, proposed, listed):
    for decision in Decision.objects.all():
        made = send_back(decision, reason="作り直します。", actor=office.staff["officer"], at=office.later())
    assert (made.state, made.grants, made.total_yen) == ("void", 0, 0)
    with pytest.raises(ListChanged):
        decided(office, made)


def test_an_application_that_went_straight_through_is_looked_at_by_two_once_it_is_sent_back(office):
    one = office.unsampled[0]
    office.send_web(one)
    office.screen()
    made = make_list(programme=office.programme, actor=office.staff["manager"], at=office.later())
    send_back(
        Decision.objects.get(),
        reason="名義を確認してください。",
        actor=office.staff["officer"],
        at=office.later(),
    )
    made.refresh_from_db()
    assert made.state == "void"
    office.verdict("reviewer1")
    assert office.stage(one) == "in_review"
    office.verdict("reviewer2")
    assert office.stage(one) == "passed"


def test_a_refusal_is_written_to_the_resident_once_with_its_reason(office, proposed, listed):
    decided(office, listed)
    items = list(due_items("refused", office.programme, office.today))
    assert [item.case_id for item in items] == [proposed[3].case]
    assert items[0].items == (REFUSALS["D05"],)
    printer = office.staff["printer"]
    assert make_due_letters(programme=office.programme, actor=printer, at=office.later()).done == 1
    assert make_due_letters(programme=office.programme, actor=printer, at=office.later()).done == 0


def test_a_list_says_who_is_gone_who_came_again_and_what_changed_with_the_cause(office, proposed, listed):
    officer, manager = office.staff["officer"], office.staff["manager"]
    first, second = proposed[:2]
    assert counts_of(listed) == {NEW: 4, SAME: 0, CHANGED: 0, GONE: 0}
    for one, why in ((first, "名義を確認してください。"), (second, "世帯の変更を確認してください。")):
        send_back(Decision.objects.get(case_id=one.case), reason=why, actor=officer, at=office.later())
    listed.refresh_from_db()
    assert counts_of(listed) == {NEW: 2, SAME: 0, CHANGED: 0, GONE: 2}
    decided(office, listed)
    office.both("refuse", codes=["D05"])
    office.both()
    made = make_list(programme=office.programme, actor=manager, at=office.later())
    assert counts_of(made) == {NEW: 0, SAME: 1, CHANGED: 1, GONE: 0}
    changed, same = differences_of(made)
    assert (changed.was, changed.was_on, changed.outcome, changed.reason) == (
        "grant",
        listed.pk,
        "refuse",
        "D05",
    )
    assert (changed.amount_yen, same.amount_yen) == (0, same.was_yen)
    assert {changed.cause, same.cause} == {"名義を確認してください。", "世帯の変更を確認してください。"}
