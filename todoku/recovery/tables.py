"""Amounts put right by order, and money that must come back (返還): the claim, its plan, what was paid on it.

Only the municipality waives or writes off.
"""

from django.db import models

from todoku.case.tables import Case
from todoku.payment.tables import Transfer
from todoku.people.tables import Staff
from todoku.programme.tables import Programme

__all__ = [
    "EntitlementOrder",
    "WaitingSplit",
    "Claim",
    "Instalment",
    "ClaimPayment",
    "PaymentReversal",
    "ClaimNotice",
]


class EntitlementOrder(models.Model):
    """An order that puts right who is counted or how much is due (職権による変更), with both amounts. Append-only.

    `part` is the part of the entitlement that it made. Of a split-off, `new_case` is the case of those who left: it is
    never shown with the case that they left.
    """

    KINDS = [
        ("split_off", "世帯からの分離"),
        ("correction", "支給予定額の訂正"),
        ("supplement", "追給"),
        ("account", "追給の口座の変更"),
    ]
    REASONS = [
        ("dv", "配偶者等からの暴力による避難"), ("facility", "施設への入所の申出"), ("household", "世帯の誤り"),
        ("amount", "支給額の誤り"),
    ]  # fmt: skip
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="orders")
    kind = models.CharField(max_length=12, choices=KINDS)
    reason = models.CharField(max_length=12, choices=REASONS)
    number = models.CharField(max_length=60)
    why = models.CharField(max_length=200)
    part = models.PositiveSmallIntegerField(default=1)
    before_yen = models.BigIntegerField()
    after_yen = models.BigIntegerField()
    members_left = models.PositiveSmallIntegerField(default=0)
    new_case = models.OneToOneField(Case, on_delete=models.PROTECT, null=True, related_name="split_off_by")
    claim = models.OneToOneField("Claim", on_delete=models.PROTECT, null=True, related_name="ordered_by")
    given_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "number"], name="an_order_is_given_once"),
            models.CheckConstraint(
                condition=~models.Q(number="") & ~models.Q(why=""), name="an_order_has_a_number_and_a_reason"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="split_off", new_case__isnull=False, members_left__gt=0)
                | (
                    models.Q(kind__in=["correction", "supplement", "account"], new_case__isnull=True)
                    & models.Q(members_left=0)
                ),
                name="an_order_is_of_a_known_kind",
            ),
        ]


class WaitingSplit(models.Model):
    """A split-off ordered while the payment stands with the bank (分離の見合わせ), with its clock, until it is carried out
    (`order`) or let go by a person with a reason."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="waiting_splits")
    persons = models.JSONField(default=list)
    head_id = models.BigIntegerField()
    postal_code = models.CharField(max_length=7, blank=True)
    address = models.CharField(max_length=300)
    building = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    protected = models.BooleanField()
    number = models.CharField(max_length=60)
    reason = models.CharField(max_length=12)
    why = models.CharField(max_length=200)
    given_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    due_on = models.DateField()
    ended_at = models.DateTimeField(null=True)
    order = models.OneToOneField(EntitlementOrder, on_delete=models.PROTECT, null=True, related_name="waited")
    ended_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    end_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(ended_at__isnull=True), name="a_split_off_waits_once"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, order__isnull=True, ended_by__isnull=True)
                | models.Q(ended_at__isnull=False, order__isnull=False, ended_by__isnull=True)
                | (
                    models.Q(ended_at__isnull=False, order__isnull=True, ended_by__isnull=False)
                    & ~models.Q(end_why="")
                ),
                name="a_waiting_split_off_is_carried_out_or_let_go",
            ),
        ]


class Claim(models.Model):
    """A claim for repayment (返還請求) against the payee of one transfer. Nothing is set off against another benefit."""

    # What stands in the letter. Of a split-off it says no more: nobody learns from it that somebody left, or why.
    REASONS = [
        ("split_off", "支給額の算定の変更"), ("not_due", "支給要件に該当しない"), ("overpaid", "支給額の誤り"),
        ("duplicate", "重複支給"), ("fraud", "偽りその他不正の手段"),
    ]  # fmt: skip
    STATES = [
        ("open", "請求の準備"), ("noticed", "請求中"), ("disputed", "申立てにより停止中"), ("paid", "完納"),
        ("cancelled", "請求の取消し"), ("waived", "免除"), ("written_off", "不納欠損"),
    ]  # fmt: skip
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="claims")
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="claims")
    reason = models.CharField(max_length=12, choices=REASONS)
    why = models.CharField(max_length=200)
    order = models.CharField(max_length=100)
    amount_yen = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=STATES, default="open")
    slip_number = models.CharField(max_length=12, unique=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    end_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_yen__gt=0), name="a_claim_is_positive_yen"),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["open", "noticed", "disputed", "paid", "cancelled", "waived", "written_off"]
                ),
                name="a_claim_state_is_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["waived", "written_off", "cancelled"])
                | (models.Q(ended_by__isnull=False) & ~models.Q(end_why="")),
                name="a_claim_is_given_up_by_a_person_with_a_reason",
            ),
        ]


class Instalment(models.Model):
    """One part of a plan to pay a claim (分割納付): due date and yen; a new plan replaces the open one."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="instalments")
    plan = models.PositiveSmallIntegerField(default=1)
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    amount_yen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "plan", "number"], name="instalments_count_up"),
            models.CheckConstraint(
                condition=models.Q(amount_yen__gt=0), name="an_instalment_is_positive_yen"
            ),
        ]


class ClaimPayment(models.Model):
    """Money paid on a claim (返還金の納付): the bank's or the counter's receipt, once. Append-only but for `reversed_at`.

    `refund_of` marks the refund (還付) of what was paid too much. What was keyed wrongly is reversed by two persons
    (PaymentReversal): it counts as nothing from then on, and its number may be keyed again.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="payments")
    amount_yen = models.BigIntegerField()
    # Of the amount, what exceeds the claim and must be refunded (過誤納金).
    excess_yen = models.BigIntegerField(default=0)
    received_on = models.DateField()
    receipt = models.CharField(max_length=60)
    refund_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False)
    at = models.DateTimeField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receipt"],
                condition=models.Q(reversed_at__isnull=True),
                name="a_payment_on_a_claim_is_booked_once",
            ),
            models.UniqueConstraint(
                fields=["refund_of"],
                condition=models.Q(reversed_at__isnull=True),
                name="a_payment_is_refunded_once",
            ),
            models.CheckConstraint(
                condition=models.Q(amount_yen__gt=0, excess_yen__gte=0)
                & models.Q(excess_yen__lte=models.F("amount_yen")),
                name="a_payment_on_a_claim_is_positive_yen",
            ),
        ]


class PaymentReversal(models.Model):
    """A wrongly keyed payment or refund that one person proposed to take back and another confirms or gives up (納付の取消し)."""

    payment = models.ForeignKey(ClaimPayment, on_delete=models.PROTECT, related_name="reversals")
    reason = models.CharField(max_length=200)
    proposed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    given_up_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payment"],
                condition=models.Q(given_up_at__isnull=True),
                name="a_payment_is_reversed_once",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_reversed_payment_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | (
                    models.Q(confirmed_at__isnull=False, confirmed_by__isnull=False, given_up_at__isnull=True)
                    & ~models.Q(confirmed_by=models.F("proposed_by"))
                ),
                name="another_person_confirms_a_reversed_payment",
            ),
        ]


class ClaimNotice(models.Model):
    """A letter on a claim (請求・督促・催告): when, until when; a notice renews the prescription. Append-only."""

    KINDS = [("notice", "返還請求"), ("reminder", "督促"), ("call", "催告"), ("acknowledged", "債務の承認")]
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=12, choices=KINDS)
    sent_on = models.DateField()
    due_on = models.DateField()
    letter = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=60)
