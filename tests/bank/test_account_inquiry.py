"""振込口座照会: the 98 file asks about accounts never paid, the 99 file answers line by line, and only 0 is paid to."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.next_version import next_version
from tests.payment.conftest import DECIDED
from tests.payment.ground import report_bytes
from todoku.bank.inquire_accounts import (
    CannotInquireAccounts,
    NothingToAsk,
    cancel_inquiry,
    inquire_accounts,
)
from todoku.bank.read_inquiry_answers import AnswerRefused, read_answers
from todoku.bank.read_result import read_result
from todoku.bank.tables import AccountInquiry, InquiredAccount
from todoku.custody.files import read
from todoku.formats import zengin
from todoku.payment.make_transfers import make_transfers
from todoku.payment.tables import Transfer
from todoku.people.actor import SYSTEM
from todoku.people.tables import AuditEvent
from todoku.review.tables import Decision, Finding, Task

RECORD = 120


@pytest.fixture
def asking(money):
    """The town, whose municipality has agreed that every account is asked about first, and that two reviewers decide about
    a holder whom the bank names otherwise."""
    old = money.programme.version
    text = old.text.replace("[payment]\n", "[payment]\naccount_inquiry = true\n")
    text += '\n[criteria.codes.D12]\ndecides = "two_persons"\n'
    assert text != old.text
    next_version(money.programme, text, at=money.at)
    assert money.programme.terms.payment.account_inquiry
    return money


def inquire(money):
    return inquire_accounts(programme=money.programme, actor=money.staff["maker"], at=money.at)


def file_of(inquiry):
    return read(inquiry.parcel.path)


def answered(question, answers):
    """An answer file as a bank would write it: our own records, the kind 99 and each line's answer in its last byte.

    Written by byte positions alone, without the product's writer.
    """
    records = question.decode("cp932").split("\r\n")[:-1]
    assert all(len(record.encode("cp932")) == RECORD for record in records)
    header, *rows, trailer, end = records
    given = [row[:-1] + answer for row, answer in zip(rows, answers, strict=True)]
    return "".join(record + "\r\n" for record in ("199" + header[3:], *given, trailer, end)).encode("cp932")


def take(money, inquiry, answers, name="kaitou.txt"):
    data = answered(file_of(inquiry), answers)
    return read_answers(inquiry, data, name=name, actor=money.staff["maker"], at=money.at)


def make(money):
    return make_transfers(programme=money.programme, actor=SYSTEM, at=money.at)


def test_the_file_has_the_published_shape_and_names_every_account_once(asking):
    report = inquire(asking)
    assert (report.done, report.refused) == (DECIDED, ())
    inquiry = AccountInquiry.objects.get()
    records = file_of(inquiry).decode("cp932").split("\r\n")
    assert [len(record) for record in records] == [RECORD] * (DECIDED + 3) + [0]
    assert records[0][:4] == "1980"
    assert records[0][54:58] == "1201", "the day of the request as MMDD"
    assert records[-3] == f"8{DECIDED:06}".ljust(RECORD), "a count and no amount"
    assert records[-2] == "9".ljust(RECORD)
    for line, asked in enumerate(InquiredAccount.objects.order_by("line").select_related("account"), 1):
        record = records[line]
        assert (record[0], record[113:119], record[119]) == ("2", " " * 6, "0")
        assert record[91:101] == f"{asked.account_id:010}"
        assert (record[1:5], record[20:23], record[43:50]) == (
            asked.account.bank, asked.account.branch, asked.account.number
        )  # fmt: skip
    assert zengin.read(file_of(inquiry)).header.kind == "98"
    with pytest.raises(NothingToAsk):
        inquire(asking)


def test_only_answer_0_is_paid_and_the_others_wait_or_go_back_to_review(asking):
    assert make(asking).waiting == DECIDED
    inquire(asking)
    inquiry = AccountInquiry.objects.get()
    report = take(asking, inquiry, "0" * (DECIDED - 3) + "129")
    assert report.done == DECIDED - 3
    assert [why for _, why in report.refused] == ["該当口座なし", "受取人名相違", "その他"]
    assert asking.stages() == {"decided": DECIDED - 3, "in_review": 3}
    found = Finding.objects.filter(found_by="振込口座照会").order_by("id")
    assert [(one.code, one.evidence) for one in found] == [
        ("D10", {"bank_answer": "1"}), ("D12", {"bank_answer": "2"}), ("D10", {"bank_answer": "9"})
    ]  # fmt: skip
    assert Decision.objects.filter(in_force=False).count() == 3
    made = make(asking)
    assert (made.done, made.waiting) == (DECIDED - 3, 0)


def test_five_and_fifty_bad_answers_take_the_same_number_of_statements(asking):
    def statements(bad):
        inquire(asking)
        inquiry = AccountInquiry.objects.order_by("-id").first()
        with CaptureQueriesContext(connection) as seen:
            report = take(asking, inquiry, "1" * bad + "0" * (inquiry.count - bad), name=f"{bad}.txt")
        assert len(report.refused) == bad
        return len(seen)

    few = statements(5)
    asking.decided(50)
    many = statements(50)
    assert few == many
    assert many <= 45
    # The five were judged and decided again meanwhile, and asked about with the others.
    assert asking.stages() == {"decided": DECIDED, "in_review": 50}
    backs = AuditEvent.objects.filter(action="payment.hand_back")
    assert backs.count() == 55
    assert set(backs.values_list("reason", flat=True)) == {"口座照会の回答「該当口座なし」"}
    assert Task.objects.filter(state="open", reason="from_payment").count() == 50


def test_an_account_that_review_confirmed_anew_is_asked_about_again(asking):
    inquire(asking)
    take(asking, AccountInquiry.objects.get(), "0" * (DECIDED - 1) + "2")
    with pytest.raises(NothingToAsk):
        inquire(asking)
    asking.at += timedelta(hours=1)
    asking.judge_all("approve")
    assert inquire(asking).done == 1
    assert AccountInquiry.objects.count() == 2


def test_a_case_before_the_decision_is_asked_about_and_goes_back_from_there(asking):
    inquire(asking)
    take(asking, AccountInquiry.objects.get(), "0" * DECIDED)
    asking.reviewed(2)
    assert inquire(asking).done == 2
    take(asking, AccountInquiry.objects.order_by("-id").first(), "01", name="b.txt")
    assert asking.stages() == {"decided": DECIDED, "passed": 1, "in_review": 1}


def test_an_account_that_was_credited_once_needs_no_question(money):
    batch = money.sent()
    money.to_value_date()
    one = Transfer.objects.filter(batch=batch).first()
    data = report_bytes((one.number, one.amount_yen, "該当口座なし", "2026/12/04"))
    read_result(batch, data, name="k.csv", actor=money.staff["maker"], at=money.at)
    text = money.programme.version.text.replace("[payment]\n", "[payment]\naccount_inquiry = true\n")
    next_version(money.programme, text, at=money.at)
    # A supplement on an account that was paid before: its decision names the same account version.
    with pytest.raises(NothingToAsk):
        inquire(money)
    paid = Transfer.objects.filter(batch=batch, state="settled").first()
    Decision.objects.filter(pk=paid.decision_id).update(in_force=False)
    assert make(money).waiting == 0


# What the bank's file says wrongly, how a record is spoiled, words of the refusal.
WRONG = [
    ("another account", lambda row: row[:43] + "0000001" + row[50:], "1件目の口座が"),
    ("another number of ours", lambda row: row[:91] + "9999999999" + row[101:], "1件目の番号"),
    ("another name", lambda row: row[:50] + "ﾍﾞﾂﾉ ﾋﾄ".ljust(30) + row[80:], "1件目の受取人名"),
    ("an unknown answer", lambda row: row[:119] + "5", "1件目の照会回答コード"),
]


def test_a_line_that_was_not_asked_refuses_the_whole_answer(asking):
    inquire(asking)
    inquiry = AccountInquiry.objects.get()
    good = answered(file_of(inquiry), "0" * DECIDED).decode("cp932").split("\r\n")
    for what, spoil, words in WRONG:
        data = "\r\n".join([good[0], spoil(good[1]), *good[2:]]).encode("cp932")
        with pytest.raises(AnswerRefused, match=words):
            read_answers(inquiry, data, name="x.txt", actor=asking.staff["maker"], at=asking.at)
        assert not InquiredAccount.objects.exclude(answer="").exists(), what
    short = "\r\n".join([good[0], *good[2:-3], f"8{DECIDED - 1:06}".ljust(RECORD), good[-2], ""]).encode(
        "cp932"
    )
    with pytest.raises(AnswerRefused, match="回答が11件"):
        read_answers(inquiry, short, name="x.txt", actor=asking.staff["maker"], at=asking.at)
    with pytest.raises(AnswerRefused, match="種別98"):
        read_answers(inquiry, file_of(inquiry), name="x.txt", actor=asking.staff["maker"], at=asking.at)
    assert asking.stages() == {"decided": DECIDED}


def test_the_same_answers_again_change_nothing_and_trimmed_lines_are_read(asking):
    inquire(asking)
    inquiry = AccountInquiry.objects.get()
    data = answered(file_of(inquiry), "0" * DECIDED).replace(b"\r\n", b"\n")
    trimmed = b"\n".join(line.rstrip(b" ") for line in data.split(b"\n"))
    first = read_answers(inquiry, trimmed, name="a.txt", actor=asking.staff["maker"], at=asking.at)
    again = read_answers(inquiry, trimmed, name="b.txt", actor=asking.staff["maker"], at=asking.at)
    assert (first.done, again.done) == (DECIDED, 0)
    assert "取り込み済み" in again.note
    with pytest.raises(DatabaseError, match="an_inquiry_answer_stays_as_read"), transaction.atomic():
        InquiredAccount.objects.filter(line=1).update(answer="2")


def test_a_file_that_is_never_answered_is_taken_back_and_asked_anew(asking):
    inquire(asking)
    inquiry = AccountInquiry.objects.get()
    cancel_inquiry(inquiry, actor=asking.staff["maker"], at=asking.at)
    with pytest.raises(AnswerRefused, match="取り消しています"):
        take(asking, inquiry, "0" * DECIDED)
    assert inquire(asking).done == DECIDED
    assert make(asking).waiting == DECIDED


def test_where_the_terms_do_not_ask_nothing_waits(money):
    with pytest.raises(CannotInquireAccounts, match="口座照会を行いません"):
        inquire(money)
    report = make(money)
    assert (report.done, report.waiting) == (DECIDED, 0)


def test_a_bank_that_takes_few_records_gets_more_files(asking):
    municipality = asking.programme.municipality
    municipality.bank_profile = 'name = "small"\nmax_records = 5\n'
    municipality.save()
    assert inquire(asking).done == DECIDED
    assert sorted(AccountInquiry.objects.values_list("count", flat=True)) == [2, 5, 5]
