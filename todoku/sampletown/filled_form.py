"""Pure. A printed sheet, filled in by a resident of the sample town: account, ticks, date, signature, copies glued on.

Goes in: the picture of the sheet as it was printed, its boxes, and the Answer that the resident gives. Comes out: the
same picture written on, and what was meant, field by field, so that whoever reads it can be compared with it.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Mapping
from datetime import date
from math import ceil
from pathlib import Path
from typing import NamedTuple

import numpy as np

from todoku.formats import bank_master
from todoku.sampletown import copies, hand
from todoku.sampletown.answers import ACCOUNT_PROOF, IDENTITY, Answer
from todoku.sampletown.copies import Copy
from todoku.sampletown.hand import Grey, Hand, Paper
from todoku.sampletown.household import Household
from todoku.sheets.form_layout import Box
from todoku.sheets.sheet_codes import SheetKind

CORRECTED_SHARE = 0.06
"""Of forms, those on which a digit of the account was struck out and written again (our own estimate)."""
TICK_WEIGHTS = {"check": 78, "cross": 4, "filled": 6, "circled": 7, "faint": 3, "struck": 2}
STAMPED_SHARE = 0.25
"""A seal is no longer asked for; a quarter of the people put one beside their name all the same."""

_TO_FIELD = {"attach_identity": IDENTITY, "attach_account": ACCOUNT_PROOF}


class Writer(NamedTuple):
    """Who fills in the form and with what: a hand, the fonts of stamps and copies, a random source of the person's own."""

    hand: Hand
    rng: random.Random
    print_font: Path


class Written(NamedTuple):
    """What the writer meant: text by field, kind of tick by tick box (empty boxes left out), fields put right."""

    values: Mapping[str, str]
    ticks: Mapping[str, str]
    corrected: tuple[str, ...]
    my_numbers: tuple[str, ...]


def writer_of(seed: str, *, hands: Path, print_font: Path) -> Writer:
    """The writer of one household: the same for the same seed."""
    rng = random.Random(f"{seed}:hand")
    return Writer(hand.hand_of(rng, hands), rng, print_font)


def fill(
    grey: Grey,
    dpi: float,
    sheet: int,
    boxes: Mapping[str, Box],
    answer: Answer,
    household: Household,
    by: Writer,
) -> Written:
    """Fill in one sheet that is sent back: a form, an account form, a sheet for copies or a list of members."""
    on = hand.paper(grey, dpi)
    if answer.declines:
        return _declined(on, boxes, answer, household, by)
    values: dict[str, str] = {}
    ticks: dict[str, str] = {}
    corrected: list[str] = []
    if sheet in (SheetKind.FORM, SheetKind.ACCOUNT):
        values |= _account(on, boxes, answer, by, ticks, corrected)
        values |= _signature(on, boxes, answer, household, by)
        if "rail_bank" in boxes:
            ticks["rail_bank"] = _tick(on, boxes["rail_bank"], by)
    shown = _glue_copies(on, dpi, boxes, answer, household, by)
    return Written(values, ticks, tuple(corrected), tuple(copy.my_number for copy in shown if copy.my_number))


def written_note(dpi: float, lines: tuple[str, ...], by: Writer) -> Grey:
    """A sheet of writing paper with lines in the writer's hand: what comes without any form of ours."""
    dots = dpi / hand.MM_PER_INCH
    sheet = np.full((ceil(297 * dots), ceil(210 * dots)), 252, np.uint8)
    on = Paper(sheet, dots)
    for i, line in enumerate(lines):
        box = Box("line", "entry", 1, 22 + by.rng.random() * 4, 32 + i * 13, 165, 9)
        hand.write(on, by.hand, by.rng, box, line)
    return sheet


def _account(
    on: Paper,
    boxes: Mapping[str, Box],
    answer: Answer,
    by: Writer,
    ticks: dict[str, str],
    corrected: list[str],
) -> dict[str, str]:
    """Bank or ゆうちょ, the kind of account and the holder."""
    account = answer.account
    values: dict[str, str] = {}
    if account.kind == "yucho":
        values |= {"yucho_symbol": account.symbol, "yucho_number": account.yucho_number}
    else:
        bank, branch = bank_master.bank(account.bank), bank_master.branch(account.bank, account.branch)
        assert bank and branch, "the accounts of the town stand at branches of the master"
        values |= {"bank_name": _short(bank.name), "branch_name": branch.name}
        values |= {"bank_code": account.bank, "branch_code": account.branch, "account_number": account.number}
        kind = {1: "kind_ordinary", 2: "kind_current"}.get(account.account_kind)
        if kind and kind in boxes:
            ticks[kind] = _tick(on, boxes[kind], by)
    values["holder_kana"] = written_kana(account.holder_kana)
    for name, text in values.items():
        _field(on, boxes, name, text, by, corrected)
    return {name: text for name, text in values.items() if text and name in boxes}


def _signature(
    on: Paper, boxes: Mapping[str, Box], answer: Answer, household: Household, by: Writer
) -> dict[str, str]:
    """Date, name and phone; the name of another person where somebody else filled in the form, none where it lacks."""
    day = answer.posted_on
    values: dict[str, str] = {}
    values["applied_year"], values["applied_month"], values["applied_day"] = _in_reiwa(day)
    values["day_phone"] = answer.phone
    if answer.signed:
        values["signature"] = signature_of(household, answer, by.hand)
    for name, text in values.items():
        _field(on, boxes, name, text, by, [])
    if answer.signed and "signature" in boxes and by.rng.random() < STAMPED_SHARE:
        box = boxes["signature"]
        hand.stamp(
            on,
            by.rng,
            box.x + box.w - 9,
            box.y + box.h / 2,
            values["signature"].split("　")[0],
            font=by.print_font,
        )
    return {name: text for name, text in values.items() if name in boxes}


def signature_of(household: Household, answer: Answer, by: Hand) -> str:
    """The name as signed: in kanji where the hand has the signs, else in kana."""
    person = household.head
    if not answer.filled_by_head and len(household.members) > 1:
        person = household.members[1]
    return person.name if hand.can_write(person.name, by.font) else person.kana


def written_kana(text: str) -> str:
    """A holder's name as it goes into cells: full width, the voiced mark with its letter, blanks kept."""
    return unicodedata.normalize("NFKC", text).replace(" ", "　")


def _declined(
    on: Paper, boxes: Mapping[str, Box], answer: Answer, household: Household, by: Writer
) -> Written:
    """A form on which the resident only says that nothing is wanted (辞退), signed and dated."""
    if "holder_kana" in boxes:
        across = boxes["holder_kana"]
        place = across._replace(y=across.y - 18, h=12, w=120)
        hand.write(on, by.hand, by.rng, place, "給付金の受給を辞退します。", height=8)
    return Written(_signature(on, boxes, answer, household, by), {}, (), ())


def _field(
    on: Paper, boxes: Mapping[str, Box], name: str, text: str, by: Writer, corrected: list[str]
) -> None:
    """One entry, now and then with a digit struck out and put right above it."""
    box = boxes.get(name)
    if box is None or not text:
        return
    if not box.cells:
        hand.write(on, by.hand, by.rng, box, text)
        return
    to_right = name in ("account_number", "yucho_number")
    if text.isdecimal() and len(text) <= box.cells and by.rng.random() < CORRECTED_SHARE / 2:
        at = by.rng.randrange(len(text))
        wrong = str((int(text[at]) + 1 + by.rng.randrange(8)) % 10)
        first = box.cells - len(text) if to_right else 0
        hand.write_cells(on, by.hand, by.rng, box, text[:at] + wrong + text[at + 1 :], to_right=to_right)
        hand.strike(on, by.hand, by.rng, box, [first + at])
        only = " " * at + text[at]
        hand.write_cells(
            on, by.hand, by.rng, box, " " * first + only, above=True,
        )  # fmt: skip
        corrected.append(name)
        return
    hand.write_cells(on, by.hand, by.rng, box, text, to_right=to_right)


def _tick(on: Paper, box: Box, by: Writer) -> str:
    kind = by.rng.choices(tuple(TICK_WEIGHTS), tuple(TICK_WEIGHTS.values()))[0]
    hand.tick(on, by.hand, by.rng, box, kind)
    return kind


def _glue_copies(
    on: Paper, dpi: float, boxes: Mapping[str, Box], answer: Answer, household: Household, by: Writer
) -> list[Copy]:
    """Put each enclosed copy in its area, not quite in the middle and not quite straight."""
    areas = {boxes[field].name: what for field, what in _TO_FIELD.items() if field in boxes}
    if not areas:
        return []
    enclosed = copies.copies_of(household, answer, by.rng, dpi, font=by.print_font)
    glued = []
    for field, what in areas.items():
        if what not in enclosed:
            continue
        box, copy = boxes[field], enclosed[what]
        x = box.x + (box.w - copy.width_mm) * (0.3 + by.rng.random() * 0.4)
        y = box.y + (box.h - copy.height_mm) * (0.3 + by.rng.random() * 0.4)
        copies.lay(on.grey, dpi, copy, x, y, by.rng.gauss(0, 1.0))
        glued.append(copy)
    return glued


def _in_reiwa(day: date) -> tuple[str, str, str]:
    return str(day.year - 2018), str(day.month), str(day.day)


def _short(bank: str) -> str:
    """The name before the printed words 銀行・信用金庫・…, which people do not write again."""
    for ending in ("銀行", "信用金庫", "信用組合", "労働金庫", "農業協同組合"):
        if bank.endswith(ending) and bank != ending:
            return bank[: -len(ending)]
    return bank


__all__ = ["Writer", "Written", "fill", "signature_of", "writer_of", "written_kana", "written_note"]
