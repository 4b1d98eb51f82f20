"""What is remembered of the municipality's answers: rulings with their scope, where they were applied, what they should
change in the next Version. Kept apart from tables.py, since nothing of the daily review writes here but an answer."""

from django.db import models

from todoku.case.tables import Case
from todoku.intake.tables import Submission
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.review.tables import Question

__all__ = ["Ruling", "RulingUse", "VersionCandidate"]


class Ruling(models.Model):
    """The municipality's answer to a question (裁定), numbered in its programme: for one case, or for cases like it.

    Cases like it have all of `codes` found and, where they are named, one of `tiers` (of the holder's name) and one of
    `whys` (what the finding says of the evidence). A ruling on a change after the base date is for the changes of the same
    `line` of the Version's table (change_rules.line_of). Never rewritten; an officer may end it for the future.
    """

    SCOPES = [("case", "この案件限り"), ("like", "同様の案件にも")]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    number = models.PositiveIntegerField()
    question = models.OneToOneField(Question, on_delete=models.PROTECT, related_name="made")
    outcome = models.CharField(max_length=12, choices=[*Question.ANSWERS, *Question.CHANGES])
    reason = models.TextField()
    scope = models.CharField(max_length=4, choices=SCOPES)
    codes = models.JSONField(default=list)
    tiers = models.JSONField(default=list)
    whys = models.JSONField(default=list)
    line = models.CharField(max_length=70, blank=True, db_default="")
    # In what words such a case is known again (旧姓の通帳, 施設の口座); for people, and for the search.
    words = models.CharField(max_length=200, blank=True)
    ruled_on = models.DateField()
    ruled_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    ended_on = models.DateField(null=True)
    ended_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    ended_why = models.CharField(max_length=200, blank=True)

    @property
    def title(self) -> str:
        """How a ruling is cited, also in the text of a Version: 裁定第3号."""
        return f"裁定第{self.number}号"

    @property
    def outcome_words(self) -> str:
        """The outcome in words."""
        return str(self.get_outcome_display())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="a_ruling_is_numbered_once"),
            models.CheckConstraint(
                condition=models.Q(scope="case")
                | (models.Q(scope="like") & (~models.Q(codes=[]) | ~models.Q(line=""))),
                name="a_ruling_says_which_cases_it_is_for",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["grant", "return", "refuse"], line="")
                | (models.Q(outcome__in=[code for code, _ in Question.CHANGES]) & ~models.Q(line="")),
                name="a_ruling_has_an_outcome",
            ),
        ]


class RulingUse(models.Model):
    """A ruling laid beside a case by a person's choice (裁定の適用); what is decided there stays with the reviewers."""

    WAYS = [("question", "照会の回答として"), ("batch", "同様の案件へまとめて"), ("desk", "審査の画面で")]
    ruling = models.ForeignKey(Ruling, on_delete=models.PROTECT, related_name="uses")
    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    way = models.CharField(max_length=8, choices=WAYS)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "ruling"], name="a_ruling_is_laid_beside_a_submission_once"
            )
        ]


class VersionCandidate(models.Model):
    """A change that a ruling suggests for the next Version (次の版への候補); done once an opened Version cites the ruling."""

    PLACES = [("severity", "[review.checks] の扱い"), ("criteria", "[criteria] の文章")]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    ruling = models.ForeignKey(Ruling, on_delete=models.PROTECT, related_name="candidates")
    place = models.CharField(max_length=8, choices=PLACES)
    code = models.CharField(max_length=4)
    # The new severity, or the sentence of the criterion as it should read.
    text = models.TextField()
    noted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    noted_at = models.DateTimeField()
    dropped_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    dropped_at = models.DateTimeField(null=True)
