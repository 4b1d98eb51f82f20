"""What people see otherwise than the checks raises the sample by the agreed rule, visibly, and only a lead lowers it."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from todoku.people.actor import SYSTEM
from todoku.programme.quality import Quality, Sample
from todoku.review.quality_tables import SampledCase, SampleRate
from todoku.review.raise_rates import BelowTheTerms, NeedsWhy, NotTheLead, raise_rates, rates_now, set_rate
from todoku.review.sample_again import sample_again
from todoku.review.sample_errors import measured
from todoku.review.sample_rates import Key
from todoku.review.tables import Proposal, Screening, Task

WEB = Key("web")


@pytest.fixture
def sampling(office):
    """Six looks are enough to know, more than half of them wrong is too much; nine in ten web applications are sampled."""
    agree(office, Sample(channels={"web": 90.0}, looked_least=6, limit_percent=60.0))
    return office


def agree(office, sample):
    terms = office.programme.terms
    office.programme.version._terms = replace(
        terms, review=replace(terms.review, quality=Quality(sample=sample))
    )


def send(office, count):
    """So many clean web applications, screened; gives the numbers of tasks that the sample made."""
    for one in office.applicants[:count]:
        office.send_web(one)
    office.applicants = office.applicants[count:]
    before = Task.objects.count()
    office.screen()
    return Task.objects.count() - before


def judge_all(office, wrong, codes=("D12",)):
    """All sampled ones are judged, the first so many as wrong."""
    for place in range(Task.objects.filter(state="open").count()):
        if place < wrong:
            office.verdict("reviewer1", "return", codes=list(codes))
        else:
            office.verdict("reviewer1")


def test_a_sampled_case_says_by_which_rate_it_was_caught(sampling) -> None:
    made = send(sampling, 20)
    assert made == SampledCase.objects.count() == Screening.objects.filter(sampled=True).count() > 3
    assert set(SampledCase.objects.values_list("channel", "criterion", "percent")) == {("web", "", 90.0)}
    assert Proposal.objects.count() == 20 - made


def test_agreeing_is_right_returning_is_wrong_and_a_question_is_open_until_its_answer(sampling) -> None:
    made = send(sampling, 20)
    assert [(one.key, one.looked, one.waiting) for one in measured(sampling.programme)] == [(WEB, 0, made)]
    sampling.verdict("reviewer1", "return", codes=["D13"])
    sampling.verdict("reviewer1", "refer", comment="名義の読みが分かりません。")
    sampling.verdict("reviewer1")
    whole, other = measured(sampling.programme)
    assert (whole.looked, whole.wrong, whole.waiting) == (2, 1, made - 2)
    assert (other.key, other.looked, other.wrong) == (Key("web", "D13"), 2, 1)
    assert whole.interval.low < 0.5 < whole.interval.high


def test_a_bad_interval_raises_the_rate_once_and_for_what_comes_next(sampling) -> None:
    assert send(sampling, 20) >= 6
    judge_all(sampling, wrong=0)
    assert raise_rates(programme=sampling.programme, actor=SYSTEM, at=sampling.later()).done == 0
    agree(sampling, Sample(channels={"web": 90.0}, looked_least=6, limit_percent=1.0))
    send(sampling, 10)  # the screening itself raises first
    (act,) = SampleRate.objects.all()
    assert (act.channel, act.was_percent, act.percent, act.staff_id) == ("web", 90.0, 100.0, None)
    assert act.reason and act.looked >= 6 and act.upper_percent > 1
    assert set(SampledCase.objects.filter(at__gte=act.at).values_list("percent", flat=True)) == {100.0}
    # The same looks raise a rate once.
    assert raise_rates(programme=sampling.programme, actor=SYSTEM, at=sampling.later()).done == 0


def test_a_criterion_found_wrong_rises_by_itself(sampling) -> None:
    agree(sampling, Sample(channels={"web": 90.0}, looked_least=6, limit_percent=30.0))
    send(sampling, 20)
    judge_all(sampling, wrong=5, codes=("D13",))
    raise_rates(programme=sampling.programme, actor=SYSTEM, at=sampling.later())
    assert Key("web", "D13") in rates_now(sampling.programme)
    assert Key("web", "D20") not in rates_now(sampling.programme)


def test_what_passed_straight_and_is_undecided_is_sampled_again_on_request(sampling) -> None:
    agree(sampling, Sample(channels={"web": 50.0}))
    made = send(sampling, 20)
    passed = Proposal.objects.filter(via="straight").count()
    act = {"programme": sampling.programme, "actor": sampling.staff["manager"]}
    assert sample_again(at=sampling.later(), **act).done == 0
    set_rate(WEB, 100.0, reason="通帳の写しの誤りが続いたため", at=sampling.later(), **act)
    assert sample_again(at=sampling.later(), **act).done == passed
    assert Task.objects.filter(reason="sample", state="open").count() == made + passed == 20
    assert sample_again(at=sampling.later(), **act).done == 0
    judge_all(sampling, wrong=0)
    assert Proposal.objects.filter(via="one_person").count() == 20


def test_only_a_lead_changes_a_rate_by_hand_with_a_reason_and_never_below_the_terms(sampling) -> None:
    lead, at = sampling.staff["manager"], sampling.later()
    act = {"programme": sampling.programme, "at": at}
    set_rate(WEB, 98.0, reason="新しい担当が入るため", actor=lead, **act)
    with pytest.raises(NeedsWhy):
        set_rate(WEB, 95.0, reason="", actor=lead, **act)
    with pytest.raises(BelowTheTerms):
        set_rate(WEB, 10.0, reason="十分に正しい", actor=lead, **act)
    with pytest.raises(NotTheLead):
        set_rate(WEB, 95.0, reason="十分に正しい", actor=sampling.staff["reviewer1"], **act)
    set_rate(WEB, 95.0, reason="二週間、誤りなし", actor=lead, **act)
    assert rates_now(sampling.programme) == {WEB: 95.0}


def test_the_database_lets_only_a_lead_lower_a_rate_and_nobody_rewrite_it(sampling) -> None:
    row = {
        "programme": sampling.programme, "channel": "web", "was_percent": 20.0, "percent": 5.0, "looked": 0, "wrong": 0,
        "actor_name": "x", "at": sampling.at,
    }  # fmt: skip
    reviewer = sampling.staff["reviewer1"].id
    for name, values in (
        ("a_sample_rate_is_lowered_by_a_lead", {"reason": "x", "staff_id": reviewer}),
        ("a_changed_sample_rate_has_a_reason", {"reason": "", "staff_id": sampling.staff["manager"].id}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            SampleRate.objects.create(**row | values)
    assert not SampleRate.objects.exists()
    lead = {"reason": "x", "staff_id": sampling.staff["manager"].id}
    SampleRate.objects.create(**row | lead | {"was_percent": 5.0, "percent": 40.0})
    # Whoever says that the rate was low before has not lowered it: the act before is asked, not the row itself.
    with pytest.raises(IntegrityError, match="a_sample_rate_begins_where_the_last"), transaction.atomic():
        SampleRate.objects.create(**row | {"reason": "x", "staff_id": reviewer, "was_percent": 5.0})
    assert rates_now(sampling.programme) == {WEB: 40.0}
