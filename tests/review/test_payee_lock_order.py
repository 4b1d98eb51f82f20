"""Who receives instead is confirmed while others work at the same case: both finish, whoever comes first, and once only."""

import pytest

from tests.review.test_change_questions import change_of, second_of, with_family
from tests.review.test_lock_order import both
from todoku.case.decide_change import CannotDecide
from todoku.case.late_tables import LaterChange, PayeeProposal
from todoku.case.tables import Case
from todoku.ground.step import Refusal
from todoku.intake.tell_decline import Told, tell_decline
from todoku.payment.confirm_decline import confirm_decline
from todoku.review.decide import decide, make_list
from todoku.review.settle_change import settle_change
from todoku.review.settle_payee import settle_payee
from todoku.review.tables import Decision
from todoku.review.withdraw import withdraw


class Named:
    """A case on an open list, of which a change waits; a word about declining waits as well."""

    def __init__(self, office):
        self.office, self.one = office, with_family(office)[0]
        office.arrive(office.form(self.one))
        self.first, _ = office.both()
        self.manager, self.officer = office.staff["manager"], office.staff["officer"]
        self.made = make_list(programme=office.programme, actor=self.manager, at=office.later())
        self.case = Case.objects.select_related("programme", "recipient").get(pk=self.one.case)
        self.change = change_of(office, self.one, waits_for="successor")
        self.word = tell_decline(
            self.case, Told("decline", "phone", "本人"), actor=self.manager, at=office.later()
        )
        self.at = office.later()

    def proposed(self):
        """The same case, off its list, once the manager has named another payee."""
        self.propose()
        self.at = self.office.later()
        return self

    def propose(self):
        return settle_change(
            self.change, then="new_head", order="決裁第4号", payee=second_of(self.one), actor=self.manager, at=self.at
        )  # fmt: skip

    def _proposal(self):
        return PayeeProposal.objects.select_related("change").get()

    def confirm(self):
        return settle_payee(self._proposal(), confirmed=True, actor=self.officer, at=self.at)

    def confirm_too(self):
        return settle_payee(self._proposal(), confirmed=True, actor=self.office.staff["officer2"], at=self.at)

    def take_back(self):
        return settle_payee(
            self._proposal(), confirmed=False, why="書き間違い", actor=self.manager, at=self.at
        )

    def decide(self):
        return decide(self.made, sha256=self.made.sha256, actor=self.officer, at=self.at)

    def withdraw(self):
        return withdraw(self.first, why="見誤り", actor=self.office.staff["reviewer1"], at=self.at)

    def decline(self):
        return confirm_decline(self.word, second="letter", words="辞退届", actor=self.manager, at=self.at)

    def sound(self):
        """The payee is another exactly where the proposal is confirmed, and while one is named nobody is decided."""
        one, change = PayeeProposal.objects.first(), LaterChange.objects.get()
        head = Case.objects.get(pk=self.case.pk).recipient.head_id
        confirmed = one is not None and one.state == "confirmed"
        assert (head == second_of(self.one).pk) == confirmed == (change.state == "done")
        in_force = Decision.objects.filter(case=self.case, in_force=True).exists()
        assert in_force == (self.office.stage(self.one) == "decided") and (one is None or not in_force)


@pytest.mark.parametrize("kept", ["programme", "list", "stage"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("propose", "decide"), ("decide", "propose"), ("confirm", "withdraw"), ("withdraw", "confirm"),
        ("confirm", "decline"), ("decline", "confirm"),
    ],
)  # fmt: skip
def test_a_payee_is_named_and_confirmed_while_others_decide_or_end_the_case(office, first, second, kept):
    named = Named(office)
    if "propose" not in (first, second):
        named.proposed()
    results = both(getattr(named, first), getattr(named, second), kept)
    assert not isinstance(results[0], Refusal) or not isinstance(results[1], Refusal)
    named.sound()


@pytest.mark.parametrize("kept", ["programme", "stage"])
@pytest.mark.parametrize(("first", "second"), [("confirm", "confirm_too"), ("take_back", "confirm")])
def test_a_proposal_is_answered_once(office, first, second, kept):
    named = Named(office).proposed()
    results = both(getattr(named, first), getattr(named, second), kept)
    assert [isinstance(one, CannotDecide) for one in results].count(True) == 1
    named.sound()
