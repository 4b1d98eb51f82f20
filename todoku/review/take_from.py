"""Which queues (審査の列) a person is dealt work from today: those open to the person, less what was not chosen for the day.

Takes a person, a programme and a day; gives queue codes for claim.py. `choose_queues` writes the day's choice.
"""

from collections.abc import Collection
from datetime import date

from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.desk_tables import QueueChoice
from todoku.review.queues import QUEUES
from todoku.review.trained import queues_open_to


class NoQueue(Refusal):
    """A person must take work from at least one queue that is open to the person."""


def queues_today(staff_id: int, programme: Programme, *, on: date) -> list[str]:
    """The queues in their fixed order; a choice that left nothing would hide work, so it then does not count."""
    opened = queues_open_to(staff_id, programme)
    choice = QueueChoice.objects.filter(programme=programme, staff_id=staff_id, day=on).values_list(
        "queues", flat=True
    )
    chosen = opened & frozenset(choice.first() or ())
    return [queue for queue in QUEUES if queue in (chosen or opened)]


def choose_queues(
    staff_id: int, queues: Collection[str], *, programme: Programme, on: date, actor: Actor
) -> list[str]:
    """Keeps the day's choice for a person, by the person or the lead; gives what it comes to. Raises NoQueue."""
    assert actor.id is not None, "only a person chooses"
    wanted = queues_open_to(staff_id, programme) & frozenset(queues)
    if not wanted:
        raise NoQueue("受け持つ列を1つ以上選んでください。研修を終えていない列は選べません。")
    QueueChoice.objects.update_or_create(
        programme=programme, staff_id=staff_id, day=on,
        defaults={"queues": sorted(wanted), "chosen_by_id": actor.id},
    )  # fmt: skip
    return queues_today(staff_id, programme, on=on)
