"""What was keyed, named or paid wrongly is put right at the screen: a payment, an account of two households, a sum too small."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.payment.ground import Money, report_bytes
from tests.stories.desk import goes_to
from todoku.bank.read_result import read_result
from todoku.formats.bank_days import bank_days_after
from todoku.intake.receive_many import receive_many
from todoku.payment.tables import Transfer
from todoku.people.actor import SYSTEM
from todoku.recovery.ask_for_payment import notice
from todoku.recovery.open_claim import open_claim
from todoku.recovery.receive_payment import receive_payment
from todoku.review.screen import screen


@pytest.fixture
def money(town) -> Money:
    """Three payments settled some weeks ago; on one a claim, whose payment was keyed with a digit too many."""
    day = bank_days_after(timezone.localdate(), -15)
    then = Money(town, datetime.combine(day, time(10), timezone.get_current_timezone()))
    then.decided(3)
    batch = then.sent()
    then.to_value_date()
    read_result(batch, report_bytes(), name="kekka.csv", actor=then.staff["maker"], at=then.at)
    now, today = timezone.localtime() - timedelta(hours=2), timezone.localdate()
    claim = open_claim(
        Transfer.objects.filter(state="settled").order_by("pk")[0], reason="not_due", why="課税世帯と判明",
        order="福祉第12号", amount_yen=50_000, actor=then.staff["officer"], at=now,
    )  # fmt: skip
    notice(claim, due_on=today + timedelta(days=30), actor=then.staff["officer"], at=now)
    receive_payment(
        claim, amount_yen=50_000, received_on=timezone.localdate(now), receipt="領-0001", actor=then.staff["treasurer"],
        at=now,
    )  # fmt: skip
    return then


def test_what_is_wrong_is_put_right_at_the_screen(at_desk, sound, picture, money):
    """The manager proposes to take a payment back and to pay what is missing; the officer confirms; a reviewer is warned."""
    found: list[str] = []
    manager = at_desk("office", "manager")
    goes_to(manager, "claims/")
    manager.locator("#claims tbody a").first.click()
    manager.get_by_text("誤った記帳の取消しを起案する").first.click()
    manager.locator("#reverse_reason").fill("5,000円の誤り")
    manager.get_by_role("button", name="誤った記帳の取消しを起案する").click()
    expect(manager.get_by_text("取消しの確認待ち")).to_be_visible()
    found += sound(manager)
    picture(manager, "office-claim-reversal")

    officer = at_desk("municipality", "officer")
    goes_to(officer, manager.url.split("/p/sample/")[1])
    officer.get_by_text("記帳の取消しを確認する").first.click()
    officer.get_by_role("button", name="記帳の取消しを確認する").click()
    expect(officer.get_by_text("残りは50,000円です")).to_be_visible()
    found += sound(officer)
    picture(officer, "city-claim-reversed")

    case = Transfer.objects.filter(state="settled").order_by("pk")[1].case
    goes_to(manager, "decisions/supplements/")
    expect(manager.get_by_text("決定を待つ追給はありません")).to_be_visible()
    found += sound(manager)
    picture(manager, "office-supplements")
    manager.get_by_label("案件の番号").fill(case.printed_number)
    manager.keyboard.press("Enter")
    manager.get_by_label("正しい支給額（合計）").fill(str(case.entitlement.amount_yen + 20_000))
    manager.get_by_label("変更の理由").select_option("amount")
    manager.get_by_label("起案・決裁の番号").fill("起案第7号")
    manager.get_by_label("確認した事実").fill("児童一人を数えていなかった")
    manager.get_by_role("button", name="追給する額を見る").click()
    expect(manager.get_by_text("追給する額 20,000円")).to_be_visible()
    found += sound(manager)
    picture(manager, "office-supplement")
    manager.keyboard.press("Control+Enter")
    expect(manager.get_by_text("追給 20,000円を提案しました")).to_be_visible()

    forms = list(money.forms(2))
    one = replace(
        forms[1], bank=forms[0].bank, branch=forms[0].branch, kind=forms[0].kind, account_number=forms[0].account_number
    )  # fmt: skip
    receive_many([forms[0], one], programme=money.programme, actor=money.staff["clerk"], at=timezone.now())
    screen(programme=money.programme, actor=SYSTEM, at=timezone.now())
    reviewer = at_desk("office", "reviewer1")
    goes_to(reviewer, "review/")
    reviewer.get_by_role("button", name="次の一件").first.click()
    expect(reviewer.get_by_text("ほかの1世帯の申請と同じ口座です。")).to_be_visible()
    found += sound(reviewer)
    picture(reviewer, "office-review-shared")
    assert found == []
