"""Applications from the public door without number and key (申請書なしの申請), until a person has found whose they are.

What was typed stays as typed; who it may be on the roll is a working list; what a person said is a row of its own. Only
a settled match becomes a Submission, and never two.
"""

from django.db import models

from todoku.case.tables import Case
from todoku.intake.tables import Document, Submission
from todoku.programme.tables import Programme
from todoku.registry.tables import Person

__all__ = ["UnmatchedApplication", "UnmatchedDocument", "MatchCandidate", "RollMatch"]


class UnmatchedApplication(models.Model):
    """An application whose letter did not arrive or was lost (照合待ちの申請): who says so, and the account. It is no
    case's application before a person has matched it to the roll."""

    STATES = [
        ("waiting", "照合待ち"), ("asked", "電話・自治体で確認"), ("matched", "照合済み"), ("nobody", "該当なし"),
    ]  # fmt: skip
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    state = models.CharField(max_length=8, choices=STATES, default="waiting", db_default="waiting")
    # From the same row of numbers as those of the submissions, which takes it over.
    receipt_number = models.CharField(max_length=12)
    arrived_on = models.DateField()
    registered_at = models.DateTimeField()
    name = models.CharField(max_length=100)
    kana = models.CharField(max_length=100)
    birth_date = models.DateField()
    postal_code = models.CharField(max_length=7)
    address = models.CharField(max_length=200)
    building = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=30)
    rail = models.CharField(max_length=16, default="bank", db_default="bank")
    bank = models.CharField(max_length=4, blank=True)
    branch = models.CharField(max_length=3, blank=True)
    kind = models.PositiveSmallIntegerField(default=1)
    number = models.CharField(max_length=8, blank=True)
    holder_kana = models.CharField(max_length=100, blank=True)
    yucho_symbol = models.CharField(max_length=5, blank=True)
    yucho_number = models.CharField(max_length=8, blank=True)
    # Which papers the applicant says were sent (ProofVersion).
    first = models.CharField(max_length=24, blank=True, db_default="")
    first_on = models.DateField(null=True)
    second = models.CharField(max_length=24, blank=True, db_default="")
    second_on = models.DateField(null=True)
    idempotency_key = models.CharField(max_length=64)
    body_sha256 = models.CharField(max_length=64)
    # When candidates were last looked for, and who has it on the screen.
    looked_up_at = models.DateTimeField(null=True)
    claimed_id = models.BigIntegerField(null=True)
    claimed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["receipt_number"], name="an_unmatched_receipt_is_given_once"),
            models.UniqueConstraint(
                fields=["idempotency_key"], name="the_same_unmatched_application_is_kept_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "asked", "matched", "nobody"]),
                name="an_unmatched_state_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "state", "arrived_on", "id"], name="unmatched_by_state"),
        ]


class UnmatchedDocument(models.Model):
    """A picture sent with an unmatched application (照合待ちの添付); its copy goes over with the match."""

    application = models.ForeignKey(UnmatchedApplication, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=10, choices=Document.KINDS)
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=300)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size_bytes = models.BigIntegerField()


class MatchCandidate(models.Model):
    """Who on the roll it may be (照合候補), best first, with the parts of the score. Found anew when a roll was taken."""

    application = models.ForeignKey(
        UnmatchedApplication, on_delete=models.CASCADE, related_name="candidates", db_index=False
    )
    rank = models.PositiveSmallIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    # None: on the roll, but no case was opened (対象外・未作成).
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True)
    score = models.PositiveSmallIntegerField()
    exact = models.BooleanField()
    is_head = models.BooleanField()
    # [part, level, points] for each part: name, birth_date, address, phone.
    parts = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "rank"], name="candidates_stand_in_one_order"),
        ]


class RollMatch(models.Model):
    """What a person said of an unmatched application (照合): this one, nobody, or to be asked. Taken back within a minute,
    never changed; a settled one has had its effect."""

    OUTCOMES = [("confirmed", "本人"), ("nobody", "該当なし"), ("asked", "電話・自治体で確認")]
    application = models.ForeignKey(
        UnmatchedApplication, on_delete=models.PROTECT, related_name="matches", db_index=False
    )
    outcome = models.CharField(max_length=10, choices=OUTCOMES)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True)
    staff_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=60)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    submission = models.OneToOneField(
        Submission, on_delete=models.PROTECT, null=True, related_name="roll_match"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=models.Q(undone_at__isnull=True) & ~models.Q(outcome="asked"),
                name="an_application_is_matched_once",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="confirmed", case__isnull=False, person__isnull=False)
                | models.Q(
                    outcome__in=["nobody", "asked"], case__isnull=True, person__isnull=True, submission__isnull=True
                ),
                name="a_confirmed_match_names_case_and_person",
            ),
            models.CheckConstraint(
                condition=models.Q(settled_at__isnull=True) | models.Q(undone_at__isnull=True),
                name="a_settled_match_is_not_taken_back",
            ),
            models.CheckConstraint(
                condition=models.Q(submission__isnull=True) | models.Q(settled_at__isnull=False),
                name="a_matched_application_is_a_submission_when_settled",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["at"],
                condition=models.Q(undone_at__isnull=True, settled_at__isnull=True),
                name="match_to_settle",
            ),
            models.Index(fields=["application", "at"], name="match_by_application"),
        ]
