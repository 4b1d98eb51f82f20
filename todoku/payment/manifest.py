"""The texts that prove a batch (振込データ明細書): lines and manifest, made from the sealed rows and the decided lists.

Takes a batch whose files are rendered; leaves bytes only. Which decision each line pays is written out, so that a program
that shares no code with this one can hold the bank files against what the municipality decided.
"""

from collections.abc import Iterator, Sequence

from django.db import connection

from todoku.formats.kana import BANK_NAME, bank_kana, cut_to
from todoku.formats.payment_bundle import (
    FileSum,
    Line,
    LinesSum,
    ListSum,
    Order,
    line_rows,
    lines_name,
    manifest,
    manifest_name,
    sha256,
)
from todoku.formats.zengin_layout import BANK_NAME_BYTES
from todoku.payment.bank_file import FETCH_ROWS, PLACED, Rendered, header_of, profile_of
from todoku.payment.rails.bank import bank_kana_name, branch_kana_name
from todoku.payment.tables import Batch
from todoku.review.tables import DecisionList

PAYS = f"""
select p.file_number, p.line, p.number, d.decision_list_id, c.number, p.part, p.amount_yen, p.bank, p.branch,
       coalesce(r.number, '')
  from ({PLACED}) p
  join todoku_transfer t on t.id = p.id
  join todoku_decision d on d.id = t.decision_id
  join todoku_case c on c.id = t.case_id
  left join todoku_transfer r on r.id = t.retry_of_id
 order by p.file_number, p.line
"""


def lines_of(batch: Batch) -> bytes:
    """The line file (明細): each record of the bank files with the decision that it pays."""
    programme = batch.programme
    return line_rows(programme.municipality_id, programme.slug, batch.pk, _lines(batch))


def manifest_of(batch: Batch, files: Sequence[Rendered], lines: bytes) -> bytes:
    """The manifest: what the approvals cover. `files` as rendered, `lines` as lines_of gave it."""
    programme = batch.programme
    return manifest(
        programme.municipality_id,
        programme.slug,
        Order(
            batch.pk, batch.value_date, batch.fiscal_year, batch.budget_item, batch.payment_order, batch.rail
        ),
        header_of(programme, batch.value_date),
        profile_of(programme),
        decision_lists=[
            ListSum(one.pk, one.sha256, one.grants, one.total_yen) for one in decision_lists_of(batch)
        ],
        files=[
            FileSum(one.number, one.name, sha256(one.data), one.row_count, one.total_yen) for one in files
        ],
        lines=LinesSum(lines_name(batch.pk), sha256(lines)),
    )


def decision_lists_of(batch: Batch) -> list[DecisionList]:
    """The decided lists that the batch pays from, by number."""
    paid = (
        "select distinct d.decision_list_id from todoku_transfer t join todoku_decision d on d.id = t.decision_id "
        "where t.batch_id = %s and t.state <> 'void'"
    )
    with connection.cursor() as cursor:
        cursor.execute(paid, [batch.pk])
        numbers = [number for (number,) in cursor.fetchall()]
    return list(
        DecisionList.objects.filter(pk__in=numbers).select_related("file", "programme").order_by("pk")
    )


def names_of(batch: Batch) -> tuple[str, str]:
    """The names of the line file and of the manifest."""
    return lines_name(batch.pk), manifest_name(batch.pk)


def _lines(batch: Batch) -> Iterator[Line]:
    profile = profile_of(batch.programme)
    most, filled = profile.max_records, profile.fill_names and batch.rail == "bank"
    with connection.chunked_cursor() as cursor:
        cursor.execute(PAYS, [most, most, batch.pk])
        while rows := cursor.fetchmany(FETCH_ROWS):
            for file, line, number, listed, case, part, amount, bank, branch, retry in rows:
                names = (
                    (_written(bank_kana_name(bank)), _written(branch_kana_name(bank, branch)))
                    if filled
                    else ("", "")
                )
                yield Line(file, line, number, listed, case, part, amount, *names, retry)


def _written(name: str) -> str:
    """A bank's or branch's name as the file holds it."""
    return cut_to(bank_kana(name, BANK_NAME), BANK_NAME_BYTES).rstrip() if name else ""
