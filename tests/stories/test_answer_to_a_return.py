"""An application came back for want of one photo: the resident sends that photo by telephone and nothing else."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.office_day import OfficeDay
from tests.open_today import letters, open_today
from tests.web.resident import a_photo
from todoku.intake.register_web import register_web
from todoku.intake.tables import AccountVersion, Document, Submission
from todoku.people.actor import SYSTEM


@pytest.fixture
def returned(town):
    """A paper form without a copy of an identity document, returned by a reviewer; its letter."""
    programme = open_today(town.programme)
    office = OfficeDay(programme, town.households, timezone.now())
    held = {letter.case: letter for letter in letters(programme)}
    one = next(one for one in office.applicants if one.case in held)
    office.invite([one])
    office.arrive(office.form(one, identity_evidence=""))
    office.verdict("reviewer1", "return", codes=["D20"])
    return held[one.case]


def test_a_resident_answers_a_return_with_one_photo(served, phone, sound, picture, returned):
    """Reads what is missing, shows the key, takes the photo, sends: two pages, and the office has a whole application."""
    found: list[str] = []

    def look(name: str) -> None:
        picture(phone, f"resident-{name}")
        found.extend(f"{name}: {line}" for line in sound(phone))
        assert phone.evaluate("document.documentElement.scrollWidth") <= 375, name

    phone.goto(f"{served('resident')}/sample/look-up/")
    phone.get_by_label("お問い合わせ番号").fill(returned.number)
    for label, value in (("年", returned.born.year), ("月", returned.born.month), ("日", returned.born.day)):
        phone.get_by_label(label, exact=True).fill(str(value))
    phone.get_by_role("button", name="次へ進む").click()
    expect(phone.get_by_role("heading", name="直していただきたいところ")).to_be_visible()
    look("50-returned")
    phone.get_by_role("link", name="ウェブで直して送る").click()
    phone.get_by_label("確認キー").fill(returned.key)
    phone.get_by_role("button", name="次へ進む").click()
    phone.get_by_label("運転経歴証明書").check()
    phone.get_by_role("button", name="次へ進む").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("本人確認書類の写真")
    photo = a_photo()
    phone.get_by_label("カメラで撮る").set_input_files(
        {"name": "identity.jpg", "mimeType": "image/jpeg", "buffer": photo.read()}
    )
    phone.get_by_role("button", name="この写真を使う").click()
    expect(phone.get_by_text("直していただくところだけを送ります")).to_be_visible()
    look("51-answer-review")
    phone.get_by_role("button", name="この内容で送る").click()
    expect(phone.get_by_text("受付番号").first).to_be_visible()
    look("52-answer-receipt")
    last = Submission.objects.latest("pk")
    register_web(programme=last.programme, actor=SYSTEM, at=timezone.now())
    last.refresh_from_db()
    assert (last.channel, last.state, last.identity_evidence) == ("web", "received", "clear")
    assert Document.objects.filter(submission=last, kind="identity").count() == 1
    assert AccountVersion.objects.filter(submission=last).count() == 1
    assert found == []
