"""A letter was lost: its resident applies on a phone all the same, and a clerk finds by keyboard whose application it is."""

import io

from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from tests.open_today import letters, open_today
from tests.stories.desk import goes_to
from todoku.case import stages
from todoku.case.tables import Case, CaseStage
from todoku.intake.keyless_tables import RollMatch, UnmatchedApplication
from todoku.intake.register_web import register_web
from todoku.intake.tables import Submission
from todoku.people.actor import SYSTEM
from todoku.sampletown.staff import make_staff


def _photo() -> dict[str, object]:
    written = io.BytesIO()
    Image.effect_noise((640, 480), 30).convert("RGB").save(written, "JPEG")
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": written.getvalue()}


def _next(page: Page) -> None:
    page.get_by_role("button", name="次へ進む").click()


def test_who_lost_the_letter_applies_on_a_phone_and_a_clerk_matches_it_by_keyboard(
    served, phone, at_desk, clock, sound, picture, town
):
    """The phone tells nothing of any case; the desk marks the slip in the birth date; one key confirms; after the minute it
    is an ordinary application."""
    programme = open_today(town.programme)
    make_staff(programme.municipality, only=("clerk", "manager"))
    case = Case.objects.select_related("recipient__head").get(pk=letters(programme)[0].case)
    head, found = case.recipient.head, []

    def look(name: str) -> None:
        picture(phone, f"resident-{name}")
        found.extend(f"{name}: {line}" for line in sound(phone))
        width = phone.evaluate("document.documentElement.scrollWidth")
        assert width <= 375, f"{name} is {width} px wide"

    phone.goto(served("resident") + "/")
    phone.get_by_role("link", name="申請書が届いていない方・なくした方").click()
    look("lost-01-begin")
    phone.get_by_role("button", name="申請を始める").click()
    phone.get_by_label("お名前").fill(head.name)
    phone.get_by_label("フリガナ").fill(head.kana)
    look("lost-02-name")
    _next(phone)
    slipped = head.birth_date.replace(year=head.birth_date.year - 10)
    for label, value in (("年", slipped.year), ("月", slipped.month), ("日", slipped.day)):
        phone.get_by_label(label, exact=True).fill(str(value))
    look("lost-03-birth")
    _next(phone)
    phone.get_by_label("郵便番号").fill(head.postal_code)
    phone.get_by_label("住民票の住所").fill(head.address)
    phone.get_by_label("建物の名前と部屋番号").fill(head.building)
    look("lost-04-home")
    _next(phone)
    phone.get_by_label("日中に連絡のつく電話番号").fill("045-000-0000")
    _next(phone)
    phone.get_by_label("ゆうちょ銀行").check()
    _next(phone)
    phone.get_by_label("記号", exact=False).fill("14030")
    phone.get_by_label("番号", exact=False).fill("12345671")
    _next(phone)
    phone.get_by_label("口座名義（カナ）").fill(head.kana)
    _next(phone)
    phone.get_by_label("運転経歴証明書").check()
    look("lost-04-paper")
    _next(phone)
    for _ in range(2):
        phone.get_by_label("カメラで撮る").set_input_files(_photo())
        phone.get_by_role("button", name="この写真を使う").click()
    look("lost-05-review")
    phone.get_by_role("button", name="この内容で申請する").click()
    expect(phone.get_by_text("受付番号").first).to_be_visible()
    look("lost-06-receipt")
    assert found == [] and not Submission.objects.exists()

    desk = at_desk("office", "clerk")
    goes_to(desk, "intake/")
    desk.keyboard.press("m")
    desk.wait_for_url("**/matching/")
    assert sound(desk) == []
    desk.keyboard.press("n")
    desk.wait_for_url("**/matching/next/")
    expect(desk.get_by_text("生年月日が1文字違い")).to_be_visible()
    assert sound(desk) == []
    picture(desk, "office-matching")
    desk.keyboard.press("1")
    expect(desk.locator("#toasts")).to_contain_text("本人として照合しました")
    assert sound(desk) == []
    assert RollMatch.objects.get().case_id == case.pk and not Submission.objects.exists()

    clock.forward(minutes=2)  # the minute in which it may be taken back
    register_web(programme=programme, actor=SYSTEM, at=timezone.now())
    one = Submission.objects.get()
    assert (one.case_id, one.keyless, one.receipt_number) == (
        case.pk, True, UnmatchedApplication.objects.get().receipt_number,
    )  # fmt: skip
    assert CaseStage.objects.get(pk=case.pk).stage == stages.RECEIVED
