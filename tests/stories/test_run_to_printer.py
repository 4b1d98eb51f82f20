"""A released run goes to the printing company: key by two people, plan and postage looked at, parcel, receipt, erased.

The operator registers the key, the manager hears its end on the telephone and confirms it. The parcel is made as long
work; the digest that the printer names is typed in, and our copy goes.
"""

from datetime import timedelta

import pyrage
import pytest
from django.utils import timezone
from django.utils.timezone import localdate
from playwright.sync_api import expect

from tests.open_today import open_today
from tests.proofs import proofed
from tests.stories.desk import goes_to, press
from tests.web.office import do_long_work
from todoku.letters.make_run import make_form_run
from todoku.letters.release import release
from todoku.letters.reply_permit import note_permit
from todoku.letters.tables import PrinterParcel
from todoku.people.actor import SYSTEM
from todoku.sampletown.staff import make_staff

PIECES = 12
KEY = str(pyrage.x25519.Identity.generate().to_public())


@pytest.fixture
def run(town):
    """Twelve forms: printed, approved, released by another person."""
    programme = open_today(town.programme)
    staff = make_staff(programme.municipality)
    made = make_form_run(programme=programme, limit=PIECES, actor=staff["printer"], at=timezone.now())
    release(proofed(made), actor=SYSTEM, at=timezone.now())
    note_permit(
        programme, post_office="見本", approval_no="77", valid_from=localdate(),
        valid_until=localdate() + timedelta(days=700), postal_code="2248790", actor=SYSTEM, at=timezone.now(),
    )  # fmt: skip
    return made


def test_from_the_key_to_the_erased_copy(run, at_desk, sound, picture):
    faults: list[str] = []
    operator = at_desk("office", "printer")
    goes_to(operator, "print/printers/")
    expect(operator.get_by_text("印刷会社はまだ登録されていません")).to_be_visible()
    operator.get_by_label("印刷会社の名前").fill("見本印刷株式会社")
    operator.get_by_role("textbox", name="公開鍵").fill(KEY)
    press(operator, "登録する")
    expect(operator.get_by_text("確認待ち").first).to_be_visible()

    manager = at_desk("office", "manager")
    goes_to(manager, "print/printers/")
    faults += sound(manager)
    picture(manager, "office-printers")
    manager.get_by_label("聞き取った字").fill(KEY[-8:])
    press(manager, "鍵を確認する")
    expect(manager.get_by_text("使用中").first).to_be_visible()

    goes_to(operator, f"print/run/{run.pk}/")
    operator.get_by_role("link", name="封入計画とトレー").click()
    faults += sound(operator)
    picture(operator, "office-run-plan")
    operator.get_by_role("link", name="郵便料金の見積り").click()
    expect(operator.get_by_text("見積りです。").first).to_be_visible()
    faults += sound(operator)
    picture(operator, "office-run-postage")

    goes_to(operator, f"print/run/{run.pk}/printer/")
    faults += sound(operator)
    picture(operator, "office-handing")
    press(operator, "暗号化して入稿する")
    # A reply envelope without a box needs an address before anything long begins.
    expect(operator.get_by_text("事務局の住所を指定してください").first).to_be_visible()
    faults += sound(operator)
    operator.get_by_label("事務局の住所").fill("横浜市中区本町1-1")
    press(operator, "暗号化して入稿する")
    expect(operator.get_by_text("暗号化を始めました").first).to_be_visible()
    assert do_long_work().state == "done"
    operator.reload()
    expect(operator.get_by_text("受領待ち")).to_be_visible()
    handed = PrinterParcel.objects.select_related("parcel").get()
    operator.get_by_label("印刷会社が知らせたSHA-256").fill(handed.parcel.sha256)
    press(operator, "受領を記録する")
    expect(operator.get_by_text("受領済").first).to_be_visible()
    faults += sound(operator)
    picture(operator, "office-handed")
    press(operator, "手元のデータを消去する")
    expect(operator.get_by_text("受領済・消去済")).to_be_visible()
    assert faults == []
