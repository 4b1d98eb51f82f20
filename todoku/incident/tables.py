"""What went wrong with people's papers or data (事故), from the first hour on: found, reported to the municipality, closed."""

from django.db import models

from todoku.programme.tables import Programme

__all__ = ["Incident", "IncidentNote"]


class Incident(models.Model):
    """An incident (事故): what happened, told without anybody's name, and its first report (第一報).

    Opened by a person or by a count that is still open at the day's end. While it stands, print runs that it names are
    stopped. The municipality acknowledges the first report; closing says cause and what is done against it.
    """

    KINDS = [
        ("mis_sent", "誤送付・誤封入"), ("lost", "紛失"), ("count", "件数の不一致"), ("leak", "漏えいのおそれ"),
        ("other", "その他"),
    ]  # fmt: skip
    STATES = [("open", "対応中"), ("reported", "第一報済み"), ("closed", "完了")]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    kind = models.CharField(max_length=10, choices=KINDS)
    state = models.CharField(max_length=10, choices=STATES, default="open")
    # What it is about, by number and never by name: "difference 12", "letter 345", "lot 6".
    subject_kind = models.CharField(max_length=20, blank=True)
    subject_id = models.BigIntegerField(null=True)
    found_at = models.DateTimeField()
    what = models.TextField()
    pieces = models.PositiveIntegerField(null=True)
    persons = models.PositiveIntegerField(null=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=60)
    first_report = models.TextField(blank=True)
    reported_at = models.DateTimeField(null=True)
    reported_by = models.CharField(max_length=60, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_id = models.BigIntegerField(null=True)
    acknowledged_by = models.CharField(max_length=60, blank=True)
    cause = models.TextField(blank=True)
    measure = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "subject_kind", "subject_id"],
                condition=models.Q(subject_id__isnull=False),
                name="an_incident_is_opened_once_about_a_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open") | (~models.Q(first_report="") & models.Q(reported_at__isnull=False)),
                name="an_incident_is_closed_only_after_its_first_report",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="closed")
                | (~models.Q(cause="") & ~models.Q(measure="") & models.Q(closed_at__isnull=False)),
                name="a_closed_incident_says_cause_and_measure",
            ),
        ]  # fmt: skip


class IncidentNote(models.Model):
    """One later word on an incident (経過・続報). Append-only."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=60)
