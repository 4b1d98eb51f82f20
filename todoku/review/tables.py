"""Submission → findings → tasks and verdicts → proposal → the municipality's decision; questions beside the way."""

from django.db import models

from todoku.case.late_tables import LaterChange
from todoku.case.tables import Case
from todoku.custody.tables import Parcel
from todoku.intake.tables import AccountVersion, Submission
from todoku.people.tables import Staff
from todoku.programme.tables import Programme, Version
from todoku.programme.vocabulary import CHANGE_OUTCOMES
from todoku.review.queues import QUEUES

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
    # The stage that the application took the case from: an answer to a return has days of its own, also when re-screened.
    came_from = models.CharField(max_length=20, blank=True, default="", db_default="")
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
    """A piece of review work (審査タスク): first or second look at one submission; claimed by one person at a time.

    `queue` and `due_on` say from which pile and by when (queues.py). Put aside (保留) it stays open and is dealt again
    from `not_before`; handed on, only to `for_staff`. Reserved, it is the next of one person, for some minutes. What the
    criteria leave to the manager (業務責任者) is `for_manager`, whatever its queue: nobody else holds or judges it.
    """

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
    queue = models.CharField(max_length=10, choices=list(QUEUES.items()))
    due_on = models.DateField()
    not_before = models.DateTimeField(null=True)
    for_staff = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    for_manager = models.BooleanField(default=False, db_default=False)
    reserved_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    reserved_at = models.DateTimeField(null=True)
    # Its pictures went to the reserver's machine before it was shown: what is seen of them is recorded when it is.
    ahead_at = models.DateTimeField(null=True)

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
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state="held"), name="a_case_is_with_one_reviewer"
            ),
            models.CheckConstraint(condition=models.Q(queue__in=list(QUEUES)), name="a_task_is_in_a_queue"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["open", "held"]) | models.Q(closed_at__isnull=True),
                name="a_task_that_waits_is_not_closed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["programme", "queue", "due_on", "-step", "id"],
                condition=models.Q(state="open"),
                name="open_tasks_nearest_due_first",
            ),
            models.Index(
                fields=["for_staff"],
                condition=models.Q(state="open", for_staff__isnull=False),
                name="open_tasks_handed_on",
            ),
            models.Index(
                fields=["programme"],
                condition=models.Q(state="open", for_manager=True),
                name="open_tasks_of_the_manager",
            ),
            models.Index(
                fields=["reserved_by"],
                condition=models.Q(state="open", reserved_by__isnull=False),
                name="open_tasks_reserved",
            ),
            models.Index(
                fields=["programme", "closed_at"],
                condition=models.Q(state="done"),
                name="done_tasks_by_time",
            ),
            # What every page counts and the desk lists: read from the index alone, however much is done already.
            models.Index(
                fields=["programme", "arrived_on"],
                condition=models.Q(state__in=["open", "held"]),
                name="waiting_tasks_by_arrival",
            ),
            models.Index(
                # Asked for as "not closed", which dealing does not ask: it would go through every queue by this one.
                fields=["programme", "due_on", "-step", "id"],
                include=["queue", "state", "arrived_on", "not_before"],
                condition=models.Q(state__in=["open", "held"], closed_at__isnull=True),
                name="waiting_tasks_nearest_due_first",
            ),
            models.Index(fields=["programme"], condition=models.Q(state="void"), name="void_tasks"),
        ]


class Verdict(models.Model):
    """A reviewer's judgement (判定). The second is by another person than the first, neither by who keyed the account."""

    # As the desk's buttons say them: a question goes to the office's manager, never straight out.
    OUTCOMES = [
        ("approve", "適"), ("return", "返戻"), ("refer", "責任者へ照会"), ("refuse", "不支給相当"),
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
    # After its minute it is withdrawn (取消し): by whom, and why.
    withdrawn_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    withdrawn_why = models.CharField(max_length=300, blank=True)

    @property
    def outcome_words(self) -> str:
        return str(self.get_outcome_display())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(withdrawn_by__isnull=True)
                | (models.Q(undone_at__isnull=False) & ~models.Q(withdrawn_why="")),
                name="a_withdrawal_says_why",
            ),
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
    """A question to the municipality (疑義照会) about a case: through the office's manager, with the evidence he chose.

    A reviewer's words go to the manager (業務責任者) alone; the municipality sees what he sent, and the answer is a Ruling.
    One about a change after the base date names the change: the ruling decides it, whether an application came or not.
    """

    ANSWERS = [("grant", "支給相当"), ("return", "返戻して確認"), ("refuse", "不支給相当")]
    CHANGES = [
        (code, CHANGE_OUTCOMES[code]) for code in ("pay", "lapse", "new_head", "new_guardian", "estate")
    ]
    STATES = [
        ("with_manager", "業務責任者の確認待ち"), ("sent", "自治体の回答待ち"), ("answered", "回答済み"),
        ("given_back", "審査へ差戻し"), ("withdrawn", "取消し"),
    ]  # fmt: skip
    OPEN = ("with_manager", "sent")
    ACCOUNTS = [("none", "見せない"), ("masked", "下3桁と名義だけ"), ("whole", "すべて")]
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="questions")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, null=True)
    change = models.ForeignKey(LaterChange, on_delete=models.PROTECT, null=True, related_name="questions")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    state = models.CharField(max_length=12, choices=STATES, default="with_manager", db_default="with_manager")
    # The reviewers' own words; they stay in the office.
    asked = models.TextField()
    asked_by = models.CharField(max_length=60)
    asked_at = models.DateTimeField()
    # What the manager sent: his wording and, of the evidence, the findings, kinds of picture and facts he chose.
    wording = models.TextField(blank=True)
    shown_findings = models.JSONField(default=list)
    shown_pictures = models.JSONField(default=list)
    shown_application = models.BooleanField(default=False)
    shown_account = models.CharField(max_length=6, choices=ACCOUNTS, default="none", db_default="none")
    forwarder = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    forwarded_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)
    reminded_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Why the manager gave it back to the reviewers instead.
    back_words = models.CharField(max_length=500, blank=True)
    ruling = models.CharField(max_length=12, choices=[*ANSWERS, *CHANGES], blank=True)
    answer = models.TextField(blank=True)
    # An earlier ruling by which the manager answered; null where an officer ruled.
    by_ruling = models.ForeignKey("todoku.Ruling", on_delete=models.PROTECT, null=True, related_name="+")
    answerer = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    answered_by = models.CharField(max_length=60, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["with_manager", "sent", "answered", "given_back", "withdrawn"]),
                name="a_question_state_is_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="answered")
                | (models.Q(answered_at__isnull=False, answerer__isnull=False) & ~models.Q(answer="")),
                name="an_answered_question_has_its_answer",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["with_manager", "given_back", "withdrawn"])
                | models.Q(by_ruling__isnull=False)
                | (models.Q(forwarder__isnull=False, forwarded_at__isnull=False) & ~models.Q(wording="")),
                name="a_sent_question_has_its_forwarder",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(state__in=["with_manager", "sent"], change__isnull=True),
                name="a_case_is_asked_about_once_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["change"],
                condition=models.Q(state__in=["with_manager", "sent"]),
                name="a_change_is_asked_about_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(submission__isnull=False) | models.Q(change__isnull=False),
                name="a_question_is_about_an_application_or_a_change",
            ),
        ]
        indexes = [models.Index(fields=["programme", "state", "asked_at"], name="questions_by_state")]


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
