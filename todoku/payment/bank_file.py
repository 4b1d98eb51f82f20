"""The bytes of a batch's files, rendered from its rows: the same rows give the same bytes, always.

A batch larger than one file is cut in the order of the records; which file and line a transfer stands on follows from
that order alone, so that a killed run and its successor write the same.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.db import connection

from todoku.formats import zengin
from todoku.formats.bank_profile import chosen
from todoku.payment.rails import RAILS, FileOf, PayRow
from todoku.payment.rails.bank import bank_kana_name, branch_kana_name
from todoku.payment.tables import Batch
from todoku.programme.tables import Programme

# Order of the records: by bank and branch as banks like it, then by our own number, so that it never depends on time.
PLACED = """
select t.id, t.number, t.case_id, t.part, t.amount_yen, t.bank, t.branch, t.kind, t.account_number, t.holder_kana,
       (row_number() over places - 1) / %s + 1 as file_number, (row_number() over places - 1) %% %s + 1 as line
  from todoku_transfer t where t.batch_id = %s and t.state <> 'void'
window places as (order by t.bank, t.branch, t.number)
"""
IN_FILE = f"""
select p.number, c.number, p.part, p.amount_yen, p.bank, p.branch, p.kind, p.account_number, p.holder_kana
  from ({PLACED}) p join todoku_case c on c.id = p.case_id where p.file_number = %s order by p.line
"""
FETCH_ROWS = 10_000


class Rendered(NamedTuple):
    """One finished file: its number in the batch, name, bytes, records and yen."""

    number: int
    name: str
    data: bytes
    row_count: int
    total_yen: int


def header_of(programme: Programme, day: date) -> zengin.Header:
    """Who pays, from which account, on which day, under the name that passbooks will show."""
    payer = programme.municipality
    return zengin.Header(
        client_code=payer.requester_code,
        client_name=programme.terms.passbook_kana,
        value_date=zengin.mmdd(day),
        bank=payer.bank_code,
        bank_name=bank_kana_name(payer.bank_code),
        branch=payer.branch_code,
        branch_name=branch_kana_name(payer.bank_code, payer.branch_code),
        account_kind=payer.account_kind,
        account_number=payer.account_number,
    )


def profile_of(programme: Programme) -> zengin.Profile:
    """What the contract with the municipality's paying bank settles about the file."""
    return chosen(programme.municipality.bank_profile)


def render(batch: Batch) -> Iterator[Rendered]:
    """The batch's files, one at a time. Raises a FormatRefused for what no file can hold."""
    rail, programme = RAILS[batch.rail], batch.programme
    header, profile = header_of(programme, batch.value_date), profile_of(programme)
    for number in range(1, -(-batch.count // profile.max_records) + 1):
        sums = _Sums()
        file = FileOf(programme.municipality_id, programme.slug, batch.pk, number, header, profile)
        data = rail.write(file, sums.counted(_rows(batch, number, profile.max_records)))
        yield Rendered(
            number, rail.file_name(batch.value_date, batch.pk, number), data, sums.count, sums.total_yen
        )


def rows_of(batch: Batch, file_number: int = 1) -> Iterator[PayRow]:
    """The rows of one file in order; one query, a chunk in memory at a time."""
    return _rows(batch, file_number, profile_of(batch.programme).max_records)


def _rows(batch: Batch, file_number: int, most: int) -> Iterator[PayRow]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(IN_FILE, [most, most, batch.pk, file_number])
        while rows := cursor.fetchmany(FETCH_ROWS):
            yield from (PayRow(*row) for row in rows)


class _Sums:
    """Counts what passes through on its way into a file."""

    def __init__(self) -> None:
        self.count = self.total_yen = 0

    def counted(self, rows: Iterator[PayRow]) -> Iterator[PayRow]:
        for row in rows:
            self.count += 1
            self.total_yen += row.amount_yen
            yield row
