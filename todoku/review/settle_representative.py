"""A representative is confirmed, refused or ended (法定代理人の確認), and the review follows: the account is named anew.

Takes a Representative as registry/answer_representative.py does, or those whom a list or the day that it named confirmed or
ended; leaves the wards' applications in review judged anew, and those that wait for the decision back in review where the
account was kept by somebody who acts no more.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from todoku.case import stages
from todoku.case.tables import Case, CaseStage
from todoku.ground.step import Report
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.registry.answer_representative import answer_representative, end_representative
from todoku.registry.apply_care_dates import apply_care_dates
from todoku.registry.representative_tables import Representative
from todoku.review.case_locks import hold_cases
from todoku.review.judge_anew import judge_anew
from todoku.review.reopen import reopen

REASON = "representative"


def settle_representative(
    one: Representative, *, word: str, why: str = "", actor: Actor, at: datetime, case: int | None = None
) -> Representative:
    """`word`: "confirm", "refuse" or "end". Raises CannotAnswer; `case`: under which the look is recorded."""
    with transaction.atomic():
        _hold_cases([one.ward_id], one.programme_id)
        replaces = Representative.objects.filter(ward=one.ward_id, state="confirmed").exists()
        if word == "end":
            done = end_representative(one, why=why, actor=actor, at=at, case=case)
        else:
            done = answer_representative(
                one, confirmed=word == "confirm", why=why, actor=actor, at=at, case=case
            )
        if word != "refuse":
            _follow({one.ward_id: replaces}, done.programme, actor, at)
    return done


def follow_representatives(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """What lists and their days changed since the last call; `done`: the payees whose applications were looked at again."""
    apply_care_dates(programme=programme, at=at)
    changed = Representative.objects.filter(programme=programme, fact_import__isnull=False).exclude(
        followed=F("state")
    )
    # Few, and most minutes none: who they are is read first, since the lists of their cases are locked before the programme.
    found = list(changed.values_list("ward_id", flat=True))
    if not found:
        return Report()
    with transaction.atomic():
        _hold_cases(found, programme.pk)
        wards: dict[int, bool] = {}
        for ward, state in changed.filter(ward__in=found).values_list("ward_id", "state"):
            wards[ward] = wards.get(ward, False) or state == "ended"
        if wards:
            _follow(wards, programme, actor, at)
    return Report(done=len(wards))


def _hold_cases(wards: Collection[int], programme: int) -> None:
    """Lists, then the programme: nobody takes a list of facts, decides or moves money meanwhile (case_locks.py)."""
    cases = Case.objects.filter(programme=programme, recipient__head__in=wards).values_list("pk", flat=True)
    hold_cases(list(cases), programme)


def _follow(wards: Mapping[int, bool], programme: Programme, actor: Actor, at: datetime) -> None:
    """By ward, whether somebody acts for him no more: then what waits for the decision is looked at again as well."""
    cases = list(
        Case.objects.filter(programme=programme, recipient__head__in=wards).values_list("pk", flat=True)
    )
    standing = CaseStage.objects.select_for_update(of=("self",)).filter(
        case__in=cases, stage__in=(stages.IN_REVIEW, stages.WITH_MUNICIPALITY, stages.PASSED)
    )  # fmt: skip
    rows = list(standing.order_by("case_id").values_list("case_id", "case__recipient__head_id", "stage"))
    passed = [case for case, ward, stage in rows if stage == stages.PASSED and wards[ward]]
    if passed:
        reopen(passed, programme=programme, reason=REASON, actor=actor, at=at)
    looked = [case for case, ward, stage in rows if stage != stages.PASSED or wards[ward]]
    if looked:
        judge_anew(looked, programme=programme, reason=REASON, at=at)
    Representative.objects.filter(programme=programme, ward__in=wards, fact_import__isnull=False).update(
        followed=F("state")
    )
