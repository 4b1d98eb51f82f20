"""組戻し: asked by one, sent by the treasurer, ended by the money or a word; no document moves money by a total (T01)."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

import todoku
from tests.payment.conftest import DECIDED
from tests.payment.ground import report_bytes
from todoku.bank.keyed_returns import Keyed, returned_rows
from todoku.bank.late_return import late_return
from todoku.bank.read_result import read_result
from todoku.bank.recall import CannotRecall, ask_recall, end_recall, send_recall
from todoku.bank.tables import Recall
from todoku.formats.bank_days import bank_days_after
from todoku.payment.tables import Result, Transfer


@pytest.fixture
def sent(money):
    batch = money.sent()
    money.to_value_date()
    return batch


def first(batch):
    return Transfer.objects.filter(batch=batch).order_by("number").first()


def asked(money, transfer):
    return ask_recall(transfer, reason="受給者が死亡していた", actor=money.staff["manager"], at=money.at)


def sent_recall(money, transfer):
    return send_recall(asked(money, transfer), actor=money.staff["treasurer"], at=money.at)


def test_each_step_has_its_person_and_its_bank_day(money, sent):
    recall = asked(money, first(sent))
    today = money.at.date()
    assert (recall.state, recall.due_on) == ("asked", bank_days_after(today, 1))
    with pytest.raises(CannotRecall, match="自治体の出納だけ"):
        send_recall(recall, actor=money.staff["manager"], at=money.at)
    recall = send_recall(recall, actor=money.staff["treasurer"], at=money.at)
    assert (recall.state, recall.due_on) == ("sent", bank_days_after(today, 5))
    assert recall.due_on == date(2026, 12, 11)
    with pytest.raises(CannotRecall, match="依頼を待っていません"):
        send_recall(recall, actor=money.staff["treasurer"], at=money.at)


def test_money_that_comes_back_ends_the_recall_and_the_case_fails(money, sent):
    back = first(sent)
    recall = sent_recall(money, back)
    rows = returned_rows(sent, [Keyed(back.number, back.amount_yen, "OTHER", None)])
    assert late_return(sent, rows, actor=money.staff["treasurer"], at=money.at).done == 1
    recall.refresh_from_db()
    assert (recall.state, Result.objects.get().reason) == ("returned", "RECALLED")
    assert money.stages() == {"paying": DECIDED - 1, "failed": 1}


def test_a_bank_that_names_the_recalled_one_in_its_result_ends_it_too(money, sent):
    back = first(sent)
    recall = sent_recall(money, back)
    data = report_bytes((back.number, back.amount_yen, "組戻", "2026/12/04"))
    read_result(sent, data, name="k.csv", actor=money.staff["maker"], at=money.at)
    recall.refresh_from_db()
    assert (recall.state, Result.objects.get().reason) == ("returned", "RECALLED")
    assert money.stages() == {"paid": DECIDED - 1, "failed": 1}


def test_a_refusal_is_the_treasurers_to_record_and_ends_it(money, sent):
    recall = sent_recall(money, first(sent))
    with pytest.raises(CannotRecall, match="出納が記録"):
        end_recall(
            recall, outcome="refused", words="受取人が応じない", actor=money.staff["manager"], at=money.at
        )
    ended = end_recall(
        recall, outcome="refused", words="受取人が応じない", actor=money.staff["treasurer"], at=money.at
    )
    assert (ended.state, ended.outcome) == ("refused", "受取人が応じない")
    with pytest.raises(CannotRecall, match="終わっています"):
        end_recall(recall, outcome="withdrawn", words="やめる", actor=money.staff["treasurer"], at=money.at)
    assert asked(money, first(sent)).state == "asked", "another try is another recall"


def test_who_asked_may_withdraw_before_it_is_sent(money, sent):
    recall = asked(money, first(sent))
    with pytest.raises(CannotRecall, match="依頼する前"):
        end_recall(recall, outcome="refused", words="応じない", actor=money.staff["treasurer"], at=money.at)
    assert end_recall(
        recall, outcome="withdrawn", words="誤りだった", actor=money.staff["manager"], at=money.at
    ).state == "withdrawn"  # fmt: skip


def test_only_what_is_at_the_bank_is_recalled_and_once_at_a_time(money):
    batch = money.sealed()
    with pytest.raises(CannotRecall, match="金融機関へ依頼した口座振込ではありません"):
        asked(money, first(batch))
    with pytest.raises(DatabaseError, match="a_recall_is_of_a_transfer_at_the_bank"), transaction.atomic():
        Recall.objects.create(
            transfer=first(batch),
            reason="x",
            due_on=money.day,
            asked_by_id=money.staff["manager"].id,
            asked_at=money.at,
        )
    for username in ("approver", "treasurer"):
        money.approve(batch, username)
    money.send(batch)
    asked(money, first(batch))
    with pytest.raises(CannotRecall, match="すでに手続き中"):
        asked(money, first(batch))


def test_the_database_wants_a_treasurer_other_than_who_asked(money, sent):
    recall = asked(money, first(sent))
    for sender in ("manager", "officer"):
        with pytest.raises(DatabaseError), transaction.atomic():
            Recall.objects.filter(pk=recall.pk).update(
                state="sent", sent_by_id=money.staff[sender].id, sent_at=money.at
            )
    assert Recall.objects.get().state == "asked"


# T01: one person was paid for 463 households by a paper that named a payee beside the total of everybody.
PAYEE = re.compile(r"account_number|holder_kana|holder\b|\.account\.")
TOTAL = re.compile(r"total_yen|合計額|合計金額")


def test_no_page_and_no_sheet_names_one_payee_beside_the_total_of_a_batch():
    folder = Path(todoku.__file__).parent
    found = [path for kind in ("*.html", "*.typ") for path in folder.rglob(kind)]
    assert len(found) > 60, "every template is looked through"
    both = [
        path.name
        for path in found
        if PAYEE.search(text := path.read_text(encoding="utf-8")) and TOTAL.search(text)
    ]
    assert both == []
