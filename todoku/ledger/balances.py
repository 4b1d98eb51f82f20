"""What stands in each account, by fiscal year (残高・試算表): rebuilt from the entries each time, kept nowhere.

Reads the books alone. Whether they say what the work says is asked by payment/ledger_differences.py, which knows both.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import connection

from todoku.ledger.accounts import ACCOUNTS
from todoku.programme.tables import Programme

_BALANCES = """
select e.fiscal_year, side.account, sum(side.debit)::bigint, sum(side.credit)::bigint
  from todoku_ledgerentry e
 cross join lateral (values (e.debit, e.amount_yen, 0), (e.credit, 0, e.amount_yen)) as side(account, debit, credit)
 where e.programme_id = %s
 group by 1, 2
"""

_OF_CASE = """
select coalesce(sum(case when debit = %s then amount_yen else -amount_yen end), 0)::bigint from todoku_ledgerentry
 where case_id = %s and fiscal_year = %s and (debit = %s or credit = %s)
"""


class Balance(NamedTuple):
    """One account in one fiscal year: everything that came (借方) and went (貸方), in yen."""

    fiscal_year: int
    account: str
    debit_yen: int
    credit_yen: int

    @property
    def yen(self) -> int:
        """What stands there; the sources (予算, 納付者) stand below zero by what they gave."""
        return self.debit_yen - self.credit_yen


class Trial(NamedTuple):
    """The trial balance (試算表): both sums in yen, equal in sound books."""

    debit_yen: int
    credit_yen: int

    @property
    def balances(self) -> bool:
        return self.debit_yen == self.credit_yen


def balances(programme: Programme) -> list[Balance]:
    """Every account that was ever used, by fiscal year and in the order of the books. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_BALANCES, [programme.pk])
        found = [Balance(*row) for row in cursor.fetchall()]
    order = {code: place for place, code in enumerate(ACCOUNTS)}
    return sorted(found, key=lambda one: (one.fiscal_year, order[one.account]))


def standing_of_case(case: int, account: str, fiscal_year: int) -> int:
    """Yen of one case in one account and fiscal year."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_CASE, [account, case, fiscal_year, account, account])
        return int(cursor.fetchone()[0])


def trial(rows: Iterable[Balance]) -> Trial:
    """Both sums over some balances."""
    found = list(rows)
    return Trial(sum(one.debit_yen for one in found), sum(one.credit_yen for one in found))


def standing(rows: Sequence[Balance], account: str, fiscal_year: int | None = None) -> int:
    """Yen in one account, of one fiscal year or of all."""
    return sum(one.yen for one in rows if one.account == account and fiscal_year in (None, one.fiscal_year))
