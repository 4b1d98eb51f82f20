"""Who acts by law for somebody who receives: confirmed by the municipality's list, or by a second person on a certificate."""

from django.db import models
from django.db.models import F, Q

from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.registry.representative_kinds import KINDS
from todoku.registry.tables import Person

__all__ = ["Representative"]


class Representative(models.Model):
    """The legal representative of an adult who receives (法定代理人: 成年後見人・保佐人・補助人).

    The ward (本人) stays the payee: letters go to the representative, and the account may bear both names. From the
    municipality's list (`fact_import`), or proposed by the office with the certificate of registration (登記事項証明書)
    and confirmed by another person. One at a time; who was it before stays as a row.
    """

    STATES = [("waiting", "確認待ち"), ("confirmed", "確認済"), ("refused", "認めない"), ("ended", "終了")]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    ward = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="representatives", db_index=False)
    guardian = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="wards")
    kind = models.CharField(max_length=18, choices=[(code, kind.title) for code, kind in KINDS.items()])
    state = models.CharField(max_length=10, choices=STATES)
    # What it rests on: the delivery of the list, or the certificate with the day of its issue.
    fact_import = models.ForeignKey("FactImport", on_delete=models.PROTECT, null=True, db_index=False)
    issued_on = models.DateField(null=True)
    evidence = models.CharField(max_length=200)
    proposed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    answered_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=200, blank=True)
    ended_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    # Of one from a list: up to which state the review has followed, so that what comes by a list or a day is followed once.
    followed = models.CharField(max_length=10, choices=STATES, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "ward"],
                condition=Q(state="confirmed"),
                name="a_ward_has_one_representative",
            ),
            models.UniqueConstraint(
                fields=["programme", "ward"],
                condition=Q(state="waiting"),
                name="one_representative_of_a_ward_waits",
            ),
            models.CheckConstraint(condition=~Q(ward=F("guardian")), name="nobody_represents_himself"),
            models.CheckConstraint(
                condition=Q(fact_import__isnull=False, proposed_by__isnull=True)
                | Q(fact_import__isnull=True, proposed_by__isnull=False, issued_on__isnull=False),
                name="a_representative_rests_on_a_list_or_a_certificate",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting")
                | Q(fact_import__isnull=False)
                | Q(answered_by__isnull=False, answered_at__isnull=False) & ~Q(answered_by=F("proposed_by"))
                | Q(state="ended", answered_by__isnull=True),
                name="another_person_confirms_a_representative",
            ),
        ]
        indexes = [
            models.Index(
                fields=["programme"],
                condition=Q(fact_import__isnull=False) & ~Q(followed=F("state")),
                name="representatives_not_followed",
            )
        ]
