"""Pure. Until when the paying bank takes a file (受付期限), and which value date a file can still meet.

In: the bank's profile with a value date, or with the moment at which the file can be handed over. Out: a moment of
Japan's time, or a day. Days and hour are settled by the contract with the bank (`lead_days`, `cut_off`).
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from todoku.formats.bank_days import bank_days_after
from todoku.formats.zengin_layout import Profile

JAPAN = ZoneInfo("Asia/Tokyo")
IN_TIME, TOO_SHORT, PAST = "in_time", "too_short", "past"


def cut_off(profile: Profile, value_date: date) -> datetime:
    """The last moment at which the bank takes a file that pays on `value_date`; on that day itself with no lead days."""
    last = bank_days_after(value_date, -profile.lead_days) if profile.lead_days else value_date
    return datetime.combine(last, profile.cut_off, JAPAN)


def standing(until: datetime, *, now: datetime, ready_at: datetime) -> str:
    """How a cut-off stands: PAST; TOO_SHORT where the file can be taken only at `ready_at`, after it; else IN_TIME."""
    if now > until:
        return PAST
    return TOO_SHORT if ready_at > until else IN_TIME


def first_value_date(profile: Profile, ready_at: datetime) -> date:
    """The first bank day after that of `ready_at` on which a file that is ready then can still pay."""
    day = bank_days_after(ready_at.astimezone(JAPAN).date(), 1)
    while cut_off(profile, day) < ready_at:
        day = bank_days_after(day, 1)
    return day
