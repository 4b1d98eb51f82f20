"""What measures the review itself (品質): who looked at the sample, who passed the training, seeded errors, fast verdicts.

Nothing here moves a case or is read by a decision; it says how well judging goes, and of whom to learn it.
"""

from django.db import models
from django.db.models import F, Q

from todoku.case.tables import Case
from todoku.intake.tables import Submission
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.review.tables import Task, Verdict

__all__ = [
    "SampledCase", "SampleRate", "TrainingTry", "TrainingAnswer", "QueuePass", "SeededLook", "FastVerdict",
]  # fmt: skip


class SampledCase(models.Model):
    """A clean application that a person looks at all the same (抜取り), and by which rate it was caught.

    `criterion`: "" where the channel's own rate caught it, else the code whose higher rate did. Those with "" are a plain
    random sample of the channel. `noted`: codes that passed with a note.
    """

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    channel = models.CharField(max_length=8)
    criterion = models.CharField(max_length=4, blank=True)
    noted = models.JSONField(default=list)
    percent = models.FloatField()
    at = models.DateTimeField()


class SampleRate(models.Model):
    """An act that changed a sample rate (抜取り率の変更): raised by the rule of the terms, or changed by a lead with a reason.

    The last act of a channel and criterion holds; below what the terms say nothing ever goes. Append-only.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    channel = models.CharField(max_length=8)
    criterion = models.CharField(max_length=4, blank=True)
    was_percent = models.FloatField()
    percent = models.FloatField()
    looked = models.PositiveIntegerField()
    wrong = models.PositiveIntegerField()
    upper_percent = models.FloatField(null=True)
    reason = models.CharField(max_length=300)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, db_index=False)
    actor_name = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="a_sample_rate_is_a_share"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_changed_sample_rate_has_a_reason"),
            # Who may lower it is asked by the trigger a_sample_rate_is_lowered_by_a_lead.
            models.CheckConstraint(
                condition=Q(percent__gte=F("was_percent")) | Q(staff__isnull=False),
                name="a_sample_rate_is_lowered_by_a_person",
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "channel", "criterion", "-id"], name="sample_rates_last_first")
        ]


class TrainingTry(models.Model):
    """One run through the test cases of a queue (研修): which cases in which order, and whether all were judged rightly."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT)
    queue = models.CharField(max_length=10)
    number = models.PositiveSmallIntegerField()
    cases = models.JSONField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    passed = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "staff", "queue", "number"], name="training_tries_count_up"
            ),
            models.UniqueConstraint(
                fields=["programme", "staff", "queue"],
                condition=Q(finished_at__isnull=True),
                name="a_person_is_in_one_training_per_queue",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, passed__isnull=True)
                | Q(finished_at__isnull=False, passed__isnull=False),
                name="a_finished_training_has_its_result",
            ),
        ]


class TrainingAnswer(models.Model):
    """A verdict on one training case (研修の判定), and whether it was the expected one. Append-only."""

    training = models.ForeignKey(TrainingTry, on_delete=models.PROTECT, related_name="answers")
    case_name = models.CharField(max_length=40)
    outcome = models.CharField(max_length=8)
    codes = models.JSONField(default=list)
    right = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["training", "case_name"], name="a_training_case_is_judged_once")
        ]


class QueuePass(models.Model):
    """Whether a person may open a queue (担当の可否): passed its training, was let in by a lead, or was taken out again.

    The last act holds. Append-only.
    """

    HOW = [("passed", "研修に合格"), ("granted", "業務責任者が許可"), ("withdrawn", "許可の取消し")]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    queue = models.CharField(max_length=10)
    how = models.CharField(max_length=10, choices=HOW)
    training = models.OneToOneField(TrainingTry, on_delete=models.PROTECT, null=True)
    giver = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(how="passed", training__isnull=False)
                | (
                    Q(how__in=["granted", "withdrawn"], giver__isnull=False)
                    & ~Q(reason="")
                    & ~Q(giver=F("staff"))
                ),
                name="a_queue_is_opened_by_training_or_by_a_lead",
            )
        ]
        indexes = [
            models.Index(fields=["programme", "staff", "queue", "-id"], name="queue_passes_last_first")
        ]


class SeededLook(models.Model):
    """A seeded error (埋込み): a second look at a made-up case of the rehearsal, whose first verdict was wrong on purpose.

    Made for nobody, then placed in one person's work. Its task belongs to the programme's rehearsal, from which nothing
    goes on (a_rehearsal_goes_no_further). What the second reviewer made of it is written once.
    """

    task = models.OneToOneField(Task, on_delete=models.PROTECT, primary_key=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    # What is wrong in it, the first verdict, and what would be right.
    flaw = models.CharField(max_length=20)
    first_outcome = models.CharField(max_length=8)
    expected_codes = models.JSONField(default=list)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True)
    placed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, blank=True)
    codes = models.JSONField(default=list)
    detected = models.BooleanField(null=True)
    judged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(judged_at__isnull=True, detected__isnull=True)
                | Q(judged_at__isnull=False, detected__isnull=False, staff__isnull=False),
                name="a_judged_seeded_error_was_found_or_not",
            )
        ]


class FastVerdict(models.Model):
    """A verdict given in a much shorter time than the person's usual one (短時間の判定); somebody else looks once more.

    `usual_seconds`: the person's own middle time in that queue, null while too few were measured. Append-only.
    """

    verdict = models.OneToOneField(Verdict, on_delete=models.PROTECT, primary_key=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, db_index=False)
    queue = models.CharField(max_length=10)
    seconds = models.FloatField()
    usual_seconds = models.FloatField(null=True)
    least_seconds = models.FloatField()
    looked_again = models.BooleanField()
    at = models.DateTimeField()
