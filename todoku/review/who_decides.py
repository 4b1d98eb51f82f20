"""Pure. Who decides where a criterion is not met (決める人), by the criteria that were agreed; finding by finding.

Takes a finding and who decides what by a Version (programme/deciders.py); gives "two_persons", "manager" or
"municipality". A holder's name is decided by its tier, where the tier says who. Decides nothing itself.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from todoku.programme.deciders import Deciders

TWO_PERSONS, MANAGER, MUNICIPALITY = "two_persons", "manager", "municipality"


class Unmet(NamedTuple):
    """A criterion that is not met: its code, and what the finding says of it."""

    code: str
    evidence: Mapping[str, object]


def decider_of(unmet: Unmet, deciders: Deciders) -> str:
    """Who decides about this one; a code that came after the Version was opened is for two persons."""
    tier = str(unmet.evidence.get("tier", ""))
    return deciders["tiers"].get(tier) or deciders["codes"].get(unmet.code, TWO_PERSONS)


def those_of(decider: str, unmet: Iterable[Unmet], deciders: Deciders) -> frozenset[str]:
    """Those codes that this decider decides about."""
    return frozenset(one.code for one in unmet if decider_of(one, deciders) == decider)
