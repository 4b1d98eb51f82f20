"""What every act on a claim begins and ends with: the claim locked, its fiscal year, the record of who did it.

Takes a claim; gives it as it stands in the database now. Judges nothing.
"""

from datetime import datetime

from django.db import connection

from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.recovery.tables import Claim


def locked(claim: Claim) -> Claim:
    """The claim as it stands now, held until the transaction ends."""
    assert connection.in_atomic_block, "a claim is held within a transaction"
    return (
        Claim.objects.select_for_update(of=("self",))
        .select_related("programme", "transfer__batch", "case")
        .get(pk=claim.pk)
    )


def year_of(claim: Claim) -> int:
    """The fiscal year whose books paid the money."""
    batch = claim.transfer.batch
    assert batch is not None, "money that was paid stood in a batch"
    return batch.fiscal_year


def record(claim: Claim, action: str, words: str, actor: Actor, at: datetime) -> None:
    """Notes the act in the record that the claim's time line shows."""
    record_look(
        actor=actor, action=action, subject_kind="claim", subject_id=claim.pk, at=at,
        programme_slug=claim.programme.slug, reason=words,
    )  # fmt: skip
