"""Payments that are spoken for (返還請求・残額整理のある支払): what is claimed back, or was settled with a gift's issuer.

Takes transfers that are about to be taken as returned, holds them until the transaction ends, and names those that must not
come back: the same yen would leave the books twice, and the retry would pay it again. Claims and what is left of gifts are
read by their tables' names: those rooms lie downstream.
"""

from collections.abc import Sequence

from django.db import connection

CLAIMED = "返還請求をしています。先に担当課が返還請求を取り消してください。"
SETTLED_WITH_ISSUER = "ギフトの残額を整理しています。返却にはできません。"

_HOLD = "select id from todoku_transfer where id = any(%s) order by id for no key update"
_FOUND = """
select transfer_id, true from todoku_claim where transfer_id = any(%(ids)s) and state <> 'cancelled'
 union
select transfer_id, false from todoku_giftremainder where transfer_id = any(%(ids)s)
 order by 1, 2
"""


def claimed_back(transfers: Sequence[int]) -> dict[int, str]:
    """Which of these transfers are spoken for, by id, each with why and what comes first; the caller holds the batches."""
    assert connection.in_atomic_block, "payments are held within a transaction"
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [list(transfers)])
        cursor.execute(_FOUND, {"ids": list(transfers)})
        return {pk: CLAIMED if claimed else SETTLED_WITH_ISSUER for pk, claimed in cursor.fetchall()}
