"""The bank asks before it returns: two persons answer, the sealed row stays, and the account really credited is known."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from tests.payment.conftest import DECIDED
from tests.payment.ground import report_bytes
from todoku.bank.bank_query import Amendment, CannotQuery, answer_query, open_query, propose_answer
from todoku.bank.credited import amended_count, credited_account
from todoku.bank.read_result import read_result
from todoku.bank.tables import BankQuery
from todoku.case.tables import Case
from todoku.formats.bank_days import bank_days_after
from todoku.payment.tables import Transfer
from todoku.rounds.due_letters import due_items
from todoku.web.office.case_story import story


@pytest.fixture
def sent(money):
    batch = money.sent()
    money.to_value_date()
    return batch


def first(batch):
    return Transfer.objects.filter(batch=batch).order_by("number").first()


def opened(money, transfer):
    return open_query(
        transfer, question="口座番号相違", asked_on=money.at.date(), actor=money.staff["maker"], at=money.at
    )


def amendment(transfer, number="7654321"):
    return Amendment(transfer.bank, transfer.branch, transfer.kind, number, transfer.holder_kana)


def propose(money, query, *, answer="amend", account=None, who="maker"):
    return propose_answer(
        query, answer=answer, amendment=account, why="通帳の写しで確認", actor=money.staff[who], at=money.at
    )


def amended(money, transfer, number="7654321"):
    query = propose(money, opened(money, transfer), account=amendment(transfer, number))
    return answer_query(query, proposed_at=query.proposed_at, actor=money.staff["treasurer"], at=money.at)


def test_the_answer_is_due_on_the_bank_day_after_next(money, sent):
    friday = money.at.date()
    assert friday.weekday() == 4
    query = opened(money, first(sent))
    assert query.due_on == bank_days_after(friday, 2) == friday + timedelta(days=4)
    with pytest.raises(CannotQuery, match="回答を待っています"):
        opened(money, first(sent))


def test_an_amendment_stands_beside_the_sealed_row(money, sent):
    transfer = first(sent)
    before = (transfer.bank, transfer.branch, transfer.kind, transfer.account_number, transfer.holder_kana)
    amended(money, transfer)
    transfer.refresh_from_db()
    assert before == (
        transfer.bank,
        transfer.branch,
        transfer.kind,
        transfer.account_number,
        transfer.holder_kana,
    )
    credited = credited_account(transfer)
    assert (credited.number, credited.amended) == ("7654321", True)
    other = Transfer.objects.filter(batch=sent).order_by("number").last()
    assert credited_account(other) == (*credited_account(other)[:5], False)


def test_reconciliation_the_story_and_the_letter_know_the_account_really_credited(money, sent):
    kept, failed = Transfer.objects.filter(batch=sent).order_by("number")[:2]
    amended(money, kept)
    amended(money, failed, "1112223")
    data = report_bytes((failed.number, failed.amount_yen, "解約", "2026/12/04"))
    read_result(sent, data, name="k.csv", actor=money.staff["maker"], at=money.at)
    assert amended_count(sent) == 1
    told = " ".join(
        f"{moment.title} {moment.text}"
        for moment in story(Case.objects.get(pk=kept.case_id), whole_account=False)
    )
    assert "訂正" in told
    assert "****321" in told
    (item,) = due_items("transfer_failed", money.programme, money.at.date())
    assert item.values[1].endswith("****223"), "the letter names the account to which it could not be paid"
    assert money.stages() == {"paid": DECIDED - 1, "failed": 1}


def test_to_return_is_answered_too_and_the_money_comes_as_a_result(money, sent):
    transfer = first(sent)
    query = propose(money, opened(money, transfer), answer="return")
    answer_query(query, proposed_at=query.proposed_at, actor=money.staff["treasurer"], at=money.at)
    assert not credited_account(transfer).amended
    data = report_bytes((transfer.number, transfer.amount_yen, "口座番号相違", "2026/12/08"))
    assert read_result(sent, data, name="k.csv", actor=money.staff["maker"], at=money.at).refused


def test_the_treasurer_answers_what_was_seen_and_nobody_answers_alone(money, sent):
    query = opened(money, first(sent))
    with pytest.raises(CannotQuery, match="起案を待って"):
        answer_query(query, proposed_at=money.at, actor=money.staff["treasurer"], at=money.at)
    query = propose(money, query, account=amendment(first(sent)))
    seen = query.proposed_at
    with pytest.raises(CannotQuery, match="出納だけ"):
        answer_query(query, proposed_at=seen, actor=money.staff["maker"], at=money.at)
    money.at += timedelta(minutes=1)
    propose(money, query, account=amendment(first(sent), "0000009"))
    with pytest.raises(CannotQuery, match="起案が変わりました"):
        answer_query(query, proposed_at=seen, actor=money.staff["treasurer"], at=money.at)
    with (
        pytest.raises(DatabaseError, match="two_persons_answer_the_bank|the_treasurer_answers_the_bank"),
        transaction.atomic(),
    ):
        BankQuery.objects.filter(pk=query.pk).update(
            answered_at=money.at, answered_by_id=money.staff["maker"].id
        )
    with pytest.raises(DatabaseError, match="an_answer_to_the_bank_stays_as_given"), transaction.atomic():
        BankQuery.objects.filter(pk=query.pk).update(
            answered_at=money.at, answered_by_id=money.staff["treasurer"].id, account_number="7777777"
        )


# What is wrong with a proposed account, its number, bank and name, words of the refusal.
WRONG = [
    ("the same account", None, None, None, "確定した口座と同じ"),
    ("six digits", "123456", None, None, "口座番号を7桁"),
    ("no such bank", "7654321", "9998", None, "一覧にありません"),
    ("kanji", "7654321", None, "山田", "カナ"),
]


def test_an_account_that_no_bank_can_credit_is_not_proposed(money, sent):
    transfer = first(sent)
    query = opened(money, transfer)
    for what, number, bank, holder, words in WRONG:
        account = Amendment(
            bank or transfer.bank, transfer.branch, transfer.kind, number or transfer.account_number,
            holder or transfer.holder_kana,
        )  # fmt: skip
        with pytest.raises(CannotQuery, match=words):
            propose(money, query, account=account)
        assert BankQuery.objects.get().answer == "", what


def test_an_amendment_brings_no_account_above_its_cap(money, sent):
    transfers = list(Transfer.objects.filter(batch=sent).order_by("number"))
    cap = money.programme.terms.payment.cap_per_account_yen
    target = transfers[0]
    refused = False
    for transfer in transfers[1:]:
        query = opened(money, transfer)
        to = Amendment(target.bank, target.branch, target.kind, target.account_number, target.holder_kana)
        paid = sum(
            one.amount_yen for one in transfers
            if credited_account(one)[:4] == (target.bank, target.branch, target.kind, target.account_number)
        )  # fmt: skip
        if paid + transfer.amount_yen > cap:
            with pytest.raises(CannotQuery, match="上限"):
                propose(money, query, account=to)
            refused = True
            break
        query = propose(money, query, account=to)
        answer_query(query, proposed_at=query.proposed_at, actor=money.staff["treasurer"], at=money.at)
    assert refused or cap >= sum(one.amount_yen for one in transfers)
