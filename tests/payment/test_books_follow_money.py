"""Every step of the money stands in the books in its own transaction, and the books say what the rows say."""

from datetime import datetime

import pytest
from django.db import transaction

from tests.payment.ground import Money, report_bytes
from todoku.bank.read_result import read_result
from todoku.case.tables import Case
from todoku.ledger.appropriate import MoreThanAppropriated, appropriate
from todoku.ledger.balances import balances, standing, trial
from todoku.ledger.tables import LedgerEntry
from todoku.payment.book_batch import book_batch
from todoku.payment.hand_back import hand_back
from todoku.payment.inquire import inquire
from todoku.payment.ledger_differences import ledger_differences
from todoku.payment.tables import Batch, Transfer
from todoku.payment.void import void
from todoku.people.actor import SYSTEM
from todoku.review.decide import decide
from todoku.review.tables import Decision


def standing_now(money: Money) -> dict[str, int]:
    """What stands in each account; the books balance and agree with the rows at every moment."""
    rows = balances(money.programme)
    assert trial(rows).balances
    assert ledger_differences(money.programme) == []
    return {account: yen for account in {one.account for one in rows} if (yen := standing(rows, account))}


def test_money_goes_through_the_books_from_the_decision_to_the_payee(money: Money) -> None:
    total = sum(Decision.objects.filter(in_force=True).values_list("amount_yen", flat=True))
    assert standing_now(money) == {"owed": total, "available": -total}
    batch = money.sending()
    assert standing_now(money) == {"ordered": total, "available": -total}
    assert batch.state == "sending"
    assert {(one.kind, one.subject_kind) for one in LedgerEntry.objects.all()} == {
        ("entitlement", "decision"), ("transfer", "transfer"),
    }  # fmt: skip


def test_a_result_books_what_arrived_and_what_came_back(money: Money) -> None:
    batch = money.sent()
    back = Transfer.objects.filter(batch=batch).order_by("line").first()
    money.to_value_date()
    data = report_bytes((back.number, back.amount_yen, "NO_ACCOUNT", ""))
    for _ in range(2):
        read_result(batch, data, name="kekka.csv", actor=money.staff["maker"], at=money.at)
    stands = standing_now(money)
    assert (stands["back"], stands["paid"]) == (back.amount_yen, batch.total_yen - back.amount_yen)
    assert LedgerEntry.objects.filter(kind="returned", subject_id=back.pk).count() == 1


def test_some_rows_of_a_batch_are_booked_without_the_others(money: Money) -> None:
    """As cash is paid: one by one."""
    batch = Batch.objects.select_related("programme").get(pk=money.sent().pk)
    one = Transfer.objects.filter(batch=batch).first()
    with transaction.atomic():
        assert set(book_batch(batch, transfers=[one.pk], actor=SYSTEM, at=money.at).values()) == {(0, 0)}
    assert LedgerEntry.objects.filter(kind="transfer").count() == batch.count


def test_a_file_that_the_bank_never_had_is_owed_again(money: Money) -> None:
    batch = money.sending()
    total = batch.total_yen
    for file in batch.files.all():
        inquire(
            file, sha256=file.sha256, answer="not_received", bank_person="担当", reference="",
            actor=money.staff["treasurer"], at=money.at,
        )  # fmt: skip
    void(batch, reason="受け付けていない", actor=money.staff["maker"], at=money.at)
    assert standing_now(money) == {"owed": total, "available": -total}
    again = money.sending()
    assert standing_now(money) == {"ordered": again.total_yen, "available": -total}


def test_a_case_sent_back_to_review_is_owed_no_more(money: Money) -> None:
    before = standing_now(money)["owed"]
    case = Case.objects.filter(standing__stage="decided").first()
    yen = Decision.objects.get(case=case, in_force=True).amount_yen
    hand_back(case, reason="口座を確認", actor=money.staff["maker"], at=money.at)
    assert standing_now(money)["owed"] == before - yen
    assert LedgerEntry.objects.get(kind="withdrawal").reason == "振込前の差し戻し"
    money.judge_all("approve")
    made = money.list_made()
    decide(made, sha256=made.sha256, actor=money.staff["officer"], at=money.at)
    assert standing_now(money) == {"owed": before, "available": -before}


def test_a_batch_of_another_year_takes_its_money_into_that_years_books(money: Money) -> None:
    """Decided in December, paid in April from the books of the new year: the debt moves there before it is ordered."""
    money.at = datetime(2027, 4, 5, 10, 0, tzinfo=money.at.tzinfo)
    money.day = money.at.date()
    batch = money.sending()
    total = batch.total_yen
    years = {(one.fiscal_year, one.account): one.yen for one in balances(money.programme) if one.yen}
    assert years == {(2027, "ordered"): total, (2027, "available"): -total}
    moved = LedgerEntry.objects.filter(subject_kind="transfer", kind__in=["withdrawal", "entitlement"])
    assert set(moved.values_list("kind", "fiscal_year")) == {("withdrawal", 2026), ("entitlement", 2027)}
    assert "令和9年度" in moved[0].reason


def budget(money: Money, yen: int) -> None:
    appropriate(
        programme=money.programme, fiscal_year=2026, budget_item="3-1-1", order="1", amount_yen=yen,
        actor=money.staff["treasurer"], at=money.at,
    )  # fmt: skip


def test_a_decision_beyond_the_budget_is_refused_and_nothing_of_it_is_written(money: Money) -> None:
    owed = standing_now(money)["owed"]
    budget(money, owed)  # just what was decided before anybody booked a budget
    money.reviewed(1)
    made = money.list_made()
    with pytest.raises(MoreThanAppropriated, match="予算残額は0円"):
        decide(made, sha256=made.sha256, actor=money.staff["officer"], at=money.at)
    made.refresh_from_db()
    assert (made.state, standing_now(money).get("available", 0)) == ("open", 0)
    assert not Decision.objects.filter(decision_list=made, in_force=True).exists()
    appropriate(
        programme=money.programme, fiscal_year=2026, budget_item="3-1-1", order="2", amount_yen=made.total_yen,
        actor=money.staff["treasurer"], at=money.at,
    )  # fmt: skip
    decide(made, sha256=made.sha256, actor=money.staff["officer"], at=money.at)
    assert standing_now(money)["owed"] == owed + made.total_yen


def test_rows_that_moved_without_their_entries_are_named(money: Money) -> None:
    owed = standing_now(money)["owed"]
    one = Decision.objects.filter(in_force=True).first()
    Decision.objects.filter(pk=one.pk).update(in_force=False)
    assert ledger_differences(money.programme) == [("owed", owed, owed - one.amount_yen)]
