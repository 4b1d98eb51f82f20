"""The reference: the same payments by the fewest set-based statements, as a careful engineer would write them in an afternoon.

Tables of its own with foreign keys, the unique index against double payment, a duplicate and a total check and an audit row
for each payment; one INSERT … SELECT, one UPDATE, one COPY. No books, no holds, no batch's life, no name converted, no
proof: what those cost beside this is what the ratio tells.
"""

import csv
import io
import os
from collections.abc import Callable
from pathlib import Path

from django.db import connections, transaction
from psycopg import Cursor

from benches.measure import Meter
from benches.sample import Setting, programme_of
from todoku.formats import bank_report
from todoku.payment.tables import Batch

TABLES = """
drop table if exists bench_reference_audit; drop table if exists bench_reference;
create table bench_reference (id bigint generated always as identity primary key, number text not null unique,
  programme_id bigint not null, payout smallint not null, recipient_id bigint not null references todoku_recipient,
  case_id bigint not null references todoku_case, decision_id bigint not null references todoku_decision,
  amount_yen bigint not null check (amount_yen > 0), bank text not null, branch text not null, kind smallint not null,
  account_number text not null, holder text not null, state text not null, line integer);
create unique index on bench_reference (programme_id, payout, recipient_id) where state in ('ready', 'sealed', 'settled');
create table bench_reference_audit (id bigint generated always as identity primary key,
  transfer_id bigint not null references bench_reference, what text not null, at timestamptz not null)
"""
CREATE = """
insert into bench_reference (number, programme_id, payout, recipient_id, case_id, decision_id, amount_yen, bank, branch, kind,
  account_number, holder, state)
select lpad((d.id + 1000000000)::text, 10, '0'), c.programme_id, c.payout, c.recipient_id, c.id, d.id, d.amount_yen, a.bank,
       a.branch, a.kind, a.number, a.holder_kana, 'ready'
  from todoku_decision d join todoku_case c on c.id = d.case_id join todoku_accountversion a on a.id = d.account_id
 where c.programme_id = %s and d.in_force and d.outcome = 'grant'
"""
DUPLICATES = (
    "select count(*) from (select 1 from bench_reference group by payout, recipient_id having count(*) > 1) x"
)
TOTALS = """
select (select sum(amount_yen) from bench_reference),
       (select sum(d.amount_yen) from todoku_decision d join todoku_case c on c.id = d.case_id
         where c.programme_id = %s and d.in_force and d.outcome = 'grant')
"""
SEAL = """
update bench_reference r set state = 'sealed', line = p.line
  from (select id, row_number() over (order by bank, branch, number) as line from bench_reference) p where p.id = r.id
"""
AUDIT = (
    "insert into bench_reference_audit (transfer_id, what, at) select id, state, now() from bench_reference"
)
FILE = """
copy (select '2' || bank || repeat(' ', 15) || branch || repeat(' ', 15) || '0000' || kind || account_number
             || rpad(holder, 30) || lpad(amount_yen::text, 10, '0') || '0' || rpad(number, 20) || '7' || repeat(' ', 8)
        from bench_reference order by line) to stdout
"""
TAKE = """
update bench_reference r set state = case when b.number is null then 'settled' else 'returned' end
  from bench_reference t left join bench_returned b on b.number = t.number where t.id = r.id
"""


def pay(meter: Meter, setting: Setting) -> int:
    """Payments created, checked, sealed, noted and written as one file."""
    programme = programme_of(setting).pk
    _owner(lambda cursor: cursor.execute(TABLES))

    def create(cursor: Cursor) -> None:
        cursor.execute(CREATE, [programme])
        cursor.execute("analyze bench_reference")
        cursor.execute(DUPLICATES)
        assert cursor.fetchone() == (0,)
        cursor.execute(TOTALS, [programme])
        made, decided = cursor.fetchone() or (None, 0)
        assert made == decided, "the reference pays what was decided"
        cursor.execute(SEAL)
        cursor.execute(AUDIT)

    with meter:
        _owner(create)
        _owner(lambda cursor: _write(cursor, setting.folder / "reference.txt"))
    return _count()


def read_results(meter: Meter, setting: Setting) -> int:
    """The bank's reports loaded, every payment settled or returned, and noted. Its own numbers stand in for ours."""
    reports = [
        setting.bank_report(batch.pk).read_bytes()
        for batch in Batch.objects.filter(programme__slug=setting.slug)
    ]
    with meter:
        numbers = [row.number for data in reports for row in bank_report.read(data)]
        _owner(lambda cursor: _take(cursor, len(numbers)))
    return _count()


def _take(cursor: Cursor, returned: int) -> None:
    """So many of the reference's own payments came back as the report has lines."""
    cursor.execute("create temporary table bench_returned (number text primary key) on commit drop")
    cursor.execute("select number from bench_reference order by holder, number limit %s", [returned])
    text = io.StringIO()
    csv.writer(text).writerows(cursor.fetchall())
    with cursor.copy("copy bench_returned from stdin (format csv)") as copy:
        copy.write(text.getvalue())
    cursor.execute("analyze bench_returned")
    cursor.execute(TAKE)
    cursor.execute(AUDIT)


def _write(cursor: Cursor, path: Path) -> None:
    with path.open("wb") as file, cursor.copy(FILE) as copy:
        for block in copy:
            file.write(block)
        file.flush()
        os.fsync(file.fileno())


def _owner(work: Callable[[Cursor], object]) -> None:
    owner = connections["owner"]
    owner.ensure_connection()
    with transaction.atomic(using="owner"):
        work(owner.connection.cursor())


def _count() -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute("select count(*) from bench_reference")
        (count,) = cursor.fetchone()
    return int(count)
