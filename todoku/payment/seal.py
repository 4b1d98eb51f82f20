"""An open batch → a sealed one: the bank file written, read back, and frozen with its digest, count and total.

Intent before effect: the rows were reserved by build_batch; the file has a name made from the batch; the seal is the
last write. After a crash anywhere the next run renders the same bytes under the same name.
"""

import hashlib
from datetime import datetime

from django.db import connection, transaction

from todoku.custody import files
from todoku.custody.receive import record
from todoku.formats.zengin_read import read
from todoku.ground.step import Refusal
from todoku.payment.bank_file import HEADER_LINES, render
from todoku.payment.build_batch import preflight
from todoku.payment.tables import Batch, Transfer
from todoku.people.actor import Actor


class NotReadyToSeal(Refusal):
    """The batch is not open, or records in it would break the file."""


def seal(batch: Batch, *, actor: Actor, at: datetime) -> Batch:
    """Writes and freezes the bank file; raises NotReadyToSeal naming the first record that would break it."""
    with transaction.atomic():
        batch = Batch.objects.select_for_update().select_related("programme__municipality").get(pk=batch.pk)
        if batch.state != "open":
            raise NotReadyToSeal("この振込データはすでに確定しています。")
        broken = preflight(batch)
        if broken:
            number, sentence = broken[0]
            raise NotReadyToSeal(f"{len(broken)}件の確認が必要です。{number} {sentence}".strip())
        data, lines = render(batch)
        _read_back(data, batch)
        written = files.write(file_path(batch), data)
        parcel = record(
            written, kind="bank_file", name=f"sougou-{batch.value_date:%Y%m%d}-{batch.pk}.txt",
            scope=batch.programme.slug, from_party="事務局", to_party="保管", actor=actor, at=at, count=batch.count,
        )  # fmt: skip
        _number_lines(batch, lines)
        Transfer.objects.filter(batch=batch, state="ready").update(state="sealed")
        Batch.objects.filter(pk=batch.pk).update(
            state="sealed", sha256=written.sha256, file=parcel, sealed_at=at
        )
    batch.refresh_from_db()
    return batch


def file_path(batch: Batch) -> str:
    """Below the state folder: programme, value date with its year (the file itself holds none) and batch number."""
    return f"bank/{batch.programme.slug}/{batch.value_date:%Y-%m-%d}-batch-{batch.pk}.txt"


def file_bytes(batch: Batch) -> bytes:
    """The sealed file as kept; asserts that it is still the one that was sealed."""
    assert batch.file is not None, f"batch {batch.pk} has no file"
    data = files.read(batch.file.path)
    assert hashlib.sha256(data).hexdigest() == batch.sha256, (
        f"the file of batch {batch.pk} is not the sealed one"
    )
    return data


def _read_back(data: bytes, batch: Batch) -> None:
    """Reads the file as a bank would and compares every line with its row; a difference is a bug, not a refusal."""
    file = read(data)
    rows = {
        row[0]: row[1:]
        for row in Transfer.objects.filter(batch=batch, state="ready").values_list(
            "number", "amount_yen", "bank", "branch", "kind", "account_number"
        )
    }
    assert file.trailer.row_count == len(rows) == batch.count, (
        "lines of the file and rows of the batch differ"
    )
    assert file.trailer.total == sum(row.amount for row in file.rows) == batch.total_yen, "totals differ"
    for row in file.rows:
        kept = rows.pop(row.customer_code_1)
        assert kept == (row.amount, row.bank, row.branch, row.account_kind, row.account_number), (
            "a line differs"
        )


def _number_lines(batch: Batch, lines: dict[int, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update todoku_transfer t set line = x.line
              from unnest(%s::int[], %s::text[]) as x(line, number)
             where t.number = x.number and t.batch_id = %s
            """,
            [[line - HEADER_LINES for line in lines], list(lines.values()), batch.pk],
        )
        assert cursor.rowcount == len(lines), "a line without a transfer"
