"""The manual's pictures, taken of a town in full swing. Every picture that a page of ours shows is one of them.

They lie under var/pictures; `./run todoku pictures` makes them small and puts them into docs/pictures.
"""

import os
import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.main_job_fixture import HOUSEHOLDS
from tests.open_today import letters
from tests.stories.desk import sign_in
from todoku.case.door_keys import key_token, lookup_token
from todoku.case.tables import Case
from todoku.commands import demo, pictures
from todoku.criteria.revise_version import revise_version
from todoku.formats.bank_days import bank_days_after
from todoku.ground.places import ROOT, var
from todoku.intake.forms import WebForm
from todoku.intake.picture import picture as as_kept
from todoku.intake.receive_web import receive_web
from todoku.intake.register_web import register_web
from todoku.intake.tables import Submission
from todoku.intake.tell_decline import Told, tell_decline
from todoku.payment.approve import approve
from todoku.payment.build_batch import build_batch
from todoku.payment.seal import seal
from todoku.payment.tables import Transfer
from todoku.people.actor import SYSTEM, Actor
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.registry.import_roll import stage_roll
from todoku.registry.tables import RollImport
from todoku.review.claim import NothingWaits, claim_next
from todoku.review.decide import make_list
from todoku.review.forward import Shown, forward
from todoku.review.judge import judge
from todoku.review.screen import screen
from todoku.review.tables import DecisionList, Finding, Question, Task
from todoku.sampletown import photos, town
from todoku.sampletown.accounts import Account
from todoku.sampletown.answers import Answer
from todoku.sampletown.staff import actor_of

LAPTOP = {"width": 1366, "height": 860}
FONT = "BIZUDGothic-Regular.ttf"
SHOWN = re.compile(r"pictures/([\w-]+)\.png")


@pytest.fixture
def sit_down(served, new_page) -> Callable[[str, str], Page]:
    """`sit_down("office", "manager")` gives that person's browser, signed in at that door."""

    def sit(door: str, username: str) -> Page:
        page = new_page(viewport=LAPTOP)
        sign_in(page, served(door), username)
        return page

    return sit


@pytest.fixture
def take(picture: Callable[[Page, str], None]) -> Callable[..., None]:
    """`take(page, "office-roll", "roll/")` goes to that address of the programme and keeps its picture."""

    def taken(page: Page, name: str, address: str | None = None) -> None:
        if address is not None:
            at = page.url.split("/p/")[0]
            page.goto(f"{at}/p/{demo.SLUG}/{address}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        if os.environ.get(pictures.WANTED):
            # A screenful, as one sees it, and no clock of a message that goes by itself.
            page.screenshot(path=str(pictures.taken(name)))

    return taken


def _number_at(programme: Programme, stage: str) -> str:
    return Case.objects.filter(programme=programme, standing__stage=stage).order_by("pk").first().number


def _send_by_web(programme: Programme) -> int:
    """An application by web whose account is somebody else's; gives the task that comes of it."""
    letter = next(
        one for one in letters(programme) if Case.objects.filter(pk=one.case, standing__stage="invited")
    )
    base_date = programme.terms.programme.base_date
    head = Case.objects.get(pk=letter.case).recipient.head.number
    household = next(
        one for one in town.build(demo.SEED, HOUSEHOLDS, base_date=base_date) if one.head.number == head
    )
    today, font = timezone.localdate(), var("assets", "fonts", FONT)
    account = Account("bank", "0005", "001", 1, "1234567", "", "", "カナガワ　ミホン")
    answer = Answer(
        letter.number, "web", today, today, True, account, "", True, frozenset(), frozenset(), False, ()
    )
    receive_web(
        WebForm(phone="0450000000", bank="0005", branch="001", kind=1, account_number="1234567", holder_kana="カナガワ　ミホン"),
        {
            "identity": as_kept(photos.identity_photo(household, answer, font=font)),
            "account": as_kept(photos.passbook_photo(answer, font=font)),
        },
        lookup_token=lookup_token(letter.number, letter.born, lookup_secret=settings.LOOKUP_SECRET),
        key_token=key_token(letter.number, letter.key, lookup_secret=settings.LOOKUP_SECRET),
        at=timezone.now(), idempotency_key="manual",
    )  # fmt: skip
    register_web(programme=programme, actor=SYSTEM, at=timezone.now())
    screen(programme=programme, actor=SYSTEM, at=timezone.now())
    return Task.objects.get(submission=Submission.objects.get(case=letter.case)).pk


def _judge_some(programme: Programme, people: dict[str, Actor]) -> None:
    """A dozen looks: sound applications pass both reviewers, one becomes a question, the rest are sent back."""
    asked = False
    for turn in range(12):
        who = people["reviewer2" if turn % 2 else "reviewer1"]
        try:
            task = claim_next(programme=programme, actor=who, at=timezone.now())
        except NothingWaits:
            continue
        codes = sorted(set(Finding.objects.filter(submission=task.submission).values_list("code", flat=True)))
        outcome: dict[str, object] = {"outcome": "approve"}
        if not asked:
            asked, outcome = (
                True,
                {
                    "outcome": "refer",
                    "comment": "旧姓の口座です。通帳の写しに旧姓と新姓の両方があります。支給してよいでしょうか。",
                },
            )
        elif codes:
            outcome = {"outcome": "return", "codes": codes}
        judge(task, actor=who, at=timezone.now(), **outcome)
    shown = Shown(pictures=("identity", "account"), application=True, account="masked")
    for one in Question.objects.filter(programme=programme, state="with_manager"):
        forward(one, wording=one.asked, shown=shown, actor=people["manager"], at=timezone.now())


def _half_done(programme: Programme) -> tuple[dict[str, Actor], int]:
    """What waits for somebody on every desk: a roll, a question, a decision list, a batch; gives people and batch."""
    rows = Staff.objects.select_related("organisation").all()
    people = {staff.username: actor_of(staff) for staff in rows}
    roll = (var("demo", "town") / "roll_later.csv").read_bytes()
    at = timezone.now()
    stage_roll(
        roll, programme=programme, name="meibo.csv", layout="benefit42", actor=people["manager"], at=at
    )
    _judge_some(programme, people)
    make_list(programme=programme, actor=people["manager"], at=at)
    day = bank_days_after(timezone.localdate(), 3)
    # The older half of the money that waits; the other half still waits at the payment desk.
    waiting = Transfer.objects.filter(programme=programme, state="ready", batch=None)
    days = sorted(waiting.values_list("decision__account__submission__arrived_on", flat=True))
    before = days[len(days) // 2]
    batch = build_batch(
        programme=programme,
        value_date=day,
        received_by=before,
        actor=people["maker"],
        at=at,
        budget_item="3-1-1-18 給付金",
        payment_order="支令-0001",
    )
    batch = seal(batch, actor=people["maker"], at=at)
    approve(batch, sha256=batch.sha256 or "", actor=people["approver"], at=at)
    return people, batch.pk


def _say_declined(programme: Programme, people: dict[str, Actor]) -> None:
    """Somebody said on the telephone that the household wants nothing; it waits for a second word."""
    case = Case.objects.get(number=_number_at(programme, "invited"))
    said = Told(kind="decline", channel="phone", said_by="本人", phone="045-000-1111")
    tell_decline(case, said, actor=people["clerk"], at=timezone.now())


def _change_terms(programme: Programme, people: dict[str, Actor]) -> None:
    """A draft of the next Version: the sample is looked at more often."""
    text = programme.version.text
    old = next(line for line in text.splitlines() if line.startswith("sample_percent"))
    revise_version(
        programme, text.replace(old, "sample_percent = 20"), why="抜取りの判定が分かれたため、確かめる件数を増やす。",
        seen_sha256="", actor=people["manager"], at=timezone.now(),
    )  # fmt: skip


def test_the_office_at_its_desks(busy_town: Programme, sit_down, take):
    """From the roll that has just come to the wall display and the municipality: what the manual shows."""
    people, batch = _half_done(busy_town)
    task = _send_by_web(busy_town)
    Task.objects.filter(pk=task).update(
        state="held", claimed_by_id=people["reviewer1"].id, claimed_at=timezone.now()
    )
    read = RollImport.objects.latest("pk")

    page = sit_down("office", "manager")
    take(page, "office-home", "")
    take(page, "office-roll", "roll/")
    take(page, "office-roll-import", f"roll/import/{read.pk}/")
    take(page, "office-progress", "progress/")
    take(page, "office-wall", "progress/wall/")
    take(page, "office-case", f"case/{_number_at(busy_town, 'failed')}/")
    take(page, "office-notes", "notes/")
    take(page, "office-mail", "mail/")
    take(page, "office-hand-back", "handback/")
    take(page, "office-lead", "review/lead/")
    take(page, "office-quality", "quality/")
    take(page, "office-people", "people/")
    _say_declined(busy_town, people)
    take(page, "office-decline", f"case/{_number_at(busy_town, 'invited')}/decline/")
    _change_terms(busy_town, people)
    take(page, "office-versions", "versions/")

    page = sit_down("office", "printer")
    take(page, "office-print", "print/")
    take(page, "office-print-run", "print/run/1/")

    page = sit_down("office", "clerk")
    take(page, "office-intake", "intake/")
    take(page, "office-paper", f"paper/{_number_at(busy_town, 'invited')}/")
    take(page, "office-scans", "scan/")
    take(page, "office-keying", "keying/first/")

    page = sit_down("office", "reviewer1")
    take(page, "office-review", f"review/task/{task}/")
    expect(page.get_by_text("口座名義の不一致").first).to_be_visible()

    page = sit_down("office", "maker")
    take(page, "office-payment", "payment/")
    take(page, "office-batch", f"payment/batch/{batch}/")

    page = sit_down("municipality", "officer")
    take(page, "city-today", "")
    take(page, "city-proof", "proofs/1/")
    take(page, "city-hand-back", "handback/")
    take(page, "city-criteria", "criteria/")
    take(page, "city-question", f"questions/{Question.objects.filter(state='sent').latest('pk').pk}/")
    take(page, "city-decision", f"decisions/{DecisionList.objects.filter(state='open').latest('pk').pk}/")

    page = sit_down("municipality", "treasurer")
    take(page, "city-approval", f"approvals/{batch}/")


def test_every_picture_that_a_page_shows_is_taken():
    shown = {
        name
        for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
        for name in SHOWN.findall(path.read_text(encoding="utf-8"))
    }
    assert shown <= set(pictures.NAMES)
    assert shown <= {path.stem for path in (ROOT / "docs" / "pictures").glob("*.png")}
