"""Pure. Which changes after the base date (基準日後の異動) a Version could meet, and which of them it leaves open.

Comes in: a Version's contents. Goes out: situations (event, who, phase). What a Version rules for a situation is said by
`eligibility.after_change` alone; a situation without a line means "ask the municipality".
"""

from collections.abc import Iterator
from typing import NamedTuple

from todoku.programme.contents import Contents
from todoku.programme.toml_table import Problem
from todoku.programme.vocabulary import CHANGE_EVENTS, CHANGE_OUTCOMES, CHANGE_PHASES, CHANGE_WHO

# Who a change can happen to, by unit and event.
_HOUSEHOLD: dict[str, tuple[str, ...]] = {
    "died": ("sole_member", "head", "member"),
    "moved_out": ("sole_member", "head", "member"),
    "household_changed": ("head", "member"),
}
_ALONE: dict[str, tuple[str, ...]] = {"died": ("sole_member",), "moved_out": ("sole_member",)}
_CHILD: dict[str, tuple[str, ...]] = {
    "died": ("guardian", "child"),
    "moved_out": ("guardian", "child"),
    "custody_changed": ("guardian",),
}
HAPPENS_TO: dict[str, dict[str, tuple[str, ...]]] = {
    "household": _HOUSEHOLD,
    "person": _ALONE,
    "taxpayer": _ALONE,
    "child": _CHILD,
}
# What can follow only of something: who must apply anew, and that an estate needs a death.
_ONLY_OF = {"new_guardian": "guardian", "new_head": "head"}


class Situation(NamedTuple):
    """One change that can happen under a Version: keys of CHANGE_EVENTS, CHANGE_WHO and CHANGE_PHASES."""

    event: str
    who: str
    phase: str

    @property
    def label(self) -> str:
        return f"{CHANGE_EVENTS[self.event]}・{CHANGE_WHO[self.who]}・{CHANGE_PHASES[self.phase]}"


def situations(contents: Contents) -> tuple[Situation, ...]:
    """Every change that can happen under this Version: its unit says to whom, its cohorts say when."""
    modes = {cohort.mode for cohort in contents.cohorts}
    phases = [
        phase
        for phase in CHANGE_PHASES
        if (phase != "after_opt_out" or "push" in modes)
        and (phase != "after_application" or modes - {"push"})
    ]
    happens = HAPPENS_TO.get(contents.programme.unit, {})
    return tuple(
        Situation(event, who, phase)
        for event, all_who in happens.items()
        for who in all_who
        for phase in phases
    )


def left_open(contents: Contents) -> tuple[Situation, ...]:
    """The situations for which the Version has no line, so that the municipality must be asked."""
    ruled = {(change.event, change.who, change.phase) for change in contents.eligibility.changes}
    return tuple(one for one in situations(contents) if one not in ruled)


def misplaced(contents: Contents) -> Iterator[Problem]:
    """Lines that speak of people this Version's unit does not have, or let follow what cannot."""
    children = contents.programme.unit == "child"
    for change in contents.eligibility.changes:
        if change.who in ("guardian", "child") and not children:
            yield Problem(
                "eligibility.change",
                "who",
                f"「{CHANGE_WHO[change.who]}」は、支給の単位が児童の制度だけにいます。",
                "この制度の世帯主・世帯員・本人のどれかを書いてください。",
            )
        only = _ONLY_OF.get(change.then)
        if only and change.who != only:
            yield Problem(
                "eligibility.change",
                "then",
                f"「{CHANGE_OUTCOMES[change.then]}」は、{CHANGE_WHO[only]}の変更だけに使えます。",
                "だれに支給するか、自治体に確かめてください。",
            )
        if change.then == "estate" and change.event != "died":
            yield Problem(
                "eligibility.change",
                "then",
                "相続人に支給できるのは、死亡のときだけです。",
                "event か then を直してください。",
            )
