"""A sealed batch's kept papers, and bank files that somebody holds, put before the verifier that shares no code with them.

Comes in: a batch, and bank files from a stick or the bank's terminal, or none to ask about the kept ones. Goes out: the
verdict, on record. Reads the papers as they lie, digest or no digest, so that the verdict can say what differs; changes
and keeps nothing.
"""

from collections.abc import Sequence
from datetime import datetime

import todoku_verify
from todoku.custody import files
from todoku.custody.tables import Parcel
from todoku.ground.step import Refusal
from todoku.payment.manifest import decision_lists_of
from todoku.payment.rails import RAILS
from todoku.payment.tables import Batch
from todoku.people.actor import Actor
from todoku.people.look import record_look

# The largest file that a trailer can count: 999,999 records of 122 bytes. Held in memory alone.
UPLOAD_BYTES_MAX = 999_999 * 122 + 4 * 122


class NotVerifiable(Refusal):
    """The batch has no papers to hold a bank file against, or one of them cannot be read."""


def verify_files(
    batch: Batch, held: Sequence[tuple[str, bytes]] = (), *, actor: Actor, at: datetime
) -> todoku_verify.Verdict:
    """Verdict over the bank files `held` (name and bytes), or over all kept ones. Raises NotVerifiable."""
    if batch.sha256 is None or not RAILS[batch.rail].proven:
        raise NotVerifiable("確定した振込ファイルのあるデータではありません。確定した後に検証してください。")
    kept = () if held else batch.files.select_related("parcel").order_by("number")
    banks = [*held, *((file.name, _kept(file.parcel)) for file in kept)]
    lists = {made.pk: _kept(made.file) for made in decision_lists_of(batch)}
    try:
        verdict = todoku_verify.verify(
            _kept(batch.manifest), _kept(batch.lines), lists, banks, sha256=batch.sha256, some=bool(held)
        )
    except todoku_verify.Unreadable as unreadable:
        raise NotVerifiable(
            f"{unreadable}保管した書類が読み取れません。承認や振込依頼をせず、業務責任者に連絡してください。"
        ) from unreadable
    record_look(
        actor=actor, action="batch.verify", subject_kind="batch", subject_id=batch.pk, at=at,
        programme_slug=batch.programme.slug,
        reason=f"{'手元のファイル' if held else '保管中のファイル'} {verdict.headline}",
    )  # fmt: skip
    return verdict


def _kept(parcel: Parcel | None) -> bytes:
    if parcel is None or not files.inside(parcel.path).is_file():
        raise NotVerifiable(
            "保管した書類が見つかりません。承認や振込依頼をせず、業務責任者に連絡してください。"
        )
    return files.read(parcel.path)
