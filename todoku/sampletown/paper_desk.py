"""The paper of the sample town, from the post office box to the submission: picked up, counted, opened, scanned, keyed.

Takes the answers that arrive on a day. All envelopes pass the mailroom; a stated number of forms is really filled in on
the printed pages, scanned and keyed twice; the others are handed back to be keyed from flat rows. Counts are checked.
"""

import io
import shutil
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from todoku.custody import files
from todoku.ground.places import var
from todoku.intake.forms import PaperForm
from todoku.intake.make_key_tasks import make_key_tasks
from todoku.intake.tables import KeyTask
from todoku.letters.tables import PrintRun
from todoku.mailroom.carry import carry
from todoku.mailroom.close_bag import close_bag
from todoku.mailroom.close_difference import close_difference
from todoku.mailroom.confirm_match import confirm_match
from todoku.mailroom.count_bag import count_bag
from todoku.mailroom.log_valuable import log_valuable
from todoku.mailroom.make_container import make_container
from todoku.mailroom.open_many import Household as InEnvelope
from todoku.mailroom.open_many import Opened, open_many
from todoku.mailroom.pick_up import pick_up
from todoku.mailroom.place_paper import place_paper
from todoku.mailroom.return_valuable import return_valuable
from todoku.mailroom.tables import Bag, Container, Difference, Envelope, Sheet, UnplacedPaper, Valuable
from todoku.sampletown.answers import Answer
from todoku.sampletown.arrivals import Mailbox
from todoku.sampletown.filled_form import writer_of
from todoku.sampletown.job import MainJob
from todoku.sampletown.operators import Operators
from todoku.sampletown.returned import PrintedRun, envelope
from todoku.sampletown.scanner import HARMLESS, Scanned, Scanner, Side, scan
from todoku.scan.act_on_page import act_on_page
from todoku.scan.delivered import files_of_folder
from todoku.scan.receive_lot import receive_lot
from todoku.scan.tables import ScanLot, ScanPage
from todoku.scan.take_pages import take_pages
from todoku.sheets.sheet_codes import SheetKind

PLACE = "見本中央郵便局 私書箱1号"
SCANNER = Scanner(200, "jpeg")
MISCOUNTED_ON = 3
"""On this pick-up one envelope is counted twice: the difference that somebody explains."""
COUNTED_TWICE = "重なった2通を3通と数えていました。袋と机に残りがないことを二人で確かめました。"
VALUABLES = {
    2: ("identity", "運転免許証（原本）", None),
    4: ("cash", "返信用切手代として同封された現金", 500),
}
LAST_VALUABLE = ("passbook", "預金通帳（原本）", None)
"""On these pick-ups an envelope holds an original or cash; the last one, of the days left over, waits to be returned."""
UNPLACED_EVERY = 4
"""On every fourth pick-up one envelope holds copies without any number."""
FAULT_EVERY = 6
"""Every sixth page of a lot lies badly; on the last lot other faults are left for a person."""
LAST_FAULTS = ("code_gone", "blurred", "twice", "cut")
LEFT_TO_KEY = 3
_SHEETS = {SheetKind.FORM: "form", SheetKind.MEMBERS: "list", SheetKind.ATTACHMENTS: "answer"}


class PaperDesk:
    """Mailroom, scanner and keying desk of one run."""

    def __init__(self, job: MainJob, mailbox: Mailbox) -> None:
        self.job, self.mailbox = job, mailbox
        self.clerk, self.second, self.manager = (job.staff[name] for name in ("clerk", "clerk2", "manager"))
        self.operators = Operators(job.programme, (self.clerk, self.second), self.manager, job.seed)
        self.runs = _printed(job) if job.scans else []
        self.pickups = self.envelopes = self.strays = self.papers = 0
        self.scanned = self.keyed = self.aside = 0
        self._forms: dict[str, PaperForm] = {}
        self._unplaced_of: list[str] = []

    def day(self, day: date, answers: Sequence[Answer], *, working: bool) -> list[PaperForm]:
        """All paper of a day; gives the forms that are keyed from flat rows. Without `working` some is left on the desks."""
        if working:
            self._yesterday(day)
        by_hand = [one for one in answers if self.mailbox.is_scanned(one)]
        flat = [one for one in answers if not self.mailbox.is_scanned(one)]
        self.pickups += 1
        stray = self.pickups % UNPLACED_EVERY == 0
        self.strays += stray
        bag = self._counted_bag(day, len(answers) + stray)
        forms = self._open_flat(bag, day, flat, stray)
        if by_hand:
            self._scan_and_key(bag, day, by_hand, working)
        self._close(bag, day)
        self.papers += len(answers)
        self._valuable(day, working)
        return forms

    @property
    def waiting(self) -> int:
        """Scanned forms that are not keyed yet, or wait for somebody to look at their picture."""
        return self.scanned - self.keyed - self.aside

    def close(self) -> None:
        """Lets go of the printed runs."""
        for run in self.runs:
            run.close()

    # ---- the mailroom ------------------------------------------------------------------------------------------

    def _counted_bag(self, day: date, envelopes: int) -> Bag:
        miscounted = self.pickups == MISCOUNTED_ON
        picked = pick_up(
            programme=self.job.programme, on=day, place=PLACE, bags=1, stated=None if miscounted else envelopes,
            second=self.second, actor=self.clerk, at=self.job.at(day, 8, 30),
        )  # fmt: skip
        bag = Bag.objects.get(pickup=picked)
        count_bag(bag, envelopes + miscounted, actor=self.clerk, at=self.job.at(day, 8, 40))
        return bag

    def _open_flat(self, bag: Bag, day: date, flat: Sequence[Answer], stray: bool) -> list[PaperForm]:
        """Envelopes of which only the rows are known: one form each; and the one whose copies bear no number."""
        if not flat and not stray:
            return []
        tray = self._tray(day)
        rows = [
            Opened("read", one.posted_on, (InEnvelope(self.mailbox.number(one), ("form",)),)) for one in flat
        ]
        if stray:
            rows.append(Opened("none", None, (InEnvelope("", ("attachment",), "attachment"),)))
        opened = self._opened(rows, bag, tray, self.job.at(day, 9))
        self._carried(tray, "keying", len(rows), self.job.at(day, 9, 40))
        if flat:
            self._unplaced_of.append(self.mailbox.number(flat[0]))
        return [
            self.mailbox.paper(one, envelope=pk, opened_on=day) for one, pk in zip(flat, opened, strict=False)
        ]

    def _opened(self, rows: Sequence[Opened], bag: Bag, tray: Container, at: datetime) -> list[int]:
        before = set(Envelope.objects.filter(bag=bag).values_list("pk", flat=True))
        open_many(rows, bag=bag, tray=tray, actor=self.clerk, at=at)
        self.envelopes += len(rows)
        found = Envelope.objects.filter(bag=bag).order_by("no").values_list("pk", flat=True)
        return [pk for pk in found if pk not in before]

    def _tray(self, day: date) -> Container:
        return make_container(
            programme=self.job.programme,
            kind="tray",
            station="opening",
            actor=self.clerk,
            at=self.job.at(day, 8, 50),
        )

    def _carried(self, tray: Container, to: str, sheets: int, at: datetime) -> None:
        carry(tray, to=to, stated=sheets, found=sheets, second=self.second, actor=self.clerk, at=at)

    def _close(self, bag: Bag, day: date) -> None:
        closed = close_bag(bag, actor=self.second, at=self.job.at(day, 9, 45))
        bag.refresh_from_db()
        explained = 0
        for difference in Difference.objects.filter(subject_kind="bag", subject_id=bag.pk, state="open"):
            close_difference(
                difference, explanation=COUNTED_TWICE,
                actor=self.manager, at=self.job.at(day, 16),
            )  # fmt: skip
            explained += difference.stated - difference.found
        assert bag.counted is not None
        self.job.check("数えた封書 = 開封した封書 + 説明した差異", bag.counted, closed.done + explained)

    def _yesterday(self, day: date) -> None:
        """What the mailroom does first in the morning: papers without a number matched, originals sent back."""
        at = self.job.at(day, 8)
        for paper in UnplacedPaper.objects.filter(
            programme=self.job.programme, state="waiting", found_at__lt=at - timedelta(days=4)
        )[:1]:
            if not self._unplaced_of:
                return
            place_paper(
                paper,
                number=self._unplaced_of[0],
                why="同封のメモの氏名と電話番号が一致",
                actor=self.clerk,
                at=at,
            )
            confirm_match(paper, actor=self.second, at=at + timedelta(minutes=10))
        for place, one in enumerate(
            Valuable.objects.filter(
                programme=self.job.programme, returned_on__isnull=True, at__lt=at - timedelta(days=2)
            )
        ):
            ten = f"13112{day:%m%d}{place % 10}"
            return_valuable(
                one,
                mail_number=f"{ten}{int(ten) % 7}",
                returned_on=day,
                second=self.second,
                actor=self.clerk,
                at=at,
            )

    def _valuable(self, day: date, working: bool) -> None:
        found = VALUABLES.get(self.pickups) if working else LAST_VALUABLE
        if found is None:
            return
        kind, what, yen = found
        one = Envelope.objects.filter(programme=self.job.programme).latest("pk")
        log_valuable(
            one, kind=kind, what=what, amount_yen=yen, number="", second=self.second, actor=self.clerk,
            at=self.job.at(day, 9, 50),
        )  # fmt: skip

    # ---- scanning and keying --------------------------------------------------------------------------------------

    def _scan_and_key(self, bag: Bag, day: date, answers: Sequence[Answer], working: bool) -> None:
        made = self._filled_and_scanned(day, answers, working)
        tray = self._tray(day)
        rows = [
            Opened("read", answer.posted_on, (InEnvelope(self.mailbox.number(answer), sheets),))
            for answer, sheets in zip(answers, made.sheets, strict=True)
        ]
        sheets = sum(len(one) for one in made.sheets)
        self._opened(rows, bag, tray, self.job.at(day, 9, 20))
        self._carried(tray, "scanning", sheets, self.job.at(day, 9, 42))
        self._forms |= {self.mailbox.number(one): self.mailbox.paper(one) for one in answers}
        lot = self._read(tray, day, made, sheets)
        self.scanned += len(answers)
        self._look(lot, day, working)
        make_key_tasks(programme=self.job.programme, actor=self.clerk, at=self.job.at(day, 10, 20))
        tasks = KeyTask.objects.filter(lot=lot).count()
        if working:
            self.job.check("スキャンした申請書 = 入力作業", len(answers), tasks)
        came = self.operators.work(
            self._forms, at=self.job.at(day, 10, 30), leave=0 if working else LEFT_TO_KEY
        )
        self.keyed += came.done
        self.aside += came.aside
        self.mailbox.refused += came.aside
        if working:
            self._carried(tray, "store", sheets, self.job.at(day, 17))
        self.job.tell(
            day, "スキャンと打鍵",
            f"{len(answers):,}通 {sheets:,}枚 登録 {came.done:,}件（照合で不一致 {came.differed:,}件）",
        )  # fmt: skip

    def _filled_and_scanned(self, day: date, answers: Sequence[Answer], working: bool) -> "_Made":
        """The forms of a day, filled in, and the scanner's folder. Sheets by envelope are noted while they pass."""
        folder = var("demo", "scans", f"{day:%Y%m%d}")
        shutil.rmtree(folder, ignore_errors=True)
        contents: list[list[Side]] = [self._sides(one) for one in answers]
        sides = [side for one in contents for side in one]
        planted = _planted(sides, working)
        scanned = scan(iter(sides), folder, by=SCANNER, seed=f"{self.job.seed}:{day}", planted=planted)
        sheets = [
            tuple(_SHEETS.get(SheetKind(s.code.sheet), "other") if s.code else "attachment" for s in one)
            for one in contents
        ]
        return _Made(folder, scanned, sheets)

    def _sides(self, answer: Answer) -> list[Side]:
        number = self.mailbox.number(answer)
        run = next(one for one in self.runs if number in one.pieces)
        by = writer_of(
            f"{self.job.seed}:{number}", hands=var("assets", "hands"),
            print_font=var("assets", "fonts", "BIZUDGothic-Regular.ttf"),
        )  # fmt: skip
        household = self.mailbox.kept_households[answer.recipient_number]
        return list(envelope(run, number, answer, household, by, SCANNER.dpi))

    def _read(self, tray: Container, day: date, made: "_Made", sheets: int) -> ScanLot:
        lot = receive_lot(
            files_of_folder(made.folder), programme=self.job.programme, name=f"{day:%m月%d日} {tray.code}",
            arrived_on=day, actor=self.clerk, at=self.job.at(day, 10), container=tray, stated_sheets=sheets,
        )  # fmt: skip
        take_pages(lot, actor=self.clerk, at=self.job.at(day, 10, 5))
        lot.refresh_from_db()
        lying = Sheet.objects.filter(container=tray, voided_at__isnull=True).count()
        twice = sum("twice" in page.planted for page in made.scanned.pages) // 2
        self.job.check("トレーの用紙 = 読み取ったページ（二度読みを除く）", lying, lot.pages - twice)
        return lot

    def _look(self, lot: ScanLot, day: date, working: bool) -> None:
        """A person looks at what the machine would not decide: it is as the code says."""
        if not working:
            return
        for page in ScanPage.objects.filter(lot=lot, state="look").exclude(number=""):
            act_on_page(page.pk, "ok", actor=self.clerk, at=self.job.at(day, 10, 15))


class _Made(NamedTuple):
    """A scanned folder, what is in it, and the kinds of sheet in each envelope."""

    folder: Path
    scanned: Scanned
    sheets: list[tuple[str, ...]]


def _planted(sides: Sequence[Side], working: bool) -> dict[int, tuple[str, ...]]:
    """Faults by position: harmless ones, and on a day that is left to whoever opens the demo some for a person."""
    coded = [place for place, side in enumerate(sides) if side.code]
    planted: dict[int, tuple[str, ...]] = {
        place: (HARMLESS[i % len(HARMLESS)],) for i, place in enumerate(coded[::FAULT_EVERY])
    }
    if not working:
        planted |= {place: (fault,) for place, fault in zip(coded[1::2], LAST_FAULTS, strict=False)}
    return planted


def _printed(job: MainJob) -> list[PrintedRun]:
    """The runs of forms, opened from the files that went to the printer."""
    found = []
    for run in PrintRun.objects.filter(programme=job.programme, kind="form").select_related(
        "pdf", "manifest"
    ):
        assert run.pdf and run.manifest, "a posted run has its files"
        listed = io.StringIO(files.read(run.manifest.path).decode("utf-8-sig"), newline="")
        found.append(PrintedRun(files.inside(run.pdf.path), listed, run.boxes))
    return found
