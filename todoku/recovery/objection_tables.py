"""What somebody says against a decision (不服・訂正の申出), with its clock, who looks into it, and the municipality's answer."""

from django.db import models

from todoku.case.tables import Case
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.review.tables import Decision

__all__ = ["Objection"]


class Objection(models.Model):
    """An objection (不服の申出) or a wish for correction (訂正の申出), numbered in its programme; answered by an order.

    `review` is 審査請求 (行政不服審査法) and is for programmes that decide by disposition; where the benefit is a gift it
    is asked to look again (`again`, 再審査の申出). `correction` says that amount, person or account are wrong.
    """

    KINDS = [("review", "審査請求"), ("again", "再審査の申出"), ("correction", "訂正の申出")]
    ABOUT = [
        ("refused", "不支給の決定"), ("amount", "支給額"), ("person", "対象となる人・世帯"), ("account", "振込先・受取方法"),
        ("lapsed", "期限切れの取扱い"),
    ]  # fmt: skip
    CHANNELS = [("paper", "郵送"), ("counter", "窓口"), ("phone", "電話")]
    STATES = [("received", "受付"), ("assigned", "確認中"), ("answered", "回答済み"), ("withdrawn", "取下げ")]
    OUTCOMES = [
        ("kept", "決定のとおりとする（棄却）"), ("changed", "決定を改める（認容）"), ("dismissed", "内容に入らない（却下）"),
    ]  # fmt: skip
    EFFECTS = [
        ("none", "決定は変わらない"), ("review", "もう一度審査する"), ("invited", "申請をもう一度受け付ける"),
        ("order", "決裁による変更"),
    ]  # fmt: skip
    DOORS = [("office", "事務局"), ("municipality", "自治体")]
    OPEN = ("received", "assigned")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="objections")
    # The decision it is against; null where the case ended without one.
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="objections")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=KINDS)
    about = models.CharField(max_length=10, choices=ABOUT)
    channel = models.CharField(max_length=8, choices=CHANNELS)
    door = models.CharField(max_length=12, choices=DOORS)
    said_by = models.CharField(max_length=100)
    words = models.CharField(max_length=1000)
    received_on = models.DateField()
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    # From when the decision was known, and until when it could be objected to; null where no day is set.
    known_on = models.DateField(null=True)
    last_day = models.DateField(null=True)
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=STATES, default="received", db_default="received")
    assignee = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    assigned_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=OUTCOMES, blank=True, db_default="")
    effect = models.CharField(max_length=8, choices=EFFECTS, blank=True, db_default="")
    order = models.CharField(max_length=60, blank=True, db_default="")
    # Goes into the letter as it stands.
    reason = models.CharField(max_length=500, blank=True, db_default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    @property
    def title(self) -> str:
        """How it is cited: 申出第3号."""
        return f"申出第{self.number}号"

    @property
    def late(self) -> bool:
        """Whether it came after the last day on which one could object."""
        return self.last_day is not None and self.received_on > self.last_day

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="an_objection_is_numbered_once"),
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=models.Q(state__in=["received", "assigned"]),
                name="a_case_is_objected_to_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["received", "assigned", "answered", "withdrawn"])
                & ~models.Q(words="")
                & ~models.Q(said_by=""),
                name="an_objection_says_who_and_what",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="answered")
                | models.Q(answered_by__isnull=False, answered_at__isnull=False)
                & models.Q(outcome__in=["kept", "changed", "dismissed"])
                & ~models.Q(order="")
                & ~models.Q(reason=""),
                name="an_objection_is_answered_by_an_order_with_its_reason",
            ),
        ]
