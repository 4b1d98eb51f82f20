"""An open batch → a sealed one: bank files, lines and manifest written, proven, and frozen with the manifest's digest.

Intent before effect: the rows were reserved by build_batch; the files have names made from the batch; the seal is the
last write. After a crash anywhere the next run renders the same bytes under the same names.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.timezone import localdate

import todoku_verify
from todoku.custody import files
from todoku.custody.receive import record
from todoku.custody.tables import Parcel
from todoku.formats.refused import FormatRefused
from todoku.ground.step import Refusal
from todoku.payment.bank_file import PLACED, Rendered, profile_of, render
from todoku.payment.late_facts import ask_late_facts
from todoku.payment.manifest import decision_lists_of, lines_of, manifest_of, names_of
from todoku.payment.preflight import blocking, number_at
from todoku.payment.rails import RAILS
from todoku.payment.sweep import ask_sweep
from todoku.payment.tables import Batch, BatchFile
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.review.decision_lists import list_bytes

SEAL_LINES = f"""
update todoku_transfer t set file_number = p.file_number, line = p.line, state = 'sealed'
  from ({PLACED}) p where t.id = p.id and t.state = 'ready'
"""


class NotReadyToSeal(Refusal):
    """The batch is not open, or records in it would break the file."""


class NotProven(Refusal):
    """The independent verifier disagrees with the files just made: nothing is sealed."""


def seal(batch: Batch, *, actor: Actor, at: datetime) -> Batch:
    """Writes and freezes the batch's files; raises NotReadyToSeal naming the first record that would break them.

    Before that, in transactions of their own, what became known since the decision is held (HeldInBatch), and every
    invariant of the money is asked (Halted): what they leave stays though the seal is refused.
    """
    assert actor.id is not None, "a batch is sealed by a person"
    if Batch.objects.filter(pk=batch.pk, state="open").exists():
        ask_late_facts(batch, actor=actor, at=at)
        ask_sweep(batch.programme, actor=actor, at=at)
    with transaction.atomic():
        batch = (
            Batch.objects.select_for_update(of=("self",))
            .select_related("programme__municipality")
            .get(pk=batch.pk)
        )
        if batch.state != "open":
            raise NotReadyToSeal("この振込データはすでに確定したか、取り消されています。")
        broken = blocking(batch, on=localdate(at))
        if broken:
            raise NotReadyToSeal(f"{len(broken)}件の確認が必要です。{broken[0].number} {broken[0].sentence}")
        rendered = _rendered(batch)
        lines = lines_of(batch)
        sheet = manifest_of(batch, rendered, lines)
        _prove(batch, sheet, lines, rendered)
        lines_parcel, sheet_parcel = _keep_all(batch, rendered, lines, sheet, actor, at)
        sealed = _seal_lines(batch)
        assert sealed == batch.count, f"batch {batch.pk}: {batch.count} rows, {sealed} sealed"
        Batch.objects.filter(pk=batch.pk).update(
            state="sealed", sha256=sheet_parcel.sha256, manifest=sheet_parcel, lines=lines_parcel, sealed_at=at,
            sealed_by_id=actor.id,
        )  # fmt: skip
        record_look(
            actor=actor, action="batch.seal", subject_kind="batch", subject_id=batch.pk, at=at,
            programme_slug=batch.programme.slug, reason=sheet_parcel.sha256,
        )  # fmt: skip
    batch.refresh_from_db()
    return batch


def folder(batch: Batch) -> str:
    """Below the state folder: programme, value date and batch number."""
    return f"bank/{batch.programme.slug}/{batch.value_date:%Y-%m-%d}-batch-{batch.pk}"


def _rendered(batch: Batch) -> list[Rendered]:
    """The batch's files; what no file can hold is refused by its transfer's number."""
    made: list[Rendered] = []
    try:
        made.extend(render(batch))
    except FormatRefused as why:
        line = getattr(why, "line", 0)
        number = number_at(batch, len(made) + 1, line) if line else ""
        raise NotReadyToSeal(f"{number} {why.sentence}".strip()) from why
    counted = (sum(one.row_count for one in made), sum(one.total_yen for one in made))
    assert counted == (batch.count, batch.total_yen), f"batch {batch.pk}: rendered {counted}"
    return made


def _prove(batch: Batch, sheet: bytes, lines: bytes, rendered: Sequence[Rendered]) -> None:
    """Every bank file is read back by the verifier, which shares no code with its writer."""
    if not RAILS[batch.rail].proven:
        return
    # Written anew from the rows: a decision that was changed since then has another digest than the one decided on.
    decisions = {made.pk: list_bytes(made) for made in decision_lists_of(batch)}
    verdict = todoku_verify.verify(sheet, lines, decisions, [(one.name, one.data) for one in rendered])
    if not verdict.ok:
        first = verdict.differences[0].told() if verdict.differences else ""
        raise NotProven(
            f"振込データを検証したところ、決定一覧と一致しませんでした。確定していません。業務責任者に連絡してください。{first}"
        )


def _keep_all(
    batch: Batch, rendered: Sequence[Rendered], lines: bytes, sheet: bytes, actor: Actor, at: datetime
) -> tuple[Parcel, Parcel]:
    """All files of the batch or none: where the disk fails half way, none stays that looks as if it were to be sent."""
    lines_name, sheet_name = names_of(batch)
    try:
        _keep_files(batch, rendered, actor, at)
        return (
            _keep(batch, lines_name, lines, "batch_lines", batch.count, actor, at),
            _keep(batch, sheet_name, sheet, "batch_sheet", batch.count, actor, at),
        )
    except files.CannotWrite:
        files.remove_folder(folder(batch))
        raise


def _keep_files(batch: Batch, rendered: Sequence[Rendered], actor: Actor, at: datetime) -> None:
    for one in rendered:
        parcel = _keep(batch, one.name, one.data, "bank_file", one.row_count, actor, at)
        BatchFile.objects.create(
            batch=batch, number=one.number, name=one.name, parcel=parcel, sha256=parcel.sha256, count=one.row_count,
            total_yen=one.total_yen,
        )  # fmt: skip


def _keep(batch: Batch, name: str, data: bytes, kind: str, count: int, actor: Actor, at: datetime) -> Parcel:
    written = files.write(f"{folder(batch)}/{name}", data)
    return record(
        written, kind=kind, name=name, scope=batch.programme.slug, from_party="事務局", to_party="保管", actor=actor,
        at=at, count=count,
    )  # fmt: skip


def _seal_lines(batch: Batch) -> int:
    """Gives each transfer its file and line and seals it, in one UPDATE: a second would write every index again."""
    most = profile_of(batch.programme).max_records
    with connection.cursor() as cursor:
        cursor.execute(SEAL_LINES, [most, most, batch.pk])
        return cursor.rowcount
