"""A doubtful row is set aside by two people and the rest is sealed; a guard that fell halts the money until two release it."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.payment.ground import Money
from tests.payment.planted import plant
from tests.stories.desk import sign_in
from todoku.payment.side_tables import Halt, Hold
from todoku.payment.tables import Batch, Transfer

SWITCH = "alter table todoku_transfer {} trigger transfers_move_lawfully"


def change_to(page: Page, door: str, who: str) -> None:
    """The next person before the same screen."""
    page.context.clear_cookies()
    sign_in(page, door, who)


def test_one_bad_row_does_not_stop_the_others(town, served, desktop, sound, picture):
    """The maker proposes by keyboard, the approver confirms, and the batch goes on with one row less."""
    money = Money(town, timezone.localtime() - timedelta(hours=1))
    money.decided(4)
    batch, number = money.built(), Transfer.objects.order_by("pk").first().number
    office = served("office")
    change_to(desktop, office, "maker")
    desktop.goto(f"{office}/p/sample/payment/holds/row/{number}/")
    desktop.get_by_label("疑わしいこと").fill("名義の一部が読み取れない")
    found = sound(desktop)
    desktop.keyboard.press("Control+Enter")
    expect(desktop.get_by_text("確認は別の人が行います")).to_be_visible()
    found += sound(desktop)
    change_to(desktop, office, "approver")
    desktop.goto(f"{office}/p/sample/payment/holds/")
    expect(desktop.get_by_role("row").filter(has_text="確認待ち")).to_be_visible()
    found += sound(desktop)
    picture(desktop, "office-holds")
    desktop.get_by_role("link", name=f"保留 {Hold.objects.get().pk}", exact=True).click()
    desktop.get_by_role("button", name="隔離を確認する").click()
    expect(desktop.get_by_text("ほかの明細はそのまま進みます")).to_be_visible()
    change_to(desktop, office, "manager")
    desktop.goto(f"{office}/p/sample/payment/holds/{Hold.objects.get().pk}/")
    desktop.get_by_label("確かめたこと").fill("申請書の原本で確かめた")
    desktop.get_by_label("支払を続ける").check()
    found += sound(desktop)
    picture(desktop, "office-hold")
    desktop.get_by_role("button", name="保留を解消する").click()
    expect(desktop.get_by_text("申請書の原本で確かめた").first).to_be_visible()
    assert found == []
    assert (Batch.objects.get(pk=batch.pk).count, Hold.objects.get().closed_at is None) == (3, False)


def test_a_fallen_guard_halts_the_money_and_two_people_release_it(town, served, desktop, sound, picture):
    """The manager sees red, mends nothing yet and is told so; then office and municipality release together."""
    money = Money(town, timezone.localtime() - timedelta(hours=1))
    money.decided(2)
    money.ready()
    plant(SWITCH.format("disable"))
    office, city = served("office"), served("municipality")
    change_to(desktop, office, "manager")
    desktop.goto(f"{office}/p/sample/payment/sweeps/")
    desktop.get_by_role("button", name="いま点検する").click()
    expect(desktop.get_by_role("heading", name="この事業の支払は停止しています（I-07）")).to_be_visible()
    found = sound(desktop)
    picture(desktop, "office-halted")
    desktop.get_by_role("link", name="内容を確かめて解除する").click()
    desktop.get_by_label("確かめたこと・直したこと").fill("管理者に連絡した")
    desktop.get_by_role("button", name="停止を解除する").click()
    expect(
        desktop.get_by_role("link", name="データベースの守りが1件、外れているか変わっています")
    ).to_be_visible()
    found += sound(desktop)
    plant(SWITCH.format("enable"))
    desktop.get_by_label("確かめたこと・直したこと").fill("トリガーを入れ直した")
    desktop.get_by_role("button", name="停止を解除する").click()
    expect(desktop.get_by_text("もう一人を待っています")).to_be_visible()
    change_to(desktop, city, "officer")
    desktop.goto(f"{city}/p/sample/watch/sweeps/halt/{Halt.objects.get().pk}/")
    desktop.get_by_label("確かめたこと・直したこと").fill("点検の結果を確認した")
    found += sound(desktop)
    picture(desktop, "city-halt")
    desktop.get_by_role("button", name="停止を解除する").click()
    expect(desktop.get_by_text("停止を解除しました")).to_be_visible()
    desktop.goto(f"{city}/p/sample/watch/payees/")
    found += sound(desktop)
    change_to(desktop, office, "manager")
    desktop.goto(f"{office}/p/sample/payment/payees/")
    found += sound(desktop)
    picture(desktop, "office-payees")
    assert found == []
    assert Halt.objects.get().released_by_id == money.staff["officer"].id
