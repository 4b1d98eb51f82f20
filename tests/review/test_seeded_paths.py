"""Whatever a reviewer does with a seeded error instead of judging it ends as it does with a real look, path by path."""

from datetime import timedelta

import pytest

from tests.review.agreed import agree
from tests.review.test_seeded import ALWAYS, meet
from todoku.intake.add_note import NoteForm, add_note
from todoku.letters.request_letter import kinds_for
from todoku.people.actor import SYSTEM
from todoku.review.claim import put_back, release_forgotten, release_reserved, reserve_next
from todoku.review.comment import comment
from todoku.review.desk_tables import CaseComment, Contact
from todoku.review.end_shift import end_shift
from todoku.review.hand_on import CannotTake, hand_on, move_work
from todoku.review.judge import NotYourTask, judge
from todoku.review.open_contact import open_contact
from todoku.review.put_aside import put_aside
from todoku.review.quality_tables import SeededLook
from todoku.review.seeded import story_of
from todoku.review.tables import Task
from todoku.review.undo import TooLate, undo
from todoku.review.withdraw import CannotWithdraw, withdraw
from todoku.sampletown.rehearsal import make_rehearsal
from todoku.web.office.find import search_at_desk
from todoku.web.office.review_day import queues_standing
from todoku.web.office.review_lead_page import working_now


@pytest.fixture
def desk(office):
    """A second reviewer who holds a seeded error, and before it a real second look in the same queue, put back."""
    agree(office, ALWAYS)
    make_rehearsal(programme=office.programme, cases=8, actor=SYSTEM, at=office.later())
    office.seeded = meet(office)
    return office


def real_look(desk) -> Task:
    """A real second look in the hands of the same person, who has put the seeded one aside for it."""
    put_aside(
        desk.seeded,
        reason="あす",
        until=desk.today + timedelta(days=1),
        actor=desk.staff["reviewer2"],
        at=desk.later(),
    )
    desk.arrive(desk.form(desk.applicants.pop(0), phone=""))
    desk.verdict("reviewer1")
    task = desk.claim("reviewer2")
    assert task.submission.programme_id == desk.programme.pk and task.step == 2
    return task


def hands_to_a_colleague(desk, task, who):
    desk.staff["manager"]
    moved = hand_on(task, words="お願いします", to=desk.staff_row("manager"), actor=who, at=desk.later())
    back = desk.claim("reviewer2").pk == task.pk
    return moved.state, back, desk.claim("manager").pk == task.pk


def hands_to_who_may_not(desk, task, who):
    desk.staff["clerk"]
    with pytest.raises(CannotTake) as refused:
        hand_on(task, words="お願いします", to=desk.staff_row("clerk"), actor=who, at=desk.later())
    return type(refused.value)


def hands_to_a_queue(desk, task, who):
    moved = hand_on(task, words="代理の列で", queue="proxy", actor=who, at=desk.later())
    standing = {one.code: (one.open, one.held) for one in queues_standing(desk.programme)}
    return moved.queue, moved.state, standing["proxy"]


def puts_aside(desk, task, who):
    put_aside(task, reason="あす見る", until=desk.today + timedelta(days=1), actor=who, at=desk.later())
    waits = Task.objects.get(pk=task.pk)
    return waits.state, desk.claim("manager").pk == task.pk


def puts_back(desk, task, who):
    put_back(task, actor=who, at=desk.later())
    return desk.claim("manager").pk == task.pk


def forgets_it(desk, task, who):
    release_forgotten(at=desk.later(hours=1))
    return Task.objects.get(pk=task.pk).state, desk.claim("manager").pk == task.pk


def comments(desk, task, who):
    comment(task, "通帳の面を確かめた", actor=who, at=desk.later())
    return (
        CaseComment.objects.filter(programme=desk.programme, case_id=task.case_id)
        .exclude(kind="aside")
        .count()
    )


def plans_a_call(desk, task, who):
    at = desk.later()
    made = open_contact(task, codes=["D04"], next_at=at, actor=who, at=at)
    listed = Contact.objects.filter(programme=desk.programme, state="open", pk=made.pk)
    return made.state, listed.count(), Task.objects.get(pk=task.pk).state


def ends_the_shift(desk, task, who):
    note = end_shift(programme=desk.programme, words="", actor=who, at=desk.later())
    return note.released, Task.objects.get(pk=task.pk).state


def is_moved_by_the_lead(desk, task, who):
    desk.staff["reviewer1"]
    lead = desk.staff["manager"]
    report = move_work([task.pk], programme=desk.programme, queue="proxy", actor=lead, at=desk.later())
    return report.done, report.refused, Task.objects.get(pk=task.pk).queue


def is_seen_in_hand(desk, task, who):
    held = [one for one in working_now(desk.programme) if one.task == task.pk]
    standing = {one.code: one.held for one in queues_standing(desk.programme)}
    return len(held), standing[task.queue]


def is_searched(desk, task, who):
    roles = frozenset({"reviewer"})
    number = task.case.number
    by_name = search_at_desk(desk.programme, task.case.recipient.head.kana, roles)
    return (
        [one.number for one in search_at_desk(desk.programme, number, roles).people] == [number],
        number in [one.number for one in by_name.people],
    )


def is_asked_a_sheet_for(desk, task, who):
    return kinds_for(task.case)


def is_noted(desk, task, who):
    form = NoteForm(asked="支払日はいつか", number=task.case.number)
    note = add_note(form, programme=task.case.programme, actor=who, at=desk.later())
    return note.case_id == task.case_id


def tells_its_story(desk, task, who):
    words = [(event.to_stage, event.move.why, event.move.actor_name) for event in story_of(task.case)]
    return sorted(words)


PATHS = [
    hands_to_a_colleague, hands_to_who_may_not, hands_to_a_queue, puts_aside, puts_back, forgets_it, comments, plans_a_call,
    ends_the_shift, is_moved_by_the_lead, is_seen_in_hand, is_searched, is_asked_a_sheet_for, is_noted, tells_its_story,
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__)
def test_a_seeded_error_goes_where_a_real_look_would(desk, path) -> None:
    who = desk.staff["reviewer2"]
    seeded = path(desk, desk.seeded, who)
    for held in Task.objects.filter(programme=desk.programme, state="held"):
        put_back(
            held,
            actor=next(one for one in desk.staff.values() if one.id == held.claimed_by_id),
            at=desk.later(),
        )
    Task.objects.filter(pk=desk.seeded.pk).update(state="open", not_before=None, for_staff=None, queue="form")
    assert desk.claim("reviewer2").pk == desk.seeded.pk
    assert path(desk, real_look(desk), who) == seeded


def test_it_is_reserved_and_sent_ahead_like_any_next_look(office) -> None:
    agree(office, ALWAYS)
    make_rehearsal(programme=office.programme, cases=8, actor=SYSTEM, at=office.later())
    who, seen = office.staff["reviewer2"], set()
    while not seen and office.applicants:
        office.arrive(office.form(office.applicants.pop(0)))
        office.verdict("reviewer1")
        task = office.claim("reviewer2")
        ahead = reserve_next(programme=office.programme, actor=who, at=office.later())
        judge(task, outcome="approve", actor=who, at=office.later())
        if ahead and ahead.submission.programme_id != office.programme.pk:
            seen.add(ahead.pk)
            assert office.claim("reviewer2").pk == ahead.pk
    assert seen and SeededLook.objects.get(pk__in=seen).staff_id == who.id
    release_reserved(programme=office.programme, staff_id=who.id)


def test_after_the_verdict_there_is_nothing_to_take_back(desk) -> None:
    who = desk.staff["reviewer2"]
    verdict = judge(desk.seeded, outcome="refer", comment="通帳が違う", actor=who, at=desk.later())
    assert SeededLook.objects.get(pk=desk.seeded.pk).detected
    with pytest.raises(TooLate, match="架空"):
        undo(verdict, actor=who, at=desk.later(seconds=5))
    with pytest.raises(CannotWithdraw, match="架空"):
        withdraw(verdict, why="誤り", actor=who, at=desk.later())
    with pytest.raises(NotYourTask):
        judge(desk.seeded, outcome="approve", actor=who, at=desk.later())
