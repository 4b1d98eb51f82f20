"""One person under two cases: the same name and birth date in two applications, each told with both numbers."""

from datetime import date

import pytest
from django.db import connection, transaction

from tests.open_today import noon
from tests.payment.planted import past_triggers, plant
from todoku.case.tables import Case
from todoku.intake.forms import PaperForm
from todoku.intake.receive_paper import receive_paper
from todoku.people.actor import SYSTEM
from todoku.registry.tables import Person
from todoku.review.checks import check
from todoku.review.findings import Facts
from todoku.review.judge import persons_for
from todoku.review.office_may import NotForTheOffice, ask_office_may
from todoku.review.same_people import SAME
from todoku.review.screen import screen
from todoku.review.tables import Finding, Task


def apply_for(town, case: Case, day) -> None:
    form = PaperForm(number=case.number, arrived_on=day, identity_evidence="clear", account_evidence="clear")
    receive_paper(form, programme=town.programme, actor=SYSTEM, at=noon(day))


@pytest.fixture
def day() -> date:
    """Some day of the town's intake."""
    return date(2026, 12, 8)


@pytest.fixture
def two(town):
    """Two cases; of the second a member is written as the first one's head is."""
    first = (
        Case.objects.select_related("recipient__head")
        .filter(recipient__head__birth_date__isnull=False)
        .first()
    )
    second = Case.objects.filter(recipient__members__person__is_head=False).exclude(pk=first.pk).first()
    head = first.recipient.head
    member = Person.objects.filter(member__recipient=second.recipient_id, is_head=False).first()
    Person.objects.filter(pk=member.pk).update(
        name=head.name, kana=head.kana, search_key=head.search_key, birth_date=head.birth_date
    )
    return first, second


def found(town, case: Case) -> list[list[str]]:
    rows = Finding.objects.filter(case=case, code="D44")
    return [row.evidence["cases"] for row in rows]


def test_a_head_who_is_written_in_another_household_that_applied_is_told_with_both_numbers(town, two, day):
    first, second = two
    for case in two:
        apply_for(town, case, day)
    screen(programme=town.programme, actor=SYSTEM, at=noon(day))
    assert found(town, first) == [sorted([first.number, second.number])]


def test_while_the_other_household_has_not_applied_nothing_is_said(town, two, day):
    first, _ = two
    apply_for(town, first, day)
    screen(programme=town.programme, actor=SYSTEM, at=noon(day))
    assert found(town, first) == []


def test_the_first_is_told_too_when_the_second_comes(town, two, day):
    """The second names as a member whom the first has as its head: both say so, and nobody says it twice."""
    first, second = two
    apply_for(town, first, day)
    screen(programme=town.programme, actor=SYSTEM, at=noon(day))
    assert found(town, first) == []
    apply_for(town, second, day)
    screen(programme=town.programme, actor=SYSTEM, at=noon(day))
    assert found(town, first) == found(town, second) == [sorted([first.number, second.number])]
    task = Task.objects.get(case=first, state="open")
    assert (task.queue, persons_for(task)) == ("register", 2)
    screen(programme=town.programme, actor=SYSTEM, at=noon(day))
    assert Finding.objects.filter(code="D44").count() == 2


def test_of_one_that_is_paid_already_the_finding_says_so_and_no_reviewer_lets_the_second_through(
    town, two, day
):
    first, second = two
    apply_for(town, first, day)
    screen(programme=town.programme, actor=SYSTEM, at=noon(day))
    paid = f"update todoku_casestage set previous = 'paying', stage = 'paid' where case_id = {first.pk}"
    plant(*past_triggers("casestage", paid))
    apply_for(town, second, day)
    screen(programme=town.programme, actor=SYSTEM, at=noon(day))
    assert found(town, first) == []
    (told,) = Finding.objects.filter(case=second, code="D44")
    assert told.evidence["decided"] == [first.number] and told.severity == "look"
    task = Task.objects.get(case=second, state="open")
    with pytest.raises(NotForTheOffice, match="自治体が決める"):
        ask_office_may(task, "approve", (), noon(day))


def test_it_is_asked_of_an_index(town):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("explain " + SAME, [[1, 2]])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "person_by_birth_date" in plan and "hashtext" in plan


def test_the_check_says_so_only_where_another_case_is_known():
    twice = Facts(same_person_cases=("0000000000001", "0000000000002"))
    assert [one.evidence for one in check(twice) if one.code == "D44"] == [
        {"cases": ["0000000000001", "0000000000002"]}
    ]
    assert "D44" not in {one.code for one in check(Facts())}
