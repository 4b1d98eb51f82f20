"""A programme with a few weeks of history, made by the real verbs, for the tests of figures and reports."""

from datetime import UTC, datetime, time, timedelta

import pytest

from tests.office_day import OfficeDay
from tests.town_fixture import SampleTown
from todoku.bank.read_result import read_result
from todoku.formats.bank_days import bank_days_after
from todoku.payment.approve import approve
from todoku.payment.build_batch import build_batch
from todoku.payment.kept_files import bank_files
from todoku.payment.make_transfers import make_transfers
from todoku.payment.seal import seal
from todoku.payment.send import send
from todoku.people.actor import SYSTEM
from todoku.review.decide import decide, make_list
from todoku.review.tables import Question
from todoku.sampletown import bank


@pytest.fixture
def quiet(town: SampleTown) -> OfficeDay:
    """The forms are posted and nothing has come back yet."""
    day = OfficeDay(town.programme, town.households, datetime.combine(town.opens_on, time(1), UTC))
    day.invite(day.applicants[:30])
    return day


@pytest.fixture
def office(quiet: OfficeDay) -> OfficeDay:
    """Twelve applications by post and web: paid, failed, refused, sent back, asked about, twice, still waiting."""
    day = quiet
    web, paper = day.unsampled[:4], [one for one in day.applicants if one not in day.unsampled[:4]][:8]
    for one in web:
        day.send_web(one)
    day.key(*(day.form(one) for one in paper[:5]), day.form(web[0], key="again"))
    day.key(day.form(paper[5], account_evidence=""), day.form(paper[6], members_corrected=True))
    day.screen()
    _review(day)
    day.later(days=1)
    made = make_list(programme=day.programme, actor=day.staff["manager"], at=day.later())
    decide(made, sha256=made.sha256, actor=day.staff["officer"], at=day.later())
    make_transfers(programme=day.programme, actor=SYSTEM, at=day.later())
    _pay(day)
    day.arrive(day.form(paper[5]), day.form(paper[7]))
    return day


def _review(day: OfficeDay) -> None:
    """Four grants and a refusal by two persons, a return, a question."""
    for _ in range(4):
        day.both()
    day.both("refuse", codes=["D05"])
    day.verdict("reviewer1", "return", codes=["D30"])
    day.verdict("reviewer1", "refer", comment="世帯員の訂正を確認してください。")
    day.send_question(Question.objects.get())


def _pay(day: OfficeDay) -> None:
    """One batch of eight transfers, of which the bank sends two back."""
    value_date = bank_days_after(day.today, 3)
    batch = build_batch(
        programme=day.programme,
        value_date=value_date,
        received_by=None,
        actor=day.staff["maker"],
        at=day.later(),
        budget_item="3-1-1-18 給付金",
        payment_order="支令-0001",
    )
    batch = seal(batch, actor=day.staff["maker"], at=day.later())
    for who in ("approver", "treasurer"):
        batch = approve(batch, sha256=batch.sha256, actor=day.staff[who], at=day.later())
    day.at = batch.releasable_at.astimezone(day.at.tzinfo)
    send(batch, sha256=batch.sha256, bank_receipt="受付1", actor=day.staff["treasurer"], at=day.later())
    day.at += timedelta(days=(value_date - day.today).days + 1)
    answer = bank.returned_transfers(bank_files(batch), 1, share=0.25, returned_on=day.today)
    read_result(batch, answer, name="returned.csv", actor=day.staff["maker"], at=day.later())
