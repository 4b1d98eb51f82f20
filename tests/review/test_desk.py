"""The reviewers' desk: dealt by queue and due day, put aside, handed on, reserved ahead, and given back at the shift's end."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import localdate

from todoku.people.tables import Staff
from todoku.review.claim import DEALT, NothingWaits, _values, claim_next, reserve_next
from todoku.review.comment import CommentRefused, comment
from todoku.review.desk_tables import CaseComment, QueueChoice, ShiftNote
from todoku.review.end_shift import end_shift
from todoku.review.hand_on import CannotTake, NobodyNamed, hand_on, move_work
from todoku.review.judge import NotYourTask
from todoku.review.put_aside import NoSuchDay, put_aside
from todoku.review.tables import Task
from todoku.review.take_from import NoQueue, choose_queues, queues_today

ACCOUNT, IDENTITY = {"account_evidence": ""}, {"identity_evidence": ""}


def arrive(office, *changes):
    """Forms of so many applicants with what is wrong with each; gives their cases."""
    ones = office.applicants[: len(changes)]
    office.arrive(*(office.form(one, **change) for one, change in zip(ones, changes, strict=True)))
    return [one.case for one in ones]


def test_what_is_due_first_is_dealt_first_whatever_its_queue(office):
    cases = arrive(office, ACCOUNT, {}, IDENTITY)
    today = localdate(office.at)
    for case, days in zip(cases, (5, -2, 1), strict=True):
        Task.objects.filter(case_id=case).update(due_on=today + timedelta(days=days))
    dealt = [office.claim(who).case_id for who in ("reviewer1", "reviewer2", "manager")]
    assert dealt == [cases[1], cases[2], cases[0]]


def test_on_one_day_second_looks_come_first(office):
    first, second = arrive(office, {}, {})
    given = office.verdict("reviewer1")
    assert office.claim("reviewer2").case_id == given.case_id


def test_a_person_is_dealt_the_queues_of_the_day_alone(office):
    account, identity = arrive(office, ACCOUNT, IDENTITY)
    who, programme, today = office.staff["reviewer1"], office.programme, localdate(office.at)
    assert choose_queues(who.id, ["identity"], programme=programme, on=today, actor=who) == ["identity"]
    assert office.claim("reviewer1").case_id == identity
    assert queues_today(who.id, programme, on=today + timedelta(days=1)) == queues_today(
        office.staff["reviewer2"].id, programme, on=today
    )
    with pytest.raises(NoQueue):
        choose_queues(who.id, [], programme=programme, on=today, actor=who)
    assert QueueChoice.objects.get().queues == ["identity"]
    choose_queues(who.id, ["sample"], programme=programme, on=today, actor=who)
    end_shift(programme=programme, words="", actor=who, at=office.later())
    with pytest.raises(NothingWaits, match="受け持っていない列"):
        office.claim("reviewer1")


def test_no_case_is_with_two_people(office):
    one, other = arrive(office, {}, {})
    held = office.claim("reviewer1")
    left = Task.objects.exclude(pk=held.pk).get()
    Task.objects.filter(pk=left.pk).update(case_id=held.case_id)
    with pytest.raises(NothingWaits):
        office.claim("reviewer2")
    with pytest.raises(IntegrityError, match="a_case_is_with_one_reviewer"), transaction.atomic():
        Task.objects.filter(pk=left.pk).update(state="held", claimed_by_id=office.staff["reviewer2"].id)


def test_what_is_put_aside_returns_by_itself_on_its_day(office):
    (case,) = arrive(office, {})
    task, today = office.claim("reviewer1"), localdate(office.at)
    actor = office.staff["reviewer1"]
    with pytest.raises(NoSuchDay):
        put_aside(task, reason="通帳を待つ", until=today, actor=actor, at=office.at)
    with pytest.raises(CommentRefused):
        put_aside(task, reason=" ", until=today + timedelta(days=2), actor=actor, at=office.at)
    with pytest.raises(NotYourTask):
        put_aside(
            task, reason="x", until=today + timedelta(days=2), actor=office.staff["reviewer2"], at=office.at
        )
    due = task.due_on
    put_aside(task, reason="通帳を待つ", until=today + timedelta(days=2), actor=actor, at=office.at)
    assert "通帳を待つ" in CaseComment.objects.get(kind="aside").words
    with pytest.raises(NothingWaits, match="1件は保留中"):
        office.claim("reviewer2")
    office.at += timedelta(days=2)
    again = office.claim("reviewer2")
    assert (again.pk, again.due_on, again.not_before) == (task.pk, due, None)


def test_a_look_is_handed_to_a_colleague_who_may_judge_it(office):
    arrive(office, {}, {})
    task, actor = office.claim("reviewer1"), office.staff["reviewer1"]
    clerk, colleague = (Staff.objects.get(pk=office.staff[who].id) for who in ("clerk", "reviewer2"))
    with pytest.raises(CannotTake):
        hand_on(task, words="お願いします", to=clerk, actor=actor, at=office.at)
    with pytest.raises(NobodyNamed):
        hand_on(task, words="お願いします", actor=actor, at=office.at)
    with pytest.raises(CommentRefused):
        hand_on(task, words="", to=colleague, actor=actor, at=office.at)
    hand_on(task, words="同じ世帯を見ていました", to=colleague, actor=actor, at=office.at)
    assert office.claim("manager").pk != task.pk
    assert office.claim("reviewer2").pk == task.pk
    assert "同じ世帯を見ていました" in CaseComment.objects.get(kind="handed").words


def test_a_look_is_handed_to_another_queue(office):
    arrive(office, {})
    task = office.claim("reviewer1")
    moved = hand_on(
        task, words="代理の確認が要ります", queue="proxy", actor=office.staff["reviewer1"], at=office.at
    )
    assert (moved.queue, moved.state, moved.claimed_by_id) == ("proxy", "open", None)


def test_the_lead_moves_work_and_puts_a_claim_back(office):
    arrive(office, {}, {}, {})
    manager, colleague = office.staff["manager"], office.staff_row("reviewer2")
    first = office.verdict("reviewer2")
    task = office.claim("reviewer2")
    tasks = list(Task.objects.filter(state__in=["open", "held"]).values_list("pk", flat=True))
    report = move_work(tasks, programme=office.programme, to=colleague, actor=manager, at=office.at)
    # The second look at what reviewer2 judged first is not for reviewer2.
    assert (report.done, report.refused[0][0]) == (2, "1件")
    assert Task.objects.get(step=2, case_id=first.case_id).for_staff_id is None
    task.refresh_from_db()
    assert (task.state, task.for_staff_id) == ("open", colleague.pk)
    report = move_work(tasks, programme=office.programme, actor=manager, at=office.at)
    assert (report.done, Task.objects.filter(for_staff__isnull=False).count()) == (3, 0)
    assert CaseComment.objects.filter(kind="moved").count() == 5


def test_the_next_is_reserved_for_one_person_and_let_go_after_a_while(office):
    arrive(office, {}, {}, {})
    held = office.claim("reviewer1")
    at, programme = office.later(), office.programme
    ahead = reserve_next(programme=programme, actor=office.staff["reviewer1"], at=at)
    assert ahead.state == "open" and ahead.pk != held.pk
    other = office.claim("reviewer2")
    assert other.pk not in (held.pk, ahead.pk)
    assert reserve_next(programme=programme, actor=office.staff["reviewer2"], at=at) is None
    with pytest.raises(NothingWaits):
        office.claim("manager")
    late = at + timedelta(minutes=11)
    assert claim_next(programme=programme, actor=office.staff["manager"], at=late).pk == ahead.pk


def test_the_reserved_one_is_dealt_next_and_only_one_is_reserved(office):
    arrive(office, {}, {}, {})
    office.claim("reviewer1")
    actor = office.staff["reviewer1"]
    ahead = reserve_next(programme=office.programme, actor=actor, at=office.later())
    again = reserve_next(programme=office.programme, actor=actor, at=office.later())
    assert again.pk == ahead.pk
    assert Task.objects.filter(reserved_by_id=actor.id).count() == 1
    Task.objects.filter(pk=ahead.pk).update(due_on=localdate(office.at) + timedelta(days=9))
    end = Task.objects.get(state="held")
    Task.objects.filter(pk=end.pk).update(state="done", closed_at=office.at)
    assert office.claim("reviewer1").pk == ahead.pk


def test_the_end_of_a_shift_releases_and_leaves_a_note(office):
    arrive(office, {}, {}, {})
    office.verdict("reviewer1")
    office.claim("reviewer1")
    actor = office.staff["reviewer1"]
    reserve_next(programme=office.programme, actor=actor, at=office.later())
    note = end_shift(
        programme=office.programme, words="12番の通帳は明日届きます", actor=actor, at=office.later()
    )
    assert (note.judged, note.released) == (1, 1)
    assert not Task.objects.filter(state="held").exists()
    assert not Task.objects.filter(reserved_by__isnull=False).exists()
    with pytest.raises(CommentRefused):
        end_shift(programme=office.programme, words="123456789018", actor=actor, at=office.later())
    assert ShiftNote.objects.count() == 1


def test_a_comment_stays_and_no_my_number_is_kept(office):
    arrive(office, {})
    task, actor = office.claim("reviewer1"), office.staff["reviewer1"]
    kept = comment(task, " 電話は夕方 ", actor=actor, at=office.at)
    assert (kept.words, kept.kind) == ("電話は夕方", "comment")
    with pytest.raises(CommentRefused, match="マイナンバー"):
        comment(task, "123456789018", actor=actor, at=office.at)


def test_a_reviewer_of_a_queue_does_not_scan_the_others(office):
    """250 reviewers ask at once: each head of a queue is found by the index, in the order in which it is dealt."""
    arrive(office, *({} for _ in range(20)))
    values = _values(office.programme, office.staff["reviewer1"], ["account", "clean"], office.at, 0)
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("explain (analyze) select " + DEALT.replace("{wait}", "skip locked"), values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "open_tasks_nearest_due_first" in plan and "Seq Scan on todoku_task" not in plan
    assert "Sort Key: t.due_on" not in plan


def test_what_waits_is_not_closed(office):
    """The list of what waits is read by "not closed": a look that is both would be dealt and never shown."""
    arrive(office, *({} for _ in range(2)))
    waiting = Task.objects.filter(programme=office.programme, state="open")
    assert waiting.exists()
    with pytest.raises(IntegrityError, match="a_task_that_waits_is_not_closed"), transaction.atomic():
        waiting.update(closed_at=office.at)
