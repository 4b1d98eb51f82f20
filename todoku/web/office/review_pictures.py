"""Which pictures belong to a review task: photographs sent along, or the scanned form with what lay behind it.

Reads only, three queries at most. Serving a picture, and recording that, is review.py's.
"""

from dataclasses import dataclass, replace

from todoku.intake.tables import Document, KeyTask, Submission
from todoku.review.tables import Task
from todoku.scan.tables import ScanPage
from todoku.web.office.review_declined import notice_before

SHEETS = {1: "申請書", 3: "世帯員の続き", 5: "口座届", 6: "貼付台紙", 7: "辞退届", 8: "代理手続申立書"}


@dataclass(frozen=True)
class Picture:
    """One picture of what was sent: its name, where it is served, its size."""

    words: str
    url: str
    width: int
    height: int


def pictures_of(task: Task, slug: str) -> list[Picture]:
    """The photographs sent along, or the scanned form with what lay behind it, the form first; then the notice of declining
    that came before it, where there was one."""
    found = _of(task.submission, slug)
    notice = notice_before(task.submission) if task.submission.declined_on else None
    before = _of(notice, slug) if notice else []
    return found + [replace(one, words=f"先の辞退届：{one.words}") for one in before]


def _of(sent: Submission, slug: str) -> list[Picture]:
    base = f"/p/{slug}/review"
    found = [
        Picture(f"{one.get_kind_display()}", f"{base}/document/{one.pk}/", one.width, one.height)
        for one in Document.objects.filter(submission=sent).order_by("-kind", "id")
    ]
    keyed = KeyTask.objects.filter(submission=sent).first()
    if keyed is None:
        return found
    pages = ScanPage.objects.filter(
        lot_id=keyed.lot_id, case_id=keyed.case_id, state__in=["read", "attached", "look"]
    )
    return found + [
        Picture(SHEETS.get(one.sheet_code or 0, "添付書類"), f"{base}/scan/{one.pk}/", one.width, one.height)
        for one in sorted(pages, key=lambda one: (one.pk != keyed.page_id, one.no))
    ]
