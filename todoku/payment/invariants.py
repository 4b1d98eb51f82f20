"""Pure. All invariants of the money (不変条件), in the order of their numbers.

The database's constraints refuse these things one by one; the sweep asks for them all at once, over everything that is
there, and so finds what a constraint no longer holds: dropped, switched off, or gone round.
"""

from todoku.payment.facts_after_decision import FACTS_NOT_HELD
from todoku.payment.invariant_shape import Check
from todoku.payment.invariants_of_batches import OF_BATCHES
from todoku.payment.invariants_of_books import OF_BOOKS
from todoku.payment.invariants_of_transfers import OF_TRANSFERS

OF_FACTS = (
    Check(
        "I-16", "late_facts_are_held", "死亡・転出・辞退・口座の変更が分かった支払は、依頼の前に保留されている", "案件",
        FACTS_NOT_HELD,
    ),
)  # fmt: skip

CHECKS: tuple[Check, ...] = tuple(
    sorted(
        (*OF_TRANSFERS, *OF_BATCHES, *OF_BOOKS, *OF_FACTS),
        key=lambda one: (one.invariant[0] == "C", one.invariant),
    )
)
