"""What the bank is asked and answers, kept beside the sealed rows; no sealed row is ever rewritten."""

from django.db import models

from todoku.case.tables import Case
from todoku.custody.tables import Parcel
from todoku.intake.tables import AccountVersion
from todoku.payment.tables import Transfer
from todoku.people.tables import Staff
from todoku.programme.tables import Programme

__all__ = ["AccountInquiry", "InquiredAccount", "BankQuery", "Recall"]


class AccountInquiry(models.Model):
    """A file of accounts put to the bank before the first payment (振込口座照会 98), and its answer (99)."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="+")
    count = models.BigIntegerField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    answer = models.ForeignKey(Parcel, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)


class InquiredAccount(models.Model):
    """One account of an inquiry and the bank's answer (照会回答): 0 confirmed, 1 no account, 2 another name, 9 other."""

    inquiry = models.ForeignKey(AccountInquiry, on_delete=models.PROTECT, related_name="accounts")
    line = models.PositiveIntegerField()
    account = models.ForeignKey(AccountVersion, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    answer = models.CharField(max_length=1, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inquiry", "line"], name="a_line_of_an_inquiry_is_one_account"),
            models.CheckConstraint(
                condition=models.Q(answer__in=["", "0", "1", "2", "9"]), name="an_inquiry_answer_is_known"
            ),
        ]


class BankQuery(models.Model):
    """The bank asks before it returns (口座相違の照会); answered by an amendment (訂正依頼) or by "return it".

    The sealed row stays as it is: the amended account stands beside it, with two persons, and is the one really credited.
    """

    ANSWERS = [("amend", "訂正を依頼"), ("return", "返却を依頼")]
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="queries")
    question = models.CharField(max_length=200)
    asked_on = models.DateField()
    # The sender must answer by the bank day after next (翌々営業日), or the money comes back.
    due_on = models.DateField()
    opened_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    answer = models.CharField(max_length=6, choices=ANSWERS, blank=True)
    bank = models.CharField(max_length=4, blank=True)
    branch = models.CharField(max_length=3, blank=True)
    kind = models.PositiveSmallIntegerField(default=0)
    account_number = models.CharField(max_length=7, blank=True)
    holder_kana = models.CharField(max_length=30, blank=True)
    why = models.CharField(max_length=200, blank=True)
    proposed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["transfer"],
                condition=models.Q(answered_at__isnull=True),
                name="a_transfer_is_queried_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True)
                | (
                    models.Q(answer__in=["amend", "return"], proposed_by__isnull=False, answered_by__isnull=False)
                    & ~models.Q(answered_by=models.F("proposed_by"))
                    & ~models.Q(why="")
                ),
                name="two_persons_answer_the_bank",
            ),
            models.CheckConstraint(
                condition=~models.Q(answer="amend")
                | models.Q(
                    bank__regex=r"^\d{4}$", branch__regex=r"^\d{3}$", account_number__regex=r"^\d{7}$", kind__gt=0
                ),
                name="an_amendment_names_an_account",
            ),
        ]  # fmt: skip


class Recall(models.Model):
    """A request to take a transfer back from the bank (組戻し): asked, sent to the bank, returned or refused; with a clock."""

    STATES = [
        ("asked", "依頼の承認待ち"), ("sent", "金融機関へ依頼済"), ("returned", "返却された"),
        ("refused", "応じられない"), ("withdrawn", "取りやめ"),
    ]  # fmt: skip
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="recalls")
    state = models.CharField(max_length=9, choices=STATES, default="asked")
    reason = models.CharField(max_length=200)
    due_on = models.DateField()
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    sent_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["transfer"],
                condition=models.Q(state__in=["asked", "sent"]),
                name="a_transfer_is_recalled_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["asked", "sent", "returned", "refused", "withdrawn"]),
                name="a_recall_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["asked", "withdrawn"])
                | (models.Q(sent_by__isnull=False) & ~models.Q(sent_by=models.F("asked_by"))),
                name="two_persons_recall_a_transfer",
            ),
        ]
