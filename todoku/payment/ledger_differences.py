"""Do the books say what the work says? Each account of the books beside the rows that it stands for, in one query.

For the sweep: `ledger_differences(programme)` gives a line for every account that differs, none in a sound house; or
run LEDGER_AND_ROWS with {"p": programme id} for every account, as (account, booked, counted). Claims and what
is left of gifts are read by their tables' names: those rooms lie downstream, and nothing of them is called.
"""

from typing import NamedTuple

from django.db import connection

from todoku.programme.tables import Programme

LEDGER_AND_ROWS = """
with entries as (
    select account, sum(yen)::bigint as yen from todoku_ledgerentry e
     cross join lateral (values (e.debit, e.amount_yen), (e.credit, -e.amount_yen)) as side(account, yen)
     where e.programme_id = %(p)s group by 1
), transfers as (
    select coalesce(sum(amount_yen) filter (where state in ('sending', 'sent')), 0) as ordered,
           coalesce(sum(amount_yen) filter (where state = 'settled'), 0) as settled,
           coalesce(sum(amount_yen) filter (where state = 'returned'), 0) as returned
      from todoku_transfer where programme_id = %(p)s
), decisions as (
    select coalesce(sum(d.amount_yen), 0) as owed
      from todoku_decision d join todoku_decisionlist l on l.id = d.decision_list_id
     where l.programme_id = %(p)s and d.in_force and d.outcome = 'grant'
       and not exists (select 1 from todoku_transfer t
                        where t.decision_id = d.id and t.state in ('sending', 'sent', 'settled', 'returned'))
), claims as (
    select c.state, c.amount_yen, coalesce(p.paid, 0) as paid, coalesce(p.excess, 0) as excess
      from todoku_claim c
      left join (select claim_id, sum(amount_yen - excess_yen) filter (where refund_of_id is null) as paid,
                        sum(excess_yen) - coalesce(sum(amount_yen) filter (where refund_of_id is not null), 0) as excess
                   from todoku_claimpayment where reversed_at is null group by 1) p on p.claim_id = c.id
     where c.programme_id = %(p)s
), recovered as (
    select coalesce(sum(amount_yen) filter (where state <> 'cancelled'), 0) as claimed_ever,
           coalesce(sum(amount_yen - paid) filter (where state in ('open', 'noticed', 'disputed')), 0) as claimed,
           coalesce(sum(amount_yen - paid) filter (where state = 'waived'), 0) as waived,
           coalesce(sum(amount_yen - paid) filter (where state = 'written_off'), 0) as written_off,
           coalesce(sum(paid), 0) as paid, coalesce(sum(excess), 0) as excess
      from claims
), settled_back as (
    -- What the treasurer put where it belongs has no row but its entry.
    select coalesce(sum(case when kind = 'reversal' then -amount_yen else amount_yen end), 0) as yen
      from todoku_ledgerentry
     where programme_id = %(p)s and (kind in ('restored', 'prior_revenue')
            or kind = 'reversal' and debit = 'back' and subject_kind <> 'claim_payment')
), gifts as (
    -- What an issuer paid back of gifts that were used in part.
    select coalesce(sum(g.refunded_yen), 0) as refunded
      from todoku_giftremainder g join todoku_transfer t on t.id = g.transfer_id where t.programme_id = %(p)s
), counted (account, yen) as (
    select v.account, v.yen from transfers t, decisions d, recovered r, settled_back s, gifts g
     cross join lateral (values
        ('owed', d.owed), ('ordered', t.ordered), ('paid', t.settled - r.claimed_ever - g.refunded),
        ('back', t.returned + r.paid + g.refunded - s.yen), ('claimed', r.claimed), ('waived', r.waived),
        ('written_off', r.written_off), ('overpaid', r.excess), ('payer', -r.excess)) as v(account, yen)
)
select c.account, coalesce(e.yen, 0)::bigint, c.yen::bigint from counted c left join entries e using (account)
"""


class Difference(NamedTuple):
    """An account whose entries do not add up to its rows, in yen."""

    account: str
    booked_yen: int
    counted_yen: int


def ledger_and_rows(programme: Programme) -> list[Difference]:
    """Every account that rows stand for: what the books say, and what the rows say."""
    with connection.cursor() as cursor:
        cursor.execute(LEDGER_AND_ROWS, {"p": programme.pk})
        return [Difference(*row) for row in cursor.fetchall()]


def ledger_differences(programme: Programme) -> list[Difference]:
    """The accounts in which books and rows differ."""
    return [one for one in ledger_and_rows(programme) if one.booked_yen != one.counted_yen]
