"""What is said to wait for 手紙を作る is what it then prints: kind by kind, without those set aside."""

from tests.recovery.conftest import Recovery, paid_database, recovery  # noqa: F401
from tests.rounds.test_due_letters import returned
from todoku.case.tables import Case
from todoku.letters.tables import Letter
from todoku.people.actor import SYSTEM
from todoku.recovery.dispute import dispute
from todoku.registry.tables import Person
from todoku.rounds.count_due_letters import Waiting, count_due_letters
from todoku.rounds.due_letters import make_due_letters


def test_letters_of_the_review_are_counted_until_they_are_made(office):
    one, other = office.applicants[:2]
    assert count_due_letters(office.programme) == []
    returned(office, one, ["D30"])
    returned(office, other, ["D21"])
    assert count_due_letters(office.programme) == [Waiting("return", 2, 0, 0)]
    Person.objects.filter(pk=Case.objects.get(pk=other.case).recipient.head_id).update(protected=True)
    assert count_due_letters(office.programme) == [Waiting("return", 1, 1, 0)]
    printer = office.staff["printer"]
    assert make_due_letters(programme=office.programme, actor=printer, at=office.later()).done == 1
    assert count_due_letters(office.programme) == [Waiting("return", 0, 1, 0)]
    alone = make_due_letters(programme=office.programme, actor=printer, at=office.later(), protected=True)
    assert alone.done == 1 and count_due_letters(office.programme) == []
    runs = {one.run_id for one in Letter.objects.filter(kind="return")}
    assert len(runs) == 2, "nobody under protection stands in a run with others"


def test_letters_on_claims_are_counted_one_a_case_and_none_that_is_needless(recovery: Recovery) -> None:  # noqa: F811
    recovery.noticed(amount_yen=10_000)
    recovery.noticed(amount_yen=10_000)
    stopped = recovery.noticed(1)
    recovery.claim(2)
    assert count_due_letters(recovery.programme) == [Waiting("claim_notice", 2, 0, 0)]
    dispute(stopped, why="申立て", actor=recovery.staff["manager"], at=recovery.at)
    for left in (1, 1, 0):
        waiting = count_due_letters(recovery.programme)
        assert sum(one.ordinary for one in waiting) == left
        made = make_due_letters(programme=recovery.programme, actor=SYSTEM, at=recovery.at)
        assert made.done == left
    assert Letter.objects.filter(kind="claim_notice").count() == 2
