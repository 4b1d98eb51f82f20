"""Says whether a lot is a container read once more (同じ入れ物の読み直し), and sets its pages aside as the duplicates they are.

Takes a lot whose pages are kept; leaves it as it is where it brought anything new, or where a page of the reading before
still waits for a person, who may want the new picture.
"""

from collections.abc import Sequence

from django.db.models import QuerySet

from todoku.scan.act_on_page import WAITING, close_lot
from todoku.scan.sides_of import sides_of
from todoku.scan.tables import PageAct, ScanLot, ScanPage

_NOT_COUNTED = ("void", "duplicate", "rescan")
Code = tuple[str, int | None, int | None, int | None]


def read_before(lot: ScanLot) -> tuple[ScanLot, ...]:
    """The lots of its container whose sheets are exactly those of this one: one of them, or all together; else none.

    Exactly: as many sides, and the same codes, but for those that a person had to type. Without any code nobody can say.
    """
    if lot.container_id is None:
        return ()
    others = list(
        ScanLot.objects.filter(container=lot.container_id, state__in=["read", "done"])
        .exclude(pk=lot.pk)
        .order_by("pk")
    )
    came = _codes(ScanPage.objects.filter(lot=lot).exclude(number=""))
    for lots in [tuple(others), *((one,) for one in others)]:
        if lots and came and sides_of(*lots) == lot.sides and _same_codes(came, lots):
            return lots
    return ()


def set_aside_again(lot: ScanLot, before: Sequence[ScanLot]) -> bool:
    """Every page of the lot a duplicate, and the lot done; False, and nothing done, while a page of `before` waits."""
    if ScanPage.objects.filter(lot__in=before, state__in=(*WAITING, "rescan")).exists():
        return False
    ScanPage.objects.filter(lot=lot).update(state="duplicate")
    close_lot(lot.pk)
    return True


def is_read_again(lot: ScanLot) -> bool:
    """Whether nothing of a read lot is new."""
    pages = ScanPage.objects.filter(lot=lot)
    return pages.exists() and not pages.exclude(state="duplicate").exists()


def _same_codes(came: set[Code], lots: Sequence[ScanLot]) -> bool:
    pages = ScanPage.objects.filter(lot__in=lots).exclude(number="").exclude(state__in=_NOT_COUNTED)
    by_hand = PageAct.objects.filter(page__in=pages, was__number="").exclude(number="")
    return _codes(pages.exclude(pk__in=by_hand.values("page"))) <= came <= _codes(pages)


def _codes(pages: QuerySet[ScanPage]) -> set[Code]:
    return set(pages.values_list("number", "page_no", "sheet_code", "issue"))
