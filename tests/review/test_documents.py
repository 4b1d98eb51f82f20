"""Papers by kind and day: each counts by the day on which the application counts, alone or as one of two, or not at all."""

from datetime import date

import pytest

from tests.review.test_checks import CLEAN
from todoku.programme.criteria_tables import Evidence
from todoku.review.checks import check
from todoku.review.documents import kinds_of, months_after, paper, wrong_with
from todoku.review.findings import LOOK, RETURN

KINDS = kinds_of(())
DAY = date(2026, 11, 20)


def papers(*named):
    return tuple(paper(*(one if isinstance(one, tuple) else (one, None)), KINDS) for one in named)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ((), None),
        ((("driving_licence", DAY),), None),
        ((("driving_licence", date(2026, 11, 19)),), ("D21", "expired")),
        (("driving_licence",), None),  # its day was not read: eyes say
        (("driving_record",), None),
        ((("residence_card", date(2026, 11, 19)),), ("D21", "expired")),
        # Cards of health insurance count for applications until 1 December 2025, whatever is printed on them.
        ((("insurance_card", date(2028, 3, 31)),), ("D26", "ended")),
        ((("insurance_qualification", date(2027, 7, 31)),), None),
        ((("resident_record", date(2026, 10, 1)),), ("D27", "one_of_two")),
        ((("resident_record", date(2026, 10, 1)), "pension_book"), None),
        ((("resident_record", date(2026, 5, 20)), "pension_book"), None),
        ((("resident_record", date(2026, 5, 19)), "pension_book"), ("D21", "too_old")),
        (("pension_book", "pension_book"), ("D27", "one_of_two")),
        (("pension_book", "driving_record"), None),
        (("my_number_side",), ("D26", "not_counted")),
        (("other_paper", "driving_record"), None),
        (("a_kind_of_another_version",), ("D26", "not_counted")),
        (("other_paper", ("passport", date(2020, 1, 1))), ("D21", "expired")),
        (("facility_certificate",), None),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_papers(named, expected) -> None:
    found = wrong_with(papers(*named), DAY)
    assert (found and (found.code, found.why)) == expected


def test_a_paper_that_carries_a_day_says_when_nobody_named_it() -> None:
    named = papers("driving_licence", ("driving_licence", DAY), "driving_record", "a_kind_of_another_version")
    assert [one.undated for one in named] == [True, False, False, False]


def test_the_card_of_health_insurance_counts_until_its_last_day() -> None:
    card = papers("insurance_card")
    assert wrong_with(card, date(2025, 12, 1)) is None
    assert wrong_with(card, date(2025, 12, 2)) is not None


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [(date(2026, 5, 20), 6, date(2026, 11, 20)), (date(2026, 8, 31), 6, date(2027, 2, 28)),
     (date(2027, 8, 31), 6, date(2028, 2, 29)), (date(2026, 10, 15), 3, date(2027, 1, 15))],
)  # fmt: skip
def test_months_end_on_the_same_day_or_the_last_of_the_month(day, months, last) -> None:
    assert months_after(day, months) == last


def test_a_version_has_papers_of_its_own_and_takes_others_away() -> None:
    own = (
        Evidence("identity", "図書館カード", kind="library_card", dated="issued", months=12),
        Evidence("identity", "パスポート", accepted=False),
        Evidence(
            "identity_pair",
            "住民票の写し・印鑑登録証明書",
            validity="発行から3か月以内",
            dated="issued",
            months=3,
        ),
    )
    kinds = kinds_of(own)
    assert "passport" not in kinds and kinds["library_card"].counts == "alone"
    # A paper that the Version words anew keeps the word by which it is kept.
    assert (kinds["resident_record"].months, KINDS["resident_record"].months) == (3, 6)
    assert wrong_with((paper("library_card", date(2025, 11, 19), kinds),), DAY) is not None


def test_the_day_that_counts_is_the_postmarks_and_not_that_of_arrival() -> None:
    late = CLEAN._replace(
        channel="paper", deadline=None, deadline_by="postmark", postmark_on=DAY, arrived_on=date(2026, 11, 24),
        papers=papers(("driving_licence", DAY)),
    )  # fmt: skip
    assert check(late) == ()
    (found,) = check(late._replace(deadline_by="arrival"))
    assert (found.code, found.severity, found.evidence["day"]) == ("D21", RETURN, "2026/11/20")
    # Came with an earlier application: the day of that one counts.
    assert check(late._replace(deadline_by="arrival", papers_on=DAY)) == ()


def test_without_a_legible_postmark_a_person_says_whether_it_was_still_valid() -> None:
    unsure = CLEAN._replace(
        channel="paper", deadline=None, deadline_by="postmark", postmark_on=None, no_postmark="look",
        arrived_on=date(2026, 11, 24), papers=papers(("driving_licence", DAY)),
    )  # fmt: skip
    assert [(one.code, one.severity) for one in check(unsure)] == [("D21", LOOK)]
    assert [(one.code, one.severity) for one in check(unsure._replace(papers=papers("other_paper")))] == [
        ("D26", RETURN)
    ]


def test_a_branch_that_is_no_more_names_its_successor() -> None:
    (found,) = check(CLEAN._replace(account=("0118", "999", 1, "1234567")))
    assert (found.code, found.severity) == ("D11", LOOK)
    assert (found.evidence["why"], found.evidence["to"]) == ("bank_merged", "青森みちのく（0117）")
