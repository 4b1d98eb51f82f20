"""What intake does to an application that is already looked at meets the review in the one order of review/case_locks.py: the
stage before the application. Real connections; a third one keeps both from going on until each has what it locks first."""

import pytest

from tests.next_version import next_version
from tests.review.test_lock_order import both
from tests.review.test_rescreen import OTHER, _ruled
from todoku.ground.step import Refusal
from todoku.intake.correct_account import AccountFixed, correct_account
from todoku.intake.forms import Proofs
from todoku.intake.tables import AccountVersion, ProofVersion, Submission
from todoku.people.actor import SYSTEM
from todoku.programme.tables import Programme
from todoku.review.documents import kinds_of
from todoku.review.find_shared import tell_shared
from todoku.review.judge import judge
from todoku.review.read_proofs import PapersFixed, correct_proofs, read_proofs
from todoku.review.rescreen import rescreen
from todoku.review.screen import screen
from todoku.review.tables import Finding, Task, Verdict
from todoku.review.withdraw import withdraw


class AtIntake:
    """One application beside another that names the same account; what intake and review do to it, each with its own look."""

    def __init__(self, office):
        self.office, (self.one, self.other) = office, office.applicants[:2]
        self.at = office.later()

    def arrived(self):
        """Keyed, and not looked at yet."""
        self.office.key(self.office.form(self.one))
        return self._at_work()

    def screened(self, *, new_terms=False):
        """In review, with an open first look; where asked under terms that have changed since."""
        self.office.arrive(self.office.form(self.one, **({"holder_kana": OTHER} if new_terms else {})))
        if new_terms:
            programme = self.office.programme
            next_version(programme, _ruled(programme.version.text, D12="note"), at=self.office.later())
        return self._at_work()

    def held(self):
        """In review, its first look held."""
        self.screened()
        self.task = self.office.claim("reviewer1")
        return self._at_work()

    def judged(self):
        """In review, its first look taken and its second open."""
        self.screened()
        self.verdict = self.office.verdict("reviewer1")
        return self._at_work()

    def shared(self):
        """Its first look held, while another application has come that names the same account."""
        self.held()
        self.office.key(self.office.form(self.other, **self._account()))
        return self._at_work()

    def passed(self):
        """Before the decision, while another application has come that names the same account."""
        self.office.arrive(self.office.form(self.one))
        self.office.both()
        self.office.key(self.office.form(self.other, **self._account()))
        return self._at_work()

    def _at_work(self):
        self.submission = self.office.submission(self.one)
        self.at = self.office.later()
        return self

    def _account(self):
        form = self.office.form(self.one)
        names = ("bank", "branch", "kind", "account_number", "holder_kana", "yucho_symbol", "yucho_number")
        return {name: getattr(form, name) for name in names}

    def _programme(self):
        return Programme.objects.get(pk=self.office.programme.pk)

    def account(self):
        form, who = self.office.form(self.one, which=1), self.office.staff["clerk"]
        return correct_account(self.submission.pk, form, actor=who, at=self.at)

    def proofs(self):
        return correct_proofs(
            self.submission.pk, self._papers(), actor=self.office.staff["clerk"], at=self.at
        )

    def reads(self):
        return read_proofs(self.task, self._papers(), actor=self.office.staff["reviewer1"], at=self.at)

    def _papers(self):
        return Proofs(next(iter(kinds_of(self._programme().terms.criteria.evidence))), None, "", None)

    def again(self):
        """Another form for the same case comes by post."""
        return self.office.key(self.office.form(self.one, which=1, phone="0459998888"))

    def judge(self):
        who = self.office.staff["reviewer1"]
        return judge(self.task, outcome="refer", comment="確かめたい。", actor=who, at=self.at)

    def withdraw(self):
        return withdraw(self.verdict, why="見誤り", actor=self.office.staff["reviewer1"], at=self.at)

    def screen(self):
        return screen(programme=self._programme(), actor=SYSTEM, at=self.at)

    def rescreen(self):
        return rescreen(programme=self._programme(), actor=SYSTEM, at=self.at)

    def tell(self):
        return tell_shared([self.submission.pk], programme=self._programme(), actor=SYSTEM, at=self.at)

    def sound(self):
        """One application counts, its looks follow its stage, and each code was found once."""
        counting = Submission.objects.filter(case=self.one.case, state__in=["received", "screened"])
        assert counting.count() == 1
        looks = Task.objects.filter(case=self.one.case, state__in=["open", "held"]).count()
        assert looks == (1 if self.office.stage(self.one) == "in_review" else 0)
        found = list(Finding.objects.filter(case_id=self.one.case).values_list("submission", "code", "field"))
        assert len(found) == len(set(found))
        given = Verdict.objects.filter(case_id=self.one.case, undone_at__isnull=True)
        assert given.values("step").distinct().count() == given.count()


@pytest.mark.parametrize("kept", ["stage", "application"])
@pytest.mark.parametrize("turned", [False, True], ids=["intake-first", "review-first"])
@pytest.mark.parametrize(
    ("stands", "intake", "review"),
    [
        ("held", "account", "judge"), ("judged", "account", "withdraw"), ("arrived", "account", "screen"),
        ("screened-new", "account", "rescreen"), ("held", "proofs", "judge"), ("judged", "proofs", "withdraw"),
        ("arrived", "proofs", "screen"), ("screened-new", "proofs", "rescreen"), ("held", "again", "judge"),
        ("judged", "again", "withdraw"), ("arrived", "again", "screen"), ("screened-new", "again", "rescreen"),
        ("shared", "account", "tell"), ("shared", "tell", "judge"), ("shared", "reads", "tell"),
        ("passed", "account", "tell"), ("passed", "again", "tell"),
    ],
)  # fmt: skip
def test_intake_and_review_wait_for_each_other(office, stands, intake, review, turned, kept):
    case = AtIntake(office)
    state, _, terms = stands.partition("-")
    getattr(case, state)(**({"new_terms": True} if terms else {}))
    first, second = (review, intake) if turned else (intake, review)
    results = both(getattr(case, first), getattr(case, second), kept)
    # What intake may not change any more it says; the review goes through whoever comes first.
    assert not isinstance(results[0 if turned else 1], Refusal)
    assert all(isinstance(one, (AccountFixed, PapersFixed)) for one in results if isinstance(one, Refusal))
    case.sound()
    if intake == "account" and not isinstance(results[1 if turned else 0], Refusal):
        assert AccountVersion.objects.filter(submission=case.submission).count() == 2
    if intake == "reads":
        assert ProofVersion.objects.filter(submission=case.submission).exists()
