"""Which day of an envelope counts against the deadline, by the Version."""

from datetime import date

import pytest

from todoku.programme.counts_on import counts_on

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)


@pytest.mark.parametrize(
    ("channel", "deadline_by", "no_postmark", "postmark", "counts"),
    [
        ("paper", "postmark", "look", MONDAY, MONDAY),
        (
            "paper",
            "postmark",
            "arrival",
            MONDAY,
            MONDAY,
        ),  # what can be read holds, whatever stands for the rest
        ("paper", "postmark", "look", None, None),
        ("paper", "postmark", "arrival", None, WEDNESDAY),
        ("paper", "postmark", "day_before_arrival", None, TUESDAY),
        ("paper", "arrival", "look", MONDAY, WEDNESDAY),
        ("web", "postmark", "look", None, WEDNESDAY),
        ("counter", "postmark", "look", None, WEDNESDAY),
    ],
)
def test_the_day_that_counts(channel, deadline_by, no_postmark, postmark, counts):
    found = counts_on(
        deadline_by=deadline_by, no_postmark=no_postmark, channel=channel, postmark_on=postmark, arrived_on=WEDNESDAY
    )  # fmt: skip
    assert found == counts
