"""Everything that leaves towards a resident: print runs, their letters, what was posted, what came back."""

from django.db import models

from todoku.case.tables import Case
from todoku.custody.tables import Parcel
from todoku.programme.tables import Programme

__all__ = ["PrintRun", "Letter", "Dispatch", "Undelivered"]

KINDS = [
    ("form", "申請書"),
    ("push_notice", "支給のお知らせ"),
    ("return", "不備のお知らせ"),
    ("granted", "支給決定通知書"),
    ("refused", "不支給決定通知書"),
    ("transfer_failed", "振込不能のお知らせ"),
    ("gift", "デジタルギフトのお届け"),
    ("claim_notice", "返還請求書"),
    ("claim_reminder", "督促状"),
    ("claim_call", "催告書"),
    ("claim_plan", "分割納付承認のお知らせ"),
]


class PrintRun(models.Model):
    """A print run (印刷ロット): made, released by a second person, posted. Its PDF and manifest are parcels.

    making is seen by others only while it is printed, or after that was killed: it is then printed again.
    """

    STATES = [
        ("making", "作成中"),
        ("made", "作成済"),
        ("released", "発送待ち"),
        ("dispatched", "発送済"),
        ("void", "取消"),
    ]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    kind = models.CharField(max_length=16, choices=KINDS)
    state = models.CharField(max_length=10, choices=STATES, default="made")
    pieces = models.BigIntegerField(default=0)
    pages = models.BigIntegerField(default=0)
    undrawable = models.BigIntegerField(default=0)
    pdf = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="+", null=True)
    manifest = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="+", null=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(released_by="") | ~models.Q(released_by=models.F("made_by")),
                name="a_run_is_released_by_another_person",
            )
        ]


class Letter(models.Model):
    """One piece of a run (発送物): whose, which issue, where in the run."""

    run = models.ForeignKey(PrintRun, on_delete=models.PROTECT, related_name="letters", db_index=False)
    piece_no = models.PositiveIntegerField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="letters", db_index=False)
    kind = models.CharField(max_length=16, choices=KINDS)
    # The form is issued once per issue number; other letters once per occasion (a submission, a decision, a transfer).
    occasion = models.BigIntegerField(default=1)
    undrawable = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "piece_no"], name="a_piece_has_its_place_in_the_run"),
            models.UniqueConstraint(
                fields=["case", "kind", "occasion"], name="a_letter_is_written_once_per_occasion"
            ),
        ]


class Dispatch(models.Model):
    """Posting of a run (差出): the day and the counted pieces; the count must equal the run's."""

    run = models.OneToOneField(PrintRun, on_delete=models.PROTECT, related_name="dispatch")
    posted_on = models.DateField()
    counted = models.BigIntegerField()
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=60)


class Undelivered(models.Model):
    """A letter that came back (不着・郵便返戻) with its reason; later letters stop until somebody looks."""

    REASONS = [
        ("unknown", "あて所に尋ねあたらず"), ("moved", "転居先不明"), ("refused", "受取拒否"), ("kept", "保管期間経過"),
        ("other", "その他"),
    ]  # fmt: skip
    letter = models.OneToOneField(Letter, on_delete=models.PROTECT)
    reason = models.CharField(max_length=10, choices=REASONS)
    returned_on = models.DateField()
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=60)
