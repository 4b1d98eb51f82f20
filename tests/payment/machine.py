"""Whatever people do in whatever order (状態機械): the money's verbs, life's surprises and hostile SQL, on a real database.

Every rule is something a person or a thief could do now; a refusal is a good answer. After each step the product's own
sweep runs over everything, and a count of this file's own looks for money paid twice.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from tests.payment.ground import BUDGET_ITEM, PAYMENT_ORDER, PREFECTURE, report_bytes
from tests.payment.later_roll import later_roll
from tests.payment.machine_after import AfterPayment
from tests.payment.machine_ground import ANY
from tests.town_fixture import SEED
from todoku.bank.read_result import read_result
from todoku.case.tables import Case
from todoku.formats.bank_days import bank_days_after
from todoku.intake.correct_account import correct_account
from todoku.intake.forms import AccountForm, PaperForm
from todoku.intake.receive_many import receive_many
from todoku.payment.agree_again import agree_again, agreed_by
from todoku.payment.build_batch import build_batch
from todoku.payment.close_hold import close_hold
from todoku.payment.confirm import confirm
from todoku.payment.hand_back import hand_back
from todoku.payment.hold import hold
from todoku.payment.inquire import hand_over_again, inquire
from todoku.payment.kept_files import file_bytes
from todoku.payment.late_facts import find_late_facts
from todoku.payment.make_transfers import make_transfers
from todoku.payment.quarantine import confirm_quarantine, quarantine
from todoku.payment.seal import seal
from todoku.payment.send import send
from todoku.payment.side_tables import Hold
from todoku.payment.sweep import sweep
from todoku.payment.tables import Batch, Transfer
from todoku.payment.void import void
from todoku.people.actor import SYSTEM
from todoku.people.tables import Staff
from todoku.review.decide import decide
from todoku.review.screen import screen
from todoku.sampletown import accounts
from todoku.sampletown.specials import DIED

CHANGED = AccountForm(
    bank="0001", branch="001", kind=1, account_number="7654321", holder_kana="ヤマダ　タロウ"
)
WHO = st.sampled_from(["maker", "approver", "treasurer", "manager", "officer", "clerk", "viewer"])
COLUMNS = (
    "programme_id, payout, recipient_id, case_id, part, entitlement_id, decision_id, amount_yen, rail, bank, branch, "
    "kind, account_number, holder_kana, made_at"
)
# Each must be refused, or change nothing: no application role has a lawful reason to say this.
HOSTILE = {
    "pay_a_live_one_again": f"insert into todoku_transfer (number, state, {COLUMNS}) select '1999999999', 'ready', {COLUMNS} "
    "from todoku_transfer where state in ('ready', 'sealed', 'sending', 'sent', 'settled') limit 1",
    "pay_a_returned_one_without_naming_it": f"insert into todoku_transfer (number, state, {COLUMNS}) select '1999999998', "
    f"'ready', {COLUMNS} from todoku_transfer t where state = 'returned' and not exists (select 1 from todoku_transfer r "
    "where r.retry_of_id = t.id and r.state <> 'void') limit 1",
    "say_it_is_paid": "update todoku_transfer set state = 'settled' where state in ('ready', 'sealed', 'sending')",
    "say_it_was_sent": "update todoku_transfer set state = 'sent' where state in ('ready', 'sealed')",
    "take_back_what_was_sent": "update todoku_transfer set state = 'void' where state in ('sent', 'settled')",
    "pay_more": "update todoku_transfer set amount_yen = amount_yen * 463",
    "pay_somebody_else": "update todoku_transfer set account_number = '0000001' where rail = 'bank'",
    "delete_what_was_paid": "delete from todoku_transfer",
    "forget_the_send": "delete from todoku_sendrecord",
    "send_unapproved": "update todoku_batch set state = 'sending' where state in ('open', 'sealed', 'approved')",
    "make_the_total_fit": "update todoku_batch set total_yen = total_yen + 1 where state not in ('open', 'void')",
    "another_digest": "update todoku_batch set sha256 = repeat('0', 64) where state not in ('open', 'void')",
    "approve_ones_own": "insert into todoku_approval (batch_id, side, staff_id, sha256, at) "
    "select id, 'office', maker_id, sha256, now() from todoku_batch where state = 'sealed'",
    "due_more": "update todoku_entitlement set amount_yen = amount_yen + 1",
    "the_books_say_otherwise": "update todoku_ledgerentry set amount_yen = amount_yen + 1",
    "claim_more": "update todoku_claim set amount_yen = amount_yen + 1",
    "forget_a_repayment": "delete from todoku_claimpayment",
    "owe_a_larger_supplement": "update todoku_entitlement set corrected_yen = corrected_yen + 1 where part > 1",
    "end_the_window": "update todoku_batch set releasable_at = now() - interval '9 years' where state = 'approved'",
}  # fmt: skip
# A payment sealed after the roll that tells of the death, on a review from before it, without the officer's "pay".
UNASKED = """
select t.number from unnest(%s::bigint[], %s::timestamptz[]) as k(case_id, at)
  join todoku_transfer t on t.case_id = k.case_id and t.part = 1
  join todoku_batch b on b.id = t.batch_id and b.sealed_at >= k.at and b.state <> 'void'
  join todoku_proposal p on p.case_id = k.case_id and p.at < k.at
 where not exists (select 1 from todoku_hold h where h.case_id = k.case_id and h.kind = 'death'
                    and h.outcome like '支払を続ける%%' and h.closed_at <= b.sealed_at)
"""


class MoneyMachine(AfterPayment):
    """From the decision to the bank and back, by whoever comes, in whatever order."""

    def __init__(self) -> None:
        super().__init__()
        # Household number → why its head is off the register; case → when the office had it on a roll.
        self.left: dict[str, str] = {}
        self.known_at: dict[int, datetime] = {}

    @rule(steps=st.integers(min_value=1, max_value=4))
    def go_on(self, steps: int) -> None:
        """An ordinary hour: whatever comes next is done; without it chance would seldom reach the bank."""
        for _ in range(steps):
            if self.batches("sent"):
                self.bank_answers([1])
            elif self.batches("sending"):
                self.ask_the_bank()
                self.hand_over_again()
            elif self.batches("approved"):
                self.send()
            elif self.batches("sealed"):
                self.approve_in_order()
            elif self.batches("open"):
                self.seal()
            elif Transfer.objects.filter(state="ready").exists():
                self.build()
            else:
                self.review_and_decide()
                self.make()

    @rule()
    def make(self) -> None:
        self.attempt(
            "make", lambda: make_transfers(programme=self.money.programme, actor=SYSTEM, at=self.money.at)
        )

    @rule()
    def build(self) -> None:
        day = bank_days_after(self.money.at.date(), 3)
        self.attempt("build", lambda: build_batch(
            programme=self.money.programme, value_date=day, received_by=None, actor=self.money.staff["maker"],
            at=self.money.at, budget_item=BUDGET_ITEM, payment_order=PAYMENT_ORDER,
        ))  # fmt: skip

    @rule()
    def seal(self) -> None:
        for batch in self.batches("open"):
            self.attempt(
                "seal", lambda one=batch: seal(one, actor=self.money.staff["maker"], at=self.money.at)
            )

    @rule(who=WHO)
    def approve_by_anybody(self, who: str) -> None:
        for batch in self.batches("open", "sealed", "approved"):
            self.attempt("approve", lambda one=batch: self.money.approve(one, who))

    @rule()
    def approve_in_order(self) -> None:
        for batch in self.batches("sealed"):
            for who in ("approver", "treasurer"):
                self.attempt("approve", lambda one=batch, by=who: self.money.approve(one, by))

    @rule(who=WHO, told=st.booleans())
    def send_by_anybody(self, who: str, told: bool) -> None:
        self.money.at += timedelta(minutes=61)
        for batch in self.batches("sealed", "approved", "sending", "sent"):
            self.attempt("send", lambda one=batch: self._send(one, who, told))

    @rule()
    def send(self) -> None:
        self.send_by_anybody("treasurer", True)

    def _send(self, batch: Batch, who: str, told: bool) -> None:
        """With the bank's receipt, or without it: then the file may or may not have got there."""
        actor = self.money.staff[who]
        send(batch, sha256=batch.sha256 or "", bank_receipt="", actor=actor, at=self.money.at)
        for file in batch.files.select_related("parcel").order_by("number"):
            if told:
                receipt = self.bank.take(file_bytes(file))
                confirm(file, receipt=receipt, actor=actor, at=self.money.at)

    @rule()
    def ask_the_bank(self) -> None:
        treasurer, officer = self.money.staff["treasurer"], self.money.staff["officer"]
        for batch in self.batches("sending"):
            for file in batch.files.filter(confirmation__isnull=True):
                had = self.bank.has(file.sha256)
                answer = inquire(
                    file, sha256=file.sha256, answer="received" if had else "not_received", bank_person="窓口",
                    reference=f"R-{file.sha256[:12]}" if had else "", actor=treasurer, at=self.money.at,
                )  # fmt: skip
                if not had:
                    agree_again(answer, actor=officer, at=self.money.at)

    @rule()
    def hand_over_again(self) -> None:
        for batch in self.batches("sending"):
            for file in batch.files.filter(confirmation__isnull=True):
                newest = file.inquiries.order_by("-pk").first()
                second = agreed_by(newest) if newest else None
                if newest and second:
                    self.attempt("hand over again", lambda n=newest, s=second, f=file: self._again(n, s, f))

    def _again(self, newest: Any, second: Staff, file: Any) -> None:
        treasurer = self.money.staff["treasurer"]
        hand_over_again(newest, second=second, actor=treasurer, at=self.money.at)
        confirm(file, receipt=self.bank.take(file_bytes(file)), actor=treasurer, at=self.money.at)

    @rule(which=st.lists(ANY, max_size=2))
    def bank_answers(self, which: list[int]) -> None:
        for batch in self.batches("sent"):
            self.money.at = max(self.money.at, self.money.at.replace(
                year=batch.value_date.year, month=batch.value_date.month, day=batch.value_date.day))  # fmt: skip
            numbers = sorted({one % batch.count for one in which})
            rows = list(batch.transfers.order_by("number"))
            day = f"{self.money.at:%Y/%m/%d}"
            report = report_bytes(*(
                (rows[one].number, rows[one].amount_yen, "口座解約済", day) for one in numbers))  # fmt: skip
            self.attempt("result", lambda one=batch, data=report: read_result(
                one, data, name="returned.csv", actor=self.money.staff["maker"], at=self.money.at))  # fmt: skip

    @rule(who=WHO)
    def void(self, who: str) -> None:
        for batch in self.batches("open", "sealed", "approved", "sending", "sent")[:1]:
            self.attempt(
                "void",
                lambda one=batch: void(one, reason="試し", actor=self.money.staff[who], at=self.money.at),
            )

    @rule(which=ANY)
    def hand_back(self, which: int) -> None:
        self.attempt("hand back", lambda: hand_back(
            self.case(which), reason="口座の確認", actor=self.money.staff["maker"], at=self.money.at))  # fmt: skip

    @rule(which=ANY, kind=st.sampled_from(["objection", "refusal"]))
    def hold(self, which: int, kind: str) -> None:
        self.attempt("hold", lambda: hold(
            self.case(which), kind=kind, reason="申出", actor=self.money.staff["officer"], at=self.money.at))  # fmt: skip

    @rule(outcome=st.sampled_from(["pay", "hand_back", "stop"]))
    def close_a_hold(self, outcome: str) -> None:
        for one in Hold.objects.filter(closed_at=None).order_by("pk")[:1]:
            self.attempt("close hold", lambda held=one: close_hold(
                held, outcome=outcome, words="確認した", actor=self.money.staff["officer"], at=self.money.at))  # fmt: skip

    @rule(which=ANY)
    def quarantine(self, which: int) -> None:
        rows = Transfer.objects.filter(state="ready").order_by("pk")
        if rows.exists():
            row = rows[which % rows.count()]
            self.attempt("quarantine", lambda: confirm_quarantine(
                quarantine(row, reason="疑い", actor=self.money.staff["maker"], at=self.money.at),
                actor=self.money.staff["approver"], at=self.money.at))  # fmt: skip

    @rule(which=ANY)
    def die(self, which: int) -> None:
        """The next roll says so; nobody looks at it until somebody seals, or until the night."""
        case = self.case(which)
        if case.recipient.household_number not in self.left:
            self.left[case.recipient.household_number] = DIED
            later_roll(self.money, self.left)
            self.known_at[case.pk] = self.money.at

    @rule()
    def night(self) -> None:
        find_late_facts(programme=self.money.programme, actor=SYSTEM, at=self.money.at)

    @rule(which=ANY)
    def change_account(self, which: int) -> None:
        submission = self.case(which).submissions.order_by("-pk").first()
        assert submission is not None, "a decided case was applied for"
        self.attempt("change account", lambda: correct_account(
            submission.pk, CHANGED, actor=self.money.staff["clerk"], at=self.money.at))  # fmt: skip

    @rule(which=ANY)
    def apply_again(self, which: int) -> None:
        """By paper, with another account; for a case whose money came back it is what everybody waits for."""
        form = self._form(self.case(which))
        self.attempt("apply again", lambda: receive_many(
            [form], programme=self.money.programme, actor=self.money.staff["clerk"], at=self.money.at))  # fmt: skip
        screen(programme=self.money.programme, actor=SYSTEM, at=self.money.at)

    @rule()
    def review_and_decide(self) -> None:
        self.money.judge_all("approve")
        self.attempt("decide", self._decide)

    def _decide(self) -> None:
        made = self.money.list_made()
        decide(made, sha256=made.sha256, actor=self.money.staff["officer"], at=self.money.at)

    def _form(self, case: Case) -> PaperForm:
        households = {one.number: one for one in self.money.town.households}
        household = households[case.recipient.household_number]
        account = accounts.account_of(household, SEED + 1, PREFECTURE)
        return PaperForm(
            number=case.number, arrived_on=self.money.at.date(), postmark_on=self.money.at.date() - timedelta(days=1),
            applied_on=self.money.at.date() - timedelta(days=2), identity_evidence="clear", account_evidence="clear",
            phone="045-000-0000", bank=account.bank, branch=account.branch, kind=account.account_kind,
            account_number=account.number, holder_kana=account.holder_kana,
        )  # fmt: skip

    @rule(what=st.sampled_from(sorted(HOSTILE)))
    def hostile(self, what: str) -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(HOSTILE[what])
                changed = cursor.rowcount
        except DatabaseError:
            self.tell(f"hostile {what}: refused")
            return
        assert self.planted or changed == 0, f"the database let {what} through"

    @invariant()
    def nothing_is_broken(self) -> None:
        """Everything is asked. A late fact may wait, for the seal or the night, and for nothing else."""
        run = sweep(programme=self.money.programme, occasion="hand", actor=SYSTEM, at=self.money.at)
        found = {key: one for key, one in run.checks.items() if one["found"] and key != "late_facts_are_held"}
        assert not found, found

    @invariant()
    def nobody_known_to_be_dead_is_sealed_unasked(self) -> None:
        """By this machine's own memory of the rolls: only an officer's word, or a new review, lets such a payment on."""
        with connection.cursor() as cursor:
            cursor.execute(UNASKED, [list(self.known_at), list(self.known_at.values())])
            assert cursor.fetchall() == []

    @invariant()
    def nobody_is_paid_twice(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                select t.case_id from todoku_transfer t join todoku_entitlement e on e.id = t.entitlement_id
                 where t.state in ('sealed', 'sending', 'sent', 'settled')
                 group by t.case_id, t.part having sum(t.amount_yen) > max(e.amount_yen)
                """
            )
            assert cursor.fetchall() == []
        brought = self.bank.brought()
        assert len(brought) == len(set(brought)), "a file reached the bank twice"
