"""Which queues a reviewer may open (研修): all of them where the terms ask for no training.

Takes a person and a programme; gives queue codes for claim.py. Writes nothing.
"""

from todoku.programme.tables import Programme
from todoku.review.queues import QUEUES


def queues_open_to(staff_id: int, programme: Programme) -> frozenset[str]:
    """The queues that this person may take work from."""
    if not programme.terms.review.quality.training.required:
        return frozenset(QUEUES)
    return frozenset()
