"""Fixes the members of recipients (世帯構成の確定). Takes recipients whose case is being opened; leaves one mark each.

From then on a later roll does not change who is counted: it reports the difference, and a person looks at it.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection


def fix_members(recipients: Sequence[int], *, at: datetime) -> int:
    """Marks the recipients as fixed; gives how many were not yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into todoku_fixedmembers (recipient_id, at) select unnest(%s::bigint[]), %s"
            " on conflict (recipient_id) do nothing",
            [list(recipients), at],
        )
        return cursor.rowcount
