"""Money comes back: the officer claims, the treasurer books a part payment and the budget, and both read the same books."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.payment.ground import Money, report_bytes
from todoku.bank.read_result import read_result
from todoku.formats.bank_days import bank_days_after
from todoku.payment.tables import Batch
from todoku.recovery.open_claim import open_claim


@pytest.fixture
def money(town) -> Money:
    """Five payments settled some weeks ago, one returned; one claim made and not yet sent."""
    day = bank_days_after(timezone.localdate(), -15)
    then = Money(town, datetime.combine(day, time(10), timezone.get_current_timezone()))
    then.decided(6)
    batch = then.sent()
    then.to_value_date()
    back = batch.transfers.order_by("line").first()
    data = report_bytes((back.number, back.amount_yen, "NO_ACCOUNT", ""))
    read_result(batch, data, name="kekka.csv", actor=then.staff["maker"], at=then.at)
    paid = Batch.objects.get(pk=batch.pk).transfers.filter(state="settled").order_by("pk")
    open_claim(
        paid[0], reason="not_due", why="課税世帯と判明", order="福祉第12号", actor=then.staff["officer"],
        at=timezone.localtime() - timedelta(days=2),
    )  # fmt: skip
    return then


def test_money_comes_back_and_the_books_say_so(at_desk, sound, picture, money):
    """The officer sends the claim and agrees to a plan; the treasurer books what was paid and settles what came back."""
    found: list[str] = []
    officer = at_desk("municipality", "officer")
    officer.get_by_role("navigation", name="主な場所").get_by_role("link", name="返還").click()
    found += sound(officer)
    picture(officer, "city-claims")
    officer.locator("#claims tbody a").first.click()
    officer.locator("#notice_due_on").fill((timezone.localdate() + timedelta(days=30)).isoformat())
    officer.get_by_role("button", name="返還請求書と納付書を送る").click()
    expect(officer.get_by_text("請求を記録しました")).to_be_visible()
    officer.get_by_text("分割納付の計画を作成する").first.click()
    officer.locator("#plan_first").fill((timezone.localdate() + timedelta(days=40)).isoformat())
    officer.get_by_role("button", name="分割納付の計画を作成する").click()
    expect(officer.get_by_text("3回の分割納付の計画を作成しました")).to_be_visible()
    found += sound(officer)
    picture(officer, "city-claim")
    address = officer.url

    treasurer = at_desk("municipality", "treasurer")
    treasurer.goto(address)
    treasurer.get_by_text("納付を記帳する").first.click()
    treasurer.locator("#receive_amount_yen").fill("20000")
    treasurer.locator("#receive_received_on").fill(timezone.localdate().isoformat())
    treasurer.locator("#receive_receipt").fill("領-0001")
    treasurer.get_by_role("button", name="納付を記帳する").click()
    expect(treasurer.get_by_text("納付 20,000円を記帳しました")).to_be_visible()
    treasurer.get_by_role("navigation", name="主な場所").get_by_role("link", name="帳簿").click()
    expect(treasurer.get_by_text("予算の配当がまだ記帳されていません")).to_be_visible()
    treasurer.get_by_label("科目").fill("3-1-1-18 給付金")
    treasurer.get_by_label("配当番号").fill("配当-7")
    treasurer.get_by_label("配当額").fill("30000000")
    treasurer.get_by_role("button", name="配当を記帳する").click()
    expect(treasurer.get_by_text("30,000,000円を記帳しました")).to_be_visible()
    found += sound(treasurer)
    picture(treasurer, "city-ledger")

    manager = at_desk("office", "manager")
    manager.get_by_role("link", name="帳簿").first.click()
    expect(manager.get_by_text("記録と一致しています")).to_be_visible()
    found += sound(manager)
    picture(manager, "office-ledger")
    manager.get_by_role("link", name="返還").first.click()
    found += sound(manager)
    manager.locator("#claims tbody a").first.click()
    found += sound(manager)
    picture(manager, "office-claim")
    assert found == []
