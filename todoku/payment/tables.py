"""Decision → transfer → sealed batch → bank file → result. The money constraints stand here and in the migrations."""

from django.db import models

from todoku.case.tables import Case, Entitlement
from todoku.custody.tables import Parcel
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.registry.tables import Recipient
from todoku.review.tables import Decision

__all__ = ["Batch", "Transfer", "Approval", "SendRecord", "BankReport", "Result"]

LIVE = ["ready", "sealed", "sending", "sent", "settled"]


class Batch(models.Model):
    """A payment batch (振込データ): open → sealed on a digest → approved → sent → reconciled."""

    STATES = [
        ("open", "作成中"), ("sealed", "承認待ち"), ("approved", "承認済"), ("sent", "振込依頼済"),
        ("reconciled", "結果取込済"), ("void", "取消"),
    ]  # fmt: skip
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    state = models.CharField(max_length=10, choices=STATES, default="open")
    value_date = models.DateField()
    count = models.BigIntegerField(default=0)
    total_yen = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, null=True, unique=True)
    file = models.ForeignKey(Parcel, on_delete=models.PROTECT, null=True, related_name="+")
    maker = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    sealed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    sealed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "sealed", "approved", "sent", "reconciled", "void"]),
                name="a_batch_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "void"]) | models.Q(sha256__isnull=False),
                name="a_sealed_batch_has_a_digest",
            ),
        ]


class Transfer(models.Model):
    """A transfer (振込) with its own 10-digit number for the bank file's customer code 1."""

    STATES = [
        ("ready", "振込待ち"), ("sealed", "確定"), ("sending", "結果不明"), ("sent", "振込依頼済"),
        ("settled", "振込済"), ("returned", "振込不能"), ("void", "取消"),
    ]  # fmt: skip
    # Each index is written again whenever a batch moves: a foreign key has one of its own only where none other serves.
    number = models.CharField(max_length=10)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    payout = models.PositiveSmallIntegerField(default=1)
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="transfers")
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, db_index=False)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT)
    amount_yen = models.BigIntegerField()
    bank = models.CharField(max_length=4)
    branch = models.CharField(max_length=3)
    kind = models.PositiveSmallIntegerField()
    account_number = models.CharField(max_length=7)
    holder_kana = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=STATES, default="ready")
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, related_name="transfers", db_index=False
    )
    line = models.PositiveIntegerField(null=True)
    retry_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            # The paid list does not exist apart from this index: every double payment we know of came from a second list.
            models.UniqueConstraint(
                fields=["programme", "payout", "recipient"],
                condition=models.Q(state__in=LIVE),
                name="one_live_transfer_per_recipient",
            ),
            models.UniqueConstraint(fields=["number"], name="a_transfer_number_is_given_once"),
            models.UniqueConstraint(fields=["batch", "line"], name="a_line_of_a_file_is_one_transfer"),
            # A retry that was voided never went to a bank; another one may take its place.
            models.UniqueConstraint(
                fields=["retry_of"],
                condition=~models.Q(state="void"),
                name="a_returned_transfer_is_retried_once",
            ),
            models.CheckConstraint(
                condition=models.Q(number__regex=r"^\d{10}$"), name="a_transfer_number_has_10_digits"
            ),
            models.CheckConstraint(
                condition=models.Q(amount_yen__gt=0, amount_yen__lt=10_000_000_000),
                name="an_amount_fits_ten_digits",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["ready", "sealed", "sending", "sent", "settled", "returned", "void"]
                ),
                name="a_transfer_state_is_known",
            ),
        ]


class Approval(models.Model):
    """An approval (承認) of one digest: one side office, one side municipality; never the maker or sealer. Append-only."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="approvals")
    side = models.CharField(max_length=12, choices=[("office", "事務局"), ("municipality", "出納")])
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "side"], name="each_side_approves_once"),
            models.UniqueConstraint(fields=["batch", "staff"], name="a_person_approves_a_batch_once"),
        ]


class SendRecord(models.Model):
    """The municipality took the file to the bank (振込依頼): once per batch, once per digest, ever. Append-only."""

    batch = models.OneToOneField(Batch, on_delete=models.PROTECT, primary_key=True)
    sha256 = models.CharField(max_length=64, unique=True)
    taken_by = models.ForeignKey(Staff, on_delete=models.PROTECT)
    bank_receipt = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()


class BankReport(models.Model):
    """The bank's report on a batch (振込結果): the file as received, matched line by line."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="reports")
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT)
    returned = models.BigIntegerField()
    settled = models.BigIntegerField()
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=60)


class Result(models.Model):
    """A returned transfer (振込不能) as the bank reported it; what is not reported as returned is settled."""

    REASONS = [
        ("NO_ACCOUNT", "該当口座なし"), ("NAME_MISMATCH", "名義相違"), ("CLOSED", "解約済"), ("BLOCKED", "入金停止"),
        ("BRANCH_ABOLISHED", "店舗廃止"), ("TYPE_MISMATCH", "種目相違"), ("OTHER", "その他"),
    ]  # fmt: skip
    report = models.ForeignKey(BankReport, on_delete=models.PROTECT, related_name="results")
    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="result")
    reason = models.CharField(max_length=20, choices=REASONS)
    returned_on = models.DateField(null=True)
    at = models.DateTimeField()
