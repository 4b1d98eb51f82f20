"""The hall: one narrow row per recipient, programme and payout, its stage beside it, its history behind it."""

from django.db import models

from todoku.case.stages import STAGES
from todoku.programme.tables import Programme, Version
from todoku.registry.tables import Recipient

__all__ = ["Case", "CaseStage", "Move", "CaseEvent", "Entitlement", "DoorKey", "NotDue"]


class Case(models.Model):
    """A case (案件) with its public 13-digit number, printed 4-4-5 and never containing a valid My Number."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    payout = models.PositiveSmallIntegerField(default=1)
    municipality_code = models.CharField(max_length=6)
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="cases")
    number = models.CharField(max_length=13)
    cohort = models.CharField(max_length=30)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="a_case_number_is_given_once"),
            models.UniqueConstraint(
                fields=["programme", "payout", "recipient"], name="a_recipient_has_one_case"
            ),
            models.CheckConstraint(
                condition=models.Q(number__regex=r"^\d{13}$"), name="a_case_number_has_13_digits"
            ),
        ]

    @property
    def entitlement(self) -> "Entitlement":
        """What the case was opened with, or what an order put in its place; supplements come beside it."""
        return next(one for one in self.entitlements.all() if one.part == 1 and not one.superseded_by_order)

    @property
    def printed_number(self) -> str:
        return f"{self.number[:4]}-{self.number[4:8]}-{self.number[8:]}"


class Move(models.Model):
    """One act that moved cases (遷移): many at once, with its reason, actor and count."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    to_stage = models.CharField(max_length=20)
    why = models.CharField(max_length=100)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=60)
    at = models.DateTimeField()
    count = models.BigIntegerField(default=0)


class CaseStage(models.Model):
    """Where a case stands (段階); a narrow table of its own so that a bulk move touches no index. Written by move only."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="standing")
    stage = models.CharField(max_length=20)
    previous = models.CharField(max_length=20, blank=True)
    move_stamp = models.BigIntegerField()
    since = models.DateTimeField()

    class Meta:
        # The migration adds a_move_follows_an_arrow: (previous, stage) is a pair of stages.ARROWS.
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stage__in=list(STAGES)), name="a_stage_is_one_of_the_list"
            )
        ]


class CaseEvent(models.Model):
    """One step in a case's history (経過). Append-only."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    move = models.ForeignKey(Move, on_delete=models.PROTECT)
    from_stage = models.CharField(max_length=20)
    to_stage = models.CharField(max_length=20)
    at = models.DateTimeField()


class Entitlement(models.Model):
    """The amount due (支給予定額) in yen under one Version; the transfer's foreign key carries this amount.

    Part 1 is what the case was opened with. A later part is a supplement (追給): `corrected_yen` is then the whole amount
    that is right, which all parts together never exceed. An order of the municipality may supersede a part; the row stays.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="entitlements", db_index=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    payout = models.PositiveSmallIntegerField(default=1)
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, db_index=False)
    part = models.PositiveSmallIntegerField(default=1, db_default=1)
    amount_yen = models.BigIntegerField()
    member_count = models.PositiveIntegerField()
    corrected_yen = models.BigIntegerField(null=True)
    why = models.CharField(max_length=200, blank=True, db_default="")
    superseded_by_order = models.CharField(max_length=100, blank=True, db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "part"],
                condition=models.Q(superseded_by_order=""),
                name="a_case_is_due_each_part_once",
            ),
            models.UniqueConstraint(
                fields=["id", "case", "part", "amount_yen"], name="entitlement_with_its_amount"
            ),
            models.CheckConstraint(
                condition=models.Q(amount_yen__gt=0), name="an_entitlement_is_positive_yen"
            ),
            models.CheckConstraint(
                condition=models.Q(part=1)
                | (models.Q(part__gt=1, corrected_yen__gte=models.F("amount_yen")) & ~models.Q(why="")),
                name="a_supplement_says_the_corrected_amount_and_why",
            ),
        ]


class DoorKey(models.Model):
    """What opens a case for its resident (照会の鍵): keyed digests only, never the birth date or the letter's key.

    lookup_token = HMAC(number + birth date); key_token = HMAC(number + key printed inside the letter).
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True)
    lookup_token = models.CharField(max_length=64, null=True)
    key_token = models.CharField(max_length=64)
    initials = models.CharField(max_length=20)
    issue = models.PositiveSmallIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["lookup_token"], name="door_by_lookup_token")]


class NotDue(models.Model):
    """A recipient for whom no case was opened (対象外), and why; judged anew each time cases are opened."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    payout = models.PositiveSmallIntegerField(default=1)
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT)
    reason = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "payout", "recipient"], name="a_recipient_is_not_due_for_one_reason"
            )
        ]
