"""The opening of a further payout and what the terms' table of changes says of its cases, in one call.

Takes the digest of a trial; leaves the payout's cases, and the changes after the base date applied to them: a new head or
guardian receives, a question waits.
"""

from datetime import datetime

from todoku.case.payout_tables import PayoutOpening
from todoku.ground.step import Report
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.recovery.open_payout import open_payout
from todoku.recovery.try_payout import CannotOpenPayout, Progress
from todoku.rounds.follow_changes import follow_changes


def open_further_payout(
    number: int, *, shown: str, programme: Programme, actor: Actor, at: datetime, progress: Progress | None = None
) -> Report:  # fmt: skip
    """As open_payout; the note also says what the changes since made of the new cases."""
    opened = open_payout(number, shown=shown, programme=programme, actor=actor, at=at, progress=progress)
    changes = follow_changes(programme=programme, actor=actor, at=at)
    return Report(done=opened.done, waiting=changes.waiting, note=opened.note + changes.note)


def last_trial(number: int, *, programme: Programme) -> PayoutOpening:
    """What was shown last of this payout; raises CannotOpenPayout where it was never tried, or opened since."""
    found = PayoutOpening.objects.filter(programme=programme, payout=number).order_by("-pk").first()
    if found is None or not found.trial:
        raise CannotOpenPayout("先に試算して、対象になる方と額を確かめてください。")
    return found
