"""Pure. Who decides where a criterion is not met (決める人), by the criteria that were agreed; finding by finding.

Takes a finding and the agreed criteria; gives "two_persons", "manager" or "municipality". A holder's name is decided by its
tier, where the tier says who. Decides nothing itself.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from todoku.programme.criteria_tables import CriteriaTables

MUNICIPALITY = "municipality"


class Unmet(NamedTuple):
    """A criterion that is not met: its code, and what the finding says of it."""

    code: str
    evidence: Mapping[str, object]


def decider_of(unmet: Unmet, agreed: CriteriaTables) -> str:
    """Who decides about this one."""
    tiers = {one.tier: one.decides for one in agreed.holders}
    return tiers.get(str(unmet.evidence.get("tier", "")), "") or agreed.codes[unmet.code].decides


def of_the_municipality(unmet: Iterable[Unmet], agreed: CriteriaTables) -> frozenset[str]:
    """Those codes that the municipality alone decides about."""
    return frozenset(one.code for one in unmet if decider_of(one, agreed) == MUNICIPALITY)
