"""Pure. At which rate a clean application is looked at all the same, by channel and criterion, and when a rate rises.

Takes the Version's words, the rates raised since, and one application; gives percent. A criterion is a code of the checks;
"" stands for the channel as a whole.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from todoku.programme.contents import Review
from todoku.programme.quality import Sample
from todoku.review.intervals import wilson
from todoku.review.queues import QUEUE_OF_CODE

WHOLE = ""  # the criterion that stands for the channel


class Key(NamedTuple):
    """What has a rate of its own: a channel ("paper" or "web"), and a criterion in it."""

    channel: str
    criterion: str = WHOLE


Raised = Mapping[Key, float]


def agreed_percent(review: Review, key: Key) -> float:
    """What the Version says: the code's own rate, else the channel's, else the one for all."""
    sample = review.quality.sample
    channel = sample.channels.get(key.channel, review.sample_percent)
    return max(sample.codes.get(key.criterion, 0.0), channel)


def percent_of(review: Review, raised: Raised, key: Key) -> float:
    """The rate that holds: as agreed or as raised, whichever is higher."""
    return max(agreed_percent(review, key), raised.get(key, 0.0))


def rates_for(
    review: Review, raised: Raised, channel: str, noted: Collection[str], *, by_bank: bool, identity: bool
) -> dict[str, float]:
    """Percent by criterion for one clean application: its channel, the codes noted, the raised ones that were judged.

    `by_bank`: it names an account; `identity`: the terms ask it for a document of identity.
    """
    rates = {WHOLE: percent_of(review, raised, Key(channel))}
    for code in noted:
        if code in review.quality.sample.codes:
            rates[code] = percent_of(review, raised, Key(channel, code))
    for key, percent in raised.items():
        if key.channel == channel and key.criterion != WHOLE:
            if was_judged(key.criterion, by_bank=by_bank, identity=identity):
                rates[key.criterion] = max(percent, rates.get(key.criterion, 0.0))
    return rates


def was_judged(code: str, *, by_bank: bool, identity: bool) -> bool:
    """Whether the checks had anything to judge by this code: no account without a bank, no document that is not asked for."""
    queue = QUEUE_OF_CODE[code]
    if queue == "account":
        return by_bank
    return identity if queue == "identity" else True


def risen(percent: float, rule: Sample, *, looked: int, wrong: int) -> float | None:
    """The rate after the agreed rule; None where it stays: too few looks, a good interval, or nothing left to raise."""
    if looked < rule.looked_least or percent >= rule.most_percent:
        return None
    if upper_percent(looked=looked, wrong=wrong) <= rule.limit_percent:
        return None
    higher = min(percent * rule.times, rule.most_percent)
    return higher if higher > percent else None


def upper_percent(*, looked: int, wrong: int) -> float:
    """The upper bound of the error rate in percent."""
    return wilson(wrong, looked).high * 100
