"""A reviewer works through the test cases of a queue (研修案件); passing them opens it.

Takes a person and a queue; leaves the verdicts on made-up cases and, if all are right, the queue open. Whoever fails begins
again with other cases or another order. No real case, letter or decision is touched: the cases lie in a file.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.review.code_sentences import REFUSALS
from todoku.review.codes import CODES
from todoku.review.quality_tables import QueuePass, TrainingAnswer, TrainingTry
from todoku.review.queues import QUEUES
from todoku.review.training_cases import OUTCOMES, TrainingCase, chosen, training_cases


class NotYourTraining(Refusal):
    """The run belongs to somebody else or is over."""


class NeedsCode(Refusal):
    """A return or a refusal says why."""


def begin(queue: str, *, programme: Programme, actor: Actor, at: datetime) -> TrainingTry:
    """Begins a run through the cases of a queue, or gives the one that this person is in."""
    assert queue in QUEUES and actor.id is not None, "a person trains for a queue"
    with transaction.atomic():
        # The same person in two windows waits here: a person is in one run per queue.
        Staff.objects.select_for_update(no_key=True, of=("self",)).get(pk=actor.id)
        last = (
            TrainingTry.objects.filter(programme=programme, staff_id=actor.id, queue=queue)
            .order_by("-number")
            .first()
        )
        if last and last.finished_at is None:
            return last
        number = last.number + 1 if last else 1
        names = chosen(
            queue, wanted=programme.terms.review.quality.training.cases,
            seed=f"{programme.slug}:{actor.id}:{queue}:{number}",
        )  # fmt: skip
        return TrainingTry.objects.create(
            programme=programme, staff_id=actor.id, queue=queue, number=number, cases=names, started_at=at
        )


def next_case(training: TrainingTry) -> TrainingCase | None:
    """The first case of the run that has no verdict; None once all have."""
    judged = set(training.answers.values_list("case_name", flat=True))
    name = next((one for one in training.cases if one not in judged), None)
    return None if name is None else training_cases()[name]


def answer(
    training: TrainingTry, *, case: str, outcome: str, codes: Sequence[str], actor: Actor, at: datetime
) -> TrainingAnswer:
    """Keeps the verdict on the next case and says whether it was right; the last one ends the run, passed or not."""
    assert outcome in OUTCOMES, f"unknown outcome {outcome!r}"
    codes = sorted(codes) if outcome in ("return", "refuse") else []
    if outcome == "return" and not codes:
        raise NeedsCode("返戻には不備の項目を1つ以上選んでください。")
    if outcome == "refuse" and len(codes) != 1:
        raise NeedsCode("不支給相当とするときは、理由を1つ選んでください。")
    assert set(codes) <= (REFUSALS if outcome == "refuse" else CODES).keys(), f"unknown codes {codes}"
    with transaction.atomic():
        training = TrainingTry.objects.select_for_update().get(pk=training.pk)
        one = next_case(training)
        if training.staff_id != actor.id or one is None or one.name != case:
            raise NotYourTraining("この研修案件は、すでに判定済みです。研修の画面から続けてください。")
        given = TrainingAnswer.objects.create(
            training=training,
            case_name=case,
            outcome=outcome,
            codes=codes,
            right=one.is_right(outcome, codes),
            at=at,
        )
        if next_case(training) is None:
            _finish(training, at)
    return given


def _finish(training: TrainingTry, at: datetime) -> None:
    training.passed = not training.answers.filter(right=False).exists()
    training.finished_at = at
    training.save(update_fields=["passed", "finished_at"])
    if training.passed:
        QueuePass.objects.create(
            programme_id=training.programme_id, staff_id=training.staff_id, queue=training.queue, how="passed",
            training=training, at=at,
        )  # fmt: skip
