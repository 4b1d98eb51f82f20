"""Keeps that somebody asked for a sheet to be sent (用紙の送付依頼): 辞退届, 代理手続申立書, 口座の届出書.

Takes a case and a kind; leaves a LetterRequest, from which the next print run makes the letter. Sends nothing itself.
"""

from datetime import datetime

from django.db import transaction

from todoku.case import stages
from todoku.case.tables import Case, CaseStage
from todoku.ground.step import Refusal
from todoku.letters.tables import KINDS, Letter, LetterRequest
from todoku.people.actor import Actor

ON_REQUEST = ("decline_form", "proxy_form", "account_form")
# While these stand, a sheet can still change something: after the decision none of them does.
_UNDECIDED = (
    stages.LISTED, stages.INVITED, stages.RECEIVED, stages.IN_REVIEW, stages.WITH_MUNICIPALITY, stages.RETURNED,
    stages.PASSED,
)  # fmt: skip
AT = {
    "decline_form": _UNDECIDED,
    "proxy_form": (*_UNDECIDED, stages.FAILED),
    "account_form": (stages.INVITED, stages.FAILED),
}


class NotSent(Refusal):
    """The terms send no such sheet, or the case is past it."""


def request_letter(case: Case, kind: str, *, asked_by: str, actor: Actor, at: datetime) -> LetterRequest:
    """Keeps the request; one that is not printed yet is given again. `asked_by`: who asked, in the caller's words.

    Raises NotSent.
    """
    assert kind in ON_REQUEST, f"{kind} is not sent on request"
    if kind not in kinds_for(case):
        raise NotSent(
            f"「{dict(KINDS)[kind]}」は、この制度では送らないか、この案件の段階では使えません。案件の経過を確かめてください。"
        )
    if not asked_by.strip():
        raise NotSent("だれの申出かを入力してください（例: ご本人、同居の長女）。")
    with transaction.atomic():
        Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        known = LetterRequest.objects.filter(case=case, kind=kind).order_by("-pk").first()
        if (
            known
            and not Letter.objects.filter(case=case, kind=kind, occasion=known.pk, run__isnull=False).exists()
        ):
            return known
        return LetterRequest.objects.create(
            case=case, kind=kind, asked_by=asked_by.strip(), at=at, actor_name=actor.name
        )


def kinds_for(case: Case) -> list[str]:
    """What can be sent to this case now, by its stage and the terms."""
    terms, stage = case.programme.terms, CaseStage.objects.get(pk=case.pk).stage
    pushed = terms.cohort(case.cohort).mode == "push"
    return [
        kind
        for kind in ON_REQUEST
        if kind in terms.letters
        and stage in AT[kind]
        and (kind != "account_form" or pushed or stage == stages.FAILED)
    ]
