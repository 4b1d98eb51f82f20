"""After the file is with the bank: a query answered by two, a transfer asked back, and paper keyed with a second look."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.bank.test_account_inquiry import answered
from tests.next_version import next_version
from tests.payment.ground import Money, report_bytes
from tests.stories.desk import goes_to, press
from todoku.bank.tables import AccountInquiry, BankQuery, Recall
from todoku.custody.files import read
from todoku.payment.tables import Batch, Transfer

PAID, ASKED = 6, 3


@pytest.fixture
def money(town, clock) -> Money:
    """Six payments reached the bank; three more cases have just passed review, and their accounts are asked about."""
    started = Money(town, timezone.localtime() - timedelta(hours=1))
    started.decided(PAID)
    started.sent()
    started.to_value_date()
    clock.to(started.at)
    old = started.programme.version
    text = old.text.replace("[payment]\n", "[payment]\naccount_inquiry = true\n")
    next_version(started.programme, text, at=started.at)
    started.reviewed(ASKED)
    return started


def test_the_bank_asks_and_is_asked_and_every_return_is_looked_at_twice(
    at_desk, sound, picture, money, clock, tmp_path
):
    """The maker writes the bank's query down and proposes the right account; the treasurer answers before the day is
    over. The manager asks a transfer back; the treasurer sends the sheet. The maker keys what came back on paper, sees
    it a second time, and takes it. Accounts never paid to are asked about, and the answers go to the reviewers.
    """
    found: list[str] = []
    asked, recalled, *_ = Transfer.objects.order_by("number")

    maker = at_desk("office", "maker")
    maker.get_by_role("link", name="支給").first.click()
    maker.get_by_role("link", name="照会・組戻し").click()
    maker.get_by_role("link", name="照会を記録する").click()
    maker.get_by_label("振込番号または案件の番号").fill(asked.number)
    maker.get_by_label("金融機関に聞かれたこと").fill("口座番号相違")
    press(maker, "記録する")
    expect(maker.get_by_text("翌々営業日").first).to_be_visible()
    maker.get_by_label("口座番号（7桁）").fill("7654321")
    maker.get_by_label("口座名義（カナ）").fill(asked.holder_kana)
    maker.get_by_label("根拠（何を見て確かめたか）").fill("申請書に添えられた通帳の写し")
    found += sound(maker)
    picture(maker, "office-query")
    press(maker, "出納へ回す")
    expect(maker.get_by_text("****321")).to_be_visible()

    manager = at_desk("office", "manager")
    goes_to(manager, "after/recall/new/")
    manager.get_by_label("振込番号または案件の番号").fill(recalled.number)
    manager.get_by_label("組戻しを依頼する理由").fill("振込の後に死亡の届出を確認")
    press(manager, "出納へ依頼する")
    expect(manager.get_by_text("出納の依頼待ち")).to_be_visible()
    found += sound(manager)

    treasurer = at_desk("municipality", "treasurer")
    expect(treasurer.get_by_text("口座相違の照会への回答")).to_be_visible()
    goes_to(treasurer, f"after/query/{BankQuery.objects.get().pk}/")
    expect(treasurer.get_by_text("7654321")).to_be_visible()
    found += sound(treasurer)
    picture(treasurer, "city-query")
    press(treasurer, "回答したことを記録する")
    expect(treasurer.get_by_text("金融機関への回答を記録しました")).to_be_visible()
    recall = Recall.objects.get()
    goes_to(treasurer, f"after/recall/{recall.pk}/sheet/")
    expect(treasurer.get_by_text(recalled.account_number)).to_be_visible()
    found += sound(treasurer)
    picture(treasurer, "city-recall-sheet")
    goes_to(treasurer, f"after/recall/{recall.pk}/")
    press(treasurer, "金融機関へ依頼したことを記録する")
    expect(treasurer.get_by_text("金融機関の回答待ち")).to_be_visible()
    found += sound(treasurer)

    batch = Batch.objects.get()
    goes_to(maker, f"payment/batch/{batch.pk}/")
    maker.get_by_role("link", name="紙の結果を打ち込む").click()
    maker.get_by_label("1行目の振込番号または案件の番号").fill(recalled.number)
    maker.get_by_label("1行目の金額（円）").fill(str(recalled.amount_yen))
    maker.get_by_label("1行目の戻った理由").select_option("OTHER")
    found += sound(maker)
    picture(maker, "office-returned")
    press(maker, "確かめる")
    expect(maker.get_by_text("残りはすべて振込済にします")).to_be_visible()
    found += sound(maker)
    press(maker, "この内容で取り込む")
    expect(maker.get_by_text(f"振込済 {PAID - 1}件、振込不能 1件を取り込みました")).to_be_visible()
    expect(maker.get_by_text("訂正した口座").first).to_be_visible()
    recall.refresh_from_db()
    assert (recall.state, Transfer.objects.get(pk=recalled.pk).result.reason) == ("returned", "RECALLED")

    goes_to(maker, "after/")
    press(maker, "口座照会を作成する")
    inquiry = AccountInquiry.objects.get()
    assert inquiry.count == ASKED
    answers = tmp_path / "kaitou.txt"
    answers.write_bytes(answered(read(inquiry.parcel.path), "01" + "2"))
    maker.get_by_role("link", name="回答を取り込む・取り消す").click()
    maker.get_by_label("金融機関から受け取った口座照会の結果（99）").set_input_files(answers)
    found += sound(maker)
    press(maker, "回答を取り込む")
    expect(maker.get_by_text("確認できない 2件は審査へ戻しました")).to_be_visible()
    found += sound(maker)
    picture(maker, "office-after")

    goes_to(maker, "payment/columns/")
    sample = tmp_path / "minato.csv"
    sample.write_bytes(
        report_bytes(
            (asked.number, asked.amount_yen, "取引停止中", "2026/12/08"),
            headings="お客様番号,返却金額,返却事由,返却日",
        )
    )
    maker.get_by_label("この金融機関から受け取った振込不能の一覧").set_input_files(sample)
    press(maker, "対応を提案する")
    expect(maker.get_by_role("heading", name="ファイルの初めの行")).to_be_visible()
    found += sound(maker)
    picture(maker, "office-columns")
    goes_to(treasurer, "after/")
    expect(treasurer.get_by_text("戻った資金")).to_be_visible()
    found += sound(treasurer)
    picture(treasurer, "city-after")
    assert found == []
