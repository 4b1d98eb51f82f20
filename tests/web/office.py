"""Staff at the office door, as Django's test client: one person with a role, their pages and posts; and paper to key."""

import re
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.timezone import localdate

from tests.proofs import proofed
from todoku.case.tables import Case
from todoku.ground import long_work
from todoku.ground.tables import LongWork
from todoku.intake.forms import PaperForm
from todoku.intake.receive_paper import receive_paper
from todoku.intake.tables import Submission
from todoku.letters.dispatch import dispatch
from todoku.letters.make_run import make_form_run
from todoku.letters.release import release
from todoku.letters.tables import PrintRun
from todoku.people.actor import SYSTEM, Actor
from todoku.people.enrol import enrol
from todoku.people.tables import AuditEvent, Organisation, Staff
from todoku.programme.tables import Programme
from todoku.review.tables import Task
from todoku.rounds.works import WORKS

PASSWORD = "todoku-tests-2026"
NAMES = {
    "manager": "業務 責任", "clerk": "受付 花子", "print_operator": "印刷 太郎", "reviewer": "審査 一子",
    "call_agent": "電話 窓子", "payment_maker": "振込 作成", "payment_approver": "振込 承認",
}  # fmt: skip

# A sound paper form as an operator keys it; the days are four digits of days gone by.
FORM = {
    "signed": "1", "applicant_is_recipient": "1", "declines": "0", "members_corrected": "0", "bank": "0005",
    "branch": "001", "kind": "1", "account_number": "1234567", "holder_kana": "ヤマダ タロウ", "phone": "045-000-0000",
    "identity_evidence": "clear", "identity_kind": "pension_book", "second_kind": "unclear", "account_evidence": "clear",
    "key": "one", "started": "",
}  # fmt: skip


def staff(*roles: str, name: str = "") -> Staff:
    """A member of the office with these roles; the same again is the same person, whose session goes on."""
    office, _ = Organisation.objects.get_or_create(name="給付金事務局", defaults={"kind": "office"})
    username = "-".join(roles) + name
    if known := Staff.objects.filter(username=username).first():
        return known
    return enrol(username, name=name or NAMES[roles[0]], organisation=office, roles=roles, password=PASSWORD)


def actor(*roles: str, name: str = "") -> Actor:
    """The same person as the actor of a step."""
    one = staff(*roles, name=name)
    return Actor(one.pk, one.name, one.roles, "office", "office")


class Desk:
    """A person before the office's pages of one programme."""

    def __init__(self, *roles: str, slug: str = "sample", name: str = "") -> None:
        self.staff, self.slug, self.client = staff(*roles, name=name), slug, Client()
        self.client.force_login(self.staff)

    def get(self, page: str = "", **query: Any) -> HttpResponse:
        return self.client.get(f"/p/{self.slug}/{page}", query)

    def post(self, page: str, values: dict[str, Any] | None = None, **options: Any) -> HttpResponse:
        return self.client.post(f"/p/{self.slug}/{page}", values or {}, **options)

    def statements(self, page: str, **query: Any) -> int:
        """How many statements a page asks the database for, the session's and the person's included."""
        with CaptureQueriesContext(connection) as captured:
            assert self.get(page, **query).status_code == 200, page
        return len(captured)


def take(desk: Desk) -> tuple[HttpResponse, Task]:
    """Takes the next task at the review desk; gives its page and the task."""
    answered = desk.post("review/next/", follow=True)
    pk = int(answered.request["PATH_INFO"].rstrip("/").rsplit("/", 1)[-1])
    return answered, Task.objects.get(pk=pk)


def text_of(response: HttpResponse) -> str:
    """The words of a page's main part, without tags."""
    body = response.content.decode()
    main = body[body.find("<main") : body.find("</main>")]
    return plain(re.sub(r"<[^>]+>", " ", main))


def plain(text: str) -> str:
    """Words with one space between them, as text_of gives them."""
    return " ".join(text.split())


def toasts_of(response: HttpResponse) -> str:
    """What the page says was just done."""
    body = response.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", body[body.find('id="toasts"') :]).split())


def do_long_work() -> LongWork:
    """Does the one work that waits, as a worker would; gives how it ended."""
    work = LongWork.objects.get(state="waiting")
    long_work.run(work.pk, WORKS)
    work.refresh_from_db()
    return work


def looks(action: str, *, refused: bool = False) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action, refused=refused).order_by("pk"))


def posted(programme: Programme, limit: int | None = None) -> PrintRun:
    """A run of forms, printed, released by another person and posted today."""
    at = timezone.now()
    run = make_form_run(programme=programme, limit=limit, actor=actor("print_operator"), at=at)
    release(proofed(run), actor=actor("manager"), at=at)
    dispatch(run, posted_on=localdate(at), counted=run.pieces, actor=actor("print_operator"), at=at)
    run.refresh_from_db()
    return run


def a_case(programme: Programme, place: int = 0, **which: Any) -> Case:
    """One of the town's cases, in order."""
    found = (
        Case.objects.filter(programme=programme, **which)
        .select_related("recipient__head")
        .prefetch_related("entitlements")
    )
    return found.order_by("pk")[place]


def keyed(case: Case, **values: Any) -> Submission:
    """A sound paper form of a case, received today."""
    form = PaperForm(
        number=case.number, arrived_on=localdate(), holder_kana=case.recipient.head.kana, bank="0005", branch="001",
        account_number="1234567", identity_evidence="clear", account_evidence="clear", phone="045-000-0000",
    )  # fmt: skip
    form = PaperForm(**{**vars(form), **values})
    return receive_paper(form, programme=case.programme, actor=SYSTEM, at=timezone.now())
