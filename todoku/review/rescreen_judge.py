"""Judges a chunk of open applications under other terms and says, for each, what changes and what follows. Writes nothing.

The trial and the real run both come through here. What differs although the terms do not ask for it (an account put right
since, another household's application) is no difference of the new terms and is left as it stands.
"""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from todoku.programme.tables import Programme, Version
from todoku.programme.terms import Terms, parse
from todoku.review.differences import Found, Result, act, kinds
from todoku.review.facts import Gathered, gathered, read
from todoku.review.raise_rates import rates_now
from todoku.review.rescreen_rows import Before, before
from todoku.review.sample_rates import Raised
from todoku.review.screen import Screened, judge_by, sample_seed

# A run goes over thousands of chunks of one old Version.
_parsed = lru_cache(maxsize=8)(parse)


class Change(NamedTuple):
    """One application under the new terms: what stood, what holds now, in which ways they differ, and what follows."""

    before: Before
    after: Screened
    result: Result
    kinds: tuple[str, ...]
    act: str

    @property
    def number(self) -> str:
        return self.after.gathered.number


def result_of(screened: Screened) -> Result:
    found = frozenset(
        Found(
            one.code, one.field, one.severity, str(one.evidence.get("why") or one.evidence.get("tier") or "")
        )
        for one in screened.findings
    )
    return Result(screened.outcome, screened.sampled, screened.persons, found)


def judge_again(submissions: Sequence[int], programme: Programme, version: Version) -> list[Change]:
    """One Change for each submission, in the order of their ids; `kinds` is empty where the new terms change nothing.

    What another run has brought to this Version, between choosing and holding it, is left out.
    """
    terms = version.terms
    seed, raised, standing, terms_of = (
        sample_seed(programme),
        rates_now(programme),
        before(submissions),
        _terms_of(),
    )
    judged, judged_before = judge_by(terms, seed, raised), _judged_before(terms_of, seed, raised)
    changes = []
    behind = {one.submission: one for one in standing.values() if one.version != version.pk}
    for row, used in read(list(behind)):
        stood = standing[row[0]]
        now = judged(gathered(row, used, terms, came_from=stood.came_from))
        result = result_of(now)
        differ: tuple[str, ...] = ()
        if result != stood.result:
            old = terms_of(stood.version)
            then = judged_before(stood.version)(gathered(row, used, old, came_from=stood.came_from))
            differ = kinds(stood.result, result) if result_of(then) != result else ()
        follows = act(stood.standing, stood.result, result) if differ else "keep"
        changes.append(Change(stood, now, result, differ, follows))
    return changes


def _judged_before(
    terms_of: Callable[[int], Terms], seed: str, raised: Raised
) -> Callable[[int], Callable[[Gathered], Screened]]:
    """The judging under the terms of a Version by its id."""
    return cache(lambda version: judge_by(terms_of(version), seed, raised))


def _terms_of() -> Callable[[int], Terms]:
    """The terms of a Version by its id, each read once."""

    @cache
    def terms(version: int) -> Terms:
        return _parsed(Version.objects.get(pk=version).text)

    return terms
