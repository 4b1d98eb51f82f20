"""The books: every yen stands in one place and leaves it only by an entry (複式簿記). Written by ledger/post.py alone."""

from django.db import models

from todoku.case.tables import Case
from todoku.ledger.accounts import ACCOUNTS, KINDS
from todoku.people.tables import Staff
from todoku.programme.tables import Programme

__all__ = ["LedgerEntry", "Correction"]


class LedgerEntry(models.Model):
    """One entry (仕訳): an amount in yen that goes to one account (借方) from another (貸方). Append-only.

    Balanced by its shape: debit and credit of a row are the same amount, so debits equal credits in any set of rows. A
    mistake is taken back by an entry that names it (`reverses`), with a reason and two persons.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    fiscal_year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=[(kind.code, kind.name) for kind in KINDS.values()])
    debit = models.CharField(max_length=20)
    credit = models.CharField(max_length=20)
    amount_yen = models.BigIntegerField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="ledger")
    # What the entry is about: "transfer", "decision", "claim", "batch", "appropriation" …, and its number.
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=60)
    second_id = models.BigIntegerField(null=True)
    second_name = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_yen__gt=0), name="a_ledger_entry_is_positive_yen"
            ),
            models.CheckConstraint(
                condition=~models.Q(debit=models.F("credit")), name="a_ledger_entry_moves_money"
            ),
            models.CheckConstraint(
                condition=models.Q(debit__in=list(ACCOUNTS), credit__in=list(ACCOUNTS)),
                name="a_ledger_account_is_known",
            ),
            models.CheckConstraint(condition=models.Q(kind__in=list(KINDS)), name="a_ledger_kind_is_known"),
            models.UniqueConstraint(fields=["reverses"], name="an_entry_is_reversed_once"),
            models.CheckConstraint(
                condition=models.Q(reverses__isnull=True)
                | (
                    ~models.Q(reason="")
                    & models.Q(actor_id__isnull=False, second_id__isnull=False)
                    & ~models.Q(actor_id=models.F("second_id"))
                ),
                name="a_reversal_has_a_reason_and_two_persons",
            ),
            # The same deed is never booked twice, however often its step runs.
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "kind"],
                condition=models.Q(
                    reverses__isnull=True, kind__in=[k.code for k in KINDS.values() if k.once]
                ),
                name="a_deed_is_booked_once",
            ),
        ]


class Correction(models.Model):
    """A reversal that one person proposed and another confirms or gives up (訂正の起案). The entry follows the second yes."""

    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="corrections")
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
                fields=["entry"],
                condition=models.Q(given_up_at__isnull=True),
                name="an_entry_is_proposed_for_correction_once",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_correction_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | (
                    models.Q(confirmed_at__isnull=False, confirmed_by__isnull=False, given_up_at__isnull=True)
                    & ~models.Q(confirmed_by=models.F("proposed_by"))
                ),
                name="another_person_confirms_a_correction",
            ),
        ]
