"""Who judges in a programme (審査担当), by the roles of its municipality. Reads only."""

from datetime import date

from django.db.models import Q

from todoku.people.access import ACTIONS
from todoku.people.tables import Staff
from todoku.programme.tables import Programme


def reviewers(programme: Programme, *, on: date) -> list[Staff]:
    """Active staff who hold a role of review in this programme's municipality on a day, by name."""
    here = Q(grants__municipality_code="") | Q(grants__municipality_code=programme.municipality_id)
    until = Q(grants__until_on__isnull=True) | Q(grants__until_on__gte=on)
    found = Staff.objects.filter(here, until, is_active=True, grants__role__in=ACTIONS["review.judge"])
    return list(found.distinct().order_by("name", "pk"))
