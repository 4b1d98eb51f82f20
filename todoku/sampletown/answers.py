"""Pure. What the residents of the sample town send back: applications on paper and by web, sound or not.

Goes in: a household and its account. Comes out: none, one or two Answers. The figures are published ones of
the 2020 programme, told at the constants. An answer says which deficiencies were put in on purpose, so that
whoever reviews it can be checked against it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TextIO

from todoku.formats import kana
from todoku.sampletown import names, town
from todoku.sampletown.accounts import Account, account_of
from todoku.sampletown.household import Household

PAPER, WEB = "paper", "web"
IDENTITY, ACCOUNT_PROOF = "identity", "account_proof"

WEB_SHARE = 0.05
"""Yokohama 2020: of 1.682 million applications by 7 July, 97 thousand came online (about 6 %)."""

# Share of households whose application had arrived so many days after the first form was posted. Yokohama
# posted its forms over nine days from 28 May 2020; 72 % had applied on 23 June and 92 % on 7 July. Kobe saw
# 88 % and 95 % three and seven weeks after its last form. The end leans on the share paid in the country.
RETURN_CURVE = ((0, 0.0), (3, 0.01), (7, 0.13), (14, 0.43), (21, 0.60), (28, 0.72), (35, 0.84), (42, 0.92))
LATE_CURVE = ((56, 0.95), (90, 0.98))
"""Two in a hundred never answer."""

PAPER_DEFICIENT_SHARE = 0.16
"""Wakayama 2020 found about one paper application in six deficient, Saga 18 %, Yonezawa 7 %."""
WEB_DEFICIENT_SHARE = 0.10
"""Kyoto 2020: about one online application in ten; Akita's 70 % is the warning, not the rule."""

# Wakayama: more than nine deficient paper forms in ten lacked an attachment. The rest is our own division.
_PAPER_DEFICIENCIES = {"D30": 38, "D20": 34, "D31": 19, "D12": 3, "D10": 2, "D13": 2, "D02": 1, "D05": 1}
# On the web the account is checked while it is typed, so photos and names are what remains to go wrong.
_WEB_DEFICIENCIES = {"D23": 40, "D31": 20, "D12": 18, "D13": 12, "D21": 10}
BOTH_PROOFS_MISSING_SHARE = 0.2
"""Of the paper forms without an identity document, those that lack the account proof as well."""

DECLINED_SHARE = 0.004
TWICE_SHARE = 0.004
OTHER_ACCOUNT_SHARE = 0.15
REPLY_SHARE = 0.93
"""Our own estimates: declined, applied on both channels, named another account, answered a return letter."""

NOT_RETURNED = ("D40", "D50")
"""Codes that are no fault of the form: a second application, and a declination to be confirmed."""

FORCED = (
    *("D20", "D30", "D31", "D12", "D10", "D13", "D02", "D05", "D23"),
    *("same_account_twice", "other_account_twice", "declines", "web", "never", "never"),
)
"""Each of these happens at least once, however small the town."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One application as it left the resident's hands.

    `recipient_number` is the head's 宛名番号; `attachments` holds "identity" and "account_proof" if enclosed,
    `flaws` what is wrong with them ("identity:unclear", "identity:expired", "account_proof:wrong_side",
    "account_proof:other_account"); `account` is what the resident wrote, faults included.
    """

    recipient_number: str
    channel: str
    posted_on: date
    arrived_on: date
    filled_by_head: bool
    account: Account
    phone: str
    signed: bool
    attachments: frozenset[str]
    flaws: frozenset[str]
    declines: bool
    intended_deficiencies: tuple[str, ...]


def forced_answers(seed: int, households: int) -> dict[int, str]:
    """Choose which households play the parts of FORCED, by serial."""
    chosen = random.Random(f"{seed}:{households}:forced").sample(
        range(households), min(households, len(FORCED))
    )
    return dict(zip(chosen, FORCED, strict=False))


def answers_of(
    household: Household,
    account: Account,
    *,
    seed: int,
    prefecture: str,
    opened_on: date,
    web_share: float = WEB_SHARE,
    part: str = "",
) -> list[Answer]:
    """Return what one household sends in, in order of arrival; `part` is one of FORCED or "".

    `account` is the head's usual one (accounts.account_of, whose `prefecture` this takes too); `opened_on` is
    the day on which the first forms are posted.
    """
    rng = random.Random(f"{seed}:answer:{household.serial}")
    days = _days_until_arrival(rng.random())
    if part == "never" or (days is None and not part):
        return []
    by_web = part in ("web", "D23") or (rng.random() < web_share and part not in _PAPER_DEFICIENCIES)
    names_other = rng.random() < OTHER_ACCOUNT_SHARE
    named = account_of(household, seed, prefecture, 1) if names_other else account
    first = _sound(rng, household, named, WEB if by_web else PAPER, opened_on, days or 30)
    if part.endswith("twice") or (not part and rng.random() < TWICE_SHARE):
        same = part.startswith("same") or (not part and rng.random() < 0.5)
        second = named if same else account_of(household, seed, prefecture, 0 if names_other else 1)
        return [first, _again(rng, first, second)]
    if part == "declines" or (not part and rng.random() < DECLINED_SHARE):
        return [replace(first, declines=True, intended_deficiencies=("D50",))]
    return [_perhaps_deficient(rng, household, first, part)]


def reply_of(household: Household, account: Account, answer: Answer, seed: int) -> Answer | None:
    """Return the corrected answer to a return letter (返戻), two to four weeks later; None from a few."""
    codes = [code for code in answer.intended_deficiencies if code not in NOT_RETURNED]
    rng = random.Random(f"{seed}:reply:{household.serial}")
    if not codes or rng.random() >= REPLY_SHARE:
        return None
    return _sound(rng, household, account, answer.channel, answer.arrived_on, 14 + int(rng.random() * 15))


def _days_until_arrival(chance: float) -> int | None:
    """Read the return curve backwards: the day on which this share of households has answered."""
    (day, share), *rest = RETURN_CURVE + LATE_CURVE
    for next_day, next_share in rest:
        if chance < next_share:
            return day + int((next_day - day) * (chance - share) / (next_share - share))
        day, share = next_day, next_share
    return None


def _sound(
    rng: random.Random, household: Household, account: Account, channel: str, opened_on: date, days: int
) -> Answer:
    """An application with nothing wrong; paper arrives on a weekday, one to three days after posting."""
    arrived_on = opened_on + timedelta(days=max(days, 3) if channel == PAPER else days * 2 // 3)
    posted_on = arrived_on
    if channel == PAPER:
        arrived_on = _delivered(arrived_on)
        posted_on = arrived_on - timedelta(days=1 + int(rng.random() * 3))
    return Answer(
        household.head.number,
        channel,
        posted_on,
        arrived_on,
        True,
        account._replace(holder_kana=_as_written(rng, household, account.holder_kana)),
        household.phone or town.phone(rng),
        True,
        frozenset((IDENTITY, ACCOUNT_PROOF)),
        frozenset(),
        False,
        (),
    )


def _delivered(day: date) -> date:
    """Return the day itself, or the Monday after a weekend: ordinary mail rests then (since 2021)."""
    return day + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])


_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}


def _as_written(rng: random.Random, household: Household, holder: str) -> str:
    """Write the holder's name as people fill in a form: any width, with or without a space, ー for ウ."""
    head, chance = household.head, rng.random()
    full = head.kana if kana.bank_kana(head.kana) == holder else head.alias_kana
    if chance < 0.45:
        return full
    if chance < 0.65:
        return holder
    if chance < 0.80:
        return full.replace("　", "")
    if chance < 0.88:
        return full.replace("　", " ")
    if chance < 0.93:
        return full.translate(_HIRAGANA)
    return full.replace("ョウ", "ョー").replace("ュウ", "ュー").replace("　", "　　")


def _again(rng: random.Random, first: Answer, account: Account) -> Answer:
    """The same household's second application, by the other channel, some days after the first."""
    arrived_on = _delivered(first.arrived_on + timedelta(days=3 + int(rng.random() * 18)))
    posted_on = arrived_on - timedelta(days=2 if first.channel == WEB else 0)
    channel = PAPER if first.channel == WEB else WEB
    return replace(
        first,
        channel=channel,
        posted_on=posted_on,
        arrived_on=arrived_on,
        account=account._replace(holder_kana=first.account.holder_kana),
        intended_deficiencies=("D40",),
    )


def _perhaps_deficient(rng: random.Random, household: Household, sound: Answer, part: str) -> Answer:
    """Spoil the answer at the published rate of its channel, or in the way its part asks for."""
    on_paper = sound.channel == PAPER
    share, weights = (
        (PAPER_DEFICIENT_SHARE, _PAPER_DEFICIENCIES) if on_paper else (WEB_DEFICIENT_SHARE, _WEB_DEFICIENCIES)
    )
    forced = part if part in weights else ""
    if not forced and rng.random() >= share:
        return sound
    code = forced or rng.choices(tuple(weights), tuple(weights.values()))[0]
    spoilt = _SPOIL[code](rng, household, sound)
    if code == "D20" and rng.random() < BOTH_PROOFS_MISSING_SHARE:
        spoilt = _SPOIL["D30"](rng, household, spoilt)
    return spoilt


def _with(answer: Answer, code: str, **changes: object) -> Answer:
    codes = (*answer.intended_deficiencies, code)
    return replace(answer, intended_deficiencies=codes, **changes)  # type: ignore[arg-type]


def _somebody_elses_account(rng: random.Random, household: Household, answer: Answer) -> Answer:
    """D12: the account of another member of the household, or of somebody with another name altogether."""
    others = [person.kana for person in household.members[1:] if person.kana != household.head.kana]
    surname = names.SURNAMES[int(rng.random() * len(names.SURNAMES))].kana
    holder = rng.choice(others) if others else f"{surname}　イツロウ"
    return _with(answer, "D12", account=answer.account._replace(holder_kana=holder))


def _unreadable_account(rng: random.Random, household: Household, answer: Answer) -> Answer:
    """D10: the number cannot be read; what cannot be read is left empty."""
    return _with(answer, "D10", account=answer.account._replace(number="", yucho_number=""))


_SPOIL: dict[str, Callable[[random.Random, Household, Answer], Answer]] = {
    "D02": lambda rng, household, answer: _with(answer, "D02", signed=False),
    "D05": lambda rng, household, answer: _with(answer, "D05", filled_by_head=False),
    "D10": _unreadable_account,
    "D12": _somebody_elses_account,
    "D13": lambda rng, household, answer: _flawed(answer, "D13", "account_proof:other_account"),
    "D20": lambda rng, household, answer: _without(answer, "D20", IDENTITY),
    "D21": lambda rng, household, answer: _flawed(answer, "D21", "identity:expired"),
    "D23": lambda rng, household, answer: _flawed(answer, "D23", "identity:unclear"),
    "D30": lambda rng, household, answer: _without(answer, "D30", ACCOUNT_PROOF),
    "D31": lambda rng, household, answer: _flawed(answer, "D31", "account_proof:wrong_side"),
}


def _flawed(answer: Answer, code: str, flaw: str) -> Answer:
    return _with(answer, code, flaws=answer.flaws | {flaw})


def _without(answer: Answer, code: str, attachment: str) -> Answer:
    return _with(answer, code, attachments=answer.attachments - {attachment})


def write_answers(file: TextIO, answers: Iterable[Answer]) -> int:
    """Write answers as JSON lines (UTF-8) and return how many."""
    count = 0
    for answer in answers:
        file.write(to_line(answer))
        count += 1
    return count


def to_line(answer: Answer) -> str:
    """Return one answer as a line of JSON, keys in the order of the fields, sets sorted."""
    values = {name: getattr(answer, name) for name in Answer.__slots__}
    values |= {
        "posted_on": answer.posted_on.isoformat(),
        "arrived_on": answer.arrived_on.isoformat(),
        "account": answer.account._asdict(),
        "attachments": sorted(answer.attachments),
        "flaws": sorted(answer.flaws),
    }
    return json.dumps(values, ensure_ascii=False) + "\n"


def read_answers(file: TextIO) -> Iterator[Answer]:
    """Read back what write_answers wrote, one Answer for each line."""
    for line in file:
        values = json.loads(line)
        values |= {
            "posted_on": date.fromisoformat(values["posted_on"]),
            "arrived_on": date.fromisoformat(values["arrived_on"]),
            "account": Account(**values["account"]),
            "attachments": frozenset(values["attachments"]),
            "flaws": frozenset(values["flaws"]),
            "intended_deficiencies": tuple(values["intended_deficiencies"]),
        }
        yield Answer(**values)
