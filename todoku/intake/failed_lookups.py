"""Slows down whoever guesses at the resident's door: counts failed look-ups by address and by typed number.

Takes words such as "number|1234…"; keeps keyed digests and counts alone, whether the number exists or not, so that
being refused tells nothing. Whoever is refused by mistake is told the telephone number.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

# A family, a library or a ward office share one address; a person miscopies a number a few times.
ADDRESS_FAILURES_MAX = 20
NUMBER_FAILURES_MAX = 6
SPAN = timedelta(minutes=15)


def address_and_number(address: str | None, number: str) -> list[tuple[str, int]]:
    """What one look-up is counted under: the peer's address and the number as typed, each with its limit."""
    return [(f"address|{address or ''}", ADDRESS_FAILURES_MAX), (f"number|{number}", NUMBER_FAILURES_MAX)]


def is_blocked(counted: Sequence[tuple[str, int]], *, secret: str, at: datetime) -> bool:
    """Whether one of these has failed too often in the span; one query."""
    limits = {_digest(word, secret): limit for word, limit in counted}
    with connection.cursor() as cursor:
        cursor.execute(
            "select key, failures from todoku_failedlookup where key = any(%s) and began_at > %s",
            [list(limits), at - SPAN],
        )
        return any(failures >= limits[key] for key, failures in cursor.fetchall())


def count_failure(counted: Sequence[tuple[str, int]], *, secret: str, at: datetime) -> None:
    """Counts one failure under each word; a span that is over begins anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into todoku_failedlookup as f (key, began_at, failures)
            select unnest(%s::text[]), %s, 1
            on conflict (key) do update set
              failures = case when f.began_at > %s then f.failures + 1 else 1 end,
              began_at = case when f.began_at > %s then f.began_at else excluded.began_at end
            """,
            [sorted(_digest(word, secret) for word, _ in counted), at, at - SPAN, at - SPAN],
        )


def _digest(word: str, secret: str) -> str:
    assert secret, "the look-up secret is not set"
    return hmac.new(secret.encode(), f"failed|{word}".encode(), hashlib.sha256).hexdigest()
