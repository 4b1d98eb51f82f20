"""Submission → findings → tasks and verdicts → proposal → the municipality's decision; questions beside the way."""

from django.db import models

from todoku.case.tables import Case
from todoku.custody.tables import Parcel
from todoku.intake.tables import AccountVersion, Submission
from todoku.people.tables import Staff
from todoku.programme.tables import Programme, Version

__all__ = ["Screening", "Finding", "Task", "Verdict", "Question", "Proposal", "DecisionList", "Decision"]


class Screening(models.Model):
    """The result of the checks on one submission (一次点検): clean, look or return; narrow, written in bulk."""

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    outcome = models.CharField(max_length=8)
    sampled = models.BooleanField(default=False)
    # Persons who must approve before the case passes: 0 straight through, 1, or 2 (terms, findings, sample).
    persons = models.PositiveSmallIntegerField(default=2)
    # By which terms and which edition of the checks it was judged (checks.RULES_VERSION).
    version = models.ForeignKey(Version, on_delete=models.PROTECT, db_index=False)
    rules = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["clean", "look", "return"]), name="a_screening_has_an_outcome"
            )
        ]


class Finding(models.Model):
    """A deficiency or doubt found (不備・指摘) by a check; data, not an error. What a reviewer rules stands in Verdict."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="findings")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="findings")
    code = models.CharField(max_length=4)
    field = models.CharField(max_length=40, blank=True)
    severity = models.CharField(max_length=8)
    evidence = models.JSONField(default=dict)
    found_by = models.CharField(max_length=60, default="screening")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["submission"], condition=models.Q(code="D15"), name="findings_of_a_shared_account"
            )
        ]


class Task(models.Model):
    """A piece of review work (審査タスク): first or second look at one submission; claimed by one person at a time."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="tasks")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    step = models.PositiveSmallIntegerField()
    # Rises when a case comes back to review (an answer, a decision sent back): earlier verdicts stay as history.
    round = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=8, default="open")
    reason = models.CharField(max_length=30, blank=True)
    claimed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True)
    claimed_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    arrived_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(step__in=[1, 2]), name="a_task_is_a_first_or_second_look"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "held", "done", "void"]), name="a_task_state_is_known"
            ),
            models.UniqueConstraint(
                fields=["programme", "claimed_by"],
                condition=models.Q(state="held"),
                name="a_person_holds_one_task",
            ),
        ]
        indexes = [
            models.Index(
                fields=["programme", "step", "arrived_on", "id"],
                condition=models.Q(state="open"),
                name="open_tasks_oldest_first",
            )
        ]


class Verdict(models.Model):
    """A reviewer's judgement (判定). The second is by another person than the first, neither by who keyed the account."""

    OUTCOMES = [
        ("approve", "適"), ("return", "返戻"), ("refer", "自治体へ照会"), ("refuse", "不支給相当"),
        ("decline", "辞退を確認"),
    ]  # fmt: skip
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="verdicts")
    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="verdicts")
    step = models.PositiveSmallIntegerField()
    round = models.PositiveSmallIntegerField(default=1)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT)
    outcome = models.CharField(max_length=8, choices=OUTCOMES)
    codes = models.JSONField(default=list)
    comment = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "round", "step"],
                condition=models.Q(undone_at__isnull=True),
                name="a_submission_has_one_verdict_per_step",
            ),
            models.UniqueConstraint(
                fields=["submission", "round", "staff"],
                condition=models.Q(undone_at__isnull=True),
                name="first_and_second_reviewer_differ",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["approve", "return", "refer", "refuse", "decline"]),
                name="a_verdict_has_an_outcome",
            ),
        ]


class Question(models.Model):
    """A question to the municipality (疑義照会) about a case, and its answer by an officer."""

    ANSWERS = [("grant", "支給相当"), ("return", "返戻して確認"), ("refuse", "不支給相当")]
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="questions")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    asked = models.TextField()
    asked_by = models.CharField(max_length=60)
    asked_at = models.DateTimeField()
    ruling = models.CharField(max_length=8, choices=ANSWERS, blank=True)
    answer = models.TextField(blank=True)
    answered_by = models.CharField(max_length=60, blank=True)
    answered_at = models.DateTimeField(null=True)


class Proposal(models.Model):
    """What the review proposes for a case at PASSED (支給・不支給の案): the account reviewed is fixed here."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, null=True)
    account = models.ForeignKey(AccountVersion, on_delete=models.PROTECT, null=True)
    outcome = models.CharField(max_length=8)
    reason = models.CharField(max_length=4, blank=True)
    via = models.CharField(max_length=16)
    rail = models.CharField(max_length=16, default="bank", db_default="bank")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["grant", "refuse"]), name="a_proposal_has_an_outcome"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="refuse")
                | ~models.Q(rail="bank")
                | models.Q(account__isnull=False),
                name="a_grant_names_the_reviewed_account",
            ),
        ]


class DecisionList(models.Model):
    """A batch of proposals put to the municipality (支給決定伺い), decided on its digest."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    state = models.CharField(max_length=8, default="open")
    # "first" gathers what review passed; "supplement" holds amounts that an order adds (追給).
    kind = models.CharField(max_length=10, default="first", db_default="first")
    grants = models.BigIntegerField()
    refusals = models.BigIntegerField()
    total_yen = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    # The list as decided, byte for byte what the digest covers; the verifier reads it beside the bank files.
    file = models.ForeignKey(Parcel, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=60, blank=True)
    # Of a supplement list: who proposed its amounts, and who decided them.
    proposer = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    decider = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "decided", "void"]), name="list_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="first")
                | (
                    models.Q(kind="supplement", proposer__isnull=False)
                    & (
                        ~models.Q(state="decided")
                        | (models.Q(decider__isnull=False) & ~models.Q(decider=models.F("proposer")))
                    )
                ),
                name="another_person_decides_a_supplement",
            ),
        ]


class Decision(models.Model):
    """支給 or 不支給 for one part of one case on one list; amount, rail and account as reviewed."""

    decision_list = models.ForeignKey(
        DecisionList, on_delete=models.PROTECT, related_name="decisions", db_index=False
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    # grant, refuse; or sent_back: taken off the list before it was decided.
    outcome = models.CharField(max_length=10)
    reason = models.CharField(max_length=4, blank=True)
    part = models.PositiveSmallIntegerField(default=1, db_default=1)
    amount_yen = models.BigIntegerField()
    rail = models.CharField(max_length=16, default="bank", db_default="bank")
    account = models.ForeignKey(AccountVersion, on_delete=models.PROTECT, null=True)
    remark = models.CharField(max_length=200, blank=True)
    in_force = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision_list", "case", "part"], name="a_case_is_on_a_list_once"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["grant", "refuse"])
                | models.Q(outcome="sent_back", in_force=False),
                name="a_decision_has_an_outcome",
            ),
            models.UniqueConstraint(
                fields=["case", "part"],
                condition=models.Q(in_force=True),
                name="a_case_has_one_decision_in_force",
            ),
        ]
