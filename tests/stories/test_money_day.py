"""A day of money: two people of the office, the municipality's officer and its treasurer, each at their own screen."""

import csv
import io
import re
from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.payment.ground import BUDGET_ITEM, PAYMENT_ORDER, Money
from tests.payment.independent import parse
from tests.stories.desk import goes_to, press
from todoku.case.tables import Case
from todoku.formats.kana import bank_kana
from todoku.intake.tables import AccountVersion
from todoku.payment.tables import Batch, SendRecord, Transfer
from todoku.people.tables import AuditEvent
from todoku.review.tables import DecisionList

PASSED, SENT_BACK = 7, 1
PAID = PASSED - SENT_BACK


@pytest.fixture
def money(town, clock) -> Money:
    """Seven cases have passed two reviewers this morning; it is ten o'clock of a bank day."""
    started = Money(town, timezone.localtime() - timedelta(hours=1))
    started.reviewed(PASSED)
    return started


def test_money_goes_from_the_decision_to_the_bank_and_back(served, at_desk, sound, picture, money, clock):
    """The manager gathers a list; the officer sends one case back and decides the rest; the maker makes the file and
    cannot approve it; the approver and the treasurer approve; after the hour in which it can be stopped the treasurer
    takes the file and notes the bank's receipt; the bank's report closes it.
    """
    found: list[str] = []
    numbers = list(Case.objects.filter(standing__stage="passed").values_list("number", flat=True))

    manager = at_desk("office", "manager")
    goes_to(manager, "decisions/")
    press(manager, "一覧を作る")
    expect(manager.get_by_text(f"{PASSED}件の一覧を作りました")).to_be_visible()
    picture(manager, "office-decision-list")

    officer = at_desk("municipality", "officer")
    picture(officer, "city-today")
    goes_to(officer, "decisions/")
    picture(officer, "city-decisions")
    officer.get_by_role("link", name=re.compile("一覧 ")).first.click()
    found += sound(officer)
    picture(officer, "city-decision-list")
    officer.get_by_role("link", name="審査へ差し戻す").first.click()
    officer.get_by_label("差し戻す理由").fill("世帯の構成を確かめてください。")
    picture(officer, "city-send-back")
    press(officer, "差し戻す")
    officer.get_by_role("link", name="決定へ進む").first.click()
    made = DecisionList.objects.get()
    expect(officer.get_by_text(made.sha256[:8])).to_be_visible()
    officer.get_by_label(re.compile("この指紋の内容のとおりに決定します")).check()
    found += sound(officer)
    picture(officer, "city-decide")
    press(officer, "支給を決定する")
    expect(officer.get_by_text(f"{PAID}件の支給・不支給を決定しました")).to_be_visible()
    picture(officer, "city-decided")

    maker = at_desk("office", "maker")
    goes_to(maker, "payment/")
    picture(maker, "office-payment-due")
    press(maker, "振込を作成する")
    expect(maker.get_by_text(f"{PAID}件の振込を作成しました。")).to_be_visible()
    found += sound(maker)
    picture(maker, "office-payment-ready")
    maker.get_by_label("支給カレンダーの締切日より後に届いた申請も").check()
    maker.get_by_label("科目").fill(BUDGET_ITEM)
    maker.get_by_label("支出命令番号").fill(PAYMENT_ORDER)
    press(maker, "振込データを作成")
    expect(maker.get_by_role("heading", name=re.compile("振込データ"), level=1)).to_be_visible()
    picture(maker, "office-batch-open")
    press(maker, "確定する")
    expect(maker.get_by_text("承認は別の人が行います")).to_have_count(0)
    expect(maker.get_by_role("button", name="事務局として承認する")).to_have_count(0)
    picture(maker, "office-batch-sealed")

    approver = at_desk("office", "approver")
    batch = Batch.objects.get()
    goes_to(approver, f"payment/batch/{batch.pk}/")
    found += sound(approver)
    picture(approver, "office-batch-to-approve")
    press(approver, "事務局として承認する")
    expect(approver.get_by_text("次は、自治体の出納が承認します。")).to_be_visible()

    treasurer = at_desk("municipality", "treasurer")
    picture(treasurer, "city-today-treasurer")
    goes_to(treasurer, "approvals/")
    picture(treasurer, "city-approvals")
    treasurer.get_by_role("link", name=f"振込データ {batch.pk}").click()
    found += sound(treasurer)
    picture(treasurer, "city-batch-to-approve")
    press(treasurer, "出納として承認する")
    expect(treasurer.get_by_role("heading", name=re.compile("まで、取りやめられます"))).to_be_visible()
    expect(treasurer.get_by_role("button", name="受け取って振込依頼を記録する")).to_have_count(0)
    found += sound(treasurer)
    picture(treasurer, "city-batch-window")
    clock.forward(hours=1)
    treasurer.reload()
    picture(treasurer, "city-batch-to-take")
    press(treasurer, "受け取って振込依頼を記録する")
    expect(treasurer.get_by_text(f"{PAID}件の振込依頼を記録しました")).to_be_visible()
    with treasurer.expect_download() as saved:
        treasurer.get_by_role("link", name="ファイルを保存").first.click()
    data = saved.value.path().read_bytes()
    found += sound(treasurer)
    picture(treasurer, "city-batch-sending")
    treasurer.get_by_label("金融機関の受付番号").fill("EB-2026-001")
    press(treasurer, "受付番号を記録する")
    expect(treasurer.get_by_text("の受付番号を記録しました。")).to_be_visible()
    picture(treasurer, "city-batch-sent")

    assert sorted(row[:6] for row in parse(data).rows) == decided_accounts(numbers)
    assert (parse(data).count, SendRecord.objects.count()) == (PAID, 1)
    assert Case.objects.filter(standing__stage="paying").count() == PAID

    clock.to(datetime.combine(batch.value_date, time(15), timezone.localtime().tzinfo))
    failed = Transfer.objects.order_by("number").first()
    maker = at_desk("office", "maker")
    goes_to(maker, f"payment/batch/{batch.pk}/")
    picture(maker, "office-batch-result")
    maker.get_by_label(re.compile("振込不能の一覧")).set_input_files(
        {"name": "henkyaku.csv", "mimeType": "text/csv", "buffer": returned(failed)}
    )
    press(maker, "取り込む")
    expect(maker.get_by_text(f"振込済 {PAID - 1}件、振込不能 1件を取り込みました。")).to_be_visible()
    picture(maker, "office-batch-reconciled")
    maker.get_by_role("link", name=failed.case.printed_number).first.click()
    expect(maker.get_by_text("振込できませんでした")).to_be_visible()
    treasurer = at_desk("municipality", "treasurer")
    goes_to(treasurer, f"approvals/{batch.pk}/")
    picture(treasurer, "city-batch-reconciled")

    assert money.stages() == {"paid": PAID - 1, "failed": 1, "in_review": SENT_BACK}
    deeds = AuditEvent.objects.filter(subject_kind="batch", subject_id=batch.pk).exclude(action="batch.view")
    assert list(deeds.order_by("pk").values_list("action", "actor_name")) == [
        ("batch.make", money.staff["maker"].name),
        ("batch.seal", money.staff["maker"].name),
        ("batch.approve_office", money.staff["approver"].name),
        ("batch.approve_city", money.staff["treasurer"].name),
        ("batch.take_file", money.staff["treasurer"].name),
        ("batch.reread", money.staff["treasurer"].name),
        ("batch.confirm", money.staff["treasurer"].name),
        ("batch.result", money.staff["maker"].name),
    ]
    assert found == []


def decided_accounts(numbers: list[str]) -> list[tuple[str, str, str, str, str, int]]:
    """What the paper forms of the decided cases said: account, holder, and the amount due."""
    rows = []
    for case in Case.objects.filter(number__in=numbers, standing__stage="paying"):
        account = AccountVersion.objects.get(submission__case=case)
        name = bank_kana(account.holder_kana)[:30].rstrip()
        rows.append(
            (
                account.bank,
                account.branch,
                str(account.kind),
                account.number,
                name,
                case.entitlement.amount_yen,
            )
        )
    return sorted(rows)


def returned(failed: Transfer) -> bytes:
    """The bank's list of transfers that came back, as it comes out of a bank's screen."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("依頼番号", "金額", "資金返却理由", "返却日"))
    writer.writerow((failed.number, f"{failed.amount_yen:,}", "口座解約済", ""))
    return text.getvalue().encode("cp932")
