"""Pure. What new terms make of an application judged before: in which ways the result differs, and what follows for its case.

Takes the result that stands, the result under the new terms and where the case stands; gives the kinds of difference and
one act. The trial and the real run ask the same functions, so that what was shown is what is done.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from todoku.review.findings import NOTE, RETURN

# Kind → its words. The kinds of codes, severities and acts follow as "appears:D04", "severity:D12", "act:again".
KINDS: dict[str, str] = {
    "straight_to_eyes": "人の審査なし → 人の審査あり",
    "eyes_to_straight": "人の審査あり → 人の審査なし",
    "return_to_clean": "返戻相当 → 不備なし",
    "to_return": "返戻相当になる",
    "more_persons": "審査する人数が増える",
    "fewer_persons": "審査する人数が減る",
    "appears": "指摘が加わる",
    "disappears": "指摘がなくなる",
    "severity": "指摘の扱いが変わる",
    "reason": "指摘の理由が変わる",
}
# What follows for the case; in the order in which a page lists them.
ACTS: dict[str, str] = {
    "keep": "段階は変わりません",
    "pass": "人の審査なしで決定待ちへ進みます",
    "conclude": "一人の判定で決定待ちへ進みます",
    "to_people": "決定待ちから審査へ戻ります（人がまだ見ていません）",
    "again": "決定待ちから審査へ戻り、二人が見直します",
    "anew": "一次審査からやり直します（一次の後に指摘が加わりました）",
    "back": "返戻をやめて、二人が見直します",
}
SAMPLES_MAX = 10  # so many case numbers of each kind are kept to look into
# How many looked, by the way a proposal came about; whatever is not named here took as many as there can be.
_LOOKED = {"straight": 0, "one_person": 1}


class Found(NamedTuple):
    """One finding as far as results are compared: of its evidence the reason alone, since numbers in it change by the day."""

    code: str
    field: str
    severity: str
    why: str = ""


class Result(NamedTuple):
    """The result of the checks on one application."""

    outcome: str
    sampled: bool
    persons: int
    found: frozenset[Found]

    @property
    def holds_up(self) -> frozenset[str]:
        """The codes that hold the application up: notes do not."""
        return frozenset(one.code for one in self.found if one.severity != NOTE)


class Standing(NamedTuple):
    """Where a case stands in review. `step` is 0 where no task is open; `first` the outcome of this round's first look."""

    stage: str
    step: int = 0
    round: int = 0
    # The reason of the open task: of a first screening, or of a round that always takes two persons.
    reopened: bool = False
    first: str = ""
    # A person has judged it before or put its account right: it never passes by itself any more.
    by_hand: bool = False
    # The account was put right after this round's first look.
    account_after_first: bool = False
    via: str = ""
    proposal: str = ""
    refused_for: str = ""
    returned_for: tuple[str, ...] = ()


def kinds(before: Result, after: Result) -> tuple[str, ...]:
    """In which ways the two results differ, () where they are the same."""
    found = []
    if before.persons == 0 < after.persons:
        found.append("straight_to_eyes")
    elif after.persons == 0 < before.persons:
        found.append("eyes_to_straight")
    elif after.persons != before.persons:
        found.append("more_persons" if after.persons > before.persons else "fewer_persons")
    if before.outcome == RETURN and after.outcome == "clean":
        found.append("return_to_clean")
    elif after.outcome == RETURN != before.outcome:
        found.append("to_return")
    return (*found, *_of_codes(before, after))


def _of_codes(before: Result, after: Result) -> list[str]:
    old, new = _severities(before), _severities(after)
    return sorted(
        [f"appears:{code}" for code in new.keys() - old.keys()]
        + [f"disappears:{code}" for code in old.keys() - new.keys()]
        + [f"severity:{code}" for code in old.keys() & new.keys() if old[code] != new[code]]
        + [
            f"reason:{code}"
            for code in old.keys() & new.keys()
            if old[code] == new[code] and _of(before, code) != _of(after, code)
        ]
    )


def _of(result: Result, code: str) -> frozenset[Found]:
    return frozenset(one for one in result.found if one.code == code)


def _severities(result: Result) -> dict[str, frozenset[str]]:
    """By code, the severities under which it was found."""
    return {
        code: frozenset(one.severity for one in result.found if one.code == code)
        for code in {one.code for one in result.found}
    }


def act(standing: Standing, before: Result, after: Result) -> str:
    """What follows for the case, a key of ACTS. What persons have judged is never passed by itself, nor forgotten."""
    if standing.stage == "passed":
        return _of_passed(standing, before, after)
    if standing.stage == "in_review":
        return _of_open_task(standing, before, after)
    if standing.stage == "returned":
        return _of_returned(standing, before, after)
    return "keep"


def _of_passed(standing: Standing, before: Result, after: Result) -> str:
    if standing.via == "straight":
        return "to_people" if after.persons else "keep"
    if standing.proposal == "refuse":
        gone = standing.refused_for in before.holds_up - after.holds_up
        return "again" if gone else "keep"
    unseen = after.holds_up - before.holds_up
    return "again" if unseen or after.persons > _LOOKED.get(standing.via, 2) else "keep"


def _of_open_task(standing: Standing, before: Result, after: Result) -> str:
    if standing.step == 2 and after.holds_up - before.holds_up:
        return "anew"
    # A round that began for another reason (an answer, a decision sent back) takes two persons, whatever the checks say.
    if not standing.step or standing.reopened:
        return "keep"
    if standing.step == 1:
        untouched = not standing.by_hand and standing.round == 1
        return "pass" if after.persons == 0 and untouched else "keep"
    agreed = standing.first == "approve" and not standing.account_after_first
    return "conclude" if agreed and after.persons <= 1 else "keep"


def _of_returned(standing: Standing, before: Result, after: Result) -> str:
    """A return whose every code was a finding of the old terms and is none of the new: nothing is left to ask for."""
    codes = set(standing.returned_for)
    return "back" if codes and codes <= before.holds_up and not codes & after.holds_up else "keep"


class Tally:
    """Counts by kind, with some numbers of each to look into; grows chunk by chunk and is kept as plain values."""

    def __init__(self, kept: Mapping[str, Any] | None = None) -> None:
        self.counts: dict[str, dict[str, Any]] = {
            kind: {"count": one["count"], "cases": list(one["cases"])} for kind, one in (kept or {}).items()
        }

    def add(self, number: str, kinds: Iterable[str]) -> None:
        """One case under each of its kinds."""
        for kind in kinds:
            one = self.counts.setdefault(kind, {"count": 0, "cases": []})
            one["count"] += 1
            if len(one["cases"]) < SAMPLES_MAX:
                one["cases"].append(number)

    def count(self, kind: str) -> int:
        return int(self.counts.get(kind, {"count": 0})["count"])
