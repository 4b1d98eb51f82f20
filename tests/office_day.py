"""An office at work in a test: its people, sound applications of the sample town's households, two reviewers who agree.

Takes a populated sample town; everything goes through the real verbs. `desk.form(case)` is a sound paper form of a
household without anything special, `desk.arrive(...)` takes forms in and screens them.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.timezone import localdate

from tests.enrolled import enrolled
from todoku.case import stages
from todoku.case.door_keys import key_token, letter_key, lookup_token
from todoku.case.move import move
from todoku.case.tables import Case, CaseStage
from todoku.formats.wareki import parse_date
from todoku.ground.step import Report
from todoku.intake.forms import PaperForm, WebForm
from todoku.intake.picture import Picture
from todoku.intake.receive_many import receive_many
from todoku.intake.receive_web import Receipt, receive_web
from todoku.intake.register_web import register_web
from todoku.intake.tables import Submission
from todoku.people.actor import SYSTEM, Actor
from todoku.people.tables import Staff
from todoku.programme.tables import Municipality, Programme
from todoku.review.claim import claim_next
from todoku.review.forward import Shown, forward
from todoku.review.judge import judge
from todoku.review.sampling import is_sampled
from todoku.review.screen import sample_seed, screen
from todoku.review.tables import Question, Task, Verdict
from todoku.sampletown.accounts import Account, account_of
from todoku.sampletown.household import Household
from todoku.sampletown.municipality import ROW

PICTURE = Picture(b"\xff\xd8\xff\xe0 a photo as the camera gives it, already made smaller", 600, 400)
SEED = 7
CLOCK = timedelta(minutes=3)


class Applicant(NamedTuple):
    """A case and the household behind it."""

    case: int
    number: str
    household: Household


class People(dict[str, Actor]):
    """The sample office's people by user name, each enrolled when first asked for: a password takes its time to hash."""

    def __init__(self, municipality: Municipality) -> None:
        super().__init__()
        self.municipality = municipality

    def __missing__(self, username: str) -> Actor:
        self.update(enrolled(self.municipality, [username]))
        return self[username]


class OfficeDay:
    """One programme, its staff, and the moment at which the office stands; `later` moves the clock on."""

    def __init__(self, programme: Programme, households: Iterable[Household], at: datetime) -> None:
        self.programme = programme
        self.at = at
        self.staff = People(programme.municipality)
        by_number = {household.head.number: household for household in households}
        rows = Case.objects.filter(programme=programme).order_by("id")
        self.applicants = [
            Applicant(pk, number, by_number[head])
            for pk, number, head in rows.values_list("id", "number", "recipient__head__number")
            if head in by_number and by_number[head].kinds == () and not by_number[head].head.removed_on
        ]

    @property
    def unsampled(self) -> list[Applicant]:
        """Those whom the random sample of clean web applications passes over."""
        seed, percent = sample_seed(self.programme), self.programme.terms.review.sample_percent
        return [one for one in self.applicants if not is_sampled(one.number, seed=seed, percent=percent)]

    @property
    def today(self) -> date:
        return localdate(self.at)

    def later(self, **span: float) -> datetime:
        self.at += timedelta(**span) if span else CLOCK
        return self.at

    def account(self, one: Applicant, which: int = 0) -> Account:
        return account_of(one.household, SEED, ROW["code"][:2], which)

    def form(self, one: Applicant, *, which: int = 0, **changes: Any) -> PaperForm:
        """A sound paper form; `which=1` names another account of the same person."""
        account = self.account(one, which)
        sound = PaperForm(
            number=one.number, arrived_on=self.today, postmark_on=self.today, applied_on=self.today,
            phone=one.household.phone or "0452223333", identity_evidence="clear", account_evidence="clear",
            bank=account.bank, branch=account.branch, kind=account.account_kind, account_number=account.number,
            holder_kana=account.holder_kana, yucho_symbol=account.symbol, yucho_number=account.yucho_number,
        )  # fmt: skip
        return replace(sound, **changes)

    def invite(self, applicants: Iterable[Applicant]) -> None:
        """As if their forms had been posted."""
        listed = CaseStage.objects.filter(case_id__in=[one.case for one in applicants], stage="listed")
        cases = list(listed.values_list("case_id", flat=True))
        move(cases, programme=self.programme, to=stages.INVITED, why="発送", actor=SYSTEM, at=self.at)

    def key(self, *forms: PaperForm, by: str = "clerk") -> Report:
        """Takes forms in without looking at them."""
        return receive_many(forms, programme=self.programme, actor=self.staff[by], at=self.at)

    def arrive(self, *forms: PaperForm) -> Report:
        """Takes forms in and screens what waits."""
        self.key(*forms)
        return self.screen()

    def screen(self) -> Report:
        return screen(programme=self.programme, actor=SYSTEM, at=self.later())

    def send_web(self, one: Applicant, *, which: int = 0, key: str = "", **changes: Any) -> Receipt:
        """What the resident's door does: number, birth date and the letter's key; then the office takes it in."""
        account = self.account(one, which)
        sound = WebForm(
            phone=one.household.phone or "0452223333", bank=account.bank, branch=account.branch,
            kind=account.account_kind, account_number=account.number, holder_kana=account.holder_kana,
            yucho_symbol=account.symbol, yucho_number=account.yucho_number,
        )  # fmt: skip
        form = replace(sound, **changes)
        born = parse_date(one.household.head.birth).date
        assert born is not None
        secret = settings.LETTER_KEY_SECRET
        receipt = receive_web(
            form, {} if form.declines else {"identity": PICTURE, "account": PICTURE},
            lookup_token=lookup_token(one.number, born, lookup_secret=settings.LOOKUP_SECRET),
            key_token=key_token(
                one.number, letter_key(one.number, 1, letter_key_secret=secret), lookup_secret=settings.LOOKUP_SECRET
            ),
            at=self.at, idempotency_key=key or f"{one.number}-{self.at:%m%d%H%M%S}-{which}",
        )  # fmt: skip
        register_web(programme=self.programme, actor=SYSTEM, at=self.at)
        return receipt

    def verdict(self, who: str, outcome: str = "approve", **values: Any) -> Verdict:
        """The next task of this person, judged."""
        actor = self.staff[who]
        task = claim_next(programme=self.programme, actor=actor, at=self.later())
        return judge(task, outcome=outcome, actor=actor, at=self.later(seconds=20), **values)

    def both(self, outcome: str = "approve", **values: Any) -> list[Verdict]:
        """Both reviewers judge the next application alike; where the criteria leave it to the manager, the manager is second."""
        first = self.verdict("reviewer1", outcome, **values)
        managers = Task.objects.filter(submission=first.submission, state="open", for_manager=True)
        return [first, self.verdict("manager" if managers.exists() else "reviewer2", outcome, **values)]

    def send_question(self, question: Question, **shown: Any) -> Question:
        """The manager sends a question on, in the reviewers' words, with the evidence named."""
        chosen = Shown(
            **{"findings": ("D51", "D12", "D43"), "application": True, "account": "masked"} | shown
        )
        return forward(
            question, wording=question.asked, shown=chosen, actor=self.staff["manager"], at=self.later()
        )

    def claim(self, who: str) -> Task:
        return claim_next(programme=self.programme, actor=self.staff[who], at=self.later())

    def staff_row(self, who: str) -> Staff:
        return Staff.objects.get(pk=self.staff[who].id)

    def stage(self, one: Applicant) -> str:
        return CaseStage.objects.get(pk=one.case).stage

    def submission(self, one: Applicant) -> Submission:
        """The last application of a case."""
        last = Submission.objects.filter(case_id=one.case).order_by("-id").first()
        assert last is not None
        return last
