"""What comes next on a claim, and when it lapses: dated cases, no database."""

from datetime import date

import pytest

from todoku.recovery.plan import equal_parts
from todoku.recovery.steps import (
    Facts,
    lapses,
    lapses_soon,
    next_step,
    overdue_since,
    overdue_yen,
    parts_of_plan,
)

DUE = date(2027, 1, 29)  # Friday
NOTICED = Facts("noticed", 100_000, 0, date(2026, 12, 15), DUE, [("notice", date(2026, 12, 16), DUE)])
REMINDED = NOTICED._replace(notices=[*NOTICED.notices, ("reminder", date(2027, 2, 10), date(2027, 2, 26))])
PARTS = [(date(2027, 2, 26), 40_000), (date(2027, 3, 31), 30_000), (date(2027, 4, 30), 30_000)]

NEXT = [
    (
        NOTICED._replace(state="open", due_on=None, notices=[]),
        date(2026, 12, 15),
        "返還請求書と納付書を送る",
        None,
        False,
    ),
    (NOTICED, DUE, "納付を待つ", DUE, False),
    (NOTICED, date(2027, 1, 30), "督促状を送る", date(2027, 2, 18), False),
    (NOTICED, date(2027, 2, 19), "督促状を送る", date(2027, 2, 18), True),
    (REMINDED, date(2027, 2, 26), "督促・催告の期限まで納付を待つ", date(2027, 2, 26), False),
    (REMINDED, date(2027, 2, 27), "催告する", date(2027, 2, 26), True),
    (NOTICED._replace(state="disputed"), date(2027, 6, 1), "申立ての結論を待つ", None, False),
    (NOTICED._replace(plan=PARTS), date(2027, 2, 10), "納付を待つ", date(2027, 2, 26), False),
    (NOTICED._replace(plan=PARTS), date(2027, 2, 27), "督促状を送る", date(2027, 3, 18), False),
    (NOTICED._replace(state="paid", paid_yen=100_000), date(2027, 3, 1), "手続きは終わりました", None, False),
]


@pytest.mark.parametrize(("facts", "today", "words", "until", "late"), NEXT)
def test_what_comes_next(facts: Facts, today: date, words: str, until: date | None, late: bool) -> None:
    step = next_step(facts, today)
    assert step.words.startswith(words)
    assert (step.until, step.late) == (until, late)


OVERDUE = [
    (NOTICED, DUE, 0, None),
    (NOTICED, date(2027, 1, 30), 100_000, DUE),
    (NOTICED._replace(paid_yen=60_000), date(2027, 1, 30), 40_000, DUE),
    (NOTICED._replace(plan=PARTS), date(2027, 2, 27), 40_000, PARTS[0][0]),
    (NOTICED._replace(plan=PARTS, paid_yen=40_000), date(2027, 2, 27), 0, None),
    (NOTICED._replace(plan=PARTS, paid_yen=50_000), date(2027, 4, 1), 20_000, PARTS[1][0]),
    # What was paid before the plan was made does not count on its parts.
    (
        NOTICED._replace(amount_yen=150_000, plan=PARTS, paid_yen=50_000),
        date(2027, 2, 27),
        40_000,
        PARTS[0][0],
    ),
    # A dispute put everything off: nothing falls due before the new day.
    (NOTICED._replace(plan=PARTS, due_on=date(2027, 6, 30)), date(2027, 6, 30), 0, None),
    (NOTICED._replace(plan=PARTS, due_on=date(2027, 6, 30)), date(2027, 7, 1), 100_000, date(2027, 6, 30)),
    (NOTICED._replace(state="disputed"), date(2030, 1, 1), 0, None),
]


@pytest.mark.parametrize(("facts", "today", "yen", "since"), OVERDUE)
def test_what_is_overdue(facts: Facts, today: date, yen: int, since: date | None) -> None:
    assert (overdue_yen(facts, today), overdue_since(facts, today)) == (yen, since)


LAPSE = [
    # Five years after the due date; a reminder and a payment begin them anew (地方自治法236条4項, 民法152条).
    (NOTICED, date(2032, 1, 29)),
    (REMINDED, date(2032, 2, 10)),
    (REMINDED._replace(payments=[date(2028, 5, 1)]), date(2033, 5, 1)),
    (NOTICED._replace(notices=[], due_on=None), date(2031, 12, 15)),
]


@pytest.mark.parametrize(("facts", "last"), LAPSE)
def test_when_a_claim_lapses(facts: Facts, last: date) -> None:
    assert lapses(facts).last_day == last


def test_who_is_warned_has_half_a_year_left() -> None:
    assert not lapses_soon(NOTICED, date(2031, 7, 29))
    assert lapses_soon(NOTICED, date(2031, 7, 30))
    assert not lapses_soon(NOTICED._replace(state="waived"), date(2033, 1, 1))


def test_equal_parts_add_up_and_keep_to_the_ends_of_months() -> None:
    parts = equal_parts(100_000, 3, date(2027, 1, 31))
    assert parts == [(date(2027, 1, 31), 33_334), (date(2027, 2, 28), 33_333), (date(2027, 3, 31), 33_333)]


def test_what_is_paid_on_a_plan_fills_its_parts_in_their_order() -> None:
    facts = NOTICED._replace(amount_yen=150_000, plan=PARTS, paid_yen=100_000)
    assert [(part.number, part.due_on, part.yen, part.open_yen) for part in parts_of_plan(facts)] == [
        (1, PARTS[0][0], 40_000, 0), (2, PARTS[1][0], 30_000, 20_000), (3, PARTS[2][0], 30_000, 30_000),
    ]  # fmt: skip
    untouched = parts_of_plan(facts._replace(paid_yen=50_000))
    assert [part.open_yen for part in untouched] == [yen for _, yen in PARTS], "paid before it was agreed"
