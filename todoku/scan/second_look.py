"""Which acts on a page one person may not do alone (二人目の確認): giving paper without an owner to a household, and losing one.

Takes a page before and after an act, and its acts so far; says whether a second person must do the same, and whether one did.
Writes nothing.
"""

from typing import Any

from todoku.mailroom.tables import Sheet
from todoku.scan.tables import PageAct, ScanPage

UNOWNED = ("foreign", "unplaced")
# What a page says of whom it belongs to.
SAID = ("number", "page_no", "sheet_code", "issue", "case_id", "behind_id")


def said(page: ScanPage) -> dict[str, Any]:
    """What the page says now, as PageAct.was keeps it."""
    return {name: getattr(page, name) for name in SAID}


def needs_second(act: str, page: ScanPage, before: str, was: dict[str, Any]) -> bool:
    """Whether this act, done to `page` in memory already, takes two persons. `before`, `was`: the page until then."""
    if act in ("number", "attach"):
        return origin(page, before) in UNOWNED or _contradicts(page, was)
    return act in ("void", "came") and not _has_another(page)


def agreed(act: str, page: ScanPage, who: int) -> bool:
    """Whether another person asked for just this, and nothing was done to the page since."""
    last = PageAct.objects.filter(page=page).order_by("-id").first()
    return last is not None and last.asks == act and last.staff_id != who and last.was == said(page)


def origin(page: ScanPage, state: str) -> str:
    """The state of a page, or what it was before somebody asked for another scan of it."""
    if state != "rescan":
        return state
    asked = (
        PageAct.objects.filter(page=page, to_state="rescan")
        .exclude(from_state="rescan")
        .order_by("-id")
        .first()
    )
    return asked.from_state if asked else "look"


def _contradicts(page: ScanPage, was: dict[str, Any]) -> bool:
    """Against what was read of the page itself, or what the sheet was opened as."""
    if was["number"] and page.case_id != was["case_id"]:
        return True
    opened = Sheet.objects.filter(scan_pages=page).values_list("case_id", flat=True).first()
    return opened is not None and opened != page.case_id


def _has_another(page: ScanPage) -> bool:
    """Another picture of the same sheet, which stands after this one is void."""
    if not page.number:
        return False
    same = {
        name: getattr(page, name) for name in ("programme_id", "number", "page_no", "sheet_code", "issue")
    }
    return (
        ScanPage.objects.filter(**same, state__in=["read", "look"])
        .exclude(pk=page.pk)
        .exclude(lot__state="void")
        .exists()
    )
