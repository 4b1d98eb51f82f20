"""The files of a sealed batch as kept, each held against its digest whenever it is read; never changes one."""

import hashlib

from todoku.custody import files
from todoku.custody.tables import Parcel
from todoku.ground.step import Refusal
from todoku.payment.manifest import decision_lists_of
from todoku.payment.tables import Batch, BatchFile


class FileChanged(Refusal):
    """A kept file is not, or is no longer, the one that was sealed."""


def file_bytes(file: BatchFile) -> bytes:
    """A bank file as kept; raises FileChanged if it is no longer the one that was sealed."""
    return kept_bytes(file.parcel, file.sha256)


def bank_files(batch: Batch) -> list[bytes]:
    """Every bank file of the batch as kept, in their order."""
    return [file_bytes(file) for file in batch.files.select_related("parcel").order_by("number")]


def manifest_bytes(batch: Batch) -> bytes:
    """The manifest as kept, which the batch's digest covers."""
    return kept_bytes(batch.manifest, batch.sha256)


def bundle(batch: Batch) -> dict[str, bytes]:
    """Everything that proves the batch, by file name: manifest, lines, decision lists, bank files; each as sealed."""
    kept = [batch.manifest, batch.lines, *(made.file for made in decision_lists_of(batch))]
    found = {parcel.name: kept_bytes(parcel, parcel.sha256) for parcel in kept if parcel is not None}
    for file in batch.files.select_related("parcel").order_by("number"):
        found[file.name] = file_bytes(file)
    return found


def ask_kept(batch: Batch) -> None:
    """Every file of the batch is the one that was sealed; raises FileChanged."""
    manifest_bytes(batch)
    for file in batch.files.select_related("parcel"):
        file_bytes(file)


def kept_bytes(parcel: Parcel | None, sha256: str | None) -> bytes:
    """A kept file, held against a digest; raises FileChanged."""
    if parcel is None or not files.inside(parcel.path).is_file():
        raise FileChanged(
            "保管した振込データのファイルが見つかりません。承認や振込依頼をせず、業務責任者に連絡してください。"
        )
    data = files.read(parcel.path)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise FileChanged(
            "保管したファイルが、確定したときの内容と違います。承認や振込依頼をせず、業務責任者に連絡してください。"
        )
    return data
