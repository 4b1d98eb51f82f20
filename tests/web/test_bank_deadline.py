"""Until when the bank takes a batch's files: said at both doors, with a warning before it is too late; days offered by it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from tests.payment.ground import BUDGET_ITEM, PAYMENT_ORDER
from todoku.formats.bank_cut_off import cut_off, first_value_date
from todoku.formats.bank_days import is_bank_day
from todoku.payment.bank_file import profile_of
from todoku.payment.build_batch import build_batch
from todoku.payment.preflight import preflight
from todoku.payment.tables import Batch
from todoku.programme.tables import Municipality, Programme
from todoku.web.office.batch_deadline import Deadline, deadline_of
from todoku.web.office.payment_page import DAYS_OFFERED, days_to_pay_on

OFFICE, CITY = "/p/sample/payment/batch/{}/", "/p/sample/approvals/{}/"


def with_profile(day, *lines: str):
    """The day's programme as it is once the contract with the bank says so."""
    Municipality.objects.update(bank_profile="\n".join(['name = "ours"', *lines, ""]))
    day.programme = Programme.objects.select_related("municipality").get()
    return day


@pytest.fixture
def seen_by(signed_in):
    """`seen_by(batch)`: the main part of its page at the office's and at the municipality's door."""

    def pages(batch: Batch) -> list[str]:
        texts = []
        for door, who, at in (("office", "maker", OFFICE), ("municipality", "treasurer", CITY)):
            with signed_in(door, who) as browser:
                text = browser.get(at.format(batch.pk)).content.decode()
            texts.append(text[text.index('id="main"') :])
        return texts

    return pages


def test_both_doors_say_until_when_the_bank_takes_the_files(day, seen_by):
    batch = with_profile(day, "lead_days = 3", 'cut_off = "17:00"').sealed()
    at = cut_off(profile_of(batch.programme), batch.value_date)
    for text in seen_by(batch):
        assert f"<dt>金融機関の受付期限</dt><dd><b>{at.month}月{at.day}日 17:00</b></dd>" in text
        assert "間に合いません" not in text and "過ぎています" not in text


def test_it_warns_before_the_approval_within_the_window_and_once_it_is_past(day, seen_by, clock):
    """The window of an hour ends after the cut-off of half past ten: the treasurer reads it before approving."""
    batch = with_profile(day, "lead_days = 3", 'cut_off = "10:30"').sealed()
    words, badge = "に間に合いません</p>", "間に合いません</span>"
    for text in seen_by(batch):
        assert words in text and badge in text and "今すぐ承認しても、" in text and 'class="late"' in text
    for username in ("approver", "treasurer"):
        batch = day.approve(batch, username)
    free = timezone.localtime(batch.releasable_at)
    for text in seen_by(batch):
        assert words in text and "今すぐ承認しても" not in text
        assert f"ファイルを受け取れるのは{free.month}月{free.day}日 {free:%H:%M}からです" in text
    clock.forward(minutes=90)
    for text in seen_by(batch):
        assert "10:30）を過ぎています</p>" in text and "取り消して、新しい振込日で作り直して" in text
    day.send(batch, receipt="")
    for text in seen_by(Batch.objects.get()):
        assert "10:30）を過ぎています</p>" in text and "もう一度渡さず、金融機関に照会して" in text


@pytest.mark.parametrize(
    ("rail", "state"), [("cash", "sealed"), ("gift", "open"), ("bank", "sent"), ("bank", "void")]
)
def test_a_batch_that_no_bank_waits_for_has_no_cut_off(rail, state):
    found: Deadline | None = deadline_of(Batch(rail=rail, state=state), now=timezone.now())
    assert found is None


def test_the_days_offered_are_those_that_the_profile_lets_the_bank_meet(day):
    now, offered = timezone.now(), {}
    for lead in (1, 3, 6):
        programme = with_profile(day, f"lead_days = {lead}", 'cut_off = "12:00"').programme
        window = timedelta(minutes=programme.terms.payment.cancel_window_minutes)
        profile, ready = profile_of(programme), now + window
        days = [one for one, _ in days_to_pay_on(programme, now)]
        assert len(set(days)) == DAYS_OFFERED
        assert all(is_bank_day(one) and cut_off(profile, one) >= ready for one in days)
        offered[lead] = min(days)
        planned = [slot.pays_on for slot in programme.terms.payment.calendar]
        assert min(days) == first_value_date(profile, ready) or min(days) in planned
    assert localdate(now) < offered[1] <= offered[3] <= offered[6]


def test_a_day_whose_cut_off_passed_on_the_bank_day_before_is_doubted_on_the_day_without_banks(day):
    """Monday's cut-off was on Friday: on Sunday it is late, though Monday is still one bank day away."""
    with_profile(day, "lead_days = 1", 'cut_off = "12:00"')
    day.ready()
    value_date = after_a_closed_day(localdate() + timedelta(days=3))
    batch = build_batch(
        programme=day.programme, value_date=value_date, received_by=None, actor=day.staff["maker"], at=day.at,
        budget_item=BUDGET_ITEM, payment_order=PAYMENT_ORDER,
    )  # fmt: skip
    before = value_date - timedelta(days=1)
    told = [one for one in preflight(batch, on=before) if "金融機関の受付は" in one.sentence]
    assert [one.blocks for one in told] == [False]
    assert not [one for one in preflight(batch, on=localdate()) if "金融機関の受付は" in one.sentence]


def after_a_closed_day(start: date) -> date:
    """The first bank day from `start` on that follows a day without banks."""
    found = start
    while not is_bank_day(found) or is_bank_day(found - timedelta(days=1)):
        found += timedelta(days=1)
    return found
