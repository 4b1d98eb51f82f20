"""What the house stands on: the record of long work, so that progress survives a closed browser or a killed worker."""

from django.db import models

__all__ = ["LongWork", "DatabaseMark"]


class DatabaseMark(models.Model):
    """Who created this database and for what; the demo touches only a database marked as sample."""

    purpose = models.CharField(max_length=20, choices=[("sample", "sample"), ("production", "production")])
    created_at = models.DateTimeField()
    note = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(models.Value(1), name="one_mark_per_database")]


class LongWork(models.Model):
    """Long work (時間のかかる処理): an import, a print run, a screening, seen as a card with progress.

    The fencing token rises with each start; an effect is recorded only by the holder of the current token.
    """

    STATES = [(s, s) for s in ("waiting", "running", "done", "refused", "broken", "stopping", "stopped")]
    kind = models.CharField(max_length=40)
    label = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    done_count = models.BigIntegerField(default=0)
    total_count = models.BigIntegerField(null=True)
    outcome = models.TextField(blank=True)
    log = models.JSONField(default=list)
    scope = models.CharField(max_length=60, blank=True)
    started_by = models.CharField(max_length=150)
    token = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["waiting", "running", "done", "refused", "broken", "stopping", "stopped"]
                ),
                name="long_work_state_is_known",
            ),
        ]
        indexes = [models.Index(fields=["scope", "-created_at"], name="long_work_by_scope")]
