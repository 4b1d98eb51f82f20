"""Somebody who fled is paid on their own: the officer orders it at the screen, and the office sees no more than that."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.recovery.orders_ground import SHELTER, Orders
from todoku.recovery.tables import EntitlementOrder


@pytest.fixture
def orders(town, clock) -> Orders:
    """Four of the largest households are decided; it is ten o'clock of a bank day."""
    large = sorted(town.households, key=lambda one: -len(one.members))
    ground = Orders(town._replace(households=large), timezone.localtime() - timedelta(hours=1))
    ground.decided(4)
    return ground


def test_an_officer_splits_two_off_and_the_old_case_keeps_their_secret(
    served, at_desk, sound, picture, orders
):
    """The officer ticks who left and says where letters reach them, reads what will happen in yen, and orders it."""
    case = orders.case("decided")
    found: list[str] = []
    officer = at_desk("municipality", "officer")
    officer.goto(f"{served('municipality')}/p/sample/case/{case.number}/")
    officer.get_by_role("link", name="世帯員を分離する").click()
    found += sound(officer)
    picture(officer, "city-split-off")
    boxes = officer.get_by_role("checkbox", name="を分離する")
    for place in (boxes.count() - 2, boxes.count() - 1):
        boxes.nth(place).check()
    officer.get_by_role("radio").nth(boxes.count() - 2).check()
    officer.get_by_label("変更の理由").select_option("dv")
    officer.get_by_label("送付先の郵便番号").fill("100-0001")
    officer.get_by_label("送付先の住所").fill(SHELTER.address)
    officer.get_by_label("決裁の番号").fill("福祉第31号")
    officer.get_by_label("確認した事実").fill("支援機関の証明書を確認")
    officer.get_by_role("button", name="何が起きるかを見る").click()
    expect(officer.get_by_text("支給決定を取り消し、審査へ戻します")).to_be_visible()
    found += sound(officer)
    picture(officer, "city-split-off-plan")
    officer.get_by_role("button", name="この内容で命じる").click()
    expect(officer.get_by_text("世帯員を分離しました")).to_be_visible()
    found += sound(officer)
    picture(officer, "city-split-off-new")
    new = EntitlementOrder.objects.get().new_case
    assert new is not None and new.number in officer.url

    officer.goto(f"{served('municipality')}/p/sample/case/{case.number}/")
    found += sound(officer)
    picture(officer, "city-split-off-old")
    officer.get_by_role("link", name="支給額を改める").click()
    found += sound(officer)
    picture(officer, "city-amount")

    manager = at_desk("office", "manager")
    manager.goto(f"{served('office')}/p/sample/case/{case.number}/")
    expect(manager.get_by_text("職権により世帯員2人を分離しました")).to_be_visible()
    picture(manager, "office-split-off-old")
    page = manager.content()
    assert SHELTER.address not in page and new.printed_number not in page and "暴力" not in page
    assert found == []
