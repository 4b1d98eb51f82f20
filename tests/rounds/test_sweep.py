"""The sweeper puts back what nobody came back to, outside the queue that could itself be stuck."""

from datetime import timedelta

from todoku.ground import long_work
from todoku.ground.tables import LongWork
from todoku.review.claim import HELD_MINUTES_MAX
from todoku.review.tables import Task
from todoku.rounds.sweep import sweep


def test_a_forgotten_task_and_the_work_of_a_dead_worker_wait_again(office):
    one = office.applicants[0]
    office.invite([one])
    office.arrive(office.form(one))
    task = office.claim("reviewer1")
    work = LongWork.objects.create(
        kind="screen", label="点検", arguments={}, scope="sample", started_by="x", created_at=office.at, state="running",
        beat_at=office.at,
    )  # fmt: skip
    stopped = LongWork.objects.create(
        kind="scan.read", label="読取り", arguments={}, scope="sample", started_by="x", created_at=office.at, state="stopping",
        beat_at=office.at,
    )  # fmt: skip
    assert sweep(at=office.at + timedelta(seconds=long_work.DEAD_AFTER_SECONDS - 1)).done == 0
    assert sweep(at=office.at + timedelta(minutes=HELD_MINUTES_MAX + 1)).done == 2
    assert Task.objects.get(pk=task.pk).state == "open"
    assert LongWork.objects.get(pk=work.pk).state == "waiting"
    assert LongWork.objects.get(pk=stopped.pk).state == "stopped", (
        "a person stopped it: it does not go on by itself"
    )


def test_an_empty_house_needs_no_sweeping(office):
    assert sweep(at=office.at).done == 0
    assert not LongWork.objects.exists()
