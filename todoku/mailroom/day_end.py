"""The end of the mailroom's day (郵便室の日締め): a count that is still open opens an incident, its first report drafted.

Runs every night. Open are, from a day before today: a difference that nobody explained, a container that nobody took, a
bag that nobody counted; and a counted bag from which nothing was opened for a whole working day. Each becomes an incident
once; the report is sent by a person.
"""

from datetime import datetime, time, timedelta

from django.db.models import Count, Max, Q
from django.utils.timezone import localdate, make_aware

from todoku.formats.bank_days import is_bank_day
from todoku.ground.step import Report
from todoku.incident.open_incident import open_incident
from todoku.incident.tables import Incident
from todoku.mailroom.tables import Bag, Carry, Difference
from todoku.people.actor import Actor
from todoku.programme.tables import Programme


def day_end(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Opens an incident for each count left open. Safe to run twice. Report: done incidents opened."""
    today = make_aware(datetime.combine(localdate(at), time.min))
    before = Incident.objects.filter(programme=programme).count()
    for difference in Difference.objects.filter(programme=programme, state="open", opened_at__lt=today):
        _of_difference(difference, actor, at)
    # In nobody's hand: given before today and still not taken.
    for carry in Carry.objects.filter(
        container__programme=programme, taken_id__isnull=True, at__lt=today
    ).select_related("container"):
        open_incident(
            programme=programme, kind="count", found_at=at, actor=actor, at=at, pieces=carry.stated,
            subject=("carry", carry.pk),
            what=f"{carry.container.code}（{carry.stated:,}枚）の引渡しに、受け取った人の名前が一日の終わりまでありませんでした。",
        )  # fmt: skip
    for bag in Bag.objects.filter(
        pickup__programme=programme, counted__isnull=True, pickup__at__lt=today
    ).select_related("pickup"):
        open_incident(
            programme=programme, kind="count", found_at=at, actor=actor, at=at, subject=("bag", bag.pk),
            what=f"{bag.pickup.on}に受け取った郵袋（袋{bag.no}）の通数が、一日の終わりまで数えられていません。",
        )  # fmt: skip
    _bags_left_open(programme, today, actor, at)
    return Report(done=Incident.objects.filter(programme=programme).count() - before)


def _bags_left_open(programme: Programme, today: datetime, actor: Actor, at: datetime) -> None:
    """Counted, not closed, and untouched since before the last whole working day: its envelopes lie somewhere."""
    day = localdate(today) - timedelta(days=1)
    while not is_bank_day(day):
        day -= timedelta(days=1)
    since = make_aware(datetime.combine(day, time.min))
    standing = Q(envelopes__voided_at__isnull=True)
    for bag in (
        Bag.objects.filter(
            pickup__programme=programme, counted__gt=0, counted_at__lt=since, closed_at__isnull=True
        )
        .select_related("pickup")
        .annotate(
            opened=Count("envelopes", filter=standing), last=Max("envelopes__opened_at", filter=standing)
        )
        .filter(Q(last__isnull=True) | Q(last__lt=since))
    ):
        open_incident(
            programme=programme, kind="count", found_at=at, actor=actor, at=at, subject=("open_bag", bag.pk),
            pieces=max(int(bag.counted or 0) - bag.opened, 0),
            what=f"{bag.pickup.on}に受け取った郵袋（袋{bag.no}）は、数えた{bag.counted:,}通のうち{bag.opened:,}通を開封したまま、"
            f"{day}から開封が進まず、閉じられていません。",
        )  # fmt: skip


def _of_difference(difference: Difference, actor: Actor, at: datetime) -> None:
    lacks = difference.stated - difference.found
    incident = open_incident(
        programme=difference.programme, kind="count", found_at=difference.opened_at, actor=actor, at=at,
        pieces=abs(lacks), subject=("difference", difference.pk),
        what=f"件数の不一致（{difference.between}）：{difference.stated:,}に対し{difference.found:,}で、"
        f"{abs(lacks):,}{'不足' if lacks > 0 else '超過'}。一日の終わりまで説明がつきませんでした。",
    )  # fmt: skip
    Difference.objects.filter(pk=difference.pk, state="open").update(state="incident", incident=incident)
