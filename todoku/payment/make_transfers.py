"""DECIDED cases → transfers that wait for a batch (振込待ち). Sends nothing and chooses no account: the decision did.

Takes decisions in force without a live transfer; leaves one `ready` transfer each. A case whose last transfer was
returned gets a retry that names it. Safe to run twice: the database allows one live transfer per recipient.
"""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from todoku.formats.kana import KanaRefused, bank_kana, cut_to
from todoku.ground.long_work import Progress
from todoku.ground.step import Report
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

CHUNK_ROWS = 10_000
NAME_BYTES = 30
NUMBER_SEQUENCE = "todoku_transfer_number"

DUE = """
select d.id, d.case_id, c.payout, c.recipient_id, e.id, e.amount_yen, c.number,
       a.bank, a.branch, a.kind, a.number, a.holder_kana,
       (select t.id from todoku_transfer t where t.case_id = c.id and t.state = 'returned'
           and not exists (select 1 from todoku_transfer r where r.retry_of_id = t.id and r.state <> 'void')
         order by t.id desc limit 1)
  from todoku_decision d
  join todoku_case c on c.id = d.case_id and c.programme_id = %s
  join todoku_casestage g on g.case_id = c.id and g.stage = 'decided'
  join todoku_entitlement e on e.case_id = c.id and e.amount_yen = d.amount_yen
  join todoku_accountversion a on a.id = d.account_id
 where d.in_force and d.outcome = 'grant'
   and not exists (select 1 from todoku_transfer t where t.case_id = c.id
                    and t.state in ('ready', 'sealed', 'sending', 'sent', 'settled'))
 order by d.id
"""


def make_transfers(
    *, programme: Programme, actor: Actor, at: datetime, progress: Progress | None = None
) -> Report:
    """Makes the transfers that are due; those that no bank file can carry are reported and stay DECIDED."""
    cap = programme.terms.payment.cap_per_transfer_yen
    refused: list[tuple[str, str]] = []
    done = 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(DUE, [programme.pk])
            due = cursor.fetchall()
        for start in range(0, len(due), CHUNK_ROWS):
            ready = [
                row for row in (_ready(one, cap, refused) for one in due[start : start + CHUNK_ROWS]) if row
            ]
            done += _insert(ready, programme, at)
            if progress:
                progress(done, len(due))
    return Report(done=done, refused=tuple(refused))


def _ready(row: tuple[Any, ...], cap: int, refused: list[tuple[str, str]]) -> tuple[Any, ...] | None:
    """The columns of one transfer, or None with the reason noted under the case's number."""
    (
        decision,
        case,
        payout,
        recipient,
        entitlement,
        amount,
        number,
        bank,
        branch,
        kind,
        account,
        holder,
        retry,
    ) = row
    if amount > cap:
        refused.append(
            (number, f"支給額が1件の上限（{cap:,}円）を超えています。制度の上限か支給額を確認してください。")
        )
        return None
    if not (len(bank) == 4 and len(branch) == 3 and len(account) == 7):
        refused.append(
            (number, "口座の銀行・支店・口座番号がそろっていません。審査へ戻して口座を確認してください。")
        )
        return None
    try:
        name = cut_to(bank_kana(holder), NAME_BYTES)
    except KanaRefused as why:
        refused.append((number, why.sentence))
        return None
    return (payout, recipient, case, entitlement, decision, amount, bank, branch, kind, account, name, retry)


def _insert(rows: list[tuple[Any, ...]], programme: Programme, at: datetime) -> int:
    """COPY to a temporary table, then one INSERT … SELECT that also draws the transfer numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            create temporary table transfer_rows (payout smallint, recipient bigint, case_id bigint, entitlement bigint,
              decision bigint, amount bigint, bank text, branch text, kind smallint, account text, name text,
              retry bigint) on commit drop
            """
        )
        with cursor.copy("copy transfer_rows from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"""
            insert into todoku_transfer (number, programme_id, payout, recipient_id, case_id, entitlement_id, decision_id,
              amount_yen, bank, branch, kind, account_number, holder_kana, state, retry_of_id, made_at)
            select nextval('{NUMBER_SEQUENCE}')::text, %s, payout, recipient, case_id, entitlement, decision, amount,
                   bank, branch, kind, account, name, 'ready', retry, %s
              from transfer_rows
            """,
            [programme.pk, at],
        )
        made = cursor.rowcount
        cursor.execute("drop table transfer_rows")
    assert made == len(rows), f"{len(rows)} transfers due, {made} made"
    return made
