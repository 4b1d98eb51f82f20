"""The order in which what belongs to a case is locked (ロックの順), by every step that needs more than one of them:

1. the open decision lists that hold the case (decision_lists.lock_lists_of), by number;
2. the programme, FOR NO KEY UPDATE: whoever makes lists, transfers or books for the whole programme waits there;
3. batches, then transfers, by number (payment/hold.lock_batches_of);
4. the stages (CaseStage), by case, as `move` takes them;
5. the row that the step is about: a question, a change, a word, a representative.

Two who meet take the same things in the same order: the second waits, and neither is thrown out by the database. A step that
must first read its own row to know its cases reads it without a lock, and again behind the locks.
"""

from collections.abc import Sequence

from django.db import connection

from todoku.programme.tables import Programme
from todoku.review.decision_lists import lock_lists_of


def hold_cases(cases: Sequence[int], programme: int) -> None:
    """Locks the first two for these cases, to the end of the caller's transaction."""
    assert connection.in_atomic_block, "locks are held by the transaction of the step"
    lock_lists_of(cases)
    Programme.objects.select_for_update(no_key=True).get(pk=programme)
