"""Scanned pages as rows, without pictures: what persons and counts do with them once they are read."""

import hashlib
from typing import Any

from django.utils import timezone
from django.utils.timezone import localdate

from todoku.case.tables import Case
from todoku.mailroom.tables import Container, Envelope, Sheet
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.scan.tables import ScanFile, ScanLot, ScanPage

ONE = Actor(7, "受付 花子", frozenset({"clerk"}))
TWO = Actor(8, "受付 次郎", frozenset({"clerk"}))


class Shelf:
    """A programme's cases, its containers, and lots made of rows."""

    def __init__(self, programme: Programme) -> None:
        self.programme, self.at = programme, timezone.now()
        self.cases = list(Case.objects.filter(programme=programme).order_by("pk")[:4])
        self._made = 0

    def lot(self, **values: Any) -> ScanLot:
        self._made += 1
        return ScanLot.objects.create(
            programme=self.programme, name=f"束{self._made}", sha256=_digest(f"lot {self._made}"), received_at=self.at,
            received_by="係", arrived_on=localdate(self.at), **values,
        )  # fmt: skip

    def file(self, lot: ScanLot, **values: Any) -> ScanFile:
        no = ScanFile.objects.filter(lot=lot).count() + 1
        return ScanFile.objects.create(
            lot=lot,
            no=no,
            name=f"{no}.jpg",
            sha256=_digest(f"{lot.pk} {no}"),
            size_bytes=1,
            read_at=self.at,
            **values,
        )

    def page(self, lot: ScanLot, state: str = "read", case: Case | None = None, **values: Any) -> ScanPage:
        """The next page of a lot; with a case, the first page of its form."""
        no = ScanPage.objects.filter(lot=lot).count() + 1
        code = {"number": case.number, "page_no": 1, "sheet_code": 1, "issue": 1} if case else {}
        return ScanPage.objects.create(
            programme=self.programme, lot=lot, no=no, file=self.file(lot, pages=1), state=state, case=case, path="",
            sha256=_digest("file"), pixels_sha256=_digest(f"{lot.pk} {no}"), width=1, height=1, **(code | values),
        )  # fmt: skip

    def tray(self, *cases: Case | None) -> Container:
        """A tray in the scanning room with a sheet for each."""
        self._made += 1
        tray = Container.objects.create(
            programme=self.programme, code=f"T{self._made:04d}", kind="tray", station="scanning", made_at=self.at, made_by="係"
        )  # fmt: skip
        envelope = Envelope.objects.create(
            programme=self.programme, no=self._made, arrived_on=localdate(self.at), postmark="none", opened_at=self.at,
            opened_by="係", sheets=len(cases),
        )  # fmt: skip
        for place, case in enumerate(cases, 1):
            Sheet.objects.create(
                programme=self.programme,
                envelope=envelope,
                no=place,
                kind="form",
                case=case,
                container=tray,
                position=place,
            )
        return tray


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
