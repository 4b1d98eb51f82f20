"""A day of money as people do it: whoever comes looks where the batch stands and does what comes next, and no more.

`next_deed` names it, `do` does it. Nobody remembers what the process before them did: only the database and the bank know.
"""

from collections.abc import Callable
from datetime import timedelta

from tests.payment.bank_house import BankHouse
from tests.payment.ground import BUDGET_ITEM, PAYMENT_ORDER, Money, report_bytes
from todoku.bank.read_result import read_result
from todoku.payment.agree_again import agree_again, agreed_by
from todoku.payment.approve import approve
from todoku.payment.build_batch import build_batch
from todoku.payment.confirm import confirm
from todoku.payment.inquire import hand_over_again, inquire
from todoku.payment.kept_files import file_bytes
from todoku.payment.make_transfers import make_transfers
from todoku.payment.seal import seal
from todoku.payment.send import send
from todoku.payment.tables import Batch, BatchFile, Transfer
from todoku.people.actor import SYSTEM
from todoku.people.tables import Staff

DONE = "done"


class DayOfMoney:
    """`returned`: how many transfers of the batch the bank sends back."""

    def __init__(self, money: Money, bank: BankHouse, *, returned: int = 1) -> None:
        self.money, self.bank, self.returned = money, bank, returned
        self.value_date = money.value_date
        self.deeds: dict[str, Callable[[], object]] = {
            "transfers": self.transfers, "build": self.build, "seal": self.seal, "approve office": self.approve_office,
            "approve city": self.approve_city, "send": self.send, "ask the bank": self.ask, "result": self.result,
        }  # fmt: skip

    def batch(self) -> Batch:
        return Batch.objects.select_related("programme__municipality").get()

    def next_deed(self) -> str:
        if not Transfer.objects.exists():
            return "transfers"
        batch = Batch.objects.first()
        if batch is None:
            return "build"
        if batch.state == "sealed":
            return "approve city" if batch.approvals.filter(side="office").exists() else "approve office"
        return {
            "open": "seal", "approved": "send", "sending": "ask the bank", "sent": "result", "reconciled": DONE,
        }[batch.state]  # fmt: skip

    def transfers(self) -> None:
        make_transfers(programme=self.money.programme, actor=SYSTEM, at=self.money.at)

    def build(self) -> None:
        build_batch(
            programme=self.money.programme, value_date=self.value_date, received_by=None,
            actor=self.money.staff["maker"], at=self.money.at, budget_item=BUDGET_ITEM, payment_order=PAYMENT_ORDER,
        )  # fmt: skip

    def seal(self) -> None:
        seal(self.batch(), actor=self.money.staff["maker"], at=self.money.at)

    def approve_office(self) -> None:
        self._approve("approver")

    def approve_city(self) -> None:
        self._approve("treasurer")

    def _approve(self, who: str) -> None:
        batch = self.batch()
        approve(batch, sha256=batch.sha256 or "", actor=self.money.staff[who], at=self.money.at)

    def send(self) -> None:
        """The treasurer takes the file, carries it to the bank and writes its receipt down: three deeds in a row."""
        batch, treasurer = self.batch(), self.money.staff["treasurer"]
        at = self.money.at + timedelta(hours=2)
        send(batch, sha256=batch.sha256 or "", bank_receipt="", actor=treasurer, at=at)
        for file in batch.files.select_related("parcel").order_by("number"):
            self._bring(file)

    def _bring(self, file: BatchFile) -> None:
        receipt = self.bank.take(file_bytes(file))
        at = self.money.at + timedelta(hours=3)
        confirm(file, receipt=receipt, actor=self.money.staff["treasurer"], at=at)

    def ask(self) -> None:
        """The outcome is unknown: the bank is asked by digest; only what it denies is carried there again, by two."""
        treasurer, at = self.money.staff["treasurer"], self.money.at + timedelta(hours=4)
        for file in self.batch().files.filter(confirmation__isnull=True).order_by("number"):
            newest = file.inquiries.order_by("-pk").first()
            had = self.bank.has(file.sha256)
            if had or newest is None or hasattr(newest, "handedagain"):
                newest = inquire(
                    file, sha256=file.sha256, answer="received" if had else "not_received", bank_person="窓口 佐藤",
                    reference=f"R-{file.sha256[:12]}" if had else "", actor=treasurer, at=at,
                )  # fmt: skip
            if newest.answer == "not_received":
                if agreed_by(newest) is None:
                    agree_again(newest, actor=self.money.staff["officer"], at=at)
                officer = Staff.objects.get(pk=self.money.staff["officer"].id)
                hand_over_again(newest, second=officer, actor=treasurer, at=at)
                self._bring(file)

    def result(self) -> None:
        rows = Transfer.objects.filter(batch__isnull=False).order_by("number")[: self.returned]
        report = report_bytes(*((row.number, row.amount_yen, "該当口座なし", "2026/12/07") for row in rows))
        at = self.money.at + timedelta(days=7)
        read_result(self.batch(), report, name="returned.csv", actor=self.money.staff["maker"], at=at)

    def do(self) -> None:
        self.deeds[self.next_deed()]()
