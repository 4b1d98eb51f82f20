"""The tables below [review] that measure it: defaults where they are left out, every mistake named with its remedy."""

import pytest

from todoku.programme.quality import Fast, Quality, Sample, Seeded, Training
from todoku.programme.shipped import version_text
from todoku.programme.terms import TermsRefused, parse

PLAIN = version_text("tokubetsu-teigaku-2020")
FULL = """
[review.sample]
limit_percent = 2.5
looked_least = 150
times = 3
most_percent = 60
[review.sample.channels]
web = 10
[review.sample.codes]
D40 = 20
[review.training]
required = true
cases = 5
[review.seeded]
percent = 4
[review.fast]
again = true
share_percent = 20
seconds = 3
"""


def test_a_version_without_them_has_the_defaults() -> None:
    assert parse(PLAIN).review.quality == Quality()


def test_a_version_says_all_of_them() -> None:
    assert parse(PLAIN + FULL).review.quality == Quality(
        sample=Sample({"web": 10.0}, {"D40": 20.0}, 2.5, 150, 3.0, 60.0),
        training=Training(True, 5), seeded=Seeded(4.0), fast=Fast(True, 20.0, 3),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "place", "key", "words"),
    [
        (
            "[review.sample]\nlimit_percents = 2",
            "review.sample",
            "limit_percents",
            "「limit_percent」の書き誤り",
        ),
        ("[review.sample]\nlooked_least = 0", "review.sample", "looked_least", "範囲の外"),
        ("[review.sample]\ntimes = 0.5", "review.sample", "times", "範囲の外"),
        ("[review.sample.channels]\nfax = 5", "review.sample.channels", "fax", "この項目はありません"),
        ("[review.sample.codes]\nD99 = 5", "review.sample.codes", "D99", "この項目はありません"),
        ("[review.sample.codes]\nD40 = 500", "review.sample.codes", "D40", "範囲の外"),
        ("[review.training]\nrequired = 1", "review.training", "required", "true か false"),
        ("[review.training]\ncases = 6", "review.training", "cases", "範囲の外"),
        ("[review.seeded]\npercent = 80", "review.seeded", "percent", "範囲の外"),
        ("[review.fast]\nsecond = 3", "review.fast", "second", "「seconds」の書き誤り"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_remedy(wrong, place, key, words) -> None:
    with pytest.raises(TermsRefused) as refused:
        parse(f"{PLAIN}\n{wrong}\n")
    assert [(one.table, one.key) for one in refused.value.problems] == [(place, key)]
    assert words in refused.value.sentence


def test_seeded_errors_need_a_second_reviewer_who_does_not_see_the_first_verdict() -> None:
    seen = PLAIN.replace("[review]\n", "[review]\nblind_second = false\n", 1)
    assert parse(seen).review.blind_second is False
    with pytest.raises(TermsRefused) as refused:
        parse(f"{seen}\n[review.seeded]\npercent = 4\n")
    assert [(one.table, one.key) for one in refused.value.problems] == [("review", "blind_second")]
