"""What is due to a household, or why not: under the two shipped Versions that pay households."""

from datetime import date

import pytest

from todoku.case.due import NOT_DUE, RollMember, judge, shares
from todoku.programme.shipped import version_text
from todoku.programme.terms import parse

EVERYBODY = parse(version_text("tokubetsu-teigaku-2020"))  # base date 2020-04-27
UNTAXED = parse(version_text("bukkadaka-2024"))  # base date 2024-12-13, children born from 2006-04-02

HEAD = RollMember(True, date(1980, 5, 5), None, None, "", "untaxed", False)
SPOUSE = RollMember(False, date(1982, 1, 1), None, None, "", "untaxed", False)
CHILD = RollMember(False, date(2015, 7, 7), None, None, "", "untaxed", False)
BABY = CHILD._replace(birth_date=date(2025, 1, 15))  # after the base date, before the last day for newborns


def due(terms, *members, account_known=False):
    return next(judge([(list(members), account_known)], terms))


@pytest.mark.parametrize(
    ("members", "yen", "counted"),
    [
        ([HEAD], 100_000, 1),
        ([HEAD, SPOUSE, CHILD], 300_000, 3),
        ([HEAD, CHILD._replace(birth_date=date(2020, 4, 28))], 100_000, 1),
        ([HEAD, SPOUSE._replace(moved_in_on=date(2020, 5, 1))], 100_000, 1),
        ([HEAD, SPOUSE._replace(left_on=date(2020, 4, 30), left_reason="death")], 200_000, 2),
        ([HEAD, CHILD._replace(birth_date=None)], 200_000, 2),
    ],
)
def test_every_person_of_the_base_date_counts(members, yen, counted):
    assert due(EVERYBODY, *members)[:4] == (yen, counted, "apply", "")


@pytest.mark.parametrize(
    ("members", "known", "yen", "cohort", "reason"),
    [
        ([HEAD, SPOUSE], True, 30_000, "push", ""),
        ([HEAD, CHILD, BABY], False, 70_000, "confirm", ""),
        ([HEAD, SPOUSE._replace(tax_class="levy_only")], True, 0, "", "taxed"),
        ([HEAD._replace(supporter_taxed=True)], False, 0, "", "only_dependants"),
        # More evidence can settle an unknown tax: an application asks for it, even where the account is known.
        ([HEAD, SPOUSE._replace(tax_class="undeclared")], True, 30_000, "apply", ""),
        ([HEAD._replace(tax_class=""), CHILD], False, 50_000, "apply", ""),
        ([HEAD._replace(moved_in_on=date(2025, 1, 1))], True, 0, "", "not_resident"),
        ([HEAD._replace(left_on=date(2024, 12, 20), left_reason="moved"), SPOUSE], True, 30_000, "apply", ""),
        ([], False, 0, "", "no_members"),
    ],
)
def test_untaxed_households_by_cohort(members, known, yen, cohort, reason):
    found = due(UNTAXED, *members, account_known=known)
    assert (found.amount_yen, found.cohort, found.reason) == (yen, cohort, reason)
    assert not reason or NOT_DUE[reason]


def test_a_head_who_lived_alone_and_died_is_not_due_where_the_version_says_so():
    died = HEAD._replace(left_on=date(2024, 12, 20), left_reason="death")
    assert due(UNTAXED, died).reason == "lapsed"
    assert due(UNTAXED, died, SPOUSE).reason == ""


@pytest.mark.parametrize(
    ("terms", "members", "expected"),
    [
        (EVERYBODY, [HEAD, SPOUSE, CHILD], [100_000, 100_000, 100_000]),
        (UNTAXED, [HEAD, SPOUSE, CHILD, BABY], [30_000, 0, 20_000, 20_000]),
        (UNTAXED, [HEAD._replace(moved_in_on=date(2025, 1, 1)), SPOUSE], [0, 30_000]),
    ],
)
def test_the_lines_of_a_form_sum_to_the_amount(terms, members, expected):
    assert shares(members, terms) == expected
    assert sum(expected) == due(terms, *members).amount_yen
