"""The budget, what came back, and corrections: who books them, and what is refused with a sentence."""

from datetime import datetime

import pytest
from django.db import transaction

from tests.ledger.conftest import YEAR, Books
from todoku.ledger.appropriate import (
    CannotAppropriate,
    MoreThanAppropriated,
    NotTheTreasurer,
    ask_available,
    available,
)
from todoku.ledger.appropriate import appropriate as book_budget
from todoku.ledger.reverse import CannotCorrect, NeedsSecondPerson, NotACorrector, confirm, give_up, propose
from todoku.ledger.settle_back import NeedsOrder, NothingCameBack, settle_back
from todoku.ledger.tables import Correction, LedgerEntry
from todoku.people.actor import SYSTEM
from todoku.people.tables import AuditEvent


def test_a_programme_without_a_budget_goes_on_and_one_with_a_budget_keeps_to_it(books: Books) -> None:
    def ask(yen: int, year: int = YEAR) -> None:
        with transaction.atomic():
            ask_available(books.programme, fiscal_year=year, amount_yen=yen)

    assert available(books.programme, YEAR) is None
    ask(10**12)
    books.budget(100_000)
    ask(100_000)
    with pytest.raises(MoreThanAppropriated, match="予算残額は100,000円"):
        ask(100_001)
    # The budget of one year pays nothing of another.
    with pytest.raises(MoreThanAppropriated, match="令和9年度の予算残額は0円"):
        ask(1, YEAR + 1)


def test_an_order_of_the_budget_is_booked_once_in_its_year(books: Books) -> None:
    books.budget(100_000)
    with pytest.raises(CannotAppropriate, match="記帳済み"):
        books.budget(50_000)
    books.budget(50_000, order="配当-2")
    books.budget(50_000, year=YEAR + 1)
    assert (books.stands("available", YEAR), books.stands("available", YEAR + 1)) == (150_000, 50_000)
    assert AuditEvent.objects.filter(action="ledger.appropriate").count() == 3


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"amount_yen": 0}, "1円以上"),
        ({"amount_yen": -5}, "1円以上"),
        ({"fiscal_year": 8}, "西暦4桁"),
        ({"budget_item": " "}, "科目と配当番号"),
        ({"order": ""}, "科目と配当番号"),
        ({"order": "あ" * 41}, "40字まで"),
    ],
)
def test_a_budget_that_cannot_be_is_refused(books: Books, changed: dict[str, object], sentence: str) -> None:
    whole = {
        "fiscal_year": YEAR,
        "budget_item": "3-1-1",
        "order": "1",
        "amount_yen": 1,
        "actor": books.staff["treasurer"],
    }
    with pytest.raises(CannotAppropriate, match=sentence):
        book_budget(programme=books.programme, at=books.at, **(whole | changed))  # type: ignore[arg-type]
    assert LedgerEntry.objects.count() == 0


@pytest.mark.parametrize("username", ["officer", "viewer", "manager", "maker", "approver"])
def test_only_the_treasurer_books_a_budget_or_settles_what_came_back(books: Books, username: str) -> None:
    books.book("returned", 5_000)
    for actor in (books.staff[username], SYSTEM):
        with pytest.raises(NotTheTreasurer):
            book_budget(
                programme=books.programme, fiscal_year=YEAR, budget_item="3", order="1", amount_yen=1, actor=actor,
                at=books.at,
            )  # fmt: skip
        with pytest.raises(NotTheTreasurer):
            settle_back(programme=books.programme, order="1", actor=actor, at=books.at)
    assert books.stands("back") == 5_000


CLOSING = [
    # The day of the booking (a Friday, a Monday), the year that paid → where the money stands.
    ("2027-03-31T12:00+09:00", "available", ""),
    ("2027-05-31T23:59+09:00", "available", ""),
    ("2027-06-01T00:00+09:00", "revenue", "（令和9年度の歳入）"),
    ("2028-04-03T12:00+09:00", "revenue", "（令和10年度の歳入）"),
]


@pytest.mark.parametrize(("at", "account", "words"), CLOSING)
def test_money_that_came_back_follows_the_closing_of_accounts(
    books: Books, at: str, account: str, words: str
) -> None:
    books.book("returned", 5_000, subject=1, case=0)
    books.book("returned", 7_000, subject=2, case=1)
    books = books._replace(at=datetime.fromisoformat(at))
    report = settle_back(
        programme=books.programme, order="戻入-1", actor=books.staff["treasurer"], at=books.at
    )
    assert report.done == 2
    assert (books.stands("back"), books.stands(account)) == (0, 12_000)
    settled = LedgerEntry.objects.filter(kind__in=["restored", "prior_revenue"])
    assert set(settled.values_list("reason", "fiscal_year")) == {(f"戻入-1{words}", YEAR)}
    with pytest.raises(NothingCameBack):
        settle_back(programme=books.programme, order="戻入-2", actor=books.staff["treasurer"], at=books.at)


def test_what_comes_back_later_on_the_same_case_is_settled_by_itself(books: Books) -> None:
    treasurer = books.staff["treasurer"]
    books.book("returned", 5_000, subject=1)
    settle_back(programme=books.programme, order="1", actor=treasurer, at=books.at)
    books.book("returned", 3_000, subject=2)
    with pytest.raises(NeedsOrder):
        settle_back(programme=books.programme, order=" ", actor=treasurer, at=books.at)
    settle_back(programme=books.programme, order="2", actor=treasurer, at=books.at)
    assert sorted(LedgerEntry.objects.filter(kind="restored").values_list("amount_yen", flat=True)) == [
        3_000,
        5_000,
    ]


def test_a_correction_takes_two_persons_and_a_reason(books: Books) -> None:
    books.budget(100_000)
    entry, officer, treasurer = LedgerEntry.objects.get(), books.staff["officer"], books.staff["treasurer"]
    with pytest.raises(CannotCorrect, match="理由"):
        propose(entry, reason=" ", actor=treasurer, at=books.at)
    with pytest.raises(NotACorrector):
        propose(entry, reason="桁の誤り", actor=books.staff["manager"], at=books.at)
    made = propose(entry, reason="桁の誤り", actor=treasurer, at=books.at)
    assert books.stands("available") == 100_000, "nothing is booked by one person"
    with pytest.raises(NeedsSecondPerson):
        confirm(made, actor=treasurer, at=books.at)
    with pytest.raises(CannotCorrect, match="起案されています"):
        propose(entry, reason="もう一度", actor=officer, at=books.at)
    reversal = confirm(made, actor=officer, at=books.at)
    assert (reversal.actor_name, reversal.second_name) == (treasurer.name, officer.name)
    assert (books.stands("available"), reversal.reason) == (0, "桁の誤り")
    with pytest.raises(CannotCorrect, match="終わって"):
        confirm(made, actor=officer, at=books.at)
    with pytest.raises(CannotCorrect, match="訂正済み|起案されています"):
        propose(entry, reason="また", actor=officer, at=books.at)
    # What was taken back counts no more: the same order may be booked rightly.
    books.budget(10_000)
    assert available(books.programme, YEAR) == 10_000


def test_a_proposal_that_is_given_up_leaves_the_entry_and_its_own_trace(books: Books) -> None:
    books.budget(100_000)
    entry = LedgerEntry.objects.get()
    made = propose(entry, reason="勘違い", actor=books.staff["officer"], at=books.at)
    give_up(made, actor=books.staff["officer"], at=books.at)
    propose(entry, reason="やはり誤り", actor=books.staff["officer"], at=books.at)
    assert Correction.objects.filter(entry=entry).count() == 2
    assert books.stands("available") == 100_000


def test_what_stands_for_work_is_undone_where_it_was_done(books: Books) -> None:
    books.book("settled", 5_000)
    with pytest.raises(CannotCorrect, match="業務の画面で"):
        propose(LedgerEntry.objects.get(), reason="誤り", actor=books.staff["officer"], at=books.at)
    assert Correction.objects.count() == 0


def test_a_budget_already_decided_on_is_not_taken_back(books: Books) -> None:
    books.budget(100_000)
    books.book("entitlement", 60_000)
    entry = LedgerEntry.objects.get(kind="appropriation")
    with pytest.raises(CannotCorrect, match="予算残額40,000円"):
        propose(entry, reason="誤り", actor=books.staff["officer"], at=books.at)
    assert books.stands("available") == 40_000
