"""What is still open before paper goes for good (引渡し前の残り): counts for hand_over and for the page. Reads only."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count, Q

from todoku.handback.tables import HandBack
from todoku.incident.tables import Incident
from todoku.intake.tables import KeyTask
from todoku.mailroom.tables import STATIONS, Difference, Sheet, UnplacedPaper, Valuable

NAMED_MAX = 5  # of the containers outside a box; the others are counted


def still_open(programme: int) -> list[str]:
    """What must be ended before the last paper goes, each with its count, in the words of the desks."""
    here = {"programme_id": programme}
    counted = {
        "調査中の差異": Difference.objects.filter(**here).exclude(state="explained"),
        "所属不明書類": UnplacedPaper.objects.filter(**here, state__in=["waiting", "proposed"]),
        "返送していない原本・現金": Valuable.objects.filter(**here, returned_on__isnull=True),
        "入力が終わっていない申請書": KeyTask.objects.filter(**here).exclude(state__in=["done", "void"]),
        "終わっていない事故": Incident.objects.filter(**here).exclude(state="closed"),
    }
    found = {words: rows.count() for words, rows in counted.items()}
    return [f"{words}が{count:,}件" for words, count in found.items() if count]


class Outside(NamedTuple):
    """A container that stays in the office, where it stands, and how many sheets lie in it."""

    code: str
    station: str
    sheets: int


def sheets_outside(made: HandBack) -> list[Outside]:
    """Where sheets of the programme lie that are in none of its boxes and not with the municipality or the sender."""
    boxes = made.boxes.values("container")
    found = (
        Sheet.objects.filter(programme_id=made.programme_id, voided_at__isnull=True)
        .exclude(container__station__in=["municipality", "returned"])
        .exclude(Q(container__in=boxes) | Q(container__inside__in=boxes))
        .values_list("container__code", "container__station")
        .annotate(sheets=Count("pk"))
        .order_by("container__code")
    )
    names = dict(STATIONS)
    return [Outside(code, names[station], sheets) for code, station, sheets in found]


def outside_words(outside: Sequence[Outside]) -> str:
    """They in words: how many sheets, and in which containers; the first few by name."""
    named = "、".join(f"{one.code}（{one.station}）{one.sheets:,}枚" for one in outside[:NAMED_MAX])
    more = f" ほか{len(outside) - NAMED_MAX:,}個" if len(outside) > NAMED_MAX else ""
    return (
        f"箱に入っていない用紙が{sum(one.sheets for one in outside):,}枚、事務局にあります（{named}{more}）。"
    )
