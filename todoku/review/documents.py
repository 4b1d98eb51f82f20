"""Pure. Which papers show who somebody is, by kind and day (本人確認書類の種類と期限); what is wrong with those that were sent.

Takes the papers as they were named (keyed, chosen or read at the desk), the kinds that the criteria agree on, and the day on
which the application counts: never today's. Gives what is to be found, or nothing. A paper without its day is not judged by it.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from todoku.programme.criteria_tables import Evidence
from todoku.programme.standard import agreed_evidence

# What a paper of each group is worth: enough alone, one of two, nothing.
_COUNTS = {
    "identity": "alone",
    "identity_word": "alone",
    "identity_pair": "one_of_two",
    "identity_not": "nothing",
}
MY_NUMBER_SIDE = "my_number_side"
BY_DAY = ("expired", "too_old", "ended")  # what is wrong on one day and was right on an earlier one


class Kind(NamedTuple):
    """A kind of paper: its word, its name, what it is worth, which day it carries, for how many months it counts from its
    issue, and the last day on which the kind counts at all."""

    kind: str
    name: str
    counts: str
    dated: str
    months: int
    until: date | None


class Paper(NamedTuple):
    """One paper that was sent: its kind, what it is worth, the day that it carries, the last day on which it counts, and
    whether its kind carries a day that nobody has named: then only a person can say whether it had run out."""

    kind: str
    name: str
    counts: str
    day: date | None = None
    last_day: date | None = None
    issued: bool = False
    until: date | None = None
    undated: bool = False


class Wrong(NamedTuple):
    """What is wrong with the papers as a whole: code, why, and what stands beside it."""

    code: str
    why: str
    beside: Mapping[str, object]


@lru_cache(maxsize=64)
def kinds_of(own: tuple[Evidence, ...]) -> Mapping[str, Kind]:
    """The kinds of identity papers that are agreed: word → kind, in the order of the criteria sheet."""
    return {
        one.kind: Kind(one.kind, one.name, _COUNTS[one.group], one.dated, one.months, one.until)
        for one in agreed_evidence(own)
        if one.kind and one.group in _COUNTS
    }


def paper(kind: str, day: date | None, kinds: Mapping[str, Kind]) -> Paper:
    """A paper as named; one of no agreed kind is worth nothing."""
    rule = kinds.get(kind)
    if rule is None:
        return Paper(kind, kind, "nothing")
    issued = rule.dated == "issued"
    last = months_after(day, rule.months) if day and issued else day if rule.dated else None
    undated = bool(rule.dated) and day is None
    return Paper(kind, rule.name, rule.counts, day if rule.dated else None, last, issued, rule.until, undated)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def wrong_with(papers: Sequence[Paper], on: date) -> Wrong | None:
    """What is wrong with these papers on that day; None where they are enough, or where no kind was named."""
    if not papers:
        return None
    faults = [(one, fault) for one in papers if (fault := _fault(one, on))]
    good = [one for one in papers if _fault(one, on) is None]
    if any(one.counts == "alone" for one in good):
        return None
    if len({one.kind for one in good if one.counts == "one_of_two"}) > 1:
        return None
    if faults:
        worst, (code, why) = min(faults, key=lambda found: found[1][0])
        return Wrong(code, why, _beside(worst, why))
    return Wrong("D27", "one_of_two", {"kind": papers[0].kind, "name": papers[0].name})


def _fault(one: Paper, on: date) -> tuple[str, str] | None:
    if one.counts == "nothing":
        return "D26", "not_counted"
    if one.until and on > one.until:
        return "D26", "ended"
    if one.last_day and on > one.last_day:
        return "D21", "too_old" if one.issued else "expired"
    return None


def _beside(one: Paper, why: str) -> dict[str, object]:
    day = one.until if why == "ended" else one.day
    return {"kind": one.kind, "name": one.name, "day": f"{day:%Y/%m/%d}" if day else ""}
