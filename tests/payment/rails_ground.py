"""Ground of the other rails: the town under terms that offer every rail, cases decided for each of them.

`OtherRails.decided_over(rail, n)` leaves n cases decided for that rail; `list_taken` puts codes in stock.
"""

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from tests.next_version import next_version
from tests.payment.ground import BUDGET_ITEM, PAYMENT_ORDER, Money
from tests.programme.offering import offering
from tests.town_fixture import APPLICATION, MANAGER, OPENS_ON
from todoku.delivery.assign_codes import assign_codes
from todoku.delivery.deliver_gifts import deliver_gifts
from todoku.delivery.gift_letters import make_gift_letters
from todoku.delivery.read_gift_report import read_gift_report
from todoku.delivery.tables import GiftList
from todoku.delivery.take_gift_list import take_gift_list
from todoku.ground.step import Report
from todoku.intake.forms import PaperForm
from todoku.intake.receive_many import receive_many
from todoku.letters.release import release
from todoku.letters.tables import PrintRun
from todoku.payment.build_batch import build_batch
from todoku.payment.make_transfers import make_transfers
from todoku.payment.seal import seal
from todoku.payment.send import send
from todoku.payment.tables import Batch
from todoku.people.actor import SYSTEM
from todoku.people.tables import Staff
from todoku.programme.reschedule import reschedule
from todoku.programme.shipped import version_text
from todoku.programme.tables import Programme
from todoku.review.decide import decide
from todoku.review.screen import screen
from todoku.sampletown import gifts

EXPIRES = date(2029, 3, 31)
STOCK = {50_000: 30, 10_000: 20, 5_000: 4}


def offer_every_rail(programme: Programme, at: datetime, old: str = "", new: str = "") -> Programme:
    """Opens a Version that offers them all, with `old` written as `new`; gives the programme as it now stands."""
    text = offering(reschedule(version_text(APPLICATION), OPENS_ON)).replace(old, new, 1)
    next_version(programme, text, at=at, actor=MANAGER)
    return Programme.objects.select_related("municipality").get(pk=programme.pk)


class OtherRails(Money):
    """The money's ground for cases that are not paid into an account."""

    def forms_over(self, rail: str, count: int) -> Iterator[PaperForm]:
        for form in self.forms(count):
            if rail == "bank":
                yield replace(form, rail=rail)
            else:
                yield PaperForm(
                    number=form.number, arrived_on=form.arrived_on, postmark_on=form.postmark_on,
                    applied_on=form.applied_on, identity_evidence="clear", phone="090-0000-0000", rail=rail,
                )  # fmt: skip

    def reviewed_over(self, rail: str, count: int) -> list[str]:
        forms = list(self.forms_over(rail, count))
        report = receive_many(forms, programme=self.programme, actor=self.staff["clerk"], at=self.at)
        assert report.done == count, report
        screen(programme=self.programme, actor=SYSTEM, at=self.at)
        self.judge_all("approve")
        return [form.number for form in forms]

    def decided_over(self, rail: str, count: int) -> list[str]:
        numbers = self.reviewed_over(rail, count)
        made = self.list_made()
        decide(made, sha256=made.sha256, actor=self.staff["officer"], at=self.at)
        return numbers

    def list_taken(
        self, counts: Mapping[int, int] | None = None, *, seed: int = 1, expires_on: date = EXPIRES
    ) -> GiftList:
        counts = STOCK if counts is None else counts
        return take_gift_list(
            gifts.gift_list(seed, counts, expires_on=expires_on), programme=self.programme, order_number=f"注文{seed}",
            count=sum(counts.values()), total_yen=sum(value * count for value, count in counts.items()),
            actor=self.staff["maker"], at=self.at,
        )  # fmt: skip

    def built_over(self, rail: str) -> Batch:
        make_transfers(programme=self.programme, actor=SYSTEM, at=self.at)
        return build_batch(
            programme=self.programme, value_date=self.value_date, received_by=None, actor=self.staff["maker"],
            at=self.at, rail=rail, budget_item=BUDGET_ITEM, payment_order=PAYMENT_ORDER,
        )  # fmt: skip

    def released_over(self, rail: str) -> Batch:
        """A batch of this rail that the municipality has released; gift codes assigned where it is theirs."""
        batch = self.built_over(rail)
        if rail == "gift":
            assign_codes(batch, actor=self.staff["maker"], at=self.at)
        batch = seal(batch, actor=self.staff["maker"], at=self.at)
        for username in ("approver", "treasurer"):
            batch = self.approve(batch, username)
        self.to_release(batch)
        send(batch, sha256=batch.sha256 or "", bank_receipt="", actor=self.staff["treasurer"], at=self.at)
        batch.refresh_from_db()
        return batch

    def printed(self) -> PrintRun:
        run = make_gift_letters(programme=self.programme, actor=self.staff["printer"], at=self.at)
        release(run, actor=self.staff["manager"], at=self.at)
        return run

    def posted(self) -> PrintRun:
        run = self.printed()
        deliver_gifts(run, posted_on=self.day, counted=run.pieces, actor=self.staff["printer"], at=self.at)
        return run

    def reported(self, used: Collection[str] = ()) -> list[Report]:
        """The issuer's report of today on every list of codes: these serial numbers were used, no others."""
        return [
            read_gift_report(
                made, gifts.use_report(list(made.codes.values_list("serial", flat=True)), used, self.at.date()),
                as_of=self.at.date(), actor=self.staff["maker"], at=self.at,
            )
            for made in GiftList.objects.order_by("pk")
        ]  # fmt: skip

    def second_officer(self) -> Staff:
        """Another officer, who stands beside."""
        return Staff.objects.get(username="treasurer")

    def later(self, days: int) -> None:
        self.at += timedelta(days=days)


def urls_of(data: bytes) -> list[str]:
    """The addresses in an issuer's list: what must never be seen again but in a letter."""
    rows = list(csv.reader(io.StringIO(data.decode("cp932"))))
    return [row[1] for row in rows[1:]]
