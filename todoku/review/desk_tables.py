"""Beside the reviewers' tasks: what they tell each other, whom they must reach, which queues they take today.

Words and times alone; a verdict stands in Verdict, what a resident answered by telephone in the notes and submissions.
"""

from django.db import models

from todoku.case.tables import Case
from todoku.intake.tables import Submission
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.review.tables import Task

__all__ = ["CaseComment", "ShiftNote", "QueueChoice", "Contact", "ContactTry"]


class CaseComment(models.Model):
    """What a reviewer leaves beside a case for whoever looks next (審査メモ). Append-only.

    Also why a look was put aside (保留), handed on (引継ぎ) or moved by the lead; seen by every later reviewer.
    """

    KINDS = [
        ("comment", "メモ"), ("aside", "保留"), ("handed", "引継ぎ"), ("moved", "移動"), ("contact", "確認連絡"),
        ("told", "差戻しの理由"),
    ]  # fmt: skip
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="comments")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="comments", db_index=False)
    kind = models.CharField(max_length=8, choices=KINDS, default="comment")
    words = models.CharField(max_length=300)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(words=""), name="a_comment_has_words"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["comment", "aside", "handed", "moved", "contact", "told"]),
                name="a_comment_has_a_kind",
            ),
        ]


class ShiftNote(models.Model):
    """What a reviewer leaves to the next shift (申し送り), with how many looks went back to the pile. Append-only."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    words = models.CharField(max_length=600, blank=True)
    judged = models.PositiveIntegerField(default=0)
    released = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["programme", "-at"], name="shift_notes_latest_first")]


class QueueChoice(models.Model):
    """Which queues a person takes work from on one day (担当する列); without it, all that are open to the person."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    queues = models.JSONField(default=list)
    chosen_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "programme", "day"], name="a_person_chooses_queues_once_a_day"
            )
        ]


class Contact(models.Model):
    """A confirmation with the applicant (確認連絡) that a look waits for: what to ask, when to call next, how it ended."""

    STATES = [
        ("open", "連絡待ち"), ("answered", "回答あり"), ("letter", "手紙に切替え"), ("closed", "取りやめ"),
    ]  # fmt: skip
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="contacts")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, db_index=False)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="contacts", db_index=False)
    # What is asked: deficiency codes, whose sentences are the script, and the reviewer's own words.
    codes = models.JSONField(default=list)
    words = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=8, choices=STATES, default="open")
    next_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    opened_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "answered", "letter", "closed"]),
                name="a_contact_state_is_known",
            ),
            models.UniqueConstraint(
                fields=["task"], condition=models.Q(state="open"), name="a_look_waits_for_one_contact"
            ),
        ]
        indexes = [
            models.Index(
                fields=["programme", "next_at"], condition=models.Q(state="open"), name="contacts_by_time"
            )
        ]


class ContactTry(models.Model):
    """One try to reach an applicant (連絡の記録): which number, whether somebody was reached, what was said. Append-only."""

    OUTCOMES = [
        ("answered", "本人に確認できた"), ("call_again", "つながった・かけ直す"), ("not_reached", "つながらない"),
    ]  # fmt: skip
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="log")
    outcome = models.CharField(max_length=12, choices=OUTCOMES)
    called_number = models.CharField(max_length=20)
    spoken_with = models.CharField(max_length=100, blank=True)
    identity_checked = models.CharField(max_length=100, blank=True)
    said = models.CharField(max_length=300, blank=True)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["answered", "call_again", "not_reached"]),
                name="a_try_has_an_outcome",
            )
        ]
