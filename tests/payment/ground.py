"""Ground of the money tests: cases of the sample town brought to the decision by the real steps, people of every role.

`Money.reviewed(n)` leaves n cases at PASSED, `decided(n)` at DECIDED; both by keyed paper forms with the
households' own accounts, two reviewers and the municipality's officer.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from django.db import connection

from tests.enrolled import enrolled
from tests.town_fixture import SEED, SampleTown
from todoku.case.tables import Case
from todoku.formats.bank_days import bank_days_after
from todoku.ground.step import Report
from todoku.intake.forms import PaperForm
from todoku.intake.receive_many import receive_many
from todoku.payment.approve import approve
from todoku.payment.build_batch import build_batch
from todoku.payment.make_transfers import make_transfers
from todoku.payment.seal import seal
from todoku.payment.send import send
from todoku.payment.tables import Batch, Transfer
from todoku.people.actor import SYSTEM, Actor
from todoku.review.claim import NothingWaits, claim_next
from todoku.review.decide import decide, make_list
from todoku.review.judge import judge
from todoku.review.screen import screen
from todoku.review.tables import DecisionList
from todoku.sampletown import accounts

PREFECTURE = "14"
BUDGET_ITEM, PAYMENT_ORDER = "3-1-1-18 給付金", "支令-0001"


class Money:
    """One town on its way to the bank: its staff by user name, and a clock that tests move themselves."""

    def __init__(self, town: SampleTown, at: datetime) -> None:
        self.town, self.at, self.day = town, at, at.date()
        self.programme = town.programme
        self.staff: dict[str, Actor] = enrolled(town.programme.municipality)

    @property
    def value_date(self) -> date:
        """The Friday after TUESDAY: three bank days on."""
        return bank_days_after(self.day, 3)

    def forms(self, count: int) -> Iterator[PaperForm]:
        """Sound paper forms of the first households, each with its own account."""
        numbers = dict(
            Case.objects.filter(programme=self.programme, standing__stage="listed").values_list(
                "recipient__household_number", "number"
            )
        )
        # Households of a special kind are left to the tests of review.
        sound = [
            one
            for one in self.town.households
            if not one.kinds and not one.head.removed_on and one.number in numbers
        ]
        assert len(sound) >= count, f"the town has {len(sound)} plain households left"
        for household in sound[:count]:
            account = accounts.account_of(household, SEED, PREFECTURE)
            yield PaperForm(
                number=numbers[household.number], arrived_on=self.at.date() - timedelta(days=1),
                postmark_on=self.at.date() - timedelta(days=2), applied_on=self.at.date() - timedelta(days=3),
                identity_evidence="clear", account_evidence="clear", phone="045-000-0000", bank=account.bank,
                branch=account.branch, kind=account.account_kind, account_number=account.number,
                holder_kana=account.holder_kana,
            )  # fmt: skip

    def received(self, count: int) -> list[str]:
        forms = list(self.forms(count))
        report = receive_many(forms, programme=self.programme, actor=self.staff["clerk"], at=self.at)
        assert report.done == count, report
        screen(programme=self.programme, actor=SYSTEM, at=self.at)
        return [form.number for form in forms]

    def reviewed(self, count: int) -> list[str]:
        """Numbers of `count` cases that two reviewers have passed."""
        numbers = self.received(count)
        self.judge_all("approve")
        stages = set(Case.objects.filter(number__in=numbers).values_list("standing__stage", flat=True))
        assert stages == {"passed"}, stages
        return numbers

    def judge_all(self, outcome: str, codes: Sequence[str] = ()) -> None:
        """Two reviewers say the same of everything that waits."""
        for username in ("reviewer1", "reviewer2", "reviewer1"):
            self._through_queue(self.staff[username], outcome, codes)

    def _through_queue(self, reviewer: Actor, outcome: str, codes: Sequence[str]) -> None:
        while True:
            try:
                task = claim_next(programme=self.programme, actor=reviewer, at=self.at)
            except NothingWaits:
                return
            judge(task, outcome=outcome, codes=codes, actor=reviewer, at=self.at)

    def list_made(self) -> DecisionList:
        return make_list(programme=self.programme, actor=self.staff["manager"], at=self.at)

    def decided(self, count: int) -> list[str]:
        """Numbers of `count` cases for which the officer decided 支給."""
        numbers = self.reviewed(count)
        made = self.list_made()
        decide(made, sha256=made.sha256, actor=self.staff["officer"], at=self.at)
        return numbers

    def ready(self) -> list[Transfer]:
        """A transfer for every decided case."""
        report = make_transfers(programme=self.programme, actor=SYSTEM, at=self.at)
        assert report.done and not report.refused, report
        return list(Transfer.objects.filter(programme=self.programme, state="ready").order_by("number"))

    def built(self) -> Batch:
        self.ready()
        return build_batch(
            programme=self.programme, value_date=self.value_date, received_by=None, actor=self.staff["maker"],
            at=self.at, budget_item=BUDGET_ITEM, payment_order=PAYMENT_ORDER,
        )  # fmt: skip

    def sealed(self) -> Batch:
        return seal(self.built(), actor=self.staff["maker"], at=self.at)

    def approved(self) -> Batch:
        batch = self.sealed()
        for username in ("approver", "treasurer"):
            batch = self.approve(batch, username)
        return batch

    def approve(self, batch: Batch, username: str) -> Batch:
        return approve(batch, sha256=batch.sha256 or "", actor=self.staff[username], at=self.at)

    def to_release(self, batch: Batch) -> None:
        """Moves the clock to the end of the cancel window."""
        batch.refresh_from_db()
        if batch.releasable_at and batch.releasable_at > self.at:
            self.at = batch.releasable_at.astimezone(self.at.tzinfo)

    def sent(self) -> Batch:
        batch = self.approved()
        self.send(batch)
        batch.refresh_from_db()
        return batch

    def sending(self) -> Batch:
        """A batch whose file the treasurer took, and of which the bank has said nothing yet."""
        batch = self.approved()
        self.send(batch, receipt="")
        batch.refresh_from_db()
        return batch

    def send(self, batch: Batch, *, receipt: str = "受付0001") -> Report:
        self.to_release(batch)
        return send(
            batch,
            sha256=batch.sha256 or "",
            bank_receipt=receipt,
            actor=self.staff["treasurer"],
            at=self.at,
        )

    def to_value_date(self) -> None:
        """Moves the clock to the noon of the value date of the batch just sent."""
        self.at = datetime.combine(self.value_date, time(12), self.at.tzinfo)

    def stages(self) -> dict[str, int]:
        """How many cases stand at each stage but LISTED."""
        with connection.cursor() as cursor:
            cursor.execute(
                "select stage, count(*) from todoku_casestage where stage <> 'listed' group by stage"
            )
            return dict(cursor.fetchall())


def report_bytes(*rows: tuple[object, ...], headings: str = "依頼番号,金額,資金返却理由,返却日") -> bytes:
    """A bank's list of returned transfers as it comes."""
    return "".join(line + "\r\n" for line in (headings, *(",".join(map(str, row)) for row in rows))).encode(
        "cp932"
    )
