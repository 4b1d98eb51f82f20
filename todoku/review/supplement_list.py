"""Amounts that an order adds (追給) put to the municipality: on a list of their own kind, decided by another person.

Takes a part of a case with its amount and account; leaves it on the proposer's open list. Moves no case.
"""

from datetime import datetime

from todoku.case.supersede import supersede
from todoku.case.tables import Case
from todoku.intake.tables import AccountVersion
from todoku.people.actor import Actor
from todoku.review.decision_lists import count_again
from todoku.review.tables import Decision, DecisionList


def put_on_list(
    case: Case, *, part: int, amount_yen: int, rail: str, account: AccountVersion | None, remark: str, actor: Actor,
    at: datetime,
) -> DecisionList:  # fmt: skip
    """The open list of whoever proposes, with this part on it, counted again; in the caller's transaction."""
    found = DecisionList.objects.select_for_update(of=("self",)).select_related("programme")
    made = found.filter(
        programme=case.programme, kind="supplement", state="open", proposer_id=actor.id
    ).first()
    # A row that was taken off an open list stays there as history; the same part goes on another list.
    if made is None or made.decisions.filter(case=case, part=part).exists():
        made = DecisionList.objects.create(
            programme=case.programme, kind="supplement", grants=0, refusals=0, total_yen=0, sha256="", made_at=at,
            made_by=actor.name, proposer_id=actor.id,
        )  # fmt: skip
    Decision.objects.create(
        decision_list=made, case=case, part=part, outcome="grant", amount_yen=amount_yen, rail=rail, account=account,
        remark=remark[:200],
    )  # fmt: skip
    count_again(made)
    return made


def let_go(decision: Decision, *, order: str) -> None:
    """A part that was taken off its list before anybody ever decided it is due no more; one decided before stays due."""
    earlier = Decision.objects.filter(
        case_id=decision.case_id, part=decision.part, decision_list__state="decided"
    )
    if decision.part > 1 and not earlier.exists():
        supersede(decision.case, part=decision.part, order=order)
