"""An open batch → a sealed one: the bank file written, read back, and frozen with its digest, count and total.

Intent before effect: the rows were reserved by build_batch; the file has a name made from the batch; the seal is the
last write. After a crash anywhere the next run renders the same bytes under the same name.
"""

import hashlib
from datetime import datetime

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.custody import files
from todoku.custody.receive import record
from todoku.formats.zengin_read import read
from todoku.ground.step import Refusal
from todoku.payment.bank_file import HEADER_LINES, ORDER, header_of, render
from todoku.payment.preflight import preflight
from todoku.payment.tables import Batch, Transfer
from todoku.people.actor import Actor
from todoku.people.look import record_look

READ_BACK_ROWS = 10_000  # rows fetched at once while the file is compared


class NotReadyToSeal(Refusal):
    """The batch is not open, or records in it would break the file."""


class FileChanged(Refusal):
    """The kept file is not, or is no longer, the one that was sealed."""


def seal(batch: Batch, *, actor: Actor, at: datetime) -> Batch:
    """Writes and freezes the bank file; raises NotReadyToSeal naming the first record that would break it."""
    assert actor.id is not None, "a batch is sealed by a person"
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        if batch.state != "open":
            raise NotReadyToSeal("この振込データはすでに確定したか、取り消されています。")
        broken = [doubt for doubt in preflight(batch, on=localdate(at)) if doubt.blocks]
        if broken:
            raise NotReadyToSeal(f"{len(broken)}件の確認が必要です。{broken[0].number} {broken[0].sentence}")
        data, lines = render(batch)
        _read_back(data, batch)
        written = files.write(file_path(batch), data)
        parcel = record(
            written, kind="bank_file", name=file_name(batch), scope=batch.programme.slug, from_party="事務局",
            to_party="保管", actor=actor, at=at, count=batch.count,
        )  # fmt: skip
        sealed = _seal_lines(batch, lines)
        assert sealed == len(lines) == batch.count, f"batch {batch.pk}: {batch.count} lines, {sealed} sealed"
        Batch.objects.filter(pk=batch.pk).update(
            state="sealed", sha256=written.sha256, file=parcel, sealed_at=at, sealed_by_id=actor.id
        )
        record_look(
            actor=actor, action="batch.seal", subject_kind="batch", subject_id=batch.pk, at=at,
            programme_slug=batch.programme.slug, reason=written.sha256,
        )  # fmt: skip
    batch.refresh_from_db()
    return batch


def file_name(batch: Batch) -> str:
    """The name under which people meet the file: value date with its year (the file holds none) and batch number."""
    return f"sougou-{batch.value_date:%Y%m%d}-{batch.pk}.txt"


def file_path(batch: Batch) -> str:
    """Below the state folder: programme, value date and batch number."""
    return f"bank/{batch.programme.slug}/{batch.value_date:%Y-%m-%d}-batch-{batch.pk}.txt"


def file_bytes(batch: Batch) -> bytes:
    """The sealed file as kept; raises FileChanged if it is no longer the one that was sealed."""
    if batch.file is None or not files.inside(batch.file.path).is_file():
        raise FileChanged(
            "保管した振込データのファイルが見つかりません。承認や振込依頼をせず、業務責任者に連絡してください。"
        )
    data = files.read(batch.file.path)
    if hashlib.sha256(data).hexdigest() != batch.sha256:
        raise FileChanged(
            "保管したファイルが、確定したときの内容と違います。承認や振込依頼をせず、業務責任者に連絡してください。"
        )
    return data


def _read_back(data: bytes, batch: Batch) -> None:
    """Reads the file as a bank would and compares every line with its row; a difference is a bug, not a refusal."""
    file, header = read(data), header_of(batch)
    payer = (header.client_code, header.value_date, header.bank, header.branch, header.account_number)
    written = file.header
    assert payer == (
        written.client_code, written.value_date, written.bank, written.branch, written.account_number
    ), "the file names another payer or day"  # fmt: skip
    rows = Transfer.objects.filter(batch=batch, state="ready").order_by(*ORDER)
    counts = {file.trailer.row_count, len(file.rows), rows.count(), batch.count}
    assert len(counts) == 1, "file and batch differ in lines"
    assert file.trailer.total == sum(row.amount for row in file.rows) == batch.total_yen, "totals differ"
    # Side by side in the order of the file, so that no second copy of a city's rows is held.
    kept = rows.values_list(
        "number", "bank", "branch", "kind", "account_number", "holder_kana", "amount_yen"
    ).iterator(READ_BACK_ROWS)
    for row, expected in zip(file.rows, kept, strict=True):
        line = (
            row.customer_code_1, row.bank, row.branch, row.account_kind, row.account_number, row.name, row.amount
        )  # fmt: skip
        assert line == expected, "a line differs"


def _seal_lines(batch: Batch, lines: dict[int, str]) -> int:
    """Gives each transfer its line and seals it, in one UPDATE: a second one would write every row and index again."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update todoku_transfer t set line = x.line, state = 'sealed'
              from unnest(%s::int[], %s::text[]) as x(line, number)
             where t.number = x.number and t.batch_id = %s and t.state = 'ready'
            """,
            [[line - HEADER_LINES for line in lines], list(lines.values()), batch.pk],
        )
        return cursor.rowcount
