"""What comes after a case was opened on the base date's facts: cases opened late, and changes to the people of a case."""

from django.db import models

from todoku.case.tables import Case
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.programme.vocabulary import CHANGE_OUTCOMES
from todoku.registry.tables import Person, Recipient, RollImport

__all__ = ["LateProposal", "LateOpening", "LaterChange", "PayeeProposal"]


class LateProposal(models.Model):
    """A case asked for by the municipality's order (後からの案件作成の伺い), until another person has seen the papers.

    Either a recipient on the roll, or people whom no roll names: `newcomers` [name, kana, birth date, relation], head first,
    and `reached`, where letters reach them. `late` is the Version's name of the entry. Opened or refused once.
    """

    STATES = [("waiting", "確認待ち"), ("opened", "作成済"), ("refused", "作成しない")]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    late = models.CharField(max_length=40)
    happened_on = models.DateField()
    order = models.CharField(max_length=100)
    why = models.CharField(max_length=200, blank=True)
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, null=True, related_name="+")
    newcomers = models.JSONField(default=list)
    reached = models.JSONField(default=list)
    payee = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=STATES, default="waiting", db_default="waiting")
    proposed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    proposed_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(null=True)
    answer_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="waiting", answered_by__isnull=True)
                | models.Q(state="refused", answered_by__isnull=False, answered_at__isnull=False)
                & ~models.Q(answer_why="")
                | models.Q(state="opened", answered_by__isnull=False, answered_at__isnull=False)
                & ~models.Q(answered_by=models.F("proposed_by")),
                name="another_person_confirms_a_late_case",
            ),
            models.CheckConstraint(
                condition=models.Q(recipient__isnull=False, newcomers=[])
                | models.Q(recipient__isnull=True) & ~models.Q(newcomers=[]),
                name="a_late_case_is_of_the_roll_or_of_newcomers",
            ),
            models.UniqueConstraint(
                fields=["recipient"],
                condition=models.Q(state="waiting"),
                name="a_recipient_waits_for_one_late_case",
            ),
        ]
        indexes = [models.Index(fields=["programme", "state"], name="late_proposals_by_state")]


class LateOpening(models.Model):
    """Why a case was opened after the others (後からの案件作成): once for a case, with the reason and what it rests on.

    `earlier_reason` is why nothing was due before ("" where nobody had judged); `order` the municipality's, "" where a
    later roll or list says it. `kind` is a key of programme/vocabulary.LATE_KINDS, or "corrected_roll". `happened_on` is the
    day from which the late line's days run: the birth, the move, the report or the order as the papers say; where only a
    later roll or list tells it, the day on which the case was opened. One by order names the `proposal` that another
    person confirmed.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="late_opening")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    kind = models.CharField(max_length=16)
    happened_on = models.DateField()
    earlier_reason = models.CharField(max_length=40, blank=True)
    why = models.CharField(max_length=200, blank=True)
    order = models.CharField(max_length=100, blank=True)
    proposal = models.OneToOneField(LateProposal, on_delete=models.PROTECT, null=True, related_name="opening")
    actor_name = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(order="", proposal__isnull=True)
                | ~models.Q(order="") & models.Q(proposal__isnull=False),
                name="a_late_case_rests_on_a_list_or_a_confirmed_order",
            )
        ]


class LaterChange(models.Model):
    """A death, move or change of household after the base date (基準日の後の異動) that concerns a case, and what followed.

    `rule` is what the Version's table says, `outcome` what was done ("" while it waits for a person). Found once for
    each person, case and event: what was undone by an order is not found again. The words are those of the Version's
    table (programme/vocabulary.CHANGE_…).
    """

    STATES = [("waiting", "判断待ち"), ("done", "処理済"), ("undone", "取消し")]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="later_changes")
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    event = models.CharField(max_length=20)
    who = models.CharField(max_length=20)
    phase = models.CharField(max_length=20)
    rule = models.CharField(max_length=12)
    happened_on = models.DateField(null=True)
    found_at = models.DateTimeField()
    roll_import = models.ForeignKey(RollImport, on_delete=models.PROTECT, null=True)
    state = models.CharField(max_length=8, choices=STATES)
    outcome = models.CharField(max_length=12, blank=True)
    # Why a person must decide where the rule alone cannot be carried out.
    waits_for = models.CharField(max_length=20, blank=True)
    stage_before = models.CharField(max_length=20, blank=True)
    payee_before = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    payee_after = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    order = models.CharField(max_length=100, blank=True)
    why = models.CharField(max_length=200, blank=True)
    actor_name = models.CharField(max_length=60, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "person", "event"], name="a_change_to_a_case_is_found_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state="waiting") | ~models.Q(outcome=""),
                name="a_change_done_says_its_outcome",
            ),
        ]
        indexes = [models.Index(fields=["programme", "state"], name="change_by_state")]


class PayeeProposal(models.Model):
    """Who is to receive instead (受け取る方の変更の伺い): named by one person, until another has compared it with the papers.

    Either a `payee` of the roll, or the heirs' representative as the papers say (`name` … `phone`). `instead_of` is who
    receives until then; `waited_for` is why the change waited before, and waits again where nobody is confirmed. No account
    stands here: whoever receives names it in an application, which two persons review.
    """

    STATES = [
        ("waiting", "確認待ち"),
        ("confirmed", "確認済"),
        ("refused", "認めない"),
        ("withdrawn", "取下げ"),
    ]
    THEN = [(key, CHANGE_OUTCOMES[key]) for key in ("new_head", "new_guardian", "estate")]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    change = models.ForeignKey(LaterChange, on_delete=models.PROTECT, related_name="payees")
    then = models.CharField(max_length=12, choices=THEN)
    instead_of = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    payee = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    name = models.CharField(max_length=200, blank=True)
    kana = models.CharField(max_length=200, blank=True)
    birth_date = models.DateField(null=True)
    postal_code = models.CharField(max_length=7, blank=True)
    address = models.CharField(max_length=300, blank=True)
    building = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    order = models.CharField(max_length=100)
    why = models.CharField(max_length=200, blank=True)
    waited_for = models.CharField(max_length=20)
    state = models.CharField(max_length=9, choices=STATES, default="waiting", db_default="waiting")
    proposed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    proposed_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(null=True)
    answer_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="waiting", answered_by__isnull=True)
                | models.Q(answered_by__isnull=False, answered_at__isnull=False)
                & (
                    models.Q(state="confirmed") & ~models.Q(answered_by=models.F("proposed_by"))
                    | models.Q(state="refused")
                    & ~models.Q(answer_why="")
                    & ~models.Q(answered_by=models.F("proposed_by"))
                    | models.Q(state="withdrawn", answered_by=models.F("proposed_by"))
                    & ~models.Q(answer_why="")
                ),
                name="another_person_confirms_another_payee",
            ),
            models.CheckConstraint(
                condition=models.Q(then="estate", payee__isnull=True)
                & ~models.Q(name="")
                & ~models.Q(kana="")
                & ~models.Q(address="")
                | models.Q(then__in=("new_head", "new_guardian"), payee__isnull=False, name=""),
                name="another_payee_is_of_the_roll_or_an_heir",
            ),
            models.CheckConstraint(condition=~models.Q(order=""), name="another_payee_rests_on_an_order"),
            models.UniqueConstraint(
                fields=["change"], condition=models.Q(state="waiting"), name="a_change_waits_for_one_payee"
            ),
        ]
        indexes = [models.Index(fields=["programme", "state"], name="payee_proposals_by_state")]
