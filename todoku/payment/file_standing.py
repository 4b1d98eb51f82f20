"""How each file of a batch stands between treasurer and bank: kept, outcome unknown, denied, given up, confirmed.

Reads only, two queries whatever the number of files; what may be done next follows from it and is decided by the verbs.
"""

from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from todoku.payment.tables import BankInquiry, Batch, BatchFile, Confirmation, SendRecord, Transfer

KEPT, UNKNOWN, DENIED, GIVEN_UP, CONFIRMED = "kept", "unknown", "denied", "given_up", "confirmed"


class FileStanding(NamedTuple):
    """One file: who took it, the bank's receipt, and what the bank was asked, oldest first."""

    file: BatchFile
    taken: SendRecord | None
    confirmation: Confirmation | None
    inquiries: tuple[BankInquiry, ...]
    given_up: bool = False

    @property
    def state(self) -> str:
        """KEPT, UNKNOWN, DENIED (the bank's newest word, not handed over again since), GIVEN_UP or CONFIRMED."""
        if self.confirmation is not None:
            return CONFIRMED
        if self.taken is None:
            return KEPT
        if self.given_up:
            return GIVEN_UP
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
    files = (
        batch.files.select_related("parcel", "send_record__taken_by", "confirmation__confirmed_by")
        .annotate(stands=Exists(_live_rows(OuterRef("number"), batch.pk)))
        .order_by("number")
    )
    return [
        FileStanding(
            file, getattr(file, "send_record", None), getattr(file, "confirmation", None), tuple(asked.get(file.pk, ())),
            batch.state in ("sending", "sent", "reconciled") and not file.stands,
        )
        for file in files
    ]  # fmt: skip


def is_given_up(file: BatchFile) -> bool:
    """Whether the payments of a file that went to the bank were made void: the bank never had it, by two persons' word."""
    return not _live_rows(file.number, file.batch_id).exists()


def _live_rows(number: int | OuterRef, batch: int) -> QuerySet[Transfer]:
    return Transfer.objects.filter(batch=batch, file_number=number).exclude(state="void")


def all_denied(found: list[FileStanding]) -> bool:
    """Whether the bank has denied every file: then the batch can still be voided."""
    return bool(found) and all(one.state in (DENIED, GIVEN_UP) for one in found)
