"""Gift codes and cash at their screens: a list taken in, codes given, letters posted; two officers hand cash over."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.payment.ground import BUDGET_ITEM, PAYMENT_ORDER
from tests.payment.rails_ground import OtherRails, offer_every_rail, urls_of
from tests.stories.desk import goes_to, press
from todoku.delivery.tables import GiftMessage
from todoku.payment.build_batch import build_batch
from todoku.payment.ledger_differences import ledger_differences
from todoku.payment.make_transfers import make_transfers
from todoku.payment.seal import seal
from todoku.payment.send import send
from todoku.payment.tables import Batch, Transfer
from todoku.people.actor import SYSTEM
from todoku.sampletown import gifts
from todoku.sampletown.staff import sample_password

COUNTS = {50_000: 12, 10_000: 6, 5_000: 2}


@pytest.fixture
def rails(town) -> OtherRails:
    """Three households wait for gift codes and two for cash, decided this morning."""
    at = timezone.localtime() - timedelta(hours=4)
    offered = offer_every_rail(town.programme, at)
    made = OtherRails(town._replace(programme=offered), at)
    made.decided_over("gift", 3)
    made.decided_over("cash", 2)
    return made


def built(rails: OtherRails, rail: str) -> Batch:
    make_transfers(programme=rails.programme, actor=SYSTEM, at=rails.at)
    return build_batch(
        programme=rails.programme, value_date=rails.value_date, received_by=None, actor=rails.staff["maker"],
        at=rails.at, rail=rail, budget_item=BUDGET_ITEM, payment_order=PAYMENT_ORDER,
    )  # fmt: skip


def released(rails: OtherRails, batch: Batch) -> None:
    batch = seal(batch, actor=rails.staff["maker"], at=rails.at)
    for username in ("approver", "treasurer"):
        batch = rails.approve(batch, username)
    rails.to_release(batch)
    send(batch, sha256=batch.sha256 or "", bank_receipt="", actor=rails.staff["treasurer"], at=rails.at)


def test_gift_codes_reach_their_payees_by_letter(served, at_desk, sound, picture, rails, tmp_path):
    """The maker takes the issuer's list and gives codes to a batch; when the municipality has released it, the print
    operator prints, another person looks, and the letters are posted. Nobody sees a code on a screen.
    """
    found: list[str] = []
    data = gifts.gift_list(5, COUNTS, expires_on=(rails.at + timedelta(days=800)).date())
    listed = tmp_path / "gift.csv"
    listed.write_bytes(data)
    batch = built(rails, "gift")

    maker = at_desk("office", "maker")
    goes_to(maker, "payment/")
    maker.get_by_role("link", name="ギフトコード").click()
    expect(maker.get_by_text("50,000円券があと")).to_be_visible()
    maker.get_by_label("発行元のコード一覧").set_input_files(listed)
    maker.get_by_label("注文番号").fill("A-0005")
    maker.get_by_label("注文した枚数").fill(str(sum(COUNTS.values()) + 1))
    maker.get_by_label("注文した合計額").fill(str(sum(v * n for v, n in COUNTS.items())))
    press(maker, "受け入れる")
    expect(maker.get_by_text("発行元に確認してください").first).to_be_visible()
    maker.get_by_label("発行元のコード一覧").set_input_files(listed)
    maker.get_by_label("注文した枚数").fill(str(sum(COUNTS.values())))
    press(maker, "受け入れる")
    expect(maker.get_by_text("を受け入れました")).to_be_visible()
    press(maker, "コードを割り当てる")
    expect(maker.get_by_text("枚のコードを割り当てました")).to_be_visible()
    found += sound(maker)
    picture(maker, "office-gifts")
    maker.get_by_role("link", name="A-0005").click()
    maker.get_by_role("link", name=gifts.serial(5, 1)).click()
    expect(maker.get_by_role("heading", name="失効を申請する")).to_be_visible()
    found += sound(maker)
    picture(maker, "office-gift-code")
    released(rails, batch)

    printer = at_desk("office", "printer")
    goes_to(printer, "payment/gift/")
    press(printer, "手紙を印刷する")
    expect(printer.get_by_text("3通を印刷しました")).to_be_visible()
    with printer.expect_download() as taken:
        press(printer, "PDF（ギフトコード）")
    assert taken.value.path().read_bytes().startswith(b"%PDF")
    found += sound(printer)
    manager = at_desk("office", "manager")
    manager.goto(printer.url)
    expect(manager.get_by_role("button", name="PDF（ギフトコード）")).to_have_count(0)
    press(manager, "確認しました")
    printer.reload()
    printer.get_by_label("数えた通数").fill("3")
    press(printer, "差出しを記録")
    expect(printer.get_by_text("3件を支給済にしました")).to_be_visible()
    assert set(Transfer.objects.filter(batch=batch).values_list("state", flat=True)) == {"settled"}
    shown = maker.content() + printer.content() + manager.content()
    assert not any(url.removeprefix(gifts.SITE) in shown for url in urls_of(data))
    assert found == []


def test_two_officers_hand_cash_over(served, at_desk, sound, picture, rails):
    """The officer opens the payment, sees the payee's document, the treasurer signs beside with a password of their own;
    the receipt is printed and the day's list agrees.
    """
    found: list[str] = []
    batch = built(rails, "cash")
    released(rails, batch)
    officer = at_desk("municipality", "officer")
    goes_to(officer, "cash/")
    found += sound(officer)
    picture(officer, "city-cash")
    officer.locator("#waiting tbody a").first.click()
    officer.get_by_label("運転免許証").check()
    officer.get_by_label("領収書の番号").fill("領-0001")
    officer.locator("#id_witness").select_option(label="会計 おさむ")
    officer.locator("#id_witness_password").fill("ちがう")
    press(officer, "支給を記録")
    expect(officer.get_by_text("立ち会う職員のパスワードが違います").first).to_be_visible()
    officer.locator("#id_witness_password").fill(sample_password())
    found += sound(officer)
    picture(officer, "city-cash-pay")
    press(officer, "支給を記録")
    expect(officer.get_by_role("heading", name="領収書")).to_be_visible()
    found += sound(officer)
    picture(officer, "city-cash-receipt")
    goes_to(officer, "cash/day/")
    expect(officer.get_by_text("領-0001")).to_be_visible()
    expect(officer.get_by_text("一致", exact=True).first).to_be_visible()
    found += sound(officer)
    picture(officer, "city-cash-day")
    assert Transfer.objects.filter(batch=batch, state="settled").count() == 1
    assert found == []


def test_a_message_that_reached_nobody_becomes_a_letter(served, at_desk, sound, picture, town, tmp_path):
    """The terms ask for SMS: the print operator makes the carrier's file, hands it over by name and takes the answer in;
    who was not reached stands on the page and waits for a letter.
    """
    at = timezone.localtime() - timedelta(hours=4)
    offered = offer_every_rail(town.programme, at, "values_yen", 'delivery = ["letter", "sms"]\nvalues_yen')
    rails = OtherRails(town._replace(programme=offered), at)
    rails.decided_over("gift", 3)
    rails.list_taken(COUNTS, expires_on=(at + timedelta(days=800)).date())
    rails.released_over("gift")

    printer = at_desk("office", "printer")
    goes_to(printer, "payment/gift/")
    printer.get_by_role("link", name="メッセージでの配信").click()
    found = sound(printer)
    press(printer, "SMSの配信データを作る")
    expect(printer.get_by_text("まだ渡していません").first).to_be_visible()
    found += sound(printer)
    press(printer, "配信データを取り出す")
    expect(printer.get_by_text("渡す相手の事業者と担当者の名前を入力してください").first).to_be_visible()
    printer.get_by_label("渡す相手").fill("見本配信株式会社 配信 次郎")
    with printer.expect_download():
        press(printer, "配信データを取り出す")
    printer.reload()
    expect(printer.get_by_text("見本配信株式会社 配信 次郎").first).to_be_visible()
    lost, *sent = GiftMessage.objects.order_by("pk").values_list("number", flat=True)
    answer = tmp_path / "kekka.csv"
    lines = [f"{lost},不達,宛先不明", *(f"{number},送信済," for number in sent)]
    answer.write_text("\n".join(["管理番号,送信結果,理由", *lines]), encoding="utf-8")
    printer.get_by_label("配信結果の一覧").set_input_files(answer)
    picture(printer, "office-gift-messages")
    press(printer, "結果を取り込む")
    expect(printer.get_by_text("不達1件を取り込みました")).to_be_visible()
    expect(printer.get_by_text("手紙で送ります")).to_be_visible()
    found += sound(printer)
    picture(printer, "office-gift-messages-answered")
    printer.get_by_role("link", name="ギフトコードへ戻る").click()
    expect(printer.get_by_text("1件の手紙を印刷します")).to_be_visible()
    assert found == []


def test_an_officer_settles_what_was_left_of_a_gift(served, at_desk, sound, picture, rails):
    """A resident used one of the codes, the others are past their day. The officer sees it, says what became of the rest,
    and what the issuer has paid back stands in the books.
    """
    rails.list_taken(COUNTS, expires_on=(rails.at + timedelta(days=800)).date())
    rails.released_over("gift")
    rails.posted()
    transfer = Transfer.objects.filter(rail="gift").order_by("pk")[0]
    used, *others = transfer.codes.order_by("pk")
    transfer.codes.filter(pk=used.pk).update(state="redeemed", redeemed_at=rails.at)
    transfer.codes.exclude(pk=used.pk).update(state="expired")
    left = sum(one.value_yen for one in others)

    officer = at_desk("municipality", "officer")
    officer.get_by_role("link", name="ギフト残額").click()
    expect(officer.get_by_text("自治体の整理待ち")).to_be_visible()
    found = sound(officer)
    picture(officer, "city-gift-remainders")
    officer.get_by_role("link", name=transfer.number).click()
    expect(officer.get_by_text(f"{left:,}").first).to_be_visible()
    officer.get_by_text("発行元から返金", exact=True).click()
    officer.get_by_label("根拠とする文書").fill("返金通知 12号")
    press(officer, "残額を整理する")
    expect(officer.get_by_text("発行元から返金された額を入力してください").first).to_be_visible()
    found += sound(officer)
    picture(officer, "city-gift-settle")
    officer.get_by_label("発行元から返金された額").fill(str(left))
    press(officer, "残額を整理する")
    expect(officer.get_by_text(f"{left:,}円を返納金に記帳しました")).to_be_visible()
    found += sound(officer)
    maker = at_desk("office", "maker")
    goes_to(maker, "payment/gift/")
    expect(maker.get_by_text("返金通知 12号")).to_be_visible()
    assert ledger_differences(rails.programme) == []
    assert found == []
