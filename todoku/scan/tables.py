"""What a scanner delivered: lots, their files, and each page with its code, ticks, quality and picture."""

from django.db import models

from todoku.case.tables import Case
from todoku.mailroom.tables import Container, Sheet
from todoku.programme.tables import Programme

__all__ = ["ScanLot", "ScanFile", "ScanPage", "PageAct"]


class ScanLot(models.Model):
    """A folder of scans (スキャンロット), of one container or alone; its pages agree with the sheets or a difference opens."""

    STATES = [
        ("reading", "読取中"), ("read", "確認待ち"), ("done", "確認済"), ("refused", "取込不可"), ("void", "取消"),
    ]  # fmt: skip
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    container = models.ForeignKey(Container, on_delete=models.PROTECT, null=True, related_name="lots")
    name = models.CharField(max_length=100)
    # Digest over the digests of its files in order: the same lot delivered twice is refused.
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=STATES, default="reading")
    # Sheets that the scanner's operator counted; two sides each where it scanned both.
    stated_sheets = models.PositiveIntegerField(null=True)
    both_sides = models.BooleanField(default=False)
    files = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    aside = models.PositiveIntegerField(default=0)
    # Sides of paper that came: pages and what was set aside, each side once, however often it was scanned or sent.
    sides = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=60)
    # When the paper arrived; for a lot of a container its envelopes say so.
    arrived_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "sha256"],
                condition=~models.Q(state__in=["refused", "void"]),
                name="a_scan_lot_is_taken_once",
            )
        ]


class ScanFile(models.Model):
    """One file of a lot (画像ファイル): what it was and, where it was set aside, why.

    The original is kept, but for one that showed a My Number: its path is then empty, its digest stays.
    """

    lot = models.ForeignKey(ScanLot, on_delete=models.PROTECT, related_name="kept_files", db_index=False)
    no = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    path = models.CharField(max_length=300)
    pages = models.PositiveIntegerField(default=0)
    # Pages of it that could not be taken, the whole file counting one.
    aside = models.PositiveIntegerField(default=0)
    # When its last page was kept: a reading that was killed goes on after the files that have this.
    read_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=30, blank=True)
    sentence = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lot", "no"], name="a_file_of_a_lot_is_numbered_once")]
        indexes = [models.Index(fields=["sha256"], name="scan_file_by_digest")]


class ScanPage(models.Model):
    """One scanned side (読取ページ): what its code says, what was found on it, and where its picture lies.

    `read` pages belong to a case by their code; the others wait for a person. A page is never deleted: a wrong one is void.
    """

    STATES = [
        ("read", "読取済"), ("look", "確認待ち"), ("attached", "添付"), ("blank", "白紙"), ("duplicate", "重複"),
        ("foreign", "別の制度"), ("unplaced", "所属不明"), ("rescan", "再スキャン待ち"), ("void", "取消"),
    ]  # fmt: skip
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    lot = models.ForeignKey(ScanLot, on_delete=models.PROTECT, related_name="found_pages", db_index=False)
    no = models.PositiveIntegerField()
    file = models.ForeignKey(ScanFile, on_delete=models.PROTECT, related_name="+", db_index=False)
    file_page = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=STATES)
    # Codes of what is wrong, in the order found (scan/quality.py and scan/read_page.py say them in Japanese).
    problems = models.JSONField(default=list)
    number = models.CharField(max_length=13, blank=True)
    page_no = models.PositiveSmallIntegerField(null=True)
    sheet_code = models.PositiveSmallIntegerField(null=True)
    issue = models.PositiveSmallIntegerField(null=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="scan_pages")
    # Where nobody's code says so: the page with a code that it was scanned behind (same household in the lot).
    behind = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, related_name="scan_pages")
    # The kept picture, upright, on the page's own marks where it has any, masked where a My Number stood.
    path = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    # Digest of the pixels as scanned, before anything was painted over: the same scan delivered again has the same.
    pixels_sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    # From millimetres of the page to pixels of that picture, row by row; empty where the page is not registered.
    matrix = models.JSONField(default=list)
    # Quarters clockwise by which a person turned the picture; the file stays as it is.
    turn = models.PositiveSmallIntegerField(default=0)
    masked = models.JSONField(default=list)
    ticks = models.JSONField(default=dict)
    inked = models.JSONField(default=list)
    # What OCR offers as a pre-fill, by field: [text, confidence]. Never more than an offer.
    offered = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lot", "no"], name="a_page_of_a_lot_is_numbered_once")]
        indexes = [
            models.Index(fields=["programme", "state"], name="scan_page_by_state"),
            models.Index(fields=["pixels_sha256"], name="scan_page_by_digest"),
        ]


class PageAct(models.Model):
    """What a person said of a page (ページの判断): whose it is, void, to be scanned again, looked at. Append-only.

    `asks`: the act waits for a second person (scan/second_look.py), and the page stays as it was.
    """

    page = models.ForeignKey(ScanPage, on_delete=models.PROTECT, related_name="acts")
    from_state = models.CharField(max_length=10)
    to_state = models.CharField(max_length=10)
    number = models.CharField(max_length=13, blank=True)
    asks = models.CharField(max_length=8, blank=True)
    # What the page said before this act, for taking it back: number, page_no, sheet_code, issue, case, behind. Of an act
    # that waits for a second person, what it will say.
    was = models.JSONField(default=dict)
    why = models.CharField(max_length=200, blank=True)
    staff_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=60)
    at = models.DateTimeField()
