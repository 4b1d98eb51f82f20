"""What opening a further payout (後の支給回) leaves: each trial and each opening with its counts, and whom a case follows."""

from django.db import models

from todoku.case.tables import Case
from todoku.programme.tables import Programme, Version

__all__ = ["PayoutOpening", "FollowingCase"]


class PayoutOpening(models.Model):
    """One look at whom a further payout is for (支給回の試算), which writes to no case, or its opening for good (開始).

    `tally`: {"cohorts": {name: [cases, yen]}, "left": {reason: count}}, reasons as keys of follow_rules.LEFT. `sha256` is
    over the payout, the Version's text and the tally: what is opened is what was shown.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    payout = models.PositiveSmallIntegerField()
    version = models.ForeignKey(Version, on_delete=models.PROTECT, db_index=False)
    trial = models.BooleanField()
    sha256 = models.CharField(max_length=64)
    cases = models.BigIntegerField()
    total_yen = models.BigIntegerField()
    tally = models.JSONField()
    actor_name = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["programme", "payout", "at"], name="payout_opening_by_time")]


class FollowingCase(models.Model):
    """A case of a further payout and the case that it follows (前の支給回の案件), which was paid.

    A case is followed once in each payout, whatever household or number the later one has: nobody is paid a payout twice.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="following")
    earlier = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="followers", db_index=False)
    payout = models.PositiveSmallIntegerField()
    opening = models.ForeignKey(PayoutOpening, on_delete=models.PROTECT, db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["earlier", "payout"], name="a_case_is_followed_once_a_payout"),
            models.CheckConstraint(condition=models.Q(payout__gt=1), name="what_follows_is_a_further_payout"),
        ]
