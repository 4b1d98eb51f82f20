"""The state machine's rules for what comes after a payment: money back late, recalls, orders, supplements, claims."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.payment.machine_ground import ANY, MachineGround
from todoku.bank.keyed_returns import Keyed, returned_rows
from todoku.bank.late_return import late_return
from todoku.bank.recall import ask_recall, end_recall, send_recall
from todoku.case.tables import Case
from todoku.payment.tables import Transfer
from todoku.recovery.ask_for_payment import notice
from todoku.recovery.claim_facts import facts_of
from todoku.recovery.correct import correct
from todoku.recovery.give_up import cancel, waive
from todoku.recovery.open_claim import open_claim
from todoku.recovery.put_right import Given
from todoku.recovery.receive_payment import receive_payment
from todoku.recovery.supplement import accounts_of, propose_again, supplement
from todoku.recovery.tables import Claim, ClaimPayment, EntitlementOrder
from todoku.review.decide import decide
from todoku.review.tables import DecisionList

MORE = 20_000
UNDER_WAY = ("open", "noticed", "disputed")


class AfterPayment(MachineGround):
    """What an office, a treasurer and an officer do with money that was sent."""

    @rule(which=ANY)
    def comes_back_late(self, which: int) -> None:
        """The bank sends money back before its result was read, or long after."""
        if row := self.transfer(which, "sent", "settled"):
            self.attempt("late return", lambda: self._late(row))

    def _late(self, row: Transfer) -> None:
        assert row.batch is not None, "what was sent stands in a batch"
        rows = returned_rows(row.batch, [Keyed(row.number, row.amount_yen, "CLOSED", self.money.at.date())])
        late_return(row.batch, rows, actor=self.money.staff["maker"], at=self.money.at)

    @rule(which=ANY, end=st.sampled_from(["money", "refused", "withdrawn", "waits"]))
    def recall(self, which: int, end: str) -> None:
        if row := self.transfer(which, "sealed", "sending", "sent", "settled"):
            self.attempt("recall", lambda: self._recall(row, end))

    def _recall(self, row: Transfer, end: str) -> None:
        treasurer, at = self.money.staff["treasurer"], self.money.at
        asked = ask_recall(row, reason="誤り", actor=self.money.staff["manager"], at=at)
        if end != "withdrawn":
            asked = send_recall(asked, actor=treasurer, at=at)
        if end in ("refused", "withdrawn"):
            end_recall(asked, outcome=end, words="窓口に確かめた", actor=treasurer, at=at)
        elif end == "money":
            self._late(row)

    @rule(which=ANY, again=st.booleans())
    def propose_supplement(self, which: int, again: bool) -> None:
        """More is due than was paid; or what came back of it is proposed again."""
        case, officer, at = self.case(which), self.money.staff["officer"], self.money.at
        if again:
            account = next(iter(accounts_of(case)), None)
            self.attempt("supplement again", lambda: propose_again(
                case, part=2, given=self._order(), account=account, actor=officer, at=at))  # fmt: skip
        else:
            due = sum(case.entitlements.filter(superseded_by_order="").values_list("amount_yen", flat=True))
            self.attempt("supplement", lambda: supplement(
                case, corrected_yen=due + MORE, given=self._order(), actor=officer, at=at))  # fmt: skip

    @rule(who=st.sampled_from(["officer", "officer2"]))
    def decide_supplements(self, who: str) -> None:
        for made in DecisionList.objects.filter(kind="supplement", state="open").order_by("pk"):
            self.attempt("decide supplement", lambda one=made: decide(
                one, sha256=one.sha256, actor=self.money.staff[who], at=self.money.at))  # fmt: skip

    @rule(which=ANY, yen=st.sampled_from([-MORE, MORE]))
    def correct(self, which: int, yen: int) -> None:
        """Another amount is right: before payment it takes the place of the old one, afterwards the rest is claimed."""
        case: Case = self.case(which)
        self.attempt("correct", lambda: correct(
            case, right_yen=case.entitlement.amount_yen + yen, given=self._order(), actor=self.money.staff["officer"],
            at=self.money.at))  # fmt: skip

    def _order(self) -> Given:
        return Given(
            f"福祉第{EntitlementOrder.objects.count() + 1}号", "amount", "児童一人を数えていなかった"
        )

    @rule(which=ANY, yen=st.sampled_from([None, 10_000]))
    def claim(self, which: int, yen: int | None) -> None:
        if row := self.transfer(which, "sent", "settled", "returned"):
            self.attempt("claim", lambda: open_claim(
                row, reason="not_due", why="課税世帯と判明", order="福祉第12号", amount_yen=yen,
                actor=self.money.staff["officer"], at=self.money.at))  # fmt: skip

    @rule(
        which=ANY,
        yen=st.sampled_from([1_000, 0, -1_000]),
        how=st.sampled_from(["pay", "pay", "cancel", "waive"]),
    )
    def go_on_with_a_claim(self, which: int, yen: int, how: str) -> None:
        """Asked for, and then paid in part, whole or too much (`yen` beside what is left); or taken back, or given up."""
        rows = Claim.objects.filter(state__in=UNDER_WAY).order_by("pk")
        if not rows.exists():
            return
        found, officer, at = rows[which % rows.count()], self.money.staff["officer"], self.money.at
        if how == "cancel":
            self.attempt("cancel claim", lambda: cancel(found, why="誤り", actor=officer, at=at))
            return
        due = at.date() + timedelta(days=30)
        self.attempt("notice", lambda: notice(found, due_on=due, actor=officer, at=at))
        if how == "waive":
            self.attempt("waive", lambda: waive(found, why="生活困窮", actor=officer, at=at))
        else:
            left = facts_of(found).left_yen
            self.attempt("repay", lambda: receive_payment(
                found, amount_yen=left + yen, received_on=at.date(), receipt=f"領-{ClaimPayment.objects.count() + 1}",
                actor=self.money.staff["treasurer"], at=at))  # fmt: skip
