"""Until when the paying bank takes a batch's files (受付期限), as the head of its page says it at both staff doors.

Comes in: a batch that is not with the bank yet, and the moment. Goes out: words, a warning where the cut-off is past or
where the cancel window ends after it. Reads only; refuses nothing, since a bank may agree to take a file late.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.timezone import localtime

from todoku.formats.bank_cut_off import PAST, TOO_SHORT, cut_off, standing
from todoku.payment.bank_file import profile_of
from todoku.payment.rails import RAILS
from todoku.payment.tables import Batch

# Until the bank has every file. Of a void or answered batch nobody asks any more.
WAITING = ("open", "sealed", "approved", "sending")
REMEDY = "間に合うかを金融機関に確かめ、間に合わないときは取り消して、新しい振込日で作り直してください。"
TAKEN_REMEDY = (
    "まだ渡していないファイルは、受け付けるかを金融機関に確かめてから渡してください。"
    "渡せたか分からないファイルは、もう一度渡さず、金融機関に照会してください。"
)


class Deadline(NamedTuple):
    """The cut-off in words; `badge`, `title` and `text` are "" while it can be met."""

    until: str
    badge: str = ""
    title: str = ""
    text: str = ""


def deadline_of(batch: Batch, *, now: datetime) -> Deadline | None:
    """The cut-off of a batch of bank files that is still to be handed over; None for any other batch."""
    if batch.state not in WAITING or not RAILS[batch.rail].proven:
        return None
    at = cut_off(profile_of(batch.programme), batch.value_date)
    until, ready_at = _words(at), _ready_at(batch, now)
    stands = standing(at, now=now, ready_at=ready_at)
    if stands == PAST:
        remedy = TAKEN_REMEDY if batch.state == "sending" else REMEDY
        return Deadline(until, "過ぎています", f"金融機関の受付期限（{until}）を過ぎています", remedy)
    if stands == TOO_SHORT:
        earliest = "" if batch.state == "approved" else "今すぐ承認しても、"
        text = f"{earliest}ファイルを受け取れるのは{_words(ready_at)}からです。{REMEDY}"
        return Deadline(until, "間に合いません", f"金融機関の受付期限（{until}）に間に合いません", text)
    return Deadline(until)


def _ready_at(batch: Batch, now: datetime) -> datetime:
    """The earliest moment at which the treasurer can have the files: the end of the cancel window, or now."""
    if batch.state == "sending":
        return now
    if batch.releasable_at is not None:
        return max(batch.releasable_at, now)
    return now + timedelta(minutes=batch.programme.terms.payment.cancel_window_minutes)


def _words(moment: datetime) -> str:
    at = localtime(moment)
    return f"{at.month}月{at.day}日 {at:%H:%M}"
