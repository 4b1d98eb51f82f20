"""What a reviewer reads on the picture (書類の種類と期限の読取り): which papers show who applies, and the day that each carries.

Takes a task held by the actor and the papers as read; leaves a new ProofVersion and the findings as they are by now. What was
keyed or chosen before stays as history; the verdict is given afterwards, by the same person or another.
"""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.intake.forms import Proofs
from todoku.intake.tables import ProofVersion
from todoku.people.actor import Actor
from todoku.review.documents import kinds_of
from todoku.review.judge import NotYourTask
from todoku.review.judge_anew import find_anew
from todoku.review.tables import Task


class NoSuchPaper(Refusal):
    """A kind that the criteria do not list, or a second paper without a first one."""


class NothingRead(Refusal):
    """The papers are the same as before."""


def read_proofs(task: Task, proofs: Proofs, *, actor: Actor, at: datetime) -> ProofVersion:
    """Adds the next version and judges the application anew by it. Raises NotYourTask, NoSuchPaper or NothingRead."""
    with transaction.atomic():
        held = Task.objects.select_for_update(of=("self",)).select_related("programme").get(pk=task.pk)
        if held.state != "held" or held.claimed_by_id != actor.id:
            raise NotYourTask(
                "この申請は、ほかの担当者が扱っているか、すでに判定されています。次の申請へ進んでください。"
            )
        kinds = kinds_of(held.programme.terms.criteria.evidence)
        if proofs.first not in kinds or proofs.second and proofs.second not in {*kinds} - {proofs.first}:
            raise NoSuchPaper("審査基準にある種類から、1点目を選んでください。2点目は1点目と違う種類です。")
        last = ProofVersion.objects.filter(submission=held.submission_id).order_by("-version").first()
        if last and proofs == (last.first, last.first_on, last.second, last.second_on):
            raise NothingRead(
                "種類も日付も前と同じです。写真のとおりに選び直すか、そのまま判定してください。"
            )
        made = ProofVersion.objects.create(
            submission_id=held.submission_id, version=last.version + 1 if last else 1, **proofs._asdict(),
            counted_on=last.counted_on if last else None, entered_at=at, entered_by=actor.name, staff_id=actor.id,
        )  # fmt: skip
        find_anew([held.submission_id], held.programme, at)
    return made
