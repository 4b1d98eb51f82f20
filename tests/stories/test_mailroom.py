"""The morning's mail, from the post office box to the tray, by keyboard; a count that is off becomes the city's business.

Two clerks sign the pick-up, one opens envelope after envelope with the scanner, the tray goes to the next hand. One
envelope is missing: an item with an owner, at the day's end an incident, which the municipality reads and acknowledges.
"""

from datetime import timedelta

from django.utils import timezone
from django.utils.timezone import localdate
from playwright.sync_api import Page, expect

from tests.stories.desk import desk_key, goes_to, press
from tests.web.office import a_case
from todoku.incident.tables import Incident
from todoku.mailroom.day_end import day_end
from todoku.mailroom.tables import Bag, Carry, Container, Difference, Envelope, Sheet, UnplacedPaper
from todoku.people.actor import SYSTEM
from todoku.people.tables import Staff
from todoku.sampletown.staff import make_staff, sample_password


def pick_up(page: Page, second: Staff) -> None:
    """n, the slip's number, the second person's own password, Ctrl+Enter."""
    page.keyboard.press(desk_key(page, "郵便室"))
    page.wait_for_url("**/mail/")
    page.keyboard.press("n")
    page.get_by_label("受け取った場所").fill("見本郵便局")
    page.get_by_label("郵便局の控えの通数").fill("4")
    page.get_by_label("もう一人の職員", exact=False).first.select_option(str(second.pk))
    page.get_by_label("もう一人の職員のパスワード").fill(sample_password())
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/mail/bag/*/")


def open_bag(page: Page) -> None:
    page.get_by_label("数えた通数").fill("4")
    page.keyboard.press("Enter")
    page.wait_for_url("**/mail/bag/*/")
    page.get_by_label("用紙を入れるトレー").select_option("")
    press(page, "開封を始める")
    page.wait_for_url("**/open/")


def envelope(page: Page, number: str) -> None:
    """Both hands: four digits, a scan that ends with Enter, one form, one attachment, Ctrl+Enter."""
    keys = page.keyboard
    assert page.evaluate("document.activeElement.name") == "postmark"
    keys.type(f"{localdate() - timedelta(days=1):%m%d}")
    assert page.evaluate("document.activeElement.name") == "h1-number"
    keys.type(f"{number}0111")
    keys.press("Enter")
    assert page.evaluate("document.activeElement.name") == "h1-n_form"
    with page.expect_navigation():
        keys.press("Control+Enter")


def without_number(page: Page) -> None:
    """A form written by hand: no scan, but the reason, and it waits in the pool."""
    page.keyboard.type("9")
    page.get_by_label("番号のないとき").first.select_option("handwritten")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")


def every_place() -> list[str]:
    """The pages that the story does not stop at."""
    paper, envelope, tray = (
        UnplacedPaper.objects.get(),
        Envelope.objects.latest("pk"),
        Container.objects.get(),
    )
    return [
        "mail/pickup/", "mail/containers/", f"mail/container/{tray.code}/", f"mail/container/{tray.code}/label/",
        "mail/papers/", f"mail/papers/{paper.pk}/?q=ヤマ", "mail/valuables/", f"mail/valuables/new/{envelope.pk}/",
        "mail/differences/", f"mail/envelope/{envelope.pk}/", "mail/mis-sent/", "incidents/", "incidents/new/",
    ]  # fmt: skip


def test_a_morning_in_the_mailroom_and_a_count_that_is_off(town, served, at_desk, sound, picture):
    programme = town.programme
    make_staff(programme.municipality)
    second = Staff.objects.get(username="manager")
    clerk = at_desk("office", "clerk")
    pick_up(clerk, second)
    assert sound(clerk) == []
    open_bag(clerk)
    for place in range(2):
        envelope(clerk, a_case(programme, place).number)
    expect(clerk.get_by_text("2通目を記録しました")).to_be_visible()
    assert sound(clerk) == []
    picture(clerk, "mailroom-opening")
    clerk.keyboard.press("Escape")
    press(clerk, "元に戻す")
    expect(clerk.get_by_text("2通目の開封を取り消しました")).to_be_visible()
    envelope(clerk, a_case(programme, 1).number)
    without_number(clerk)
    assert Envelope.objects.filter(voided_at=None).count() == 3
    assert list(Sheet.objects.filter(voided_at=None).values_list("position", flat=True)) == [1, 2, 3]
    for place in every_place():
        goes_to(clerk, place)
        assert (place, sound(clerk)) == (place, [])

    # The bag is empty, and one envelope is missing.
    goes_to(clerk, f"mail/bag/{Bag.objects.get().pk}/")
    assert sound(clerk) == []
    press(clerk, "空になったので閉じる")
    expect(clerk.get_by_text("差異").first).to_be_visible()
    expect(clerk.locator("a.strip.unbalanced")).to_have_count(1)
    assert sound(clerk) == []
    picture(clerk, "mailroom-desk")

    # The tray goes to the scanner's hand: given at one desk, taken at another.
    tray = Container.objects.get()
    goes_to(clerk, f"mail/container/{tray.code}/")
    clerk.get_by_label("渡す先").select_option("scanning")
    clerk.get_by_label("数えた枚数").fill("3")
    press(clerk, "渡す")
    clerk.wait_for_url("**/slip/*/")
    picture(clerk, "mailroom-slip")
    assert sound(clerk) == []
    manager = at_desk("office", "manager")
    goes_to(manager, f"mail/container/{tray.code}/")
    manager.get_by_label("数えた枚数").fill("3")
    press(manager, "受け取る")
    expect(manager.get_by_text("一致しています")).to_be_visible()
    assert sound(manager) == []
    assert Carry.objects.get().taken_name == second.name

    # Nobody explains it by the day's end.
    day_end(programme=programme, actor=SYSTEM, at=timezone.now() + timedelta(days=1))
    incident = Incident.objects.get()
    goes_to(manager, f"mail/differences/{Difference.objects.get().pk}/")
    assert sound(manager) == []
    manager.get_by_role("link", name=f"事故{incident.pk}").click()
    expect(manager.get_by_label("第一報", exact=True)).to_contain_text("1不足")
    assert sound(manager) == []
    picture(manager, "incident-office")
    press(manager, "自治体に送る")
    expect(manager.get_by_text("自治体の受領を待っています")).to_be_visible()

    officer = at_desk("municipality", "officer")
    expect(officer.get_by_text("事故の第一報").first).to_be_visible()
    goes_to(officer, f"incidents/{incident.pk}/")
    assert sound(officer) == []
    picture(officer, "incident-city")
    press(officer, "第一報を受領")
    expect(officer.get_by_text("第一報を受領しました")).to_be_visible()
    incident.refresh_from_db()
    assert incident.acknowledged_by == "市役所 きめる"
