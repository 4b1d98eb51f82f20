"""Money that nobody can move alone: three people release a batch, one person in vain tries all of it by hand and by
typed addresses; an outcome that nobody knows is asked by digest; an altered file is found by the verifier.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.payment.ground import BUDGET_ITEM, PAYMENT_ORDER, Money
from tests.payment.planted import plant_grant
from tests.stories.desk import goes_to, press
from todoku.custody import files
from todoku.payment.tables import Approval, BankInquiry, Batch, Confirmation, SendRecord
from todoku.people.enrol import CannotEnrol, enrol
from todoku.people.tables import Organisation, Staff
from todoku.programme.tables import Municipality, Programme
from todoku.sampletown.staff import OFFICE, sample_password

PAID, IN_A_FILE = 6, 4
POST = """
([address, values]) =>
  fetch(address, {method: "POST", body: new URLSearchParams(values)}).then((answer) => answer.text())
"""
OFFICE_ROLES = ["payment_maker", "payment_approver", "manager"]


@pytest.fixture
def money(town, clock) -> Money:
    """Six cases are decided; the bank takes four records a file. Ten o'clock of a bank day."""
    Municipality.objects.update(bank_profile=f'name = "small"\nmax_records = {IN_A_FILE}\n')
    started = Money(town, timezone.localtime() - timedelta(hours=1))
    started.programme = Programme.objects.select_related("municipality").get()
    started.decided(PAID)
    return started


@pytest.fixture
def alone(money) -> Staff:
    """One person with every role of the office; somebody has even written the treasurer's role into the database, past the
    guard that refuses it."""
    office = Organisation.objects.get(name=OFFICE)
    one = enrol(
        "alone", name="一人 でやる", organisation=office, roles=OFFICE_ROLES, password=sample_password(),
        municipality_code=money.programme.municipality_id,
    )  # fmt: skip
    plant_grant(one.pk, "city_treasurer", money.programme.municipality_id)
    return one


def typed(page: Page, address: str, **values: str) -> str:
    """Posts to an address that no button of the page leads to, as whoever knows it would; gives the answer's words."""
    at = page.url.split("/p/")[0]
    token = next(one["value"] for one in page.context.cookies(at) if one["name"].endswith("csrf"))
    return str(page.evaluate(POST, [f"/p/sample/{address}", {"csrfmiddlewaretoken": token, **values}]))


def make_and_seal(page: Page) -> Batch:
    """The payment desk: a batch of all that waits, with the municipality's order, sealed."""
    goes_to(page, "payment/")
    press(page, "振込を作成する")
    page.get_by_label("支給カレンダーの締切日より後に届いた申請も").check()
    page.get_by_label("科目").fill(BUDGET_ITEM)
    page.get_by_label("支出命令番号").fill(PAYMENT_ORDER)
    press(page, "振込データを作成")
    press(page, "確定する")
    expect(page.get_by_text("振込データを確定しました")).to_be_visible()
    return Batch.objects.latest("pk")


def test_one_person_cannot_seal_approve_and_send(served, at_desk, sound, picture, money, alone, clock):  # noqa: F811
    """Whoever makes a batch is told why they neither approve nor take it: at the office, at the municipality's door with
    a role that somebody slipped in, by typed addresses, before and after the others approved.
    """
    found: list[str] = []
    with pytest.raises(CannotEnrol) as refused:
        enrol(
            "alone", name="一人 でやる", organisation=Organisation.objects.get(name=OFFICE), roles=["city_treasurer"],
            password=sample_password(),
        )  # fmt: skip
    assert "付けられません" in refused.value.sentence

    office = at_desk("office", "alone")
    batch = make_and_seal(office)
    expect(office.get_by_text("承認は別の人が行います")).to_be_visible()
    expect(office.get_by_role("button", name="事務局として承認する")).to_have_count(0)
    found += sound(office)
    picture(office, "alone-office")
    digest = {"sha256": batch.sha256}
    said = typed(office, f"payment/batch/{batch.pk}/approve/", **digest)
    assert "作成・確定した本人は承認できません" in said

    city = at_desk("municipality", "alone")
    goes_to(city, f"approvals/{batch.pk}/")
    expect(city.get_by_role("button", name="出納として承認する")).to_have_count(0)
    assert "作成・確定した本人は承認できません" in typed(city, f"approvals/{batch.pk}/approve/", **digest)
    assert "両方の承認が済んだ振込データだけを渡せます" in typed(
        city, f"approvals/{batch.pk}/take/", **digest
    )
    assert Approval.objects.count() == 0

    money.at = timezone.localtime()
    for username in ("approver", "treasurer"):
        money.approve(batch, username)
    assert "取りやめられるようにしています" in typed(city, f"approvals/{batch.pk}/take/", **digest)
    clock.forward(hours=2)
    city.reload()
    press(city, "受け取って振込依頼を記録する")
    expect(city.get_by_role("alert")).to_contain_text("作成・確定した本人は受け取れません")
    found += sound(city)
    picture(city, "alone-city")
    assert "作成・確定した本人は受け取れません" in typed(city, f"approvals/{batch.pk}/take/", **digest)
    assert (SendRecord.objects.count(), Batch.objects.get().state) == (0, "approved")
    assert found == []


def test_three_people_release_a_batch_whose_outcome_is_asked_by_digest(
    served, at_desk, sound, picture, money, clock  # noqa: F811
):  # fmt: skip
    """Maker, approver and treasurer release a batch of two files. The bank gives a receipt for the first; of the second
    nobody knows. It is asked by digest: not known yet, not received, and after an officer agreed the same file goes
    again, and the bank has it.
    """
    found: list[str] = []
    batch = make_and_seal(at_desk("office", "maker"))
    approver = at_desk("office", "approver")
    goes_to(approver, f"payment/batch/{batch.pk}/")
    press(approver, "事務局として承認する")
    treasurer = at_desk("municipality", "treasurer")
    goes_to(treasurer, f"approvals/{batch.pk}/")
    press(treasurer, "出納として承認する")
    clock.forward(hours=1)
    treasurer.reload()
    press(treasurer, "受け取って振込依頼を記録する")
    picture(treasurer, "unknown-both-files")
    treasurer.get_by_label("金融機関の受付番号").first.fill("EB-2026-101")
    press(treasurer, "受付番号を記録する")
    expect(treasurer.get_by_text("受付番号 EB-2026-101").first).to_be_visible()
    found += sound(treasurer)

    goes_to(treasurer, "")
    expect(treasurer.get_by_role("heading", name="結果が分からない振込ファイル")).to_be_visible()
    goes_to(treasurer, f"approvals/{batch.pk}/")
    treasurer.get_by_role("link", name="結果が分からないとき").click()
    second = batch.files.get(number=2)
    expect(treasurer.get_by_text(second.sha256[-8:])).to_be_visible()
    found += sound(treasurer)
    picture(treasurer, "unknown-file")
    treasurer.get_by_role("link", name="照会票").click()
    found += sound(treasurer)
    picture(treasurer, "unknown-sheet")
    treasurer.get_by_role("link", name="戻る", exact=True).click()

    answer(treasurer, "まだ分からない")
    expect(treasurer.get_by_text("照会の回答「確認中」")).to_be_visible()
    answer(treasurer, "受け付けていない")
    expect(treasurer.get_by_role("button", name="再持込を記録する")).to_have_count(0)
    picture(treasurer, "unknown-denied")

    maker = at_desk("office", "maker")
    goes_to(maker, f"payment/batch/{batch.pk}/")
    expect(maker.get_by_text("受け付けていない").first).to_be_visible()
    expect(maker.get_by_role("link", name="取り消す")).to_have_count(0)
    found += sound(maker)
    picture(maker, "unknown-at-the-office")

    officer = at_desk("municipality", "officer")
    goes_to(officer, f"approvals/{batch.pk}/file/2/unknown/")
    found += sound(officer)
    picture(officer, "unknown-officer")
    press(officer, "再持込に同意する")
    expect(officer.get_by_text("再持込に同意しました")).to_be_visible()

    treasurer.reload()
    found += sound(treasurer)
    picture(treasurer, "unknown-agreed")
    press(treasurer, "再持込を記録する")
    expect(treasurer.get_by_text("再持込を記録しました")).to_be_visible()
    treasurer.get_by_role("link", name="結果が分からないとき").click()
    answer(treasurer, "受け付けている", "EB-2026-102")
    expect(treasurer.get_by_text("受付番号 EB-2026-102 を記録しました")).to_be_visible()
    picture(treasurer, "unknown-known")

    assert Batch.objects.get().state == "sent"
    assert list(BankInquiry.objects.order_by("pk").values_list("answer", flat=True)) == [
        "unknown", "not_received", "received",
    ]  # fmt: skip
    assert (SendRecord.objects.count(), Confirmation.objects.count()) == (2, 2)
    assert found == []


def answer(page: Page, words: str, reference: str = "") -> None:
    """Records what the bank said."""
    page.get_by_label(re.compile(f"^{words}")).check()
    page.get_by_label("回答した担当者").fill("決済部 佐藤")
    page.get_by_label("受付番号、または回答の番号").fill(reference)
    press(page, "回答を記録する")


def test_the_treasurer_finds_an_altered_file(served, at_desk, sound, picture, money, clock, tmp_path: Path):  # noqa: F811
    """The files on the stick are verified before they go into the bank's terminal: the true ones pass, one with an altered
    account does not, and the page names file and line. A kept file that somebody altered is found too, and is not saved.
    """
    found: list[str] = []
    batch = money.sending()
    clock.to(money.at + timedelta(minutes=5))
    treasurer = at_desk("municipality", "treasurer")
    goes_to(treasurer, f"approvals/{batch.pk}/")
    stick = []
    for number in (1, 2):
        with treasurer.expect_download() as saved:
            treasurer.get_by_role("row", name=batch.files.get(number=number).name).get_by_role(
                "link", name="保存"
            ).click()
        stick.append(tmp_path / saved.value.suggested_filename)
        saved.value.save_as(stick[-1])

    treasurer.get_by_role("link", name="ファイルを検証").click()
    bring(treasurer, stick)
    expect(treasurer.get_by_text("支給決定のとおりです")).to_be_visible()
    found += sound(treasurer)
    picture(treasurer, "verify-true")

    stick[1].write_bytes(with_another_account(stick[1].read_bytes()))
    bring(treasurer, stick)
    differences = treasurer.get_by_role("table", name=re.compile("違いのあるところ"))
    expect(differences.get_by_role("row", name=re.compile("口座番号")).first).to_contain_text("2")
    found += sound(treasurer)
    picture(treasurer, "verify-altered")

    kept = files.inside(batch.files.select_related("parcel").get(number=1).parcel.path)
    kept.write_bytes(with_another_account(kept.read_bytes()))
    press(treasurer, "保管中のファイルを検証する")
    expect(treasurer.get_by_role("row", name=re.compile("口座番号")).first).to_be_visible()
    goes_to(treasurer, f"approvals/{batch.pk}/")
    treasurer.get_by_role("row", name=batch.files.get(number=1).name).get_by_role("link", name="保存").click()
    expect(treasurer.get_by_role("alert")).to_contain_text("確定したときの内容と違います")
    found += sound(treasurer)
    picture(treasurer, "verify-kept-altered")
    assert found == []


def bring(page: Page, stick: list[Path]) -> None:
    page.get_by_label("振込ファイル", exact=True).set_input_files(stick)
    press(page, "このファイルを検証する")


def with_another_account(data: bytes) -> bytes:
    """The first payment goes to another account: the seven digits after the account's kind (総合振込, data record)."""
    start = data.index(b"\n2") + 1 if b"\n2" in data else 120
    at = start + 43
    other = b"7654321" if data[at : at + 7] != b"7654321" else b"1234567"
    return data[:at] + other + data[at + 7 :]
