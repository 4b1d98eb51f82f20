"""The books have one writer; what the database refuses, whoever writes."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError, ProgrammingError

from tests.ledger.conftest import ONCE, YEAR, Books
from todoku.ledger.accounts import ACCOUNTS, KINDS
from todoku.ledger.balances import balances, trial
from todoku.ledger.post import Rows, post, post_reversal
from todoku.ledger.tables import LedgerEntry
from todoku.people.actor import SYSTEM


def test_money_leaves_one_account_and_stands_in_the_next(books: Books) -> None:
    books.budget(300_000)
    assert books.book("entitlement", 100_000) == (1, 100_000)
    books.book("transfer", 100_000)
    shown = {account: books.stands(account) for account in ("budget", "available", "owed", "ordered")}
    assert shown == {"budget": -300_000, "available": 200_000, "owed": 0, "ordered": 100_000}


@pytest.mark.parametrize("kind", ONCE)
def test_a_deed_is_booked_once_however_often_its_step_runs(books: Books, kind: str) -> None:
    assert [books.book(kind, 5_000).entries for _ in range(3)] == [1, 0, 0]
    assert LedgerEntry.objects.filter(kind=kind).count() == 1


def test_a_whole_selection_is_booked_by_one_statement(books: Books) -> None:
    chosen = Rows(
        "select e.id, e.case_id, e.amount_yen, %s::smallint from todoku_entitlement e where e.programme_id = %s",
        [YEAR, books.programme.pk],
    )
    with transaction.atomic():
        done = [
            post("entitlement", chosen, programme=books.programme, subject_kind="decision", actor=SYSTEM, at=books.at)
            for _ in range(2)
        ]  # fmt: skip
    assert (done[0].entries, done[1]) == (3, (0, 0))
    assert done[0].yen == books.stands("owed")


def test_the_books_are_written_only_in_the_transaction_of_the_work(books: Books) -> None:
    with pytest.raises(AssertionError, match="transaction of the work"):
        post("transfer", [], programme=books.programme, subject_kind="transfer", actor=SYSTEM, at=books.at)


WRITE = """
insert into todoku_ledgerentry (programme_id, fiscal_year, kind, debit, credit, amount_yen, case_id, subject_kind,
  subject_id, at, actor_id, actor_name, second_id, second_name, reason, reverses_id)
values (%(programme)s, 2026, %(kind)s, %(debit)s, %(credit)s, %(yen)s, %(case)s, 'transfer', %(subject)s, now(),
  %(first)s, '甲', %(second)s, '乙', %(reason)s, %(reverses)s)
"""


def write(books: Books, **columns: object) -> None:
    """An entry by hand, past the one writer."""
    values = {
        "programme": books.programme.pk, "case": books.cases[0], "kind": "settled", "debit": "paid", "credit": "ordered",
        "yen": 1_000, "subject": 77, "first": 1, "second": None, "reason": "", "reverses": None,
    } | columns  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(WRITE, values)


REFUSED = {
    "a_ledger_entry_is_positive_yen": {"yen": 0},
    "a_ledger_entry_moves_money": {"debit": "paid", "credit": "paid"},
    "a_ledger_account_is_known": {"debit": "pocket"},
    "a_ledger_kind_is_known": {"kind": "gift"},
    "a_kind_of_entry_goes_between_its_accounts": {"debit": "available", "credit": "budget"},
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_database_refuses_by_name(books: Books, name: str) -> None:
    write(books)
    # What breaks two rules is refused by the first of them.
    with pytest.raises(IntegrityError, match=f"{name}|a_kind_of_entry_goes_between_its_accounts"):
        write(books, subject=78, **REFUSED[name])


def test_a_reversal_is_the_mirror_of_its_entry_under_two_names(books: Books) -> None:
    books.book("restored", 4_000)
    entry = LedgerEntry.objects.get()
    mirror = {
        "kind": "reversal",
        "debit": "back",
        "credit": "available",
        "reverses": entry.pk,
        "reason": "誤り",
    }
    hostile = [
        ("a_reversal_has_a_reason_and_two_persons", {"yen": 4_000}),
        ("a_reversal_has_a_reason_and_two_persons", {"yen": 4_000, "second": 1}),
        ("a_reversal_has_a_reason_and_two_persons", {"yen": 4_000, "second": 2, "reason": ""}),
        ("a_reversal_mirrors_its_entry", {"yen": 3_999, "second": 2}),
        ("a_reversal_mirrors_its_entry", {"yen": 4_000, "second": 2, "debit": "available", "credit": "back"}),
        ("a_reversal_mirrors_its_entry", {"yen": 4_000, "second": 2, "reverses": None}),
    ]
    for name, columns in hostile:
        with pytest.raises(IntegrityError, match=name):
            write(books, **(mirror | columns))
    first, second = books.staff["officer"], books.staff["treasurer"]
    post_reversal(entry, reason="二重の記帳", first=first, second=second, at=books.at)
    assert books.stands("available") == books.stands("back") == 0
    with pytest.raises(IntegrityError, match="an_entry_is_reversed_once"):
        post_reversal(entry, reason="もう一度", first=first, second=second, at=books.at)


def test_nothing_in_the_books_is_rewritten_or_deleted(books: Books) -> None:
    books.book("settled", 1_000)
    for statement in ("update todoku_ledgerentry set amount_yen = 1", "delete from todoku_ledgerentry"):
        with (
            pytest.raises((ProgrammingError, InternalError), match="permission denied"),
            transaction.atomic(),
        ):
            with connection.cursor() as cursor:
                cursor.execute(statement)
    assert LedgerEntry.objects.get().amount_yen == 1_000


def test_the_database_knows_the_same_accounts_of_each_kind(books: Books) -> None:
    for place, kind in enumerate(one for one in KINDS.values() if one.code != "reversal"):
        write(books, kind=kind.code, debit=kind.debit, credit=kind.credit, subject=1_000 + place)
        others = [code for code in ACCOUNTS if code not in (kind.debit, kind.credit)]
        with pytest.raises(IntegrityError, match="a_kind_of_entry_goes_between_its_accounts"):
            write(books, kind=kind.code, debit=kind.debit, credit=others[0], subject=5_000 + place)
    assert LedgerEntry.objects.count() == len(KINDS) - 1


def test_debits_equal_credits_in_any_set_of_entries(books: Books) -> None:
    for place, kind in enumerate(ONCE):
        books.book(kind, 1_000 + place, year=2026 + place % 2, subject=place)
    by_year = {
        year: trial(one for one in balances(books.programme) if one.fiscal_year == year)
        for year in (2026, 2027)
    }
    assert all(one.balances and one.debit_yen for one in by_year.values())
