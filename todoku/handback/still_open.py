"""What is still open before paper goes for good (引渡し前の残り): counts for hand_over and for the page. Reads only."""

from django.db.models import Q

from todoku.handback.tables import HandBack
from todoku.incident.tables import Incident
from todoku.intake.tables import KeyTask
from todoku.mailroom.tables import Difference, Sheet, UnplacedPaper, Valuable


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


def sheets_outside(made: HandBack) -> int:
    """Sheets of the programme that lie in none of its boxes and are not with the municipality or the sender."""
    boxes = made.boxes.values("container")
    return (
        Sheet.objects.filter(programme_id=made.programme_id, voided_at__isnull=True)
        .exclude(container__station__in=["municipality", "returned"])
        .exclude(Q(container__in=boxes) | Q(container__inside__in=boxes))
        .count()
    )
