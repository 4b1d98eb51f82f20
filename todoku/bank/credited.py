"""Which account a transfer was really credited to (実際の入金先): the sealed one, or the one an amendment put beside it.

Reads only. The sealed row stays as it was approved; whoever tells where money went asks here.
"""

from typing import NamedTuple

from todoku.bank.tables import BankQuery
from todoku.payment.tables import Batch, Transfer

# The amendment that counts for a transfer `t`: the last one answered. Columns bank, branch, kind, account_number, holder_kana.
AMENDED = """
select q.bank, q.branch, q.kind, q.account_number, q.holder_kana from todoku_bankquery q
 where q.transfer_id = t.id and q.answer = 'amend' and q.answered_at is not null
 order by q.answered_at desc, q.id desc limit 1
"""
# A transfer `t` with `m`, its amendment if it has one: where it was really credited.
CREDITED = "coalesce(m.bank, t.bank), coalesce(m.branch, t.branch), coalesce(m.kind, t.kind), coalesce(m.account_number, t.account_number)"  # noqa: E501
WITH_AMENDMENT = f"left join lateral ({AMENDED}) m on true"


class Account(NamedTuple):
    """An account as the bank knows it; `amended` where it is not the one of the sealed row."""

    bank: str
    branch: str
    kind: int
    number: str
    holder_kana: str
    amended: bool = False


def credited_account(transfer: Transfer) -> Account:
    """Where the bank credits, or credited, this transfer."""
    return credited_accounts([transfer])[transfer.pk]


def credited_accounts(transfers: list[Transfer]) -> dict[int, Account]:
    """The same for many, by the transfer's id; one query."""
    amended = {
        one.transfer_id: Account(one.bank, one.branch, one.kind, one.account_number, one.holder_kana, True)
        for one in BankQuery.objects.filter(
            transfer__in=transfers, answer="amend", answered_at__isnull=False
        ).order_by("answered_at", "id")
    }
    return {
        one.pk: amended.get(one.pk)
        or Account(one.bank, one.branch, one.kind, one.account_number, one.holder_kana)
        for one in transfers
    }


def amended_count(batch: Batch) -> int:
    """How many settled transfers of a batch were credited to an amended account."""
    return (
        BankQuery.objects.filter(
            transfer__batch=batch, transfer__state="settled", answer="amend", answered_at__isnull=False
        )
        .values("transfer")
        .distinct()
        .count()
    )
