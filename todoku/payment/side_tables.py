"""Beside the way of the money: what holds it, halts it, questions it, and who may receive for others.

Holds and halts stop a payment; nothing here ever makes one.
"""

from django.db import models

from todoku.case.tables import Case
from todoku.custody.tables import Parcel
from todoku.payment.tables import Batch
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.registry.tables import Person

__all__ = ["Hold", "SweepRun", "Halt", "SharedPayee", "UnmatchedReturn"]


class Hold(models.Model):
    """A payment held back (保留): a late fact or a quarantine, with an owner and a clock; closed with an outcome.

    A quarantine (隔離) holds from the first person's word; the row leaves its open batch when `second`, another person,
    has confirmed it.
    """

    KINDS = [
        ("death", "死亡"), ("moved", "転出"), ("refusal", "辞退・受給拒否"), ("objection", "異議・申立て"),
        ("account", "口座の変更"), ("earlier", "前の支給回の返還請求"), ("quarantine", "確定前の隔離"),
    ]  # fmt: skip
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=10, choices=KINDS)
    reason = models.CharField(max_length=200)
    owner = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", null=True)
    owner_role = models.CharField(max_length=20)
    due_on = models.DateField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    second = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=models.Q(closed_at__isnull=True),
                name="a_case_is_held_for_a_reason_once",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["death", "moved", "refusal", "objection", "account", "earlier"])
                | (
                    models.Q(kind="quarantine", opened_by__isnull=False)
                    & (models.Q(second__isnull=True) | ~models.Q(opened_by=models.F("second")))
                ),
                name="two_persons_quarantine_a_row",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True)
                | (models.Q(closed_by__isnull=False) & ~models.Q(outcome="")),
                name="a_hold_is_closed_by_a_person_with_an_outcome",
            ),
        ]


class SweepRun(models.Model):
    """One sweep over the money invariants (不変条件の点検): what was checked and how many rows broke each. Append-only."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    checks = models.JSONField(default=dict)
    violations = models.BigIntegerField(default=0)
    occasion = models.CharField(max_length=20)
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=60)


class Halt(models.Model):
    """Sealing and sending stand still (停止) after a sweep found a broken invariant, until two people release it."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    invariant = models.CharField(max_length=10)
    evidence = models.CharField(max_length=300)
    sweep = models.ForeignKey(SweepRun, on_delete=models.PROTECT)
    at = models.DateTimeField()
    first_release_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    first_release_at = models.DateTimeField(null=True)
    release_reason = models.CharField(max_length=200, blank=True)
    released_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "invariant"],
                condition=models.Q(released_at__isnull=True),
                name="an_invariant_halts_a_programme_once",
            ),
            models.CheckConstraint(
                condition=models.Q(released_at__isnull=True)
                | (
                    models.Q(first_release_by__isnull=False, released_by__isnull=False)
                    & ~models.Q(first_release_by=models.F("released_by"))
                    & ~models.Q(release_reason="")
                ),
                name="two_persons_release_a_halt",
            ),
        ]


class SharedPayee(models.Model):
    """An account that may receive for many (代理受領の口座): a facility or guardian, approved by the municipality."""

    KINDS = [("facility", "施設"), ("guardian", "成年後見人等")]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    kind = models.CharField(max_length=10, choices=KINDS)
    name = models.CharField(max_length=100)
    # The facility or guardian of the municipality's list whose account it is: it explains only what that one receives or
    # keeps for others. Null where no list names it: then it explains whatever names the account.
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    bank = models.CharField(max_length=4)
    branch = models.CharField(max_length=3)
    account_kind = models.PositiveSmallIntegerField()
    account_number = models.CharField(max_length=7)
    limit_yen = models.BigIntegerField()
    why = models.CharField(max_length=200)
    proposed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "bank", "branch", "account_kind", "account_number"],
                condition=models.Q(ended_at__isnull=True),
                name="an_account_is_listed_for_many_once",
            ),
            models.CheckConstraint(
                condition=models.Q(limit_yen__gt=0) & ~models.Q(name="") & ~models.Q(why=""),
                name="a_shared_payee_has_a_limit_a_name_and_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_at__isnull=True)
                | (models.Q(approved_by__isnull=False) & ~models.Q(approved_by=models.F("proposed_by"))),
                name="another_person_approves_a_shared_payee",
            ),
        ]


class UnmatchedReturn(models.Model):
    """A line of a bank's report that fits no transfer (照合できない返却): an open question, until somebody resolves it.

    While one stands open, nothing more of the programme is sealed: money may lie with us that is nobody's in our books.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="unmatched")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    # None where the line was keyed from paper or a telephone call.
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, null=True, related_name="+")
    line = models.PositiveIntegerField(default=0)
    number = models.CharField(max_length=10)
    amount_yen = models.BigIntegerField()
    reason = models.CharField(max_length=20)
    returned_on = models.DateField(null=True)
    why = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "parcel", "line"], name="a_line_of_a_report_is_questioned_once"
            ),
            models.CheckConstraint(
                condition=models.Q(resolved_at__isnull=True)
                | (models.Q(resolved_by__isnull=False) & ~models.Q(outcome="")),
                name="an_unmatched_return_is_resolved_by_a_person",
            ),
        ]
