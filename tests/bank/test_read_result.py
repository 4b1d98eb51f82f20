"""The bank's answer: what it names came back, all else arrived; a report that does not fit changes nothing."""

from datetime import date

import pytest

from tests.payment.conftest import DECIDED
from tests.payment.ground import report_bytes
from todoku.bank.read_result import ReportRefused, read_result
from todoku.custody.tables import Parcel
from todoku.payment.kept_files import bank_files
from todoku.payment.tables import BankReport, Batch, Result, Transfer
from todoku.payment.void import void
from todoku.review.tables import Decision
from todoku.sampletown import bank


def read(money, batch, data, name="kekka.csv"):
    return read_result(batch, data, name=name, actor=money.staff["maker"], at=money.at)


@pytest.fixture
def sent(money):
    batch = money.sent()
    money.to_value_date()
    return batch


def first(batch):
    return Transfer.objects.filter(batch=batch).order_by("number").first()


def test_returned_transfers_fail_and_all_others_are_paid(money, sent):
    failed = first(sent)
    report = read(money, sent, report_bytes((failed.number, failed.amount_yen, "口座解約済", "2026/12/04")))
    assert (report.done, report.refused) == (DECIDED - 1, ((failed.number, "CLOSED"),))
    result = Result.objects.get()
    assert (result.transfer_id, result.reason, result.returned_on) == (failed.pk, "CLOSED", date(2026, 12, 4))
    assert Transfer.objects.filter(state="settled").count() == DECIDED - 1
    assert money.stages() == {"paid": DECIDED - 1, "failed": 1}
    assert Batch.objects.get().state == "reconciled"
    assert list(Decision.objects.filter(in_force=False).values_list("case_id", flat=True)) == [failed.case_id]


def test_the_sample_banks_answer_to_our_own_file_is_read(money, sent):
    answer = bank.returned_transfers(bank_files(sent), seed=3, share=0.25, returned_on=date(2026, 12, 4))
    report = read(money, sent, answer)
    assert (report.done, len(report.refused)) == (9, 3)
    assert BankReport.objects.get().returned == 3


def test_headings_alone_mean_that_everything_arrived(money, sent):
    report = read(money, sent, report_bytes())
    assert (report.done, report.refused) == (DECIDED, ())
    assert money.stages() == {"paid": DECIDED}


def test_the_same_report_again_changes_nothing(money, sent):
    failed = first(sent)
    data = report_bytes((failed.number, failed.amount_yen, "口座解約済", "2026/12/04"))
    read(money, sent, data)
    again = read(money, sent, data, name="kekka-copy.csv")
    assert "取り込み済み" in again.note
    assert (BankReport.objects.count(), Result.objects.count()) == (1, 1)
    assert money.stages() == {"paid": DECIDED - 1, "failed": 1}


def test_another_report_on_a_reconciled_batch_is_refused_and_kept(money, sent):
    read(money, sent, report_bytes())
    late = first(sent)
    with pytest.raises(
        ReportRefused, match="取り込み済みです。結果の後に戻った分は「あとから戻った振込を取り込む」"
    ):
        read(money, sent, report_bytes((late.number, late.amount_yen, "口座解約済", "2026/12/07")))
    assert money.stages() == {"paid": DECIDED}
    assert Parcel.objects.filter(kind="bank_report").count() == 2


def untouched(money, batch, kept=1):
    assert BankReport.objects.count() == 0
    assert set(Transfer.objects.filter(batch=batch).values_list("state", flat=True)) == {"sent"}
    assert money.stages() == {"paying": DECIDED}
    assert Parcel.objects.filter(kind="bank_report").count() == kept, "each file itself is kept as received"


# What is wrong, the lines of the report (FIRST: a transfer that was sent, AMOUNT: its amount), words of the refusal.
WRONG_REPORTS = [
    ("an unknown number", [("9999999999", 100000, "口座解約済", "")], "2行目: 依頼番号9999999999はこの振込データにありません"),
    ("another amount", [("FIRST", 1, "口座解約済", "")], "金額が依頼と違います"),
    ("a number twice", [("FIRST", "AMOUNT", "口座解約済", ""), ("FIRST", "AMOUNT", "口座解約済", "")], "2回あります"),
    ("a good and a bad line", [("FIRST", "AMOUNT", "口座解約済", ""), ("9999999999", 5, "口座解約済", "")], "3行目"),
    ("an amount in words", [("FIRST", "十万円", "口座解約済", "")], "金額が数字ではありません"),
]  # fmt: skip


def test_a_line_that_does_not_fit_refuses_the_whole_report(money, sent):
    one = first(sent)
    filled = {"FIRST": one.number, "AMOUNT": one.amount_yen}
    for what, rows, words in WRONG_REPORTS:
        lines = [tuple(filled.get(value, value) for value in row) for row in rows]
        with pytest.raises(ReportRefused, match=words):
            read(money, sent, report_bytes(*lines))
        assert BankReport.objects.count() == 0, what
    untouched(money, sent, kept=len(WRONG_REPORTS))


def test_a_file_that_is_no_report_is_refused(money, sent):
    with pytest.raises(ReportRefused, match="の列がありません"):
        read(money, sent, "番号,名前\r\n1,2\r\n".encode("cp932"))
    untouched(money, sent)


def test_a_report_for_a_batch_that_was_never_sent_is_refused(money):
    batch = money.approved()
    one = first(batch)
    money.to_value_date()
    with pytest.raises(ReportRefused, match="まだ金融機関へ渡されていません"):
        read(money, batch, report_bytes((one.number, one.amount_yen, "口座解約済", "")))
    assert BankReport.objects.count() == 0
    assert money.stages() == {"decided": DECIDED}


def test_a_number_of_a_batch_that_was_never_sent_is_named(money):
    voided = money.sealed()
    stale = first(voided)
    void(voided, reason="金融機関の指示", actor=money.staff["maker"], at=money.at)
    batch = money.sent()
    money.to_value_date()
    with pytest.raises(ReportRefused, match=f"渡していない振込データ{voided.pk}（取消）の番号"):
        read(money, batch, report_bytes((stale.number, stale.amount_yen, "口座解約済", "")))
    untouched(money, batch)


def test_before_the_value_date_there_is_no_result(money):
    batch = money.sent()
    with pytest.raises(ReportRefused, match="より前に結果は取り込めません"):
        read(money, batch, report_bytes())
    untouched(money, batch)
