"""The order in which what belongs to a case is locked (ロックの順), by every step that needs more than one of them:

1. the open decision lists that hold the case (decision_lists.lock_lists_of), by number;
2. the programme, FOR NO KEY UPDATE: whoever makes lists, transfers or books for the whole programme waits there;
3. batches, then transfers, by number (payment/hold.lock_batches_of);
4. the stages (CaseStage), by case, as `move` takes them;
5. the applications (Submission), by number, FOR NO KEY UPDATE: a verdict or a finding may name one meanwhile;
6. the rows that the step is about: looks, a verdict, a question, a change, a word, a hold, a representative.

Two who meet take the same things in the same order: the second waits, and neither is thrown out by the database. A step that
must first read its own row to know its cases reads it without a lock, and again behind the locks.
"""

from collections.abc import Sequence

from django.db import connection, transaction

from todoku.case.tables import CaseStage
from todoku.programme.tables import Programme
from todoku.review.decision_lists import lists_of, lock_lists_of


def hold_cases(cases: Sequence[int], programme: int) -> None:
    """Locks the first two for these cases, to the end of the caller's transaction. Calling it again there is harmless."""
    assert connection.in_atomic_block, "locks are held by the transaction of the step"
    while True:
        begun = transaction.savepoint()
        locked = lock_lists_of(cases)
        Programme.objects.select_for_update(no_key=True).get(pk=programme)
        # Who made a list while the programme was waited for has let go of it. Going back behind the lists lets go of the
        # programme too: whoever holds the new list may be waiting for it.
        if set(lists_of(cases)) <= set(locked):
            transaction.savepoint_commit(begun)
            return
        transaction.savepoint_rollback(begun)


def hold_stages(cases: Sequence[int]) -> None:
    """Locks where the cases stand, by case; after hold_cases, before the rows that the step is about."""
    assert connection.in_atomic_block, "locks are held by the transaction of the step"
    held = CaseStage.objects.select_for_update().filter(case__in=cases).order_by("case_id")
    list(held.values_list("case_id", flat=True))
