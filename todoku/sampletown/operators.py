"""Key entry in the sample office: two operators type what stands on the paper, now and then wrongly; a third person settles.

Takes forms as they were written, by case number; leaves key tasks done, through the verbs of the real desk.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from todoku.intake.claim_key_task import claim_tasks, put_back
from todoku.intake.forms import PaperForm
from todoku.intake.key_form import Kept, key_first, key_second, settle
from todoku.intake.keyed_values import AGAIN
from todoku.intake.tables import KeyTask
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

WRONG_KEY_SHARE = 0.04
"""Of keyings, those with one wrong digit in the account number (our own estimate; double entry is for these)."""
AT_ONCE_MAX = 10_000  # a day's tasks are dealt in one go
FIRST_SECONDS, SECOND_SECONDS = (
    20,
    8,
)  # between two forms on the clock of the replay: a day's forms fit before noon
BETWEEN_SECONDS = 75  # an undo takes up to a minute: nobody goes on with a form before


@dataclass
class Keyed:
    """What a round of keying came to."""

    first: int = 0
    differed: int = 0
    done: int = 0
    aside: int = 0

    def note(self, kept: Kept) -> None:
        """Counts what one keying came to."""
        self.differed += kept.state == "differs"
        self.done += kept.state == "done"
        self.aside += kept.state == "aside"


class Operators:
    """The people of the keying desk: two who type, one who settles."""

    def __init__(self, programme: Programme, pair: tuple[Actor, Actor], settler: Actor, seed: int) -> None:
        self._programme, self._pair, self._settler = programme, pair, settler
        self._rng = random.Random(f"{seed}:operators")

    def work(self, forms: Mapping[str, PaperForm], *, at: datetime, leave: int = 0) -> Keyed:
        """Key what waits and settle what differs. `forms`: by case number.

        With `leave`, so many tasks are left for the first keying and for the second, and what differs is not settled.
        """
        came = Keyed()
        tasks = self._first(forms, at, came, leave)
        at += timedelta(seconds=BETWEEN_SECONDS + FIRST_SECONDS * tasks)
        tasks = self._second(forms, at, came, leave)
        at += timedelta(seconds=BETWEEN_SECONDS + SECOND_SECONDS * tasks)
        if not leave:
            self._settle(forms, at, came)
        for actor in self._pair:
            put_back(programme=self._programme, actor=actor)
        return came

    def _first(self, forms: Mapping[str, PaperForm], at: datetime, came: Keyed, leave: int) -> int:
        operator, tasks = self._pair[0], self._waiting("first", self._pair[0], at)
        for place, task in enumerate(tasks[: _worked(len(tasks), leave)]):
            when = at + timedelta(seconds=FIRST_SECONDS * place)
            typed = self._slipped(values_of(forms[task.case.number]))
            kept = key_first(task.pk, typed, actor=operator, at=when, started_at=when - self._seconds())
            came.first += 1
            came.note(kept)
        return len(tasks)

    def _second(self, forms: Mapping[str, PaperForm], at: datetime, came: Keyed, leave: int) -> int:
        """With `leave`, the first of them is typed wrongly on purpose, so that a difference waits for a third person."""
        operator, tasks = self._pair[1], self._waiting("second", self._pair[1], at)
        for place, task in enumerate(tasks[: _worked(len(tasks), leave)]):
            when = at + timedelta(seconds=SECOND_SECONDS * place)
            right = values_of(forms[task.case.number])
            again = self._slipped({name: right[name] for name in AGAIN}, surely=leave > 0 and place == 0)
            kept = key_second(task.pk, again, actor=operator, at=when, started_at=when - self._seconds() / 3)
            came.note(kept)
        return len(tasks)

    def _settle(self, forms: Mapping[str, PaperForm], at: datetime, came: Keyed) -> None:
        for task in self._waiting("differs", self._settler, at):
            right = values_of(forms[task.case.number])
            came.note(settle(task.pk, {name: right[name] for name in AGAIN}, actor=self._settler, at=at))

    def _waiting(self, state: str, actor: Actor, at: datetime) -> list[KeyTask]:
        return claim_tasks(state, programme=self._programme, actor=actor, at=at, most=AT_ONCE_MAX)

    def _seconds(self) -> timedelta:
        return timedelta(seconds=max(18.0, self._rng.gauss(52, 14)))

    def _slipped(self, typed: dict[str, str], *, surely: bool = False) -> dict[str, str]:
        """What the fingers made of it: as it stands, or with one digit wrong."""
        name = "account_number" if typed.get("account_number") else "yucho_number"
        if not typed.get(name) or (not surely and self._rng.random() >= WRONG_KEY_SHARE):
            return typed
        place = self._rng.randrange(len(typed[name]))
        wrong = str((int(typed[name][place]) + 1 + self._rng.randrange(8)) % 10)
        return {**typed, name: typed[name][:place] + wrong + typed[name][place + 1 :]}


def _worked(tasks: int, leave: int) -> int:
    """How many of the tasks are done today: all but `leave`, and two thirds at least."""
    return max(tasks - leave, tasks * 2 // 3) if leave else tasks


def values_of(form: PaperForm) -> dict[str, str]:
    """What an operator types who reads the paper rightly: strings by field, as the desk takes them."""
    return {
        "members_corrected": "0",
        "rail": form.rail,
        "bank": "" if form.yucho_symbol else form.bank,
        "branch": "" if form.yucho_symbol else form.branch,
        "kind": str(form.kind),
        "account_number": "" if form.yucho_symbol else form.account_number,
        "yucho_symbol": form.yucho_symbol,
        "yucho_number": form.yucho_number,
        "holder_kana": form.holder_kana,
        "applied_on": form.applied_on.isoformat() if form.applied_on else "",
        "signed": "1" if form.signed else "0",
        "applicant_is_recipient": "1" if form.applicant_is_recipient else "0",
        "applicant_name": form.applicant_name,
        "phone": form.phone,
        "identity_evidence": form.identity_evidence or "none",
        "identity_kind": form.proofs.first,
        "identity_on": form.proofs.first_on.isoformat() if form.proofs.first_on else "",
        "second_kind": "",
        "second_on": "",
        "account_evidence": form.account_evidence or "none",
    }
