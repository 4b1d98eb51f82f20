"""What goes to the municipality at the end: deliveries of paper, pictures, index and audit bundles, and their acceptance."""

from django.db import models

from todoku.custody.tables import Parcel
from todoku.mailroom.tables import Container
from todoku.programme.tables import Programme

__all__ = ["HandBack", "HandBackBox", "Acceptance"]


class HandBack(models.Model):
    """What is handed back to the municipality (納品): its files as one parcel, its boxes, the counts that the index states."""

    STATES = [
        ("made", "作成済"),
        ("handed", "引渡し済"),
        ("accepted", "検収済"),
        ("refused", "検収不可"),
        ("void", "取消"),
    ]
    LEFT = [("next", "次の納品に入れる"), ("stays", "納品せず、事務局に残す")]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    no = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=STATES, default="made")
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="+", null=True)
    cases = models.BigIntegerField()
    sheets = models.BigIntegerField()
    pictures = models.BigIntegerField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)
    handed_at = models.DateTimeField(null=True)
    handed_by = models.CharField(max_length=60, blank=True)
    # Sheets that lay in no box when it was handed over (箱に入れない用紙): how many, what becomes of them, and why.
    left_sheets = models.PositiveIntegerField(default=0)
    left_to = models.CharField(max_length=6, choices=LEFT, blank=True)
    left_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "no"], name="a_hand_back_is_numbered_once"),
            models.CheckConstraint(
                condition=models.Q(left_sheets=0, left_to="", left_why="")
                | (models.Q(left_sheets__gt=0, left_to__in=["next", "stays"]) & ~models.Q(left_why="")),
                name="sheets_stay_behind_for_a_reason",
            ),
        ]


class HandBackBox(models.Model):
    """A box that goes with a delivery (納品する箱) and the sheets in it."""

    hand_back = models.ForeignKey(HandBack, on_delete=models.PROTECT, related_name="boxes")
    container = models.ForeignKey(Container, on_delete=models.PROTECT)
    sheets = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hand_back", "container"], name="a_box_is_in_a_hand_back_once")
        ]


class Acceptance(models.Model):
    """The municipality's inspection of a delivery (検収): counts and digest as found there. Append-only."""

    hand_back = models.OneToOneField(HandBack, on_delete=models.PROTECT, related_name="acceptance")
    accepted = models.BooleanField()
    cases_found = models.BigIntegerField()
    boxes_found = models.PositiveIntegerField()
    sampled = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    comment = models.TextField(blank=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=60)
