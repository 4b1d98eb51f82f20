"""Pure. How sure a share is that was found by looking at some: Wilson's score interval.

Takes counts; gives bounds between 0 and 1. E. B. Wilson, JASA 22 (1927) 209–212; without correction for continuity. It is
sound where the usual interval fails: few looks, and errors near to none.
"""

from math import sqrt
from typing import NamedTuple

Z_95 = 1.959963984540054  # 97.5th percentile of the normal distribution: an interval of 95%


class Interval(NamedTuple):
    """A share with its bounds, each from 0 to 1."""

    share: float
    low: float
    high: float


def wilson(hits: int, of: int, *, z: float = Z_95) -> Interval:
    """The share of hits among so many, with its interval; of nothing nothing is known (0 to 1)."""
    assert 0 <= hits <= of, "no more hits than looks"
    if of == 0:
        return Interval(0.0, 0.0, 1.0)
    share, weight = hits / of, z * z / of
    middle = (share + weight / 2) / (1 + weight)
    reach = z / (1 + weight) * sqrt(share * (1 - share) / of + weight / (4 * of))
    # At the ends the bound is the end itself; rounding must not push it past.
    low = 0.0 if hits == 0 else max(middle - reach, 0.0)
    high = 1.0 if hits == of else min(middle + reach, 1.0)
    return Interval(share, low, high)
