"""What a person says of an application without number and key (照合の確定): this one on the roll, nobody, or to be asked.

Takes one application and a word; leaves a RollMatch and the application's new state. Nothing follows before its minute is
over (take_matched), so taking it back leaves no trace but itself.
"""

from datetime import datetime, timedelta

from django.db import transaction

from todoku.case import stages
from todoku.ground.step import Refusal
from todoku.intake.claim_match import UNDO_SECONDS, may_open
from todoku.intake.keyless_tables import MatchCandidate, RollMatch, UnmatchedApplication
from todoku.people.actor import Actor


class AlreadyMatched(Refusal):
    """Somebody has settled this application in the meantime."""


class NoSuchCandidate(Refusal):
    """The place is empty, or the candidate has no case to apply for."""


class CandidatesChanged(Refusal):
    """A roll was taken since the candidates were shown: the same place may be another person's now."""


class CaseNotOpen(Refusal):
    """The case has ended by the resident's own word or by the deadline."""


class TooLate(Refusal):
    """The minute is over, or somebody else said it."""


# An application cannot open these by itself: a declined one by telephone, a lapsed one by the municipality's order.
_ENDED = {
    stages.DECLINED: "この案件は辞退で終わっています。電話で本人の意思を確かめてください（「電話・自治体で確認」へ）。",
    stages.LAPSED: "この案件は期限切れで終わっています。自治体の指示が要ります（「電話・自治体で確認」へ）。",
}


def confirm_match(
    application: int, rank: int, *, seen: str | None = None, actor: Actor, at: datetime
) -> RollMatch:
    """This candidate it is; `seen` is `shown_of` the page on which it stood.

    Raises AlreadyMatched, CandidatesChanged, NoSuchCandidate or CaseNotOpen; then nothing is kept.
    """
    with transaction.atomic():
        held = _hold(application, actor)
        if seen is not None and seen != shown_of(held):
            raise CandidatesChanged(
                "表示のあとに名簿が変わり、候補を探し直しました。もう一度、候補と見比べてください。"
            )
        found = MatchCandidate.objects.select_related("case__standing").filter(
            application=held, rank=rank, case__isnull=False
        )
        one = found.first()
        if one is None or one.case is None:
            raise NoSuchCandidate(
                "この候補には案件がありません。ほかの候補を選ぶか、「電話・自治体で確認」に回してください。"
            )
        if one.case.standing.stage in _ENDED:
            raise CaseNotOpen(_ENDED[one.case.standing.stage])
        return _said(held, "confirmed", "matched", case=one.case_id, person=one.person_id, actor=actor, at=at)


def shown_of(application: UnmatchedApplication) -> str:
    """Which search the candidates on a page come from: the moment of it, "" before the first."""
    return application.looked_up_at.isoformat() if application.looked_up_at else ""


def say_nobody(application: int, *, actor: Actor, at: datetime) -> RollMatch:
    """None of the roll it is; an answer to the applicant is listed. Raises AlreadyMatched."""
    with transaction.atomic():
        return _said(_hold(application, actor), "nobody", "nobody", actor=actor, at=at)


def ask_about(application: int, *, actor: Actor, at: datetime) -> RollMatch:
    """Who it is cannot be said from here: the telephone or the municipality is asked. Raises AlreadyMatched."""
    with transaction.atomic():
        held = _hold(application, actor)
        if held.state == "asked":
            raise AlreadyMatched("この申請は、すでに「電話・自治体で確認」に回っています。")
        return _said(held, "asked", "asked", actor=actor, at=at)


def take_back_match(match: int, *, actor: Actor, at: datetime) -> UnmatchedApplication:
    """Takes one's own word back within its minute; the application is in one's hand again. Raises TooLate."""
    with transaction.atomic():
        said = RollMatch.objects.select_for_update().get(pk=match)
        application = UnmatchedApplication.objects.select_for_update().get(pk=said.application_id)
        late = at - said.at >= timedelta(seconds=UNDO_SECONDS) or said.settled_at or said.undone_at
        if late or said.staff_id != actor.id:
            raise TooLate(
                "1分を過ぎたため、元に戻せません。案件を開いて、審査の担当か業務責任者に伝えてください。"
            )
        if application.matches.filter(pk__gt=said.pk, undone_at__isnull=True).exists():
            raise TooLate(
                "ほかの担当者がこの申請の先へ進んだため、元に戻せません。「照合」を開き直して、今の状態を確かめてください。"
            )
        said.undone_at = at
        said.save(update_fields=["undone_at"])
        asked_before = application.matches.filter(outcome="asked", undone_at__isnull=True).exists()
        application.state = "asked" if asked_before else "waiting"
        application.claimed_id, application.claimed_at = actor.id, at
        application.save(update_fields=["state", "claimed_id", "claimed_at"])
        return application


def _hold(application: int, actor: Actor) -> UnmatchedApplication:
    """The application, held to the end of the transaction, if nobody has settled it and this person may see it."""
    held = UnmatchedApplication.objects.select_for_update().get(pk=application)
    if held.state not in ("waiting", "asked") or not may_open(held, actor):
        raise AlreadyMatched("この申請は、ほかの担当者が先に照合しました。次の申請へ進んでください。")
    return held


def _said(
    held: UnmatchedApplication, outcome: str, state: str, *, actor: Actor, at: datetime, case: int | None = None,
    person: int | None = None,
) -> RollMatch:  # fmt: skip
    assert actor.id is not None, "only a person matches"
    said = RollMatch.objects.create(
        application=held, outcome=outcome, case_id=case, person_id=person, staff_id=actor.id, actor_name=actor.name, at=at
    )  # fmt: skip
    held.state, held.claimed_id, held.claimed_at = state, None, None
    held.save(update_fields=["state", "claimed_id", "claimed_at"])
    return said
