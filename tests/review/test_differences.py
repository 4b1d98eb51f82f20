"""What new terms make of a case, as a table: where it stands, what was found, what is found now, what follows."""

import pytest

from todoku.review.differences import SAMPLES_MAX, Found, Result, Standing, Tally, act, kinds

CLEAN = Result("clean", False, 0, frozenset())
CLEAN_PAPER = Result("clean", False, 2, frozenset())
ONE_LOOKS = Result("clean", False, 1, frozenset())
SAMPLED = Result("clean", True, 1, frozenset())
NOTED = Result("clean", False, 0, frozenset({Found("D04", "phone", "note")}))
PHONE = Result("look", False, 2, frozenset({Found("D04", "phone", "look")}))
PHONE_BACK = Result("return", False, 2, frozenset({Found("D04", "phone", "return")}))
LATE = Result("look", False, 2, frozenset({Found("D42", "deadline", "look")}))
NO_POSTMARK = Result("look", False, 2, frozenset({Found("D42", "deadline", "look", "postmark_unknown")}))
NO_COPY = Result("return", False, 2, frozenset({Found("D20", "identity", "return")}))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (CLEAN, CLEAN, ()),
        (CLEAN, PHONE, ("straight_to_eyes", "appears:D04")),
        (CLEAN, PHONE_BACK, ("straight_to_eyes", "to_return", "appears:D04")),
        (CLEAN, SAMPLED, ("straight_to_eyes",)),
        (CLEAN, NOTED, ("appears:D04",)),
        (PHONE, CLEAN, ("eyes_to_straight", "disappears:D04")),
        (PHONE, PHONE_BACK, ("to_return", "severity:D04")),
        (NO_COPY, CLEAN_PAPER, ("return_to_clean", "disappears:D20")),
        (PHONE, LATE, ("appears:D42", "disappears:D04")),
        (LATE, NO_POSTMARK, ("reason:D42",)),
        (ONE_LOOKS, CLEAN_PAPER, ("more_persons",)),
        (CLEAN_PAPER, ONE_LOOKS, ("fewer_persons",)),
    ],
)
def test_two_results_differ_in_named_ways(before, after, expected):
    assert kinds(before, after) == expected


FIRST, SECOND = (
    Standing("in_review", step=1, round=1),
    Standing("in_review", step=2, round=1, first="approve"),
)
STRAIGHT = Standing("passed", via="straight", proposal="grant")
SEEN = Standing("passed", via="two_persons", proposal="grant", by_hand=True)


@pytest.mark.parametrize(
    ("standing", "before", "after", "expected"),
    [
        # Nobody has looked yet.
        (STRAIGHT, CLEAN, PHONE, "to_people"),
        (STRAIGHT, CLEAN, NOTED, "keep"),
        (FIRST, PHONE, NOTED, "pass"),
        (FIRST, PHONE, CLEAN_PAPER, "keep"),
        (FIRST, PHONE, PHONE_BACK, "keep"),
        # Persons have: what they did not see brings it back, what they saw does not.
        (SEEN, CLEAN_PAPER, PHONE, "again"),
        (SEEN, PHONE, PHONE_BACK, "keep"),
        (SEEN, PHONE, CLEAN_PAPER, "keep"),
        (SEEN._replace(via="one_person"), ONE_LOOKS, CLEAN_PAPER, "again"),
        (SEEN._replace(via="one_person"), SAMPLED, CLEAN, "keep"),
        # A refusal stands on its reason.
        (SEEN._replace(proposal="refuse", refused_for="D42"), LATE, CLEAN_PAPER, "again"),
        (SEEN._replace(proposal="refuse", refused_for="D42"), LATE, LATE, "keep"),
        (SEEN._replace(proposal="refuse", refused_for="D41"), PHONE, CLEAN_PAPER, "keep"),
        # A case that a person has touched, or that came back, never passes by itself.
        (FIRST._replace(by_hand=True), PHONE, CLEAN, "keep"),
        (FIRST._replace(round=2), PHONE, CLEAN, "keep"),
        (FIRST._replace(reopened=True), PHONE, CLEAN, "keep"),
        # Half way between two persons.
        (SECOND, CLEAN_PAPER, ONE_LOOKS, "conclude"),
        (SECOND, PHONE, CLEAN, "conclude"),
        (SECOND._replace(account_after_first=True), CLEAN_PAPER, ONE_LOOKS, "keep"),
        (SECOND._replace(first="refuse"), LATE, CLEAN, "keep"),
        (SECOND._replace(reopened=True), PHONE, CLEAN, "keep"),
        (SECOND, CLEAN_PAPER, PHONE, "anew"),
        (SECOND, PHONE, PHONE_BACK, "keep"),
        # Returned: only when nothing is left to ask for.
        (Standing("returned", returned_for=("D20",)), NO_COPY, CLEAN_PAPER, "back"),
        (Standing("returned", returned_for=("D20", "D02")), NO_COPY, CLEAN_PAPER, "keep"),
        (Standing("returned", returned_for=("D20",)), NO_COPY, NO_COPY, "keep"),
        (Standing("returned"), NO_COPY, CLEAN_PAPER, "keep"),
        # The municipality is asked: its answer opens a round of its own.
        (Standing("with_municipality"), PHONE, CLEAN, "keep"),
    ],
)
def test_what_follows_for_a_case(standing, before, after, expected):
    assert act(standing, before, after) == expected


def test_a_tally_counts_all_and_keeps_some_numbers_to_look_into():
    tally = Tally()
    for number in range(25):
        tally.add(f"{number:013d}", ("appears:D04", "act:keep"))
    again = Tally(tally.counts)
    again.add("9" * 13, ("appears:D04",))
    assert (again.count("appears:D04"), again.count("act:keep"), again.count("to_return")) == (26, 25, 0)
    assert len(again.counts["appears:D04"]["cases"]) == SAMPLES_MAX
    assert tally.count("appears:D04") == 25
