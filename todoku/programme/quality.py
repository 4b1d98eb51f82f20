"""Pure. How the review is measured (品質), as a Version agrees it: the sample, the training, seeded errors, fast verdicts.

Takes the tables below [review]; gives frozen values. Everything has a default, so that a small office writes none of it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from todoku.programme.toml_table import Table
from todoku.programme.vocabulary import CHANNELS, CHECK_CODES

# An upper bound of 5% needs about 80 looks without any error: with fewer, chance alone would raise the rate.
LIMIT_PERCENT, LOOKED_LEAST = 5.0, 80
RISE_TIMES, RISE_MOST_PERCENT = 2.0, 100.0
TRAINING_CASES, TRAINING_CASES_MAX = 4, 5
# A quarter of a person's own middle time, and less than four seconds in any case: nobody reads a form in so short a time.
FAST_SHARE_PERCENT, FAST_SECONDS = 25.0, 4
SECONDS_MAX = 600
LOOKED_MAX = 100_000
SEEDED_PERCENT_MAX = 50  # more made-up work than real is no measuring


@dataclass(frozen=True)
class Sample:
    """[review.sample]: percent looked at by channel and by code that passed with a note, where they differ from
    `sample_percent`; and the agreed rule by which a rate rises (times so much, never above `most_percent`) once the
    error rate's upper bound passes `limit_percent` after at least `looked_least` looks."""

    channels: Mapping[str, float] = field(default_factory=dict)
    codes: Mapping[str, float] = field(default_factory=dict)
    limit_percent: float = LIMIT_PERCENT
    looked_least: int = LOOKED_LEAST
    times: float = RISE_TIMES
    most_percent: float = RISE_MOST_PERCENT


@dataclass(frozen=True)
class Training:
    """[review.training]: whether a reviewer opens a queue only after its test cases (研修案件), and how many those are."""

    required: bool = False
    cases: int = TRAINING_CASES


@dataclass(frozen=True)
class Seeded:
    """[review.seeded]: of a hundred second looks, so many are seeded errors (埋込み): made-up cases, wrong at the first look.
    Only where the second reviewer is blind to the first one's verdict, which a made-up case has not."""

    percent: float = 0.0


@dataclass(frozen=True)
class Fast:
    """[review.fast]: a verdict within `seconds`, or within this share of the person's own middle time in the queue, is
    shown as fast; with `again` somebody else looks once more."""

    again: bool = False
    share_percent: float = FAST_SHARE_PERCENT
    seconds: int = FAST_SECONDS


@dataclass(frozen=True)
class Quality:
    """The four tables below [review] that measure it."""

    sample: Sample = Sample()
    training: Training = Training()
    seeded: Seeded = Seeded()
    fast: Fast = Fast()


def quality(review: Table) -> Quality:
    """The tables below [review] that measure it; each may be left out."""
    return Quality(
        sample=_sample(review.table("sample", required=False)),
        training=_training(review.table("training", required=False)),
        seeded=_seeded(review.table("seeded", required=False)),
        fast=_fast(review.table("fast", required=False)),
    )


def _training(table: Table) -> Training:
    found = Training(
        table.truth("required"), _whole(table, "cases", TRAINING_CASES, least=1, most=TRAINING_CASES_MAX)
    )
    table.no_others()
    return found


def _seeded(table: Table) -> Seeded:
    found = Seeded(_percent(table, "percent", 0.0, most=SEEDED_PERCENT_MAX))
    table.no_others()
    return found


def _fast(table: Table) -> Fast:
    share = _percent(table, "share_percent", FAST_SHARE_PERCENT)
    found = Fast(table.truth("again"), share, _whole(table, "seconds", FAST_SECONDS, most=SECONDS_MAX))
    table.no_others()
    return found


def _sample(table: Table) -> Sample:
    found = Sample(
        channels=_rates(table.table("channels", required=False), CHANNELS),
        codes=_rates(table.table("codes", required=False), CHECK_CODES),
        limit_percent=_percent(table, "limit_percent", LIMIT_PERCENT),
        looked_least=_whole(table, "looked_least", LOOKED_LEAST, least=1, most=LOOKED_MAX),
        times=table.number("times", least=1, most=100) if "times" in table.data else RISE_TIMES,
        most_percent=_percent(table, "most_percent", RISE_MOST_PERCENT),
    )
    table.asked.add("times")
    table.no_others()
    return found


def _rates(table: Table, words: Collection[str]) -> dict[str, float]:
    """Percent by word; a word that is not known is a mistake."""
    rates = {word: table.number(word, least=0, most=100) for word in table.data if word in words}
    table.asked.update(words)
    table.no_others()
    return rates


def _percent(table: Table, key: str, otherwise: float, *, most: float = 100) -> float:
    table.asked.add(key)
    return table.number(key, least=0, most=most) if key in table.data else otherwise


def _whole(table: Table, key: str, otherwise: int, *, least: int = 0, most: int) -> int:
    table.asked.add(key)
    return table.whole(key, least=least, most=most) if key in table.data else otherwise
