"""A representative is confirmed, refused or ended (法定代理人の確認), and the review follows: the account is named anew.

Takes a Representative as registry/answer_representative.py does; leaves the ward's applications in review judged anew, and
those that wait for the decision back in review where the account was kept by somebody who acts no more.
"""

from datetime import datetime

from django.db import transaction

from todoku.case import stages
from todoku.case.tables import CaseStage
from todoku.people.actor import Actor
from todoku.registry.answer_representative import answer_representative, end_representative
from todoku.registry.representative_tables import Representative
from todoku.review.judge_anew import judge_anew
from todoku.review.reopen import reopen

REASON = "representative"


def settle_representative(
    one: Representative, *, word: str, why: str = "", actor: Actor, at: datetime, case: int | None = None
) -> Representative:
    """`word`: "confirm", "refuse" or "end". Raises CannotAnswer; `case`: under which the look is recorded."""
    with transaction.atomic():
        if word == "end":
            done = end_representative(one, why=why, actor=actor, at=at, case=case)
        else:
            done = answer_representative(
                one, confirmed=word == "confirm", why=why, actor=actor, at=at, case=case
            )
        if word != "refuse":
            _follow(done, word, actor, at)
    return done


def _follow(one: Representative, word: str, actor: Actor, at: datetime) -> None:
    standing = CaseStage.objects.select_for_update(of=("self",)).filter(
        case__recipient__head=one.ward_id, stage__in=(stages.IN_REVIEW, stages.WITH_MUNICIPALITY, stages.PASSED)
    )  # fmt: skip
    where = dict(standing.order_by("case_id").values_list("case_id", "stage"))
    passed = [case for case, stage in where.items() if stage == stages.PASSED]
    if word == "end" and passed:
        reopen(passed, programme=one.programme, reason=REASON, actor=actor, at=at)
    looked = [case for case in where if word == "end" or case not in passed]
    if looked:
        judge_anew(looked, programme=one.programme, reason=REASON, at=at)
