"""The sample town on the day on which the test runs: its programme open for applications, and what its residents hold."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from tests.next_version import next_version
from tests.town_fixture import APPLICATION, MANAGER
from todoku.case.door_keys import letter_key
from todoku.case.tables import Case
from todoku.programme.reschedule import reschedule
from todoku.programme.shipped import version_text
from todoku.programme.tables import Programme


class Letter(NamedTuple):
    """What lies before a resident who has opened the envelope."""

    case: int
    number: str
    born: date
    key: str
    kana: str


def open_today(
    programme: Programme, shipped: str = APPLICATION, *, days_ago: int = 3, change: Callable[[str], str] = str
) -> Programme:
    """Opens a second Version whose intake began some days ago; gives the programme as it now stands.

    `change`: what the municipality writes otherwise in the shipped text.
    """
    text = change(reschedule(version_text(shipped), timezone.localdate() - timedelta(days=days_ago)))
    next_version(programme, text, at=timezone.now(), actor=MANAGER)
    return Programme.objects.select_related("municipality").get(pk=programme.pk)


def letters(programme: Programme, cohort: str = "apply") -> list[Letter]:
    """Letters of those cases whose head has a birth date on record, in order of the cases."""
    cases = Case.objects.filter(programme=programme, cohort=cohort, recipient__head__birth_date__isnull=False)
    return [
        Letter(
            case.pk,
            case.number,
            case.recipient.head.birth_date,
            letter_key(case.number, 1, letter_key_secret=settings.LETTER_KEY_SECRET),
            case.recipient.head.kana,
        )
        for case in cases.select_related("recipient__head").order_by("pk")
    ]


def noon(day: date) -> datetime:
    """Noon of a day in Japan."""
    return datetime.combine(day, time(12), tzinfo=timezone.get_default_timezone())
