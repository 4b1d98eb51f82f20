"""How each file of a batch stands between treasurer and bank: kept, outcome unknown, denied by the bank, confirmed.

Reads only, two queries whatever the number of files; what may be done next follows from it and is decided by the verbs.
"""

from typing import NamedTuple

from todoku.payment.tables import BankInquiry, Batch, BatchFile, Confirmation, SendRecord

KEPT, UNKNOWN, DENIED, CONFIRMED = "kept", "unknown", "denied", "confirmed"


class FileStanding(NamedTuple):
    """One file: who took it, the bank's receipt, and what the bank was asked, oldest first."""

    file: BatchFile
    taken: SendRecord | None
    confirmation: Confirmation | None
    inquiries: tuple[BankInquiry, ...]

    @property
    def state(self) -> str:
        """KEPT, UNKNOWN, DENIED (the bank's newest word, not handed over again since) or CONFIRMED."""
        if self.confirmation is not None:
            return CONFIRMED
        if self.taken is None:
            return KEPT
        return DENIED if self.denial is not None else UNKNOWN

    @property
    def denial(self) -> BankInquiry | None:
        """The bank's newest word, where it is that it never had the file and nobody has handed it over again since."""
        newest = self.inquiries[-1] if self.inquiries else None
        if newest is None or newest.answer != "not_received" or hasattr(newest, "handedagain"):
            return None
        return newest


def standings(batch: Batch) -> list[FileStanding]:
    """Every file of the batch, in order, with how it stands."""
    asked: dict[int, list[BankInquiry]] = {}
    with_hands = BankInquiry.objects.select_related(
        "asked_by", "handedagain__taken_by", "handedagain__second"
    )
    for inquiry in with_hands.filter(file__batch=batch).order_by("pk"):
        asked.setdefault(inquiry.file_id, []).append(inquiry)
    files = batch.files.select_related(
        "parcel", "send_record__taken_by", "confirmation__confirmed_by"
    ).order_by("number")
    return [
        FileStanding(
            file, getattr(file, "send_record", None), getattr(file, "confirmation", None), tuple(asked.get(file.pk, ()))
        )
        for file in files
    ]  # fmt: skip


def all_denied(found: list[FileStanding]) -> bool:
    """Whether the bank has denied every file: then the batch can still be voided."""
    return bool(found) and all(one.state == DENIED for one in found)
