"""A decline is taken back before anything is paid (辞退の撤回): the case goes on where it stood, or is open to apply anew.

Takes words that wait; leaves the case at review, with what had arrived, or waiting for its application. Safe to run twice.
"""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.case import stages
from todoku.case.late_deadline import deadlines_of
from todoku.case.move import move
from todoku.case.tables import Case, CaseStage
from todoku.ground.step import Refusal, Report
from todoku.intake.decline_tables import DeclineWord
from todoku.intake.tables import Submission
from todoku.intake.tell_decline import apply_until, too_late
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.reopen import open_round

REASON = "declined_back"
BY_HIMSELF = "本人が取り下げ"
EARLY = (stages.LISTED, stages.INVITED)


class CannotTakeBack(Refusal):
    """The case is not declined, or its days have run out."""


def take_back_declines(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Every word of the programme that takes a decline back; `refused` names the cases where it came too late."""
    done, refused = 0, []
    waiting = DeclineWord.objects.filter(programme=programme, kind="take_back", state="told").order_by("pk")
    for word in waiting.select_related("case"):
        try:
            done += take_back(word, actor=actor, at=at)
        except CannotTakeBack as refusal:
            DeclineWord.objects.filter(pk=word.pk, state="told").update(
                state="refused", settled_at=at, words=refusal.sentence[:200]
            )
            refused.append((word.case.number, refusal.sentence))
    return Report(done=done, refused=tuple(refused))


def take_back(word: DeclineWord, *, actor: Actor, at: datetime) -> bool:
    """Carries one such word out; False where somebody was faster. Raises CannotTakeBack, keeping nothing."""
    with transaction.atomic():
        CaseStage.objects.select_for_update().get(pk=word.case_id)
        word = DeclineWord.objects.select_for_update().get(pk=word.pk)
        if word.state != "told":
            return False
        case = Case.objects.select_related("programme", "standing").get(pk=word.case_id)
        told = DeclineWord.objects.filter(case=case, kind="decline", state="told")
        if not told.update(state="dropped", settled_at=at, words=BY_HIMSELF):
            _bring_back(case, actor, at)
        DeclineWord.objects.filter(pk=word.pk).update(
            state="done", settled_at=at, settled_by_id=actor.id, words=BY_HIMSELF
        )
    return True


def _bring_back(case: Case, actor: Actor, at: datetime) -> None:
    programme, today = case.programme, localdate(at)
    if case.standing.stage != stages.DECLINED:
        raise CannotTakeBack("辞退にはなっていません。手続きは、そのまま続いています。")
    terms = programme.terms
    until = apply_until(
        terms, case.cohort, deadlines_of([case.pk], terms)[case.pk], unapplied=goes_to(case) in EARLY
    )
    if why := too_late(terms, today, apply_until=until):
        raise CannotTakeBack(why)
    go_on(case, why="辞退を撤回", actor=actor, at=at)


def go_on(case: Case, *, why: str, actor: Actor, at: datetime) -> str:
    """Lets a declined case go on in the caller's transaction, whose right to do so was asked; gives where it goes on."""
    to = goes_to(case)
    # The notice of declining answers nothing any more: silence after it counts, and an application takes its place.
    Submission.objects.filter(case=case, declines=True, state__in=["received", "screened"]).update(
        state="superseded"
    )
    move([case.pk], programme=case.programme, to=to, why=why, actor=actor, at=at)
    if to == stages.IN_REVIEW:
        open_round([case.pk], programme=case.programme, reason=REASON, at=at)
    return to


def goes_to(case: Case) -> str:
    """Where the case goes on: where it stood, as far as what it stood on is still here."""
    last = DeclineWord.objects.filter(case=case, state="done").order_by("-pk").first()
    # No word, or one that was taken back: it was a notice (辞退届) that two persons judged, after an application or before.
    applied = Submission.objects.filter(case=case, declines=False)
    if last and last.kind == "decline" and last.stage_before in EARLY:
        # What came after that decline, and was looked at, is what there is to go on with.
        applied = applied.filter(registered_at__gte=last.settled_at)
        if not applied.filter(state__in=["screened", "received"]).exists():
            return last.stage_before
    if applied.filter(state="screened").exists():
        return stages.IN_REVIEW
    return stages.RECEIVED if applied.filter(state="received").exists() else stages.INVITED
