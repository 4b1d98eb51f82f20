"""Pure. Who decides where a criterion is not met (決める人), of all criteria of a Version at once.

Takes the Version's own [criteria]; gives what is copied to the Version when it opens, so that the database itself can hold
verdicts to it: {"codes": {"D12": "municipality", …}, "tiers": {"T6": "municipality", …}}. A tier stands there only where
it says who.
"""

from collections.abc import Mapping

from todoku.programme.criteria_tables import CriteriaTables
from todoku.programme.standard import agreed

Deciders = Mapping[str, Mapping[str, str]]


def deciders_of(own: CriteriaTables) -> dict[str, dict[str, str]]:
    """Every deficiency code and every tier that says so, with a word of criteria_tables.DECIDERS."""
    return deciders_among(agreed(own))


def deciders_among(whole: CriteriaTables) -> dict[str, dict[str, str]]:
    """The same of criteria that were put together already."""
    return {
        "codes": {code: text.decides for code, text in whole.codes.items()},
        "tiers": {one.tier: one.decides for one in whole.holders if one.decides},
    }
