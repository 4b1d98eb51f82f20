"""Beside the roll: a list is looked at before it is taken, and a death after the base date is decided, by keyboard alone."""

import pytest
from playwright.sync_api import expect

from tests.stories.desk import desk_key
from tests.units import list_bytes
from tests.web.office import do_long_work
from todoku.case.late_tables import LaterChange
from todoku.registry.list_tables import TaxFact
from todoku.registry.report_death import report_death
from todoku.registry.tables import Recipient


@pytest.fixture
def manager(at_desk):
    return at_desk("office", "manager")


def test_a_list_is_taken_and_a_death_is_decided_by_the_orders_number(
    busy_town, manager, at_desk, sound, picture
):
    """The manager receives a tax list with a faulty line, takes the good ones, then names who receives for a head who
    died; an officer confirms it at the municipality's door."""
    page, keys = manager, manager.keyboard
    recipient = Recipient.objects.filter(
        programme=busy_town, cases__standing__stage="invited", members__relation="子"
    ).order_by("pk")[0]  # fmt: skip
    numbers = [recipient.head.number, "9999999999"]
    rows = [{"number": number, "tax_class": "非課税", "total_income": "0"} for number in numbers]
    data = list_bytes("tax", [*rows, {"number": "12", "tax_class": "謎"}])

    keys.press(desk_key(page, "名簿"))
    page.wait_for_url("**/roll/")
    page.get_by_label("一覧のファイル（CSV）").set_input_files(
        {"name": "kazei.csv", "mimeType": "text/csv", "buffer": data}
    )
    page.get_by_label("一覧のファイル（CSV）").press("Tab")
    keys.press("Enter")
    expect(page.get_by_text("一覧を受け取りました")).to_be_visible()
    do_long_work()
    page.reload()
    assert not sound(page)
    picture(page, "roll-lists")
    page.get_by_role("link", name="確認する").first.press("Enter")
    expect(page.get_by_role("heading", name="一覧の確認")).to_be_visible()
    expect(page.get_by_text("知らない語です")).to_be_visible()
    assert not sound(page)
    picture(page, "roll-list")
    page.get_by_label("取り込まれないことを確認しました").press("Space")
    keys.press("Escape")
    page.get_by_role("button", name="正しい行だけ取り込む").press("Enter")
    page.wait_for_url("**/roll/")
    do_long_work()
    assert TaxFact.objects.get().person == recipient.head

    report_death(recipient.head, died_on=None)
    page.get_by_role("link", name="基準日の後の異動").first.press("Enter")
    page.wait_for_url("**/roll/changes/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("異動")
    keys.press("a")
    expect(page.get_by_text("異動の反映を始めました")).to_be_visible()
    do_long_work()
    page.reload()
    assert not sound(page)
    picture(page, "changes")
    change = LaterChange.objects.get(person=recipient.head_id, event="died")
    number = change.case.printed_number
    page.get_by_role("link", name=number).press("Enter")
    expect(page.get_by_role("heading", name="異動の判断")).to_be_visible()
    assert not sound(page)
    picture(page, "change")
    page.get_by_label("新しい世帯主が申請").press("Space")
    page.get_by_label("新しい受給者").select_option(index=1)
    page.get_by_label("自治体の決裁番号").fill("福祉第31号")
    keys.press("Control+Enter")
    page.wait_for_url("**/changes/")
    expect(page.get_by_text("受け取る方が変わります")).to_be_visible()
    before = recipient.head_id
    recipient.refresh_from_db()
    assert recipient.head_id == before, "one person's word hands nothing over"

    city = at_desk("municipality", "officer")
    expect(city.get_by_role("heading", name="受け取る方の確認")).to_be_visible()
    assert not sound(city)
    city.locator("a[href$='?state=payee']").press("Enter")
    city.get_by_role("link", name=number).press("Enter")
    expect(city.get_by_role("heading", name="受け取る方を確認する")).to_be_visible()
    assert not sound(city)
    picture(city, "change-payee")
    city.keyboard.press("a")
    city.wait_for_url("**/changes/")
    expect(city.get_by_text("受け取る方を確認しました")).to_be_visible()
    recipient.refresh_from_db()
    assert recipient.head_id != before
