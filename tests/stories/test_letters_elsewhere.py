"""A letter comes back and another address is asked for: office and municipality, each at their own pages.

The clerk orders the form again and asks for another address; the officer answers the register's list and approves. Every page
is sound for a screen reader, empty and filled, on a desk and narrow as a phone.
"""

import pytest
from django.utils import timezone
from django.utils.timezone import localdate
from playwright.sync_api import Page, expect

from tests.open_today import open_today
from tests.stories.desk import goes_to, press
from todoku.case.tables import Case
from todoku.letters.approve_proof import approve_proof, look_at_proof
from todoku.letters.dispatch import dispatch
from todoku.letters.make_run import make_form_run
from todoku.letters.release import release
from todoku.letters.tables import AddressChange, RegisterInquiry
from todoku.letters.undelivered import record_undelivered
from todoku.registry.tables import ReachedAt
from todoku.sampletown.staff import make_staff


@pytest.fixture
def cases(town):
    """Three households whose forms were posted; the first form came back."""
    programme = open_today(town.programme)
    staff, at = make_staff(programme.municipality), timezone.now()
    run = make_form_run(programme=programme, limit=3, actor=staff["printer"], at=at)
    look_at_proof(run, pieces=1, actor=staff["officer"], at=at)
    approve_proof(run, sha256=run.pdf.sha256, approved=True, actor=staff["officer"], at=at)
    release(run, actor=staff["manager"], at=at)
    dispatch(run, posted_on=localdate(), counted=3, actor=staff["printer"], at=at)
    found = list(Case.objects.filter(letters__run=run).order_by("letters__piece_no"))
    record_undelivered(
        found[0].number,
        programme=programme,
        reason="unknown",
        returned_on=localdate(),
        actor=staff["printer"],
        at=at,
    )
    return found


def looks_sound(page: Page, sound, picture, name: str) -> None:
    assert sound(page) == [], page.url
    picture(page, name)
    page.set_viewport_size({"width": 375, "height": 812})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    page.set_viewport_size({"width": 1366, "height": 900})


def test_mail_that_came_back_and_an_address_that_changed(cases, at_desk, sound, picture):
    back, moved, _ = cases
    manager = at_desk("office", "manager")
    goes_to(manager, "print/stock/")
    manager.locator("[name=item]").select_option("reply")
    manager.locator("[name=what]").select_option("count")
    manager.locator("[name=amount]").fill("40")
    manager.locator("[name=warn_below]").fill("100")
    manager.get_by_role("button", name="記録する", exact=False).first.click()
    expect(manager.get_by_text("目安の100を下回っています").first).to_be_visible()
    looks_sound(manager, sound, picture, "office-stock")
    goes_to(manager, "print/register/")
    press(manager, "一覧を作る")
    expect(manager.get_by_text("未回答").first).to_be_visible()
    looks_sound(manager, sound, picture, "office-register")
    goes_to(manager, f"case/{moved.number}/letters/")
    manager.locator("[name=why][value=紛失した]").check()
    press(manager, "再発行する")
    expect(manager.get_by_text("2回目の発行を受け付けました").first).to_be_visible()
    for field, value in {
        "postal_code": "224-0001", "address": "横浜市都筑区中川１－２", "reason": "入院", "evidence": "入院証明",
    }.items():  # fmt: skip
        manager.locator(f"[name={field}]").fill(value)
    press(manager, "自治体に承認を求める")
    expect(manager.get_by_text("送付先の変更を申請しました").first).to_be_visible()
    looks_sound(manager, sound, picture, "office-case-letters")

    officer = at_desk("municipality", "officer")
    expect(officer.get_by_role("heading", name="送付先の変更")).to_be_visible()
    goes_to(officer, "addresses/")
    looks_sound(officer, sound, picture, "city-addresses")
    officer.get_by_role("link", name=moved.printed_number).click()
    expect(officer.get_by_text("横浜市都筑区中川１－２")).to_be_visible()
    looks_sound(officer, sound, picture, "city-address")
    press(officer, "承認する")
    expect(officer.get_by_text("承認しました").first).to_be_visible()
    goes_to(officer, "register/1/")
    looks_sound(officer, sound, picture, "city-register-list")
    officer.get_by_role("link", name="未回答を入力する").click()
    looks_sound(officer, sound, picture, "city-register-one")
    officer.locator("[name=answer][value=same]").check()
    press(officer, "回答を記録する")
    expect(officer.get_by_text("郵便を再び送れます").first).to_be_visible()

    assert AddressChange.objects.get().state == "approved" and RegisterInquiry.objects.get().mail_again
    assert ReachedAt.objects.get().recipient_id == moved.recipient_id != back.recipient_id
