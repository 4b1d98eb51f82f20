"""What a new Version made of work that was open (再点検): one row for each trial or real run, and the results before it."""

from django.db import models

from todoku.case.tables import Case
from todoku.intake.tables import Submission
from todoku.people.tables import Staff
from todoku.programme.tables import Programme, Version

__all__ = ["Rescreening", "PastScreening", "PastFinding", "TermsChange"]


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
    # What is due by the roll: cases looked at, of them those that differ, and the last case that was reached.
    cases = models.BigIntegerField(default=0, db_default=0)
    cases_changed = models.BigIntegerField(default=0, db_default=0)
    reached = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=models.Q(trial=False), name="a_version_rescreens_once"
            )
        ]


class PastScreening(models.Model):
    """The result that stood before another took its place (以前の点検結果): by a new Version's run, or, without one, since
    the case went to another payee. Append-only."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="past_screenings")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    rescreening = models.ForeignKey(Rescreening, on_delete=models.PROTECT, null=True, db_index=False)
    outcome = models.CharField(max_length=8)
    sampled = models.BooleanField()
    persons = models.PositiveSmallIntegerField()
    version = models.ForeignKey(Version, on_delete=models.PROTECT, db_index=False)
    rules = models.PositiveSmallIntegerField()
    at = models.DateTimeField()


class PastFinding(models.Model):
    """A finding of the screening that another took the place of (以前の指摘), as PastScreening. Append-only."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="past_findings")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    rescreening = models.ForeignKey(Rescreening, on_delete=models.PROTECT, null=True, db_index=False)
    code = models.CharField(max_length=4)
    field = models.CharField(max_length=40, blank=True)
    severity = models.CharField(max_length=8)
    evidence = models.JSONField(default=dict)
    at = models.DateTimeField()


class TermsChange(models.Model):
    """What a new Version made of one case beside its application (版による変更): amount, cohort, whether anything is due.

    Of an undecided case it is done and can be taken back until the decision; of a decided one it is proposed and nothing
    else: a supplement or a recovery takes an order of its own. "return_dropped" is a return whose ground fell away.
    """

    KINDS = [
        ("amount", "支給予定額の変更"), ("cohort", "区分の変更"), ("lapsed", "対象外になったため失効"),
        ("revived", "ふたたび対象になったため再開"), ("not_due", "対象外になる（人が判断）"),
        ("kept", "額がほかの理由で改められている（人が判断）"), ("supplement", "追給の提案"), ("recovery", "返還の提案"),
        ("return_dropped", "返戻の取りやめ"),
    ]  # fmt: skip
    STATES = [("done", "反映済"), ("proposed", "提案"), ("undone", "取消し")]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="terms_changes")
    rescreening = models.ForeignKey(Rescreening, on_delete=models.PROTECT, db_index=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=16, choices=KINDS)
    state = models.CharField(max_length=8, choices=STATES)
    stage = models.CharField(max_length=20)
    yen_before = models.BigIntegerField(null=True)
    yen_after = models.BigIntegerField(null=True)
    cohort_before = models.CharField(max_length=30, blank=True)
    cohort_after = models.CharField(max_length=30, blank=True)
    # Why nothing is due any more (case/due.NOT_DUE).
    reason = models.CharField(max_length=40, blank=True)
    # Of a return: the application that was returned.
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, null=True, db_index=False)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    undone_order = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="undone")
                | (models.Q(undone_at__isnull=False, undone_by__isnull=False) & ~models.Q(undone_order="")),
                name="a_change_of_terms_is_taken_back_by_an_order",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["supplement", "recovery"]) | models.Q(state="proposed"),
                name="what_is_decided_is_only_proposed",
            ),
        ]
        indexes = [models.Index(fields=["programme", "kind", "state"], name="terms_changes_by_kind")]
