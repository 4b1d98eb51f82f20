"""What a reviewer reads on the picture (書類の種類と期限の読取り): which papers show who applies, and the day that each carries.

Takes a task held by the actor and the papers as read, or a form just keyed and its papers put right; leaves a new
ProofVersion and the findings as they are by now. What was keyed or chosen before stays as history; the verdict is given
afterwards, by the same person or another.
"""

from datetime import datetime

from django.db import transaction

from todoku.case import stages
from todoku.ground.step import Refusal
from todoku.intake.correct_account import CORRECTABLE, hold_application
from todoku.intake.forms import Proofs
from todoku.intake.tables import ProofVersion, Submission
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.documents import kinds_of
from todoku.review.judge import NotYourTask
from todoku.review.judge_anew import find_anew
from todoku.review.tables import Task, Verdict


class NoSuchPaper(Refusal):
    """A kind that the criteria do not list, or a second paper without a first one."""


class NothingRead(Refusal):
    """The papers are the same as before."""


class PapersFixed(Refusal):
    """The review is over, this submission does not count, or a reviewer has it in hand: its papers are read there."""


def read_proofs(task: Task, proofs: Proofs, *, actor: Actor, at: datetime) -> ProofVersion:
    """Adds the next version and judges the application anew by it. Raises NotYourTask, NoSuchPaper or NothingRead."""
    with transaction.atomic():
        # The application before the look at it, as whoever judges many anew locks them; its stage is not wanted.
        Submission.objects.select_for_update(no_key=True).get(pk=task.submission_id)
        held = Task.objects.select_for_update(of=("self",)).select_related("programme").get(pk=task.pk)
        if held.state != "held" or held.claimed_by_id != actor.id:
            raise NotYourTask(
                "この申請は、ほかの担当者が扱っているか、すでに判定されています。次の申請へ進んでください。"
            )
        made = _next_version(held.submission_id, held.programme, proofs, actor, at)
        find_anew([held.submission_id], held.programme, at)
    return made


def correct_proofs(submission: int, proofs: Proofs, *, actor: Actor, at: datetime) -> ProofVersion:
    """Puts the papers of a form just keyed right; one that was screened is judged anew. Raises PapersFixed, NoSuchPaper or
    NothingRead."""
    with transaction.atomic():
        held, stage = hold_application(submission)
        if stage not in CORRECTABLE or held.state not in ("received", "screened"):
            raise PapersFixed(
                f"この申請の本人確認書類は直せません（{stages.stage_name(stage)}）。審査に差し戻してから直してください。"
            )
        looked = Verdict.objects.filter(submission=held, undone_at__isnull=True).exists()
        if looked or Task.objects.filter(submission=held, state="held").exists():
            raise PapersFixed("審査が始まっています。審査の「書類」で直すように、審査担当に伝えてください。")
        made = _next_version(held.pk, held.programme, proofs, actor, at)
        if held.state == "screened":
            find_anew([held.pk], held.programme, at)
    return made


def _next_version(
    submission: int, programme: Programme, proofs: Proofs, actor: Actor, at: datetime
) -> ProofVersion:
    kinds = kinds_of(programme.terms.criteria.evidence)
    if proofs.first not in kinds or proofs.second and proofs.second not in {*kinds} - {proofs.first}:
        raise NoSuchPaper("審査基準にある種類から、1点目を選んでください。2点目は1点目と違う種類です。")
    last = ProofVersion.objects.filter(submission=submission).order_by("-version").first()
    if last and proofs == (last.first, last.first_on, last.second, last.second_on):
        raise NothingRead("種類も日付も前と同じです。書類のとおりに選び直すか、そのまま進んでください。")
    # Who named a paper has seen one: what was keyed as "none came" was overlooked. The resident's own word stays as it was.
    overlooked = Submission.objects.filter(pk=submission, identity_evidence="").exclude(channel="web")
    overlooked.update(identity_evidence="clear")
    return ProofVersion.objects.create(
        submission_id=submission, version=last.version + 1 if last else 1, **proofs._asdict(),
        counted_on=last.counted_on if last else None, entered_at=at, entered_by=actor.name, staff_id=actor.id,
    )  # fmt: skip
