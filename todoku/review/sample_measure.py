"""Pure. How often people saw otherwise what the checks had let through, by channel and criterion (誤り率).

Takes groups of sampled applications and the acts that changed rates; gives counts with their intervals. The channel's own
figure rests on its plain random sample alone: those that a criterion's higher rate added would distort it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from todoku.programme.contents import Review
from todoku.review.intervals import Interval, wilson
from todoku.review.queues import QUEUE_OF_CODE
from todoku.review.sample_rates import WHOLE, Key, Raised

AGREED, OTHERWISE, OPEN = "agreed", "otherwise", "open"


class Looked(NamedTuple):
    """A group of sampled applications alike in all that counts here. `epoch`: how many acts lay before the verdict."""

    channel: str
    caught: str
    by_bank: bool
    epoch: int
    became: str
    codes: frozenset[str]
    noted: frozenset[str]
    cases: int


class Measured(NamedTuple):
    """Looks at one channel and criterion: how many, how many otherwise, how many not known yet.

    `looked_since` and `wrong_since`: those since the rate last changed, by which the agreed rule goes.
    """

    key: Key
    looked: int
    wrong: int
    waiting: int
    looked_since: int
    wrong_since: int

    @property
    def interval(self) -> Interval:
        return wilson(self.wrong, self.looked)


def last_acts(acts: Sequence[tuple[Key, float]]) -> tuple[Raised, Mapping[Key, int]]:
    """The rate of each key by its last act, and how many acts lay up to that one; acts in their order."""
    return dict(acts), {key: place for place, (key, _) in enumerate(acts, 1)}


def measure(review: Review, groups: Sequence[Looked], acts: Sequence[tuple[Key, float]]) -> list[Measured]:
    """Every channel that was sampled, then every criterion with a rate of its own or an error, in order."""
    _, changed = last_acts(acts)
    return [_of(key, groups, changed.get(key, 0)) for key in sorted(_keys(review, groups) | changed.keys())]


def _keys(review: Review, groups: Sequence[Looked]) -> set[Key]:
    keys = set()
    for one in groups:
        keys.add(Key(one.channel))
        keys |= {Key(one.channel, code) for code in one.noted & review.quality.sample.codes.keys()}
        if one.became == OTHERWISE:
            keys |= {Key(one.channel, code) for code in one.codes & QUEUE_OF_CODE.keys()}
    return keys


def _of(key: Key, groups: Sequence[Looked], since: int) -> Measured:
    mine = [one for one in groups if _counts(one, key)]
    known = [one for one in mine if one.became != OPEN]
    wrong = [
        one
        for one in known
        if one.became == OTHERWISE and (key.criterion == WHOLE or key.criterion in one.codes)
    ]
    return Measured(
        key, _sum(known), _sum(wrong), _sum(mine) - _sum(known),
        _sum(one for one in known if one.epoch >= since), _sum(one for one in wrong if one.epoch >= since),
    )  # fmt: skip


def _counts(one: Looked, key: Key) -> bool:
    """Whether a sampled application tells something of this key: caught by chance or for it, and judged by it at all."""
    if one.channel != key.channel or one.caught not in (WHOLE, key.criterion):
        return False
    return one.by_bank or key.criterion == WHOLE or QUEUE_OF_CODE[key.criterion] != "account"


def _sum(groups: Iterable[Looked]) -> int:
    return sum(one.cases for one in groups)
