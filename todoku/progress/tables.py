"""The daily report, frozen at the daily close."""

from django.db import models

from todoku.programme.tables import Programme

__all__ = ["DailyReport"]


class DailyReport(models.Model):
    """The daily report (日報) to the municipality: figures frozen by the close (日締め); a correction is a restatement."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    day = models.DateField()
    edition = models.PositiveSmallIntegerField(default=1)
    figures = models.JSONField()
    sha256 = models.CharField(max_length=64)
    remark = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField()
    closed_by = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "day", "edition"], name="a_day_is_closed_once_per_edition"
            ),
            models.CheckConstraint(
                condition=models.Q(edition=1) | ~models.Q(remark=""), name="a_restatement_says_why"
            ),
        ]
