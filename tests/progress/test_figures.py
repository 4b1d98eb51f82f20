"""Every figure agrees with a count made another way, now and at any moment of the past; stages always add up."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from todoku.case.stages import STAGES
from todoku.case.tables import Case, CaseEvent, CaseStage, Entitlement
from todoku.intake.tables import Submission
from todoku.letters.tables import Undelivered
from todoku.payment.tables import SendRecord, Transfer
from todoku.progress.figures import (
    FIGURES,
    deficiencies,
    figures,
    flows_by_day,
    stages_at,
    stages_now,
    standing_by_day,
    waiting_ages,
)
from todoku.review.tables import Question


def counted_by_hand(programme, until):
    """The same words counted over objects, one by one."""
    events = [e for e in CaseEvent.objects.filter(case__programme=programme) if e.at < until]
    came = [s for s in Submission.objects.filter(programme=programme) if s.registered_at < until]
    cases = [c for c in Case.objects.filter(programme=programme) if c.opened_at < until]
    due = {e.case_id: e.amount_yen for e in Entitlement.objects.filter(programme=programme)}
    handed = {record.batch_id for record in SendRecord.objects.all() if record.at < until}
    sent = [t for t in Transfer.objects.filter(programme=programme) if t.batch_id in handed]

    def to(stage):
        return [e.case_id for e in events if e.to_stage == stage]

    return {
        "cases": len(cases),
        "entitled_yen": sum(due[c.pk] for c in cases),
        "dispatched": len(set(to("invited"))),
        "undelivered": sum(1 for u in Undelivered.objects.all() if u.at < until),
        "applied": len({s.case_id for s in came if s.channel != "push"}),
        "arrived_paper": sum(1 for s in came if s.channel == "paper"),
        "arrived_web": sum(1 for s in came if s.channel == "web"),
        "duplicate": sum(1 for s in came if s.state == "not_counted"),
        "returned": len(to("returned")),
        "referred": sum(1 for q in Question.objects.all() if q.forwarded_at and q.forwarded_at < until),
        "passed": len(to("passed")),
        "decided": len(set(to("decided"))),
        "refused": len(set(to("refused"))),
        "sent": len(sent),
        "sent_yen": sum(t.amount_yen for t in sent),
        "paid": len(set(to("paid"))),
        "failed": len(to("failed")),
    }


def test_every_figure_equals_an_independent_count_now(office):
    now = office.at + timedelta(minutes=1)
    found = figures(office.programme, now)
    assert found == counted_by_hand(office.programme, now)
    assert {key: found[key] for key in ("arrived_web", "arrived_paper", "duplicate", "returned", "referred")} == {
        "arrived_web": 4, "arrived_paper": 10, "duplicate": 1, "returned": 1, "referred": 1,
    }  # fmt: skip
    assert (found["decided"], found["refused"], found["sent"], found["paid"], found["failed"]) == (
        8,
        1,
        8,
        6,
        2,
    )


def test_every_figure_equals_an_independent_count_at_every_moment_of_the_past(office):
    moments = sorted(
        {e.at for e in CaseEvent.objects.all()} | {s.registered_at for s in Submission.objects.all()}
    )
    for moment in moments:
        assert figures(office.programme, moment) == counted_by_hand(office.programme, moment), moment
    assert len(moments) > 10


def test_no_figure_is_zero_in_a_history_that_has_everything(office):
    found = figures(office.programme, office.at + timedelta(minutes=1))
    assert [key for key, value in found.items() if value == 0] == ["undelivered"]
    assert len(FIGURES) == len(found) == len({figure.name for figure in FIGURES})


def test_the_stages_add_up_to_the_cases_now_and_then(office):
    now = office.at + timedelta(minutes=1)
    standing = stages_now(office.programme)
    assert standing == stages_at(office.programme, now)
    assert sum(standing.values()) == Case.objects.count()
    assert list(standing) == list(STAGES)
    by_hand = dict.fromkeys(STAGES, 0)
    for stage in CaseStage.objects.values_list("stage", flat=True):
        by_hand[stage] += 1
    assert standing == by_hand


def test_the_charts_ground_agrees_with_the_stages(office):
    days = standing_by_day(office.programme)
    assert days[-1][1] == stages_now(office.programme)
    assert all(sum(stages.values()) == Case.objects.count() for _, stages in days)
    assert sum(count for _, _, count in flows_by_day(office.programme)) == CaseEvent.objects.count()


def test_ages_count_every_application_not_decided_from_its_first_arrival(office):
    waiting = CaseStage.objects.filter(stage__in=["received", "in_review", "with_municipality", "passed"])
    ages = waiting_ages(office.programme, office.at)
    assert len(ages) == waiting.count()
    assert ages == sorted(ages, reverse=True)
    assert (
        ages[0]
        == (
            office.today
            - Submission.objects.filter(case__standing__in=waiting).earliest("arrived_on").arrived_on
        ).days
    )


def test_deficiencies_are_what_reviewers_sent_back(office):
    assert deficiencies(office.programme) == [("D30", 1)]


@pytest.mark.parametrize("count", [figures, stages_at])
def test_all_figures_are_one_query(office, count):
    with CaptureQueriesContext(connection) as seen:
        count(office.programme, office.at)
    assert len(seen) == 1
