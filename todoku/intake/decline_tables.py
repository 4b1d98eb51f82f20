"""What is said about declining after an application is here (辞退・その撤回): told once, confirmed a second time another way.

Kept apart from the applications: nothing is applied for by it, and it is never counted as one.
"""

from django.db import models

from todoku.case.tables import Case
from todoku.people.tables import Staff
from todoku.programme.tables import Programme

__all__ = ["DeclineWord"]


class DeclineWord(models.Model):
    """A word about declining (辞退の申出): "decline" takes effect once a person has confirmed it another way than it came;
    "take_back" (撤回) takes effect by itself, for whoever holds the letter's key or was asked for by the office."""

    KINDS = [("decline", "辞退"), ("take_back", "辞退の撤回")]
    CHANNELS = [("web", "ウェブ"), ("phone", "電話"), ("paper", "郵送"), ("counter", "窓口")]
    STATES = [
        ("told", "再確認待ち"),
        ("done", "確認済み"),
        ("dropped", "受給を希望"),
        ("refused", "取り扱わず"),
    ]
    SECONDS = [("call", "こちらから電話して本人に"), ("letter", "手紙への返事で"), ("visit", "窓口で本人に")]
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decline_words")
    kind = models.CharField(max_length=10, choices=KINDS)
    channel = models.CharField(max_length=8, choices=CHANNELS)
    # Who said it, as far as the desk heard it; empty from the web, where number, birth date and key stand for it.
    said_by = models.CharField(max_length=100, blank=True, db_default="")
    phone = models.CharField(max_length=30, blank=True, db_default="")
    told_at = models.DateTimeField()
    told_to = models.CharField(max_length=60)
    idempotency_key = models.CharField(max_length=64, null=True)
    state = models.CharField(max_length=8, choices=STATES, default="told", db_default="told")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    second = models.CharField(max_length=8, choices=SECONDS, blank=True, db_default="")
    words = models.CharField(max_length=200, blank=True, db_default="")
    # Where the case stood when it was declined: there it goes on if the word is taken back.
    stage_before = models.CharField(max_length=20, blank=True, db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["decline", "take_back"])
                & models.Q(channel__in=["web", "phone", "paper", "counter"])
                & models.Q(state__in=["told", "done", "dropped", "refused"]),
                name="a_word_about_declining_is_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="decline", state="done")
                | models.Q(settled_by__isnull=False, settled_at__isnull=False)
                & ~models.Q(words="")
                & ~models.Q(second="")
                & ~models.Q(channel="counter", second="visit")
                & ~models.Q(channel="paper", second="letter"),
                name="a_decline_is_confirmed_another_way_than_it_came",
            ),
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=models.Q(state="told"),
                name="a_word_about_declining_waits_once",
            ),
            models.UniqueConstraint(fields=["idempotency_key"], name="the_same_word_is_kept_once"),
        ]
