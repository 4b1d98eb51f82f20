"""Everything that arrives: paper and web end as the same Submission, each with its account and documents."""

from django.db import models

from todoku.case.tables import Case
from todoku.mailroom.tables import Envelope
from todoku.programme.tables import Programme
from todoku.scan.tables import ScanLot, ScanPage

__all__ = [
    "Submission", "AccountVersion", "ProofVersion", "Document", "Entry", "ContactNote", "FailedLookup", "KeyTask", "Keying",
    "KeyCorrection",
]  # fmt: skip


class Submission(models.Model):
    """An application (申請) by one channel; of two valid ones the first to arrive counts."""

    CHANNELS = [
        ("paper", "郵送"),
        ("web", "オンライン"),
        ("counter", "窓口"),
        ("phone", "電話"),
        ("push", "既知口座（申請不要）"),
    ]
    # The public door can only add: what it adds is "sent" until the office's register_web takes it in.
    STATES = [
        ("sent", "送信済（登録待ち）"), ("received", "受付済"), ("screened", "点検済"), ("superseded", "差し替え"),
        ("not_counted", "対象外（先着優先）"),
    ]  # fmt: skip
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="submissions")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    channel = models.CharField(max_length=8, choices=CHANNELS)
    state = models.CharField(max_length=12, choices=STATES, default="received")
    receipt_number = models.CharField(max_length=12)
    arrived_on = models.DateField()
    postmark_on = models.DateField(null=True)
    opened_on = models.DateField(null=True)
    # The day that counts against the deadline, by the Version's rule: postmark or arrival, or what holds without one.
    counts_on = models.DateField(null=True)
    envelope = models.ForeignKey(Envelope, on_delete=models.PROTECT, null=True, related_name="submissions")
    applied_on = models.DateField(null=True)
    registered_at = models.DateTimeField()
    applicant_is_recipient = models.BooleanField(default=True)
    applicant_name = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    signed = models.BooleanField(default=True)
    declines = models.BooleanField(default=False)
    # The case stood declined (辞退) since this day when the application came: whether it was meant to be taken back is asked.
    declined_on = models.DateField(null=True)
    # How the money is wanted (受取方法), one of the rails that the terms offer; only "bank" needs an account.
    rail = models.CharField(max_length=16, default="bank", db_default="bank")
    # How that was marked on paper: one box, none, or several; what is not plain is a deficiency and the rail "bank".
    rail_marked = models.CharField(max_length=8, default="one", db_default="one")
    members_corrected = models.BooleanField(default=False)
    # Evidence as a person sees it: "" absent, "clear", "unclear", "expired", "cut" (needed side missing).
    identity_evidence = models.CharField(max_length=8, blank=True)
    account_evidence = models.CharField(max_length=8, blank=True)
    idempotency_key = models.CharField(max_length=64, null=True)
    # Digest of what came under that key: the same again is the same application, something else is refused.
    body_sha256 = models.CharField(max_length=64, blank=True)
    actor_name = models.CharField(max_length=60, blank=True)
    # Came without number and key, and a person matched it to the roll: a reviewer looks who it is.
    keyless = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["receipt_number"], name="a_receipt_number_is_given_once"),
            models.UniqueConstraint(fields=["idempotency_key"], name="the_same_application_is_kept_once"),
            models.CheckConstraint(
                condition=models.Q(channel__in=["paper", "web", "counter", "phone", "push"]),
                name="a_submission_has_a_channel",
            ),
            models.CheckConstraint(
                condition=models.Q(rail_marked="one")
                | models.Q(rail_marked__in=["none", "several"], rail="bank"),
                name="a_way_of_receiving_is_marked_plainly",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["sent", "received", "screened", "superseded", "not_counted"]),
                name="a_submission_state_is_known",
            ),
        ]
        indexes = [models.Index(fields=["programme", "state", "arrived_on"], name="submission_by_state")]


class AccountVersion(models.Model):
    """The account named in one submission (振込先口座); never overwritten, a correction is a new version."""

    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="accounts", db_index=False
    )
    version = models.PositiveSmallIntegerField(default=1)
    bank = models.CharField(max_length=4, blank=True)
    branch = models.CharField(max_length=3, blank=True)
    kind = models.PositiveSmallIntegerField(default=1)
    number = models.CharField(max_length=8, blank=True)
    holder_kana = models.CharField(max_length=100, blank=True)
    yucho_symbol = models.CharField(max_length=5, blank=True)
    yucho_number = models.CharField(max_length=8, blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=60, blank=True)
    # The person of the office who entered it: that person never judges it (guarded by a trigger on verdicts).
    staff_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "version"], name="account_versions_count_up"),
        ]
        # Who else names this account (口座の共用): asked for every application that is screened.
        indexes = [models.Index(fields=["number", "branch", "bank", "kind"], name="account_by_number")]


class ProofVersion(models.Model):
    """Which papers show who applies (本人確認書類の種類と期限): two at most, by kind and the day that each carries.

    Kinds are the words of the criteria's list. Keyed, chosen by the resident, or read at the review desk; never overwritten,
    what is read otherwise later is a new version.
    """

    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="proofs", db_index=False
    )
    version = models.PositiveSmallIntegerField(default=1)
    first = models.CharField(max_length=24)
    first_on = models.DateField(null=True)
    second = models.CharField(max_length=24, blank=True)
    second_on = models.DateField(null=True)
    # The day that counts for papers that came with an earlier application, which this one corrects.
    counted_on = models.DateField(null=True)
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=60, blank=True)
    staff_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "version"], name="proof_versions_count_up"),
            models.CheckConstraint(condition=~models.Q(first=""), name="a_proof_names_its_first_paper"),
        ]


class Document(models.Model):
    """A picture sent or scanned with a submission (添付書類), re-encoded without the camera's data."""

    KINDS = [
        ("identity", "本人確認書類"), ("identity2", "本人確認書類（2点目）"), ("account", "口座確認書類"),
        ("form", "申請書の画像"),
    ]  # fmt: skip
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=10, choices=KINDS)
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=300)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size_bytes = models.BigIntegerField()


class Entry(models.Model):
    """One keying of a paper form (打鍵入力): who and how long, shown to the operator's team only."""

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="entry")
    staff_id = models.BigIntegerField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField()


class ContactNote(models.Model):
    """A contact note (応対記録) to a case, or to a caller whose case is not known yet. Append-only but for the call-back."""

    CHANNELS = [("call", "電話"), ("counter", "窓口"), ("mail", "メール・手紙"), ("outbound", "架電")]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="notes")
    caller = models.CharField(max_length=100, blank=True)
    channel = models.CharField(max_length=10, choices=CHANNELS)
    identity_checked = models.CharField(max_length=100, blank=True)
    asked = models.TextField()
    promised = models.TextField(blank=True)
    call_back_on = models.DateField(null=True)
    call_back_done_at = models.DateTimeField(null=True)
    call_back_done_by = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(case__isnull=False) | ~models.Q(caller=""),
                name="a_note_names_a_case_or_a_caller",
            )
        ]
        indexes = [
            models.Index(
                fields=["programme", "call_back_on"],
                condition=models.Q(call_back_on__isnull=False, call_back_done_at__isnull=True),
                name="note_by_call_back",
            )
        ]


class FailedLookup(models.Model):
    """Failed look-ups (照会の失敗) of one address or one number in a span of time; kept as a keyed digest only."""

    key = models.CharField(max_length=64, primary_key=True)
    began_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=1)


class KeyTask(models.Model):
    """One scanned form to be keyed (打鍵作業): first person, a second one for account and kana, a third where they differ.

    Its submission is made when the two agree or the third has settled it; until then nothing counts as received.
    """

    STATES = [
        ("first", "入力待ち"), ("second", "照合入力待ち"), ("differs", "不一致"), ("done", "登録済"), ("aside", "保留"),
        ("void", "取消"),
    ]  # fmt: skip
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="key_tasks")
    lot = models.ForeignKey(ScanLot, on_delete=models.PROTECT, related_name="key_tasks")
    # The leading page; a void task leaves it to another one.
    page = models.ForeignKey(ScanPage, on_delete=models.PROTECT, related_name="key_tasks", db_index=False)
    envelope = models.ForeignKey(Envelope, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=STATES, default="first")
    # When its paper arrived: the oldest is keyed first.
    arrived_on = models.DateField()
    claimed_id = models.BigIntegerField(null=True)
    claimed_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    # When it was received or, of a void one, when a person said that nothing is left to do.
    done_at = models.DateTimeField(null=True)
    aside_why = models.CharField(max_length=200, blank=True)
    submission = models.OneToOneField(
        Submission, on_delete=models.PROTECT, null=True, related_name="key_task"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="done") | models.Q(submission__isnull=False),
                name="a_keyed_form_has_its_submission",
            ),
            models.UniqueConstraint(
                fields=["page"], condition=~models.Q(state="void"), name="a_page_leads_one_key_task"
            ),
        ]
        indexes = [models.Index(fields=["programme", "state", "arrived_on", "id"], name="key_task_by_state")]


class Keying(models.Model):
    """One keying of a scanned form (打鍵): who, how long, what was typed. The second types blind.

    A keying is taken back within a minute, never changed.
    """

    task = models.ForeignKey(KeyTask, on_delete=models.PROTECT, related_name="keyings", db_index=False)
    # 1 all fields, 2 account and kana again by another person, 3 the choice between the two by a third look.
    round = models.PositiveSmallIntegerField()
    staff_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=60)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField()
    values = models.JSONField()
    # Taken back within a minute by the person who typed it; the form is then keyed again.
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "round"],
                condition=models.Q(undone_at__isnull=True),
                name="a_form_is_keyed_once_per_round",
            ),
            models.UniqueConstraint(
                fields=["task", "staff_id"],
                condition=models.Q(undone_at__isnull=True),
                name="a_form_is_keyed_twice_by_different_persons",
            ),
        ]


class KeyCorrection(models.Model):
    """A typed field that was put right (打鍵の訂正): which, from what to what, why, by whom. Append-only."""

    task = models.ForeignKey(KeyTask, on_delete=models.PROTECT, related_name="corrections")
    field = models.CharField(max_length=30)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    why = models.CharField(max_length=100)
    at = models.DateTimeField()
    staff_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=60)
