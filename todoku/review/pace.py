"""Pure. When a verdict was given so fast that somebody else had better look once more (短時間の判定).

Takes seconds from claim to verdict and the person's own usual time in that queue; gives the least time. A slow person is not
hurried and a quick one not suspected: each is measured by himself, above a floor below which nobody can have read anything.
"""

from collections.abc import Sequence
from statistics import median

from todoku.programme.quality import Fast

USUAL_OF_LAST = (
    50  # looks that the usual time is taken from: about half an hour's work, so that it follows a new queue
)
USUAL_LEAST = 10  # with fewer nothing is usual yet: the floor alone counts
NEVER_FAST_SECONDS = 30  # whatever the usual time is, half a minute is time enough to have looked


def usual_seconds(seconds: Sequence[float]) -> float | None:
    """The middle of a person's last times in a queue; None while too few were measured."""
    return median(seconds) if len(seconds) >= USUAL_LEAST else None


def least_seconds(rule: Fast, usual: float | None) -> float:
    """Below this a verdict counts as fast: the floor, or the agreed share of the usual time, never above half a minute."""
    share = usual * rule.share_percent / 100 if usual is not None else 0.0
    return min(max(float(rule.seconds), share), NEVER_FAST_SECONDS)
