"""Decision → transfer → sealed batch → bank file → result. The money constraints stand here and in the migrations."""

from django.db import models

from todoku.case.tables import Case, Entitlement
from todoku.custody.tables import Parcel
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.registry.tables import Recipient
from todoku.review.tables import Decision

__all__ = [
    "Batch", "BatchFile", "Transfer", "Approval", "SendRecord", "Confirmation", "BankInquiry", "HandedAgain",
    "BankReport", "Result",
]  # fmt: skip

RAILS = [
    ("bank", "口座振込"),
    ("gift", "デジタルギフト"),
    ("cash", "窓口で現金"),
    ("registered_mail", "現金書留"),
]
LIVE = ["ready", "sealed", "sending", "sent", "settled"]


class Batch(models.Model):
    """A payment batch (振込データ): open → sealed on its manifest's digest → approved → sending → sent → reconciled.

    A batch is one or several bank files. `sha256` is the digest of the manifest (振込データ明細書), which names the digest
    of every file and of the decision lists that it pays.
    """

    STATES = [
        ("open", "作成中"), ("sealed", "承認待ち"), ("approved", "承認済"), ("sending", "結果不明（受付の確認待ち）"),
        ("sent", "振込依頼済"), ("reconciled", "結果取込済"), ("void", "取消"),
    ]  # fmt: skip
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    rail = models.CharField(max_length=16, choices=RAILS, default="bank", db_default="bank")
    state = models.CharField(max_length=10, choices=STATES, default="open")
    value_date = models.DateField()
    # 会計年度・科目・支出命令番号: what the municipality's books know this payment by; needed before it is sealed.
    fiscal_year = models.PositiveSmallIntegerField()
    budget_item = models.CharField(max_length=60, blank=True)
    payment_order = models.CharField(max_length=40, blank=True)
    count = models.BigIntegerField(default=0)
    total_yen = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, null=True, unique=True)
    manifest = models.ForeignKey(Parcel, on_delete=models.PROTECT, null=True, related_name="+")
    lines = models.ForeignKey(Parcel, on_delete=models.PROTECT, null=True, related_name="+")
    maker = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    sealed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    sealed_at = models.DateTimeField(null=True)
    # The cancel window: a batch that is approved can be stopped by either side until then, and not taken before.
    releasable_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["open", "sealed", "approved", "sending", "sent", "reconciled", "void"]
                ),
                name="a_batch_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "void"])
                | models.Q(sha256__isnull=False, manifest__isnull=False)
                & ~models.Q(budget_item="")
                & ~models.Q(payment_order=""),
                name="a_sealed_batch_has_a_digest",
            ),
            models.CheckConstraint(
                condition=models.Q(rail__in=[code for code, _ in RAILS]),
                name="a_batch_goes_over_a_known_rail",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "sealed", "void"])
                | models.Q(releasable_at__isnull=False),
                name="an_approved_batch_has_a_cancel_window",
            ),
        ]


class BatchFile(models.Model):
    """One bank file of a batch (振込ファイル), as sealed: a batch may need several. Append-only."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="files")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, unique=True)
    count = models.BigIntegerField()
    total_yen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="files_of_a_batch_count_up"),
            models.CheckConstraint(
                condition=models.Q(count__gt=0, count__lte=999_999), name="a_trailer_counts_six_digits"
            ),
        ]


class Transfer(models.Model):
    """A payment (振込・支払) over one rail, with its own 10-digit number: the bank file's customer code 1."""

    STATES = [
        ("ready", "振込待ち"), ("sealed", "確定"), ("sending", "結果不明"), ("sent", "振込依頼済"),
        ("settled", "振込済"), ("returned", "振込不能"), ("void", "取消"),
    ]  # fmt: skip
    # Each index is written again whenever a batch moves: a foreign key has one of its own only where none other serves.
    number = models.CharField(max_length=10)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    payout = models.PositiveSmallIntegerField(default=1)
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, db_index=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="transfers")
    part = models.PositiveSmallIntegerField(default=1, db_default=1)
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, db_index=False)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT)
    amount_yen = models.BigIntegerField()
    rail = models.CharField(max_length=16, choices=RAILS, default="bank", db_default="bank")
    # The account, of the bank rail alone.
    bank = models.CharField(max_length=4, blank=True)
    branch = models.CharField(max_length=3, blank=True)
    kind = models.PositiveSmallIntegerField(default=0)
    account_number = models.CharField(max_length=7, blank=True)
    holder_kana = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=10, choices=STATES, default="ready")
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, related_name="transfers", db_index=False
    )
    file_number = models.PositiveSmallIntegerField(null=True)
    line = models.PositiveIntegerField(null=True)
    retry_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            # The paid list does not exist apart from this index: every double payment we know of came from a second list.
            # It holds over every rail: bank, gift and cash are one list.
            models.UniqueConstraint(
                fields=["programme", "payout", "recipient", "part"],
                condition=models.Q(state__in=LIVE),
                name="one_live_transfer_per_recipient",
            ),
            models.UniqueConstraint(fields=["number"], name="a_transfer_number_is_given_once"),
            models.UniqueConstraint(
                fields=["batch", "file_number", "line"], name="a_line_of_a_file_is_one_transfer"
            ),
            # A retry that was voided never went to a bank; another one may take its place.
            models.UniqueConstraint(
                fields=["retry_of"],
                condition=models.Q(retry_of__isnull=False) & ~models.Q(state="void"),
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
            models.CheckConstraint(
                condition=models.Q(
                    rail="bank", bank__regex=r"^\d{4}$", branch__regex=r"^\d{3}$",
                    account_number__regex=r"^\d{7}$", kind__gt=0,
                ) & ~models.Q(holder_kana="")
                | models.Q(rail__in=["gift", "cash", "registered_mail"], bank="", branch="", account_number="", kind=0),
                name="only_a_bank_transfer_has_an_account",
            ),
        ]  # fmt: skip


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
    """The municipality took a file to hand it to the bank (振込依頼): once per file, once per digest, ever. Append-only.

    It is the intent: from here on the outcome is unknown until the bank's receipt is on record (Confirmation).
    """

    file = models.OneToOneField(
        BatchFile, on_delete=models.PROTECT, primary_key=True, related_name="send_record"
    )
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="send_records")
    sha256 = models.CharField(max_length=64, unique=True)
    taken_by = models.ForeignKey(Staff, on_delete=models.PROTECT)
    at = models.DateTimeField()


class BankInquiry(models.Model):
    """What the bank said when asked by digest whether it has a file (依頼結果の照会). Append-only."""

    ANSWERS = [("received", "受け付けている"), ("not_received", "受け付けていない"), ("unknown", "確認中")]
    file = models.ForeignKey(BatchFile, on_delete=models.PROTECT, related_name="inquiries")
    sha256 = models.CharField(max_length=64)
    answer = models.CharField(max_length=12, choices=ANSWERS)
    # Who answered at the bank, and the bank's own number of the answer or of the receipt.
    bank_person = models.CharField(max_length=60)
    reference = models.CharField(max_length=60, blank=True)
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answer__in=["received", "not_received", "unknown"]),
                name="a_banks_answer_is_known",
            ),
            models.CheckConstraint(condition=~models.Q(bank_person=""), name="an_answer_is_somebodys"),
        ]


class Confirmation(models.Model):
    """The bank has the file (受付の確認): its receipt number, from the hand-over or from an inquiry. Append-only."""

    file = models.OneToOneField(
        BatchFile, on_delete=models.PROTECT, primary_key=True, related_name="confirmation"
    )
    receipt = models.CharField(max_length=60)
    inquiry = models.OneToOneField(BankInquiry, on_delete=models.PROTECT, null=True)
    confirmed_by = models.ForeignKey(Staff, on_delete=models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(receipt=""), name="a_confirmation_has_a_receipt")
        ]


class HandedAgain(models.Model):
    """The same bytes handed over once more, after the bank said it never had them (再持込): two persons. Append-only."""

    inquiry = models.OneToOneField(BankInquiry, on_delete=models.PROTECT, primary_key=True)
    taken_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(taken_by=models.F("second")), name="two_persons_hand_a_file_over_again"
            )
        ]


class BankReport(models.Model):
    """The bank's report on a batch (振込結果): the file as received, matched line by line."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="reports")
    # What came on paper or by telephone is keyed on a screen: then there is no file.
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, null=True)
    # "result" settles what it does not name; "late" names transfers that came back after their batch was reconciled.
    kind = models.CharField(max_length=8, default="result", db_default="result")
    returned = models.BigIntegerField()
    settled = models.BigIntegerField()
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=60)


class Result(models.Model):
    """A returned transfer (振込不能) as the bank reported it; what is not reported as returned is settled."""

    REASONS = [
        ("NO_ACCOUNT", "該当口座なし"), ("NAME_MISMATCH", "名義相違"), ("CLOSED", "解約済"), ("BLOCKED", "入金停止"),
        ("BRANCH_ABOLISHED", "店舗廃止"), ("TYPE_MISMATCH", "種目相違"), ("RECALLED", "組戻し"), ("OTHER", "その他"),
    ]  # fmt: skip
    report = models.ForeignKey(BankReport, on_delete=models.PROTECT, related_name="results")
    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="result")
    reason = models.CharField(max_length=20, choices=REASONS)
    returned_on = models.DateField(null=True)
    at = models.DateTimeField()
