"""A resident applies on a phone and reads the status."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.open_today import Letter, letters, open_today
from todoku.case import stages
from todoku.case.tables import CaseStage
from todoku.intake.register_web import register_web
from todoku.intake.tables import AccountVersion, Document, Submission
from todoku.people.actor import SYSTEM
from todoku.sampletown import photos
from todoku.sampletown.accounts import Account
from todoku.sampletown.answers import Answer


@pytest.fixture
def letter(town) -> Letter:
    open_today(town.programme)
    return letters(town.programme)[0]


@pytest.fixture
def pictures_of_documents(town, letter):
    """A drawn identity document and passbook page, marked as samples."""
    today = timezone.localdate()
    account = Account("bank", "0005", "001", 1, "1234567", "", "", letter.kana)
    answer = Answer(
        letter.number, "web", today, today, True, account, "", True, frozenset(), frozenset(), False, ()
    )
    household = town.households[0]
    return (
        {
            "name": "identity.jpg",
            "mimeType": "image/jpeg",
            "buffer": photos.identity_photo(household, answer),
        },
        {"name": "passbook.jpg", "mimeType": "image/jpeg", "buffer": photos.passbook_photo(answer)},
    )


def say_who(page: Page, letter: Letter) -> None:
    """Fills number and birth date."""
    page.get_by_label("お問い合わせ番号").fill(
        f"{letter.number[:4]}-{letter.number[4:8]}-{letter.number[8:]}"
    )
    for label, value in (("年", letter.born.year), ("月", letter.born.month), ("日", letter.born.day)):
        page.get_by_label(label, exact=True).fill(str(value))
    page.get_by_role("button", name="次へ進む").click()


def test_a_resident_applies_on_a_phone_and_reads_the_status(
    served, phone, sound, picture, town, letter, pictures_of_documents
):
    """Somebody has opened the envelope: reads what it is about, applies in a few minutes, keeps the receipt, looks again
    the next day. Every page is sound for screen readers and fits the phone."""
    found: list[str] = []

    def look(name: str) -> None:
        picture(phone, f"resident-{name}")
        found.extend(f"{name}: {line}" for line in sound(phone))
        width = phone.evaluate("document.documentElement.scrollWidth")
        assert width <= 375, f"{name} is {width} px wide"

    phone.goto(served("resident") + "/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("特別定額給付金")
    expect(phone.get_by_text("1人につき10万円")).to_be_visible()
    look("01-start")
    phone.get_by_role("link", name="申請する", exact=True).click()
    look("02-look-up")
    say_who(phone, letter)
    expect(phone.get_by_role("heading", level=1)).to_contain_text("確認キー")
    look("03-key")
    phone.get_by_label("確認キー").fill(letter.key.lower())
    phone.get_by_role("button", name="次へ進む").click()

    expect(phone.get_by_text("1 / 6")).to_be_visible()
    look("04-who")
    phone.get_by_label("申請書の宛名のご本人").check()
    phone.get_by_role("button", name="次へ進む").click()
    phone.get_by_label("日中に連絡のつく電話番号").fill("045-000-0000")
    look("05-phone")
    phone.get_by_role("button", name="次へ進む").click()
    phone.get_by_label("銀行・信用金庫・農協など").check()
    look("06-rail")
    phone.get_by_role("button", name="次へ進む").click()
    phone.get_by_label("金融機関の名前").press_sequentially("みつびし", delay=30)
    phone.get_by_role("button", name=re.compile("三菱ＵＦＪ 0005")).first.wait_for()
    look("07-bank")
    phone.get_by_role("button", name=re.compile("三菱ＵＦＪ 0005")).first.click()
    phone.get_by_label("支店の名前").press_sequentially("本店", delay=30)
    phone.get_by_role("button", name=re.compile("本店")).first.wait_for()
    look("08-branch")
    phone.get_by_role("button", name=re.compile("本店")).first.click()
    phone.get_by_label("口座番号", exact=False).fill("1234567")
    look("09-number")
    phone.get_by_role("button", name="次へ進む").click()
    phone.get_by_label("口座名義（カナ）").fill(letter.kana)
    phone.get_by_label("口座名義（カナ）").blur()
    expect(phone.get_by_text("銀行では「")).to_be_visible()
    look("10-holder")
    phone.get_by_role("button", name="次へ進む").click()
    phone.get_by_label("運転免許証").check()
    look("11-paper")
    phone.get_by_role("button", name="次へ進む").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("運転免許証の有効期限を入力してください")
    for label, value in (("年", "2031"), ("月", "5"), ("日", "3")):
        phone.get_by_label(label, exact=True).fill(value)
    look("11-paper-day")
    phone.get_by_role("button", name="次へ進む").click()
    for name, file in zip(("11-identity", "12-passbook"), pictures_of_documents, strict=True):
        look(name)
        phone.get_by_label("カメラで撮る").set_input_files(file)
        phone.get_by_role("button", name="この写真を使う").wait_for()
        look(f"{name}-taken")
        phone.get_by_role("button", name="この写真を使う").click()
    expect(phone.get_by_text("6 / 6")).to_be_visible()
    look("13-review")
    phone.get_by_role("button", name="この内容で申請する").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("申請を受け付けました")
    look("14-receipt")

    submission = Submission.objects.get(case=letter.case)
    assert (submission.state, submission.channel, submission.phone) == ("sent", "web", "0450000000")
    assert AccountVersion.objects.get(submission=submission).bank == "0005"
    assert Document.objects.filter(submission=submission).count() == 2
    register_web(programme=town.programme, actor=SYSTEM, at=timezone.now())
    assert CaseStage.objects.get(pk=letter.case).stage == stages.RECEIVED

    phone.get_by_role("button", name=re.compile("終わる")).click()
    phone.get_by_role("link", name="申請の状況を確認する").click()
    say_who(phone, letter)
    expect(phone.get_by_role("heading", level=1)).to_have_text("審査待ちです")
    expect(phone.get_by_text("お振込みの予定日は")).to_be_visible()
    look("15-status")
    assert letter.kana not in phone.content()
    assert found == []
