"""Pure. Who decides, from the lightest to the heaviest, and what pages call them."""

from collections.abc import Iterable

from todoku.programme.criteria_tables import DECIDERS as OF_A_FINDING
from todoku.programme.vocabulary import PASS_NAMES

ORDER = ("straight", "one_person", "two_persons", "manager", "municipality")
NAMES = {**PASS_NAMES, **OF_A_FINDING}
assert set(NAMES) == set(ORDER), "every word for who decides has its weight"


def hardest(deciders: Iterable[str]) -> str:
    """The heaviest of them; of none, nobody is needed."""
    return max(deciders, key=ORDER.index, default="straight")
