"""Counts what lies in a container (中の枚数): its own sheets and those of the bundles that lie in it. Reads only."""

from django.db.models import Q

from todoku.mailroom.tables import Container, Sheet


def held_in(container: Container) -> int:
    """How many sheets lie in the container now."""
    return Sheet.objects.filter(
        Q(container=container) | Q(container__inside=container), voided_at__isnull=True
    ).count()
