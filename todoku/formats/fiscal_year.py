"""Pure. A day in; the municipality's fiscal year, how money is booked on it, and when a claim lapses out.

Articles: 地方自治法 (自治法), its 施行令, and 民法. Where a rule is from memory and wants the treasurer's word (会計管理者)
before it is relied on, the comment says so. It books nothing and gives up no claim.
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from todoku.formats.bank_days import bank_days_after, is_bank_day
from todoku.formats.wareki import format_wareki

FIRST_MONTH = 4  # 自治法208条1項: from 1 April to 31 March of the next year
CLOSING_MONTH, CLOSING_DAY = 5, 31  # 自治法235条の5: closed on 31 May of the next year
PRESCRIPTION_YEARS = 5  # 自治法236条1項
POSTPONED_MONTHS = 6  # 民法150条1項

RESTORED, PRIOR_REVENUE = "restored", "prior_revenue"
BOOKINGS = {RESTORED: "戻入", PRIOR_REVENUE: "過年度収入"}

NOTICE, REMINDER, CALL, ACKNOWLEDGED = "notice", "reminder", "call", "acknowledged"
EVENTS = {NOTICE: "納入の通知", REMINDER: "督促", CALL: "催告", ACKNOWLEDGED: "債務の承認"}

_DAY = timedelta(days=1)


def fiscal_year(day: date) -> int:
    """The fiscal year (会計年度) of a day by the Western year in which it begins: 31 March 2027 is in 2026."""
    return day.year - (day.month < FIRST_MONTH)


def first_day(year: int) -> date:
    """1 April, on which a fiscal year begins."""
    return date(year, FIRST_MONTH, 1)


def last_day(year: int) -> date:
    """31 March, on which a fiscal year ends."""
    return date(year + 1, FIRST_MONTH, 1) - _DAY


def closing_day(year: int) -> date:
    """The closing of a fiscal year's accounts (出納閉鎖): 31 May after it; money of this day still counts."""
    return date(year + 1, CLOSING_MONTH, CLOSING_DAY)


def last_bank_day(year: int) -> date:
    """The last day on which money over a bank can still enter a fiscal year's books: banks open, not after closing.

    From memory: the closing itself does not move when 31 May is no business day, so the day before it counts.
    """
    day = closing_day(year)
    return day if is_bank_day(day) else bank_days_after(day, -1)


def accounts_open(year: int, day: date) -> bool:
    """Whether a fiscal year's books take entries on this day: from 1 April until its closing."""
    return first_day(year) <= day <= closing_day(year)


def year_name(year: int) -> str:
    """令和8年度."""
    return format_wareki(first_day(year)).removesuffix("4月1日") + "度"


class Booking(NamedTuple):
    """How money that came back is booked: RESTORED into, or PRIOR_REVENUE of, which fiscal year."""

    kind: str
    fiscal_year: int


def booking_of_return(paid_in: int, day: date) -> Booking:
    """How money paid out of fiscal year `paid_in` and back on a day is booked.

    Until that year's closing it is restored to the item it was paid from (戻入, 施行令159条); after it, it is
    revenue of the year in which it comes (施行令160条).
    """
    assert day >= first_day(paid_in), "money cannot come back before the year in which it was paid"
    if day <= closing_day(paid_in):
        return Booking(RESTORED, paid_in)
    return Booking(PRIOR_REVENUE, fiscal_year(day))


class Prescription(NamedTuple):
    """A claim's time (消滅時効): the last day on which it stands; from the next day on it is gone."""

    last_day: date

    @property
    def gone_on(self) -> date:
        """The first day on which the claim is gone; nobody needs to invoke it (自治法236条2項)."""
        return self.last_day + _DAY

    def lapsed(self, on: date) -> bool:
        """Whether the claim is gone on a day."""
        return on > self.last_day


def prescription(due: date, events: Iterable[tuple[str, date]] = ()) -> Prescription:
    """When a claim of the municipality (公法上の債権) lapses: five years, counted from the day after the due date.

    `events`: (key of EVENTS, day on which it reached the debtor), in any order. A notice of payment and a reminder
    renew the time (自治法236条4項), so does an acknowledgement of the debt, a part payment among them (民法152条);
    the time then runs anew from the next day, never before the due date. A call (催告) only keeps the time from
    ending for six months (民法150条). What comes after the time has run out changes nothing.
    """
    end = _period_end(due, years=PRESCRIPTION_YEARS)
    postponed = end
    used: set[str] = set()
    for kind, day in sorted(events, key=lambda event: event[1]):
        if day > postponed:
            break
        # From memory (行政実例): only the first notice and the first reminder renew; later ones are mere calls.
        if kind in (NOTICE, REMINDER) and kind in used:
            kind = CALL
        used.add(kind)
        if kind == CALL:
            if postponed == end:  # a call within the six months adds nothing (民法150条2項)
                postponed = max(end, _period_end(day, months=POSTPONED_MONTHS))
        else:
            end = postponed = _period_end(max(due, day), years=PRESCRIPTION_YEARS)
    return Prescription(postponed)


def _period_end(base: date, *, years: int = 0, months: int = 0) -> date:
    """The last day of a period whose first is the day after `base`: the day before the corresponding one.

    The first day is not counted (民法140条); where the last month lacks the corresponding day the period ends
    with that month (民法143条2項). From memory: that a last day on a holiday moves (民法142条) is not relied on,
    since the earlier day is the safe one for who must claim.
    """
    first = base + _DAY
    month = first.month - 1 + months
    year, month = first.year + years + month // 12, month % 12 + 1
    if first.day > monthrange(year, month)[1]:
        return date(year, month, monthrange(year, month)[1])
    return date(year, month, first.day) - _DAY
