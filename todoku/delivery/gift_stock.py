"""What lies in stock of gift codes, what is needed, and what a person should know in time. Reads only; no code opened."""

from datetime import date, timedelta
from typing import NamedTuple

from django.db import connection

from todoku.delivery.assign_codes import USABLE_DAYS
from todoku.delivery.gift_values import plan
from todoku.programme.tables import Programme

WARN_DAYS = (
    45  # before codes in stock or with residents expire; an issuer changes unused ones until about then
)
_BY_VALUE = """
select value_yen, expires_on,
       count(*) filter (where state = 'stock'), count(*) filter (where state = 'assigned'),
       count(*) filter (where state = 'delivered'), count(*) filter (where state = 'redeemed'),
       count(*) filter (where state = 'revoked'), count(*) filter (where state = 'expired')
  from todoku_giftcode where programme_id = %s group by 1, 2 order by 1 desc, 2
"""
# Decided or made ready for this rail, and no code given yet.
_DEMAND = """
select d.amount_yen, count(*)
  from todoku_decision d join todoku_case c on c.id = d.case_id and c.programme_id = %s
 where d.in_force and d.outcome = 'grant' and d.rail = 'gift'
   and not exists (select 1 from todoku_transfer t join todoku_giftcode g on g.transfer_id = t.id
                    where t.decision_id = d.id and t.state <> 'void' and g.state in ('assigned', 'delivered', 'redeemed'))
   and not exists (select 1 from todoku_transfer t where t.decision_id = d.id and t.state in ('settled', 'returned'))
 group by 1
"""
_STRANDED = """
select count(*) from todoku_giftcode g join todoku_transfer t on t.id = g.transfer_id
 where g.programme_id = %s and g.state = 'assigned' and t.state = 'void'
"""


class StockRow(NamedTuple):
    """Codes of one value and one last day, by where they stand."""

    value_yen: int
    expires_on: date
    stock: int
    assigned: int
    delivered: int
    redeemed: int
    revoked: int
    expired: int


class Warned(NamedTuple):
    """Something to see to in time: a sentence with its remedy, and whether it stops somebody's payment."""

    sentence: str
    stops: bool


class Stock(NamedTuple):
    """The stock of a programme."""

    rows: list[StockRow]
    demand: dict[int, int]  # yen → payments decided that have no codes yet
    warnings: list[Warned]


def gift_stock(programme: Programme, *, on: date) -> Stock:
    """Counts by value and last day, what is decided without codes, and warnings; three queries."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_VALUE, [programme.pk])
        rows = [StockRow(*row) for row in cursor.fetchall()]
        cursor.execute(_DEMAND, [programme.pk])
        demand: dict[int, int] = dict(cursor.fetchall())
        cursor.execute(_STRANDED, [programme.pk])
        (stranded,) = cursor.fetchone()
    return Stock(rows, demand, _warnings(programme, rows, demand, stranded, on))


def _warnings(
    programme: Programme, rows: list[StockRow], demand: dict[int, int], stranded: int, on: date
) -> list[Warned]:
    found: list[Warned] = []
    terms = programme.terms.payment.gift
    usable: dict[int, int] = {}
    for row in rows:
        if row.expires_on >= on + timedelta(days=USABLE_DAYS):
            usable[row.value_yen] = usable.get(row.value_yen, 0) + row.stock
    if terms and demand:
        for value, count in plan(demand, usable, terms.values_yen).lacking.items():
            found.append(Warned(f"{value:,}円券があと{count:,}枚必要です。発行元に注文してください。", True))
    for row in rows:
        if not on <= row.expires_on <= on + timedelta(days=WARN_DAYS):
            continue
        day = f"{row.expires_on:%Y年%m月%d日}"
        if row.stock:
            words = f"在庫の{row.value_yen:,}円券{row.stock:,}枚の期限が{day}です。発行元に取り換えを求めてください。"
            found.append(Warned(words, False))
        if row.delivered + row.assigned:
            words = (
                f"送った{row.value_yen:,}円券のうち{row.delivered + row.assigned:,}枚が未登録のまま、{day}に期限を迎えます。"
                "利用状況を取り込み、受取りを案内してください。"
            )
            found.append(Warned(words, False))
    if stranded:
        words = (
            f"取り消した支払のコードのうち、印刷や失効の申請で人の目に触れたおそれのあるものが{stranded:,}枚あります。"
            "在庫には戻せません。失効させ、発行元に返金か取り換えを求めてください。"
        )
        found.append(Warned(words, False))
    return found
