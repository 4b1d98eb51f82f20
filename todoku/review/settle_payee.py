"""Who is proposed to receive instead is confirmed or not (受け取る方の変更の確認), and the review follows.

Takes a PayeeProposal of another person; leaves the case handed over and looked at in a round of its own, out of what was
ready for the decision, or the change waiting as before. The order of the locks is that of case_locks.py.
"""

from datetime import datetime

from django.db import transaction

from todoku.case.late_tables import PayeeProposal
from todoku.case.name_payee import confirm_payee, refuse_payee
from todoku.people.actor import Actor
from todoku.review.case_locks import hold_cases, hold_stages
from todoku.review.settle_change import back_to_review, look_again


def settle_payee(
    proposal: PayeeProposal, *, confirmed: bool, why: str = "", actor: Actor, at: datetime
) -> PayeeProposal:
    """`why`: where nobody is confirmed, the reason. Raises CannotDecide."""
    change = proposal.change
    with transaction.atomic():
        hold_cases([change.case_id], change.programme_id)
        hold_stages([change.case_id])
        if not confirmed:
            return refuse_payee(proposal, why=why, actor=actor, at=at)
        back_to_review(change, actor, at)
        look_again(confirm_payee(proposal, actor=actor, at=at), at)
    return PayeeProposal.objects.get(pk=proposal.pk)
