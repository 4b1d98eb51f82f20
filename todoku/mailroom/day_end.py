"""The end of the mailroom's day (郵便室の日締め): a count that is still open opens an incident, its first report drafted.

Runs every night. Open are: a difference that nobody explained, a container that nobody took, a bag that nobody counted,
all from a day before today. Each becomes an incident once; the report is sent by a person.
"""

from datetime import datetime, time

from django.utils.timezone import localdate, make_aware

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
    return Report(done=Incident.objects.filter(programme=programme).count() - before)


def _of_difference(difference: Difference, actor: Actor, at: datetime) -> None:
    lacks = difference.stated - difference.found
    incident = open_incident(
        programme=difference.programme, kind="count", found_at=difference.opened_at, actor=actor, at=at,
        pieces=abs(lacks), subject=("difference", difference.pk),
        what=f"件数の不一致（{difference.between}）：{difference.stated:,}に対し{difference.found:,}で、"
        f"{abs(lacks):,}{'不足' if lacks > 0 else '超過'}。一日の終わりまで説明がつきませんでした。",
    )  # fmt: skip
    Difference.objects.filter(pk=difference.pk, state="open").update(state="incident", incident=incident)
