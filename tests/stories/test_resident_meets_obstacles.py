"""What a resident meets beside the straight way: slips of the fingers, a notice that pays by itself, no script at all."""

import re
from datetime import date
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.open_today import letters, open_today
from tests.town_fixture import PUSH
from todoku.case import stages
from todoku.case.move import move
from todoku.intake.forms import PaperForm
from todoku.intake.receive_paper import receive_paper
from todoku.intake.tables import Submission
from todoku.people.actor import SYSTEM


@pytest.fixture
def look(phone, sound, picture):
    """Keeps a picture of the page and gathers what is wrong with it."""
    found: list[str] = []

    def looking(name: str) -> list[str]:
        picture(phone, f"resident-{name}")
        found.extend(f"{name}: {line}" for line in sound(phone))
        if phone.evaluate("document.documentElement.scrollWidth") > 375:
            found.append(f"{name} is wider than the phone")
        return found

    return looking


def type_in(page, letter, born=None) -> None:
    born = born or letter.born
    page.get_by_label("お問い合わせ番号").fill(letter.number)
    for label, value in (("年", born.year), ("月", born.month), ("日", born.day)):
        page.get_by_label(label, exact=True).fill(str(value))
    page.get_by_role("button", name="次へ進む").click()


def test_slips_are_said_at_once_with_the_remedy_and_nothing_is_lost(served, phone, town, look):
    """A wrong birth date, a kana that banks do not know, a number of six digits, somebody else's name."""
    programme = open_today(town.programme)
    letter = letters(programme)[1]
    phone.goto(f"{served('resident')}/sample/look-up/?for=apply")
    type_in(phone, letter, date(1901, 2, 3))
    expect(phone.get_by_role("alert")).to_contain_text("確認できませんでした")
    look("20-wrong-birth-date")
    type_in(phone, letter)
    phone.get_by_label("確認キー").fill(letter.key)
    phone.get_by_role("button", name="次へ進む").click()
    phone.get_by_label("申請書の宛名のご本人").check()
    phone.get_by_role("button", name="次へ進む").click()
    phone.get_by_label("日中に連絡のつく電話番号").fill("09000000000")
    phone.get_by_role("button", name="次へ進む").click()
    phone.get_by_label("ゆうちょ銀行").check()
    phone.get_by_role("button", name="次へ進む").click()
    phone.get_by_label("記号", exact=False).first.fill("14080")
    phone.get_by_label("番号", exact=False).last.fill("12712721")
    phone.get_by_label("番号", exact=False).last.blur()
    expect(phone.get_by_text("四〇八店（408） 普通 1271272")).to_be_visible()
    look("21-yucho")
    phone.get_by_role("button", name="次へ進む").click()
    phone.get_by_label("口座名義（カナ）").fill("山田　太郎")
    phone.get_by_role("button", name="次へ進む").click()
    expect(phone.get_by_role("alert")).to_contain_text("銀行が扱えない文字です")
    assert look("22-holder-refused") == []
    phone.get_by_role("link", name="前のページに戻る").click()
    expect(phone.get_by_label("記号", exact=False).first).to_have_value("14080")


def test_who_is_paid_without_asking_reads_when_and_can_decline(served, phone, push_town, look):
    """The notice came by post: no application is needed; the resident looks, and another declines."""
    programme = open_today(push_town.programme, PUSH)
    letter = letters(programme, "push")[0]
    move([letter.case], programme=programme, to=stages.INVITED, why="発送", actor=SYSTEM, at=timezone.now())
    phone.goto(f"{served('resident')}/sample/look-up/")
    type_in(phone, letter)
    expect(phone.get_by_role("heading", level=1)).to_have_text("お手続きは必要ありません")
    look("30-notice")
    phone.get_by_role("link", name=re.compile("辞退する")).click()
    phone.get_by_label("確認キー").fill(letter.key)
    phone.get_by_role("button", name="次へ進む").click()
    look("31-decline")
    phone.get_by_label("日中に連絡のつく電話番号").fill("09000000000")
    phone.get_by_label("給付金を受け取らないことを確認しました").check()
    phone.get_by_role("button", name="辞退を申し出る").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("辞退のお申し出を受け付けました")
    assert look("32-decline-receipt") == []
    assert Submission.objects.get(case=letter.case).declines


def test_a_second_application_meets_a_plain_page(served, phone, town, look):
    """A form was posted by another member of the family; the phone says so before anything is typed."""
    programme = open_today(town.programme)
    letter = letters(programme)[2]
    form = PaperForm(number=letter.number, arrived_on=timezone.localdate())
    receive_paper(form, programme=programme, actor=SYSTEM, at=timezone.now())
    phone.goto(f"{served('resident')}/sample/look-up/?for=apply")
    type_in(phone, letter)
    expect(phone.get_by_role("heading", level=1)).to_have_text("すでに申請を受け付けています")
    expect(phone.get_by_text("郵送で申請を受け付けました")).to_be_visible()
    assert look("40-already") == []
    phone.goto(f"{served('resident')}/nothing/")
    assert look("41-not-found") == []


def test_everything_works_without_a_script(served, new_page, town):
    """An old browser, or one that is kept strict: every page is a form that is sent."""
    programme = open_today(town.programme)
    letter = letters(programme)[3]
    page = new_page(java_script_enabled=False)
    page.goto(f"{served('resident')}/sample/look-up/?for=apply")
    type_in(page, letter)
    page.get_by_label("確認キー").fill(letter.key)
    page.get_by_role("button", name="次へ進む").click()
    page.get_by_label("申請書の宛名のご本人").check()
    page.get_by_role("button", name="次へ進む").click()
    page.get_by_label("日中に連絡のつく電話番号").fill("09000000000")
    page.get_by_role("button", name="次へ進む").click()
    page.get_by_label("銀行・信用金庫・農協など").check()
    page.get_by_role("button", name="次へ進む").click()
    for label, typed, found in (
        ("金融機関の名前", "横浜", "横浜 0138"),
        ("支店の名前", "本店", "本店営業部"),
    ):
        page.get_by_label(label).fill(typed)
        page.get_by_role("button", name="探す").click()
        page.get_by_role("button", name=re.compile(found)).first.click()
    page.get_by_label("口座番号", exact=False).fill("7654321")
    page.get_by_role("button", name="次へ進む").click()
    page.get_by_label("口座名義（カナ）").fill(letter.kana)
    page.get_by_role("button", name="次へ進む").click()
    page.get_by_label("マイナンバーカード（表面）").check()
    page.get_by_role("button", name="次へ進む").click()
    for label, part in (("年", "2032"), ("月", "5"), ("日", "7")):
        page.get_by_label(label, exact=True).fill(part)
    page.get_by_role("button", name="次へ進む").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("本人確認書類の写真を撮ってください")
    page.get_by_role("button", name="写真を送って進む").click()
    expect(page.get_by_role("alert")).to_contain_text("ファイルが空です")


def test_a_body_larger_than_any_photo_is_cut_off_and_nothing_is_kept(served, town, var_folder):
    """Somebody fills the line: the door closes it, keeps nothing and goes on serving others."""
    open_today(town.programme)
    address = urlsplit(served("resident"))
    host = {"Host": f"{address.hostname}:{address.port}"}
    many = HTTPConnection("127.0.0.1", address.port, timeout=60)
    many.putrequest("POST", "/sample/apply/identity/", skip_host=True)
    kind = {"Content-Type": "multipart/form-data; boundary=x", "Cookie": f"resident-csrf={'a' * 32}"}
    for name, value in (host | kind).items():
        many.putheader(name, value)
    many.putheader("Content-Length", str(10**9))
    many.endheaders(b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n')
    assert many.getresponse().status == 400
    many.close()
    one = HTTPConnection("127.0.0.1", address.port, timeout=60)
    one.request("GET", "/sample/", headers=host)
    assert one.getresponse().status == 200
    one.close()
    assert not (var_folder / "drafts").exists()
