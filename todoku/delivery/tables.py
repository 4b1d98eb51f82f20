"""What the other rails keep: digital gift codes, cash at the counter, registered mail. A code is money.

The codes themselves are kept encrypted (see payment/code_box.py); nothing here holds one in clear.
"""

from django.db import models

from todoku.custody.tables import Parcel
from todoku.payment.tables import Transfer
from todoku.people.tables import Staff
from todoku.programme.tables import Programme

__all__ = ["GiftList", "GiftCode", "GiftMessage", "GiftRemainder", "CashPayment"]


class GiftList(models.Model):
    """A sealed list of gift codes from the issuer (ギフトコード一覧): count, value and digest; the codes are in GiftCode."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, null=True)
    sha256 = models.CharField(max_length=64)
    issuer = models.CharField(max_length=60)
    order_number = models.CharField(max_length=60)
    count = models.BigIntegerField()
    total_yen = models.BigIntegerField()
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    # Until the end of this day the issuer has said of every code out with a resident whether it was used.
    reported_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sha256"], name="a_list_of_codes_is_taken_once"),
        ]


class GiftCode(models.Model):
    """One gift code (ギフトコード): value, expiry, where it stands; the URL only as ciphertext and keyed digest."""

    STATES = [
        ("stock", "未割当"), ("assigned", "割当済"), ("delivered", "送付済"), ("redeemed", "利用登録済"),
        ("revoked", "失効"), ("expired", "期限切れ"),
    ]  # fmt: skip
    gift_list = models.ForeignKey(GiftList, on_delete=models.PROTECT, related_name="codes")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    serial = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    sealed_url = models.BinaryField()
    value_yen = models.BigIntegerField()
    expires_on = models.DateField()
    merchant_limit = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=STATES, default="stock")
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, null=True, related_name="codes")
    assigned_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    delivered_by_way = models.CharField(max_length=10, blank=True)
    redeemed_at = models.DateTimeField(null=True)
    # What of its value was spent, where the issuer reports it (利用額); unknown: taken as spent.
    used_yen = models.BigIntegerField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_second = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_why = models.CharField(max_length=200, blank=True)
    # A code put in the place of a lost or revoked one (再発行).
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="a_gift_code_exists_once"),
            models.UniqueConstraint(fields=["gift_list", "serial"], name="a_serial_is_on_a_list_once"),
            models.CheckConstraint(
                condition=models.Q(value_yen__gt=0, value_yen__lte=100_000), name="a_gift_code_has_a_value"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["stock", "assigned", "delivered", "redeemed", "revoked", "expired"]
                ),
                name="a_gift_code_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["stock", "revoked", "expired"])
                | models.Q(transfer__isnull=False),
                name="an_assigned_code_belongs_to_a_transfer",
            ),
            models.CheckConstraint(
                condition=models.Q(used_yen__isnull=True)
                | models.Q(used_yen__gte=0, used_yen__lte=models.F("value_yen")),
                name="no_more_of_a_code_is_used_than_its_value",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="revoked")
                | (
                    models.Q(revoked_by__isnull=False, revoked_second__isnull=False)
                    & ~models.Q(revoked_by=models.F("revoked_second"))
                    & ~models.Q(revoked_why="")
                ),
                name="two_persons_revoke_a_code",
            ),
        ]
        indexes = [
            models.Index(
                fields=["programme", "value_yen", "expires_on", "id"],
                condition=models.Q(state="stock"),
                name="gift_codes_in_stock",
            )
        ]


class GiftMessage(models.Model):
    """One code in a carrier's file (配信): the number by which the carrier names it, and what became of it."""

    OUTCOMES = [("", "回答待ち"), ("sent", "送信済"), ("undeliverable", "不達")]
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="messages")
    code = models.ForeignKey(GiftCode, on_delete=models.PROTECT, related_name="messages")
    number = models.CharField(max_length=20)
    outcome = models.CharField(max_length=14, choices=OUTCOMES, blank=True)
    reason = models.CharField(max_length=100, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # What could not be delivered goes by letter and never by a message again.
            models.UniqueConstraint(fields=["code"], name="a_gift_code_is_messaged_once"),
            models.UniqueConstraint(fields=["parcel", "number"], name="a_message_has_a_number_of_its_own"),
            models.CheckConstraint(
                condition=models.Q(outcome="", answered_at__isnull=True)
                | models.Q(outcome__in=["sent", "undeliverable"], answered_at__isnull=False),
                name="an_answer_on_a_message_has_a_day",
            ),
        ]


class GiftRemainder(models.Model):
    """What was left on the codes of a payment past their last day (残額の整理), as an officer settled it. Append-only."""

    OUTCOMES = [("lapsed", "失効"), ("refunded", "発行元から返金")]
    transfer = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, primary_key=True, related_name="remainder"
    )
    left_yen = models.BigIntegerField()
    outcome = models.CharField(max_length=10, choices=OUTCOMES)
    refunded_yen = models.BigIntegerField()
    # What proves it: the terms that were applied, or the issuer's notice of the refund.
    document = models.CharField(max_length=60)
    settled_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome="lapsed", refunded_yen=0)
                | models.Q(outcome="refunded", refunded_yen__gt=0, refunded_yen__lte=models.F("left_yen")),
                name="no_more_is_refunded_than_was_left",
            ),
            models.CheckConstraint(
                condition=models.Q(left_yen__gt=0) & ~models.Q(document=""),
                name="a_remainder_is_settled_by_a_document",
            ),
        ]


class CashPayment(models.Model):
    """Cash at the counter or by registered mail (現金の支給): by municipal officers alone, with a receipt. Append-only.

    地方自治法243条の2: public money passes only through those whom the municipality has put in charge of it.
    """

    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, primary_key=True, related_name="cash")
    receipt_number = models.CharField(max_length=40)
    # 引受番号 of the registered letter; "" at the counter.
    mail_number = models.CharField(max_length=20, blank=True)
    identity_seen = models.CharField(max_length=60, blank=True)
    paid_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    witness = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["receipt_number"], name="a_cash_receipt_is_given_once"),
            models.CheckConstraint(
                condition=~models.Q(paid_by=models.F("witness")), name="two_officers_hand_cash_over"
            ),
            models.CheckConstraint(
                condition=~models.Q(mail_number="") | ~models.Q(identity_seen=""),
                name="cash_at_the_counter_is_given_to_a_known_person",
            ),
        ]
