"""What the 審査 desk's first page says of the day: the queues with what is late, today's choice, calls due, 申し送り.

Reads only, five queries whatever waits.
"""

from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone
from django.utils.timezone import localdate

from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.desk_tables import Contact, ShiftNote
from todoku.review.queues import QUEUES
from todoku.review.take_from import queues_today
from todoku.review.trained import queues_open_to
from todoku.web.office.review_contacts import tonight

# Notes of two days: a Monday morning still reads Friday's.
NOTES_DAYS, NOTES_MOST = 4, 5
STANDING = """
select queue, count(*) filter (where state = 'open'), count(*) filter (where state = 'held'),
       count(*) filter (where due_on < %(today)s), count(*) filter (where due_on = %(today)s),
       count(*) filter (where state = 'open' and not_before > %(now)s), min(arrived_on)
  from todoku_task where programme_id = %(programme)s and state in ('open', 'held') group by queue
"""


class Standing(NamedTuple):
    """One queue as it stands: counts, the oldest in days, and whether this person takes from it today."""

    code: str
    name: str
    open: int
    held: int
    late: int
    today: int
    aside: int
    oldest_days: int | None
    mine: bool = True
    opened: bool = True


def queues_standing(programme: Programme) -> list[Standing]:
    """Every queue in its fixed order, empty ones too. One query."""
    today = localdate()
    with connection.cursor() as cursor:
        cursor.execute(STANDING, {"programme": programme.pk, "today": today, "now": timezone.now()})
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    return [
        _standing(code, name, rows.get(code, (0, 0, 0, 0, 0, None)), today) for code, name in QUEUES.items()
    ]


def _standing(code: str, name: str, row: tuple[Any, ...], today: date) -> Standing:
    opened, held, late, due, aside, oldest = row
    return Standing(code, name, opened, held, late, due, aside, (today - oldest).days if oldest else None)


def desk_day(programme: Programme, actor: Actor) -> dict[str, Any]:
    """The day's part of the queue page."""
    assert actor.id is not None, "a reviewer is a person"
    opened, mine = queues_open_to(actor.id, programme), queues_today(actor.id, programme, on=localdate())
    notes = ShiftNote.objects.filter(programme=programme, at__gte=timezone.now() - timedelta(days=NOTES_DAYS))
    return {
        # What a manager decides is dealt to managers whatever queue is open to them.
        "may_take": bool(opened) or "manager" in actor.roles,
        "may_choose": bool(opened),
        "queues": [
            one._replace(mine=one.code in mine, opened=one.code in opened)
            for one in queues_standing(programme)
        ],
        "notes": list(notes.exclude(words="").select_related("staff").order_by("-at")[:NOTES_MOST]),
        "contacts_due": Contact.objects.filter(
            programme=programme, state="open", next_at__lte=tonight()
        ).count(),
    }
