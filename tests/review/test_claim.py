"""Work is dealt oldest first, second looks before first ones, one task to one person, whoever asks at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction

from todoku.intake.tables import Document
from todoku.people.enrol import enrol
from todoku.people.tables import Organisation
from todoku.review.claim import HELD_MINUTES_MAX, NothingWaits, claim_next, put_back, release_forgotten
from todoku.review.tables import Task
from todoku.sampletown.staff import OFFICE, actor_of, sample_password


@pytest.fixture
def crowd(office):
    """Eight reviewers and thirty forms."""
    office.arrive(*(office.form(one) for one in office.applicants))  # the clerk brings the organisation along
    house = Organisation.objects.get(name=OFFICE)
    return [
        actor_of(
            enrol(
                f"r{n}", name=f"審査 {n}", organisation=house, roles=["reviewer"], password=sample_password()
            )
        )
        for n in range(8)
    ]


def test_two_people_never_hold_one_task(office, crowd):
    at = office.later()

    def claim(actor):
        try:
            return [claim_next(programme=office.programme, actor=actor, at=at).pk for _ in range(3)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        held = list(pool.map(claim, [actor for actor in crowd for _ in range(2)]))
    by_person = {tuple(set(tasks)) for tasks in held}
    assert all(len(tasks) == 1 for tasks in by_person)
    assert len(by_person) == len(crowd) == Task.objects.filter(state="held").count()
    assert len(set(Task.objects.filter(state="held").values_list("claimed_by", flat=True))) == len(crowd)


def test_a_person_holds_one_task_says_the_database(office, crowd):
    who = crowd[0]
    claim_next(programme=office.programme, actor=who, at=office.later())
    other = Task.objects.filter(state="open").first()
    with pytest.raises(IntegrityError, match="a_person_holds_one_task"), transaction.atomic():
        Task.objects.filter(pk=other.pk).update(state="held", claimed_by_id=who.id)
    assert Task.objects.filter(state="held").count() == 1


def test_the_oldest_comes_first_and_second_looks_before_all(office):
    old, new = office.applicants[0], office.applicants[1]
    office.at += timedelta(days=4)
    office.arrive(
        office.form(new), office.form(old, arrived_on=office.today - timedelta(days=3), postmark_on=None)
    )
    first = office.verdict("reviewer1")
    assert first.case_id == old.case
    assert office.claim("reviewer2").case_id == old.case
    assert office.claim("reviewer1").case_id == new.case


def test_what_is_put_back_goes_to_somebody_else_and_the_next_is_another(office):
    office.arrive(*(office.form(one) for one in office.applicants[:2]))
    task = office.claim("reviewer1")
    put_back(task, actor=office.staff["reviewer2"], at=office.at)
    assert Task.objects.get(pk=task.pk).state == "held"
    put_back(task, actor=office.staff["reviewer1"], at=office.at)
    after = claim_next(
        programme=office.programme, actor=office.staff["reviewer1"], at=office.later(), after=task.pk
    )
    assert after.pk != task.pk
    assert office.claim("reviewer2").pk == task.pk


def test_a_task_that_nobody_came_back_to_is_given_to_another(office):
    office.arrive(office.form(office.applicants[0]))
    held = office.claim("reviewer1")
    assert release_forgotten(at=office.at + timedelta(minutes=HELD_MINUTES_MAX - 1)) == 0
    assert release_forgotten(at=office.at + timedelta(minutes=HELD_MINUTES_MAX + 1)) == 1
    assert office.claim("reviewer2").pk == held.pk


def test_an_empty_desk_says_so(office):
    with pytest.raises(NothingWaits, match="審査を待っている申請はありません"):
        office.claim("reviewer1")
    assert not Task.objects.exists()


def test_papers_that_a_person_may_not_open_are_not_dealt_to_them(office, crowd):
    task = Task.objects.filter(state="open").order_by("arrived_on", "id").first()
    Document.objects.create(
        submission=task.submission, kind="identity", path="x.jpg", sha256="0" * 64, width=1, height=1, size_bytes=1,
    )  # fmt: skip
    head = task.case.recipient.head
    type(head).objects.filter(pk=head.pk).update(protected=True)
    named = crowd[1]._replace(roles=frozenset({"reviewer", "protected_desk"}))
    assert claim_next(programme=office.programme, actor=crowd[0], at=office.later()).pk != task.pk
    assert claim_next(programme=office.programme, actor=named, at=office.later()).pk == task.pk
