"""What a new Version made of work that was open (再点検): one row for each trial or real run, and the results before it."""

from django.db import models

from todoku.case.tables import Case
from todoku.intake.tables import Submission
from todoku.programme.tables import Programme, Version

__all__ = ["Rescreening", "PastScreening", "PastFinding"]


class Rescreening(models.Model):
    """Judging what is open under a new Version (再点検): as a trial, which writes to no case, or for good after the opening.

    The counts grow with each chunk in the chunk's own transaction, so that a killed run goes on where it was.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT)
    # A trial holds for the text that was tried: a draft can still change.
    sha256 = models.CharField(max_length=64)
    trial = models.BooleanField()
    actor_name = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # Applications judged; of them those for which something changes.
    judged = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    # Kind of difference → {"count", "cases": some numbers}; see review/differences.py.
    tally = models.JSONField(default=dict)
    # Applications that persons held when the run came by: judged as soon as they are let go.
    held = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=models.Q(trial=False), name="a_version_rescreens_once"
            )
        ]


class PastScreening(models.Model):
    """The result that stood before a new Version's took its place (以前の点検結果). Append-only."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="past_screenings")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    rescreening = models.ForeignKey(Rescreening, on_delete=models.PROTECT, db_index=False)
    outcome = models.CharField(max_length=8)
    sampled = models.BooleanField()
    persons = models.PositiveSmallIntegerField()
    version = models.ForeignKey(Version, on_delete=models.PROTECT, db_index=False)
    rules = models.PositiveSmallIntegerField()
    at = models.DateTimeField()


class PastFinding(models.Model):
    """A finding of the screening that a new Version's took the place of (以前の指摘). Append-only."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="past_findings")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    rescreening = models.ForeignKey(Rescreening, on_delete=models.PROTECT, db_index=False)
    code = models.CharField(max_length=4)
    field = models.CharField(max_length=40, blank=True)
    severity = models.CharField(max_length=8)
    evidence = models.JSONField(default=dict)
    at = models.DateTimeField()
