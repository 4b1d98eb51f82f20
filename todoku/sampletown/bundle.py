"""Pure. A batch's bank files with all that proves them, written by the same code that writes real ones.

Goes in: a number of payments and a seed. Comes out: decisions on invented people with invented accounts at real
branches, and the manifest, line file, decision lists and bank files of the batch that pays them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from todoku.formats import bank_master, kana, payment_bundle, zengin
from todoku.formats.codes import case_number
from todoku.formats.payment_bundle import Decision
from todoku.sampletown import names
from todoku.sampletown.accounts import ORDINARY, SAVINGS, bank_weights, branch_codes

MUNICIPALITY, PROGRAMME, BATCH = "141003", "kyufu-2026", 12
VALUE_DATE = date(2026, 12, 4)  # a Friday
LISTS = (3, 5, 6)
AMOUNTS = (30_000, 50_000, 70_000, 100_000, 130_000)
PAYER = zengin.Header(
    client_code="1234567890", client_name="ミホンシ　カイケイカンリシャ", value_date=zengin.mmdd(VALUE_DATE),
    bank="0138", bank_name="ヨコハマ", branch="001", branch_name="ホンテン", account_kind=ORDINARY,
    account_number="7654321",
)  # fmt: skip


class Pay(NamedTuple):
    """One payment: the list and decision that it carries out, its number, the returned transfer it stands for."""

    listed: int
    decision: Decision
    number: str
    retry_of: str = ""


class Bundle(NamedTuple):
    """The bytes that a verifier is given: decision lists by number, bank files with their names."""

    manifest: bytes
    lines: bytes
    lists: dict[int, bytes]
    banks: tuple[tuple[str, bytes], ...]


def bundle(
    payments: int, *, seed: int = 1, profile: zengin.Profile = zengin.PROFILES["standard"], most: int = 0
) -> Bundle:
    """A bundle of so many payments, at most `most` a file (0: as many as the bank takes); the same for a seed."""
    lists, pays = drawn(payments, seed)
    return written(lists, pays, profile=profile._replace(max_records=most or profile.max_records))


def drawn(payments: int, seed: int) -> tuple[dict[int, list[Decision]], list[Pay]]:
    """Decisions by list and the payments of the batch, in the order of the file.

    Besides what is paid there are refusals, other rails and grants that wait; a few grants are supplements (追給)
    and a few payments retry a returned one.
    """
    rng = random.Random(f"{seed}:bundle")
    places = _places()
    lists: dict[int, list[Decision]] = {number: [] for number in LISTS}
    pays: list[Pay] = []
    for serial, case in zip(range(payments), _case_numbers(rng), strict=False):
        listed = LISTS[serial * len(LISTS) // payments]
        part = 2 if serial % 97 == 5 else 1
        decision = _grant(rng, case, part, places)
        lists[listed].append(decision)
        retry_of = f"{9_000_000_000 + serial:010}" if serial % 211 == 7 else ""
        pays.append(Pay(listed, decision, f"{1_000_000 + serial * 7:010}", retry_of))
        if serial % 13 == 4:
            lists[listed].append(decision._replace(part=part + 1, rail="gift"))
        if serial % 17 == 9:
            refusal = Decision(case, part + 2, "refuse", "R01", 0, "bank")
            lists[listed] += [refusal, decision._replace(part=part + 3)]
    pays.sort(key=lambda pay: (pay.decision.bank, pay.decision.branch, pay.number))
    return {number: sorted(found) for number, found in lists.items()}, pays


def written(
    lists: Mapping[int, Sequence[Decision]], pays: Sequence[Pay], *, profile: zengin.Profile
) -> Bundle:
    """The bundle of a batch, each file by the writer of the real one."""
    texts = {
        number: payment_bundle.decision_lines(MUNICIPALITY, PROGRAMME, number, found)
        for number, found in lists.items()
    }
    files = zengin.split([_row(pay) for pay in pays], profile)
    banks = tuple(
        (
            payment_bundle.bank_file_name(VALUE_DATE, BATCH, place),
            zengin.general_transfer(PAYER, rows, profile),
        )
        for place, rows in enumerate(files, 1)
    )
    lines = payment_bundle.line_rows(MUNICIPALITY, PROGRAMME, BATCH, _lines(files, pays, profile))
    sums = [
        payment_bundle.FileSum(
            place, name, payment_bundle.sha256(data), len(rows), sum(row.amount for row in rows)
        )
        for place, ((name, data), rows) in enumerate(zip(banks, files, strict=True), 1)
    ]
    used = sorted({pay.listed for pay in pays})
    manifest = payment_bundle.manifest(
        MUNICIPALITY, PROGRAMME, payment_bundle.Order(BATCH, VALUE_DATE, 2026, "3-1-1 給付金", "第45号"), PAYER, profile,
        decision_lists=[payment_bundle.list_sum(number, texts[number], lists[number]) for number in used],
        files=sums, lines=payment_bundle.LinesSum(payment_bundle.lines_name(BATCH), payment_bundle.sha256(lines)),
    )  # fmt: skip
    return Bundle(manifest, lines, {number: texts[number] for number in used}, banks)


def _lines(
    files: Sequence[Sequence[zengin.Row]], pays: Sequence[Pay], profile: zengin.Profile
) -> Iterator[payment_bundle.Line]:
    paid = iter(pays)
    for place, rows in enumerate(files, 1):
        for line, row in enumerate(rows, 1):
            pay = next(paid)
            named = (row.bank_name, row.branch_name) if profile.fill_names else ("", "")
            yield payment_bundle.Line(
                place, line, pay.number, pay.listed, pay.decision.case_number, pay.decision.part, row.amount, *named,
                pay.retry_of,
            )  # fmt: skip


def _row(pay: Pay) -> zengin.Row:
    decision = pay.decision
    return zengin.Row(
        decision.bank, _bank_name(decision.bank), decision.branch, _branch_name(decision.bank, decision.branch),
        decision.kind, decision.account_number, decision.holder, decision.amount_yen, pay.number,
    )  # fmt: skip


def _bank_name(code: str) -> str:
    found = bank_master.bank(code)
    assert found is not None
    return kana.cut_to(kana.bank_kana(found.kana, kana.BANK_NAME), 15)


def _branch_name(bank_code: str, code: str) -> str:
    found = bank_master.branch(bank_code, code)
    assert found is not None
    return kana.cut_to(kana.bank_kana(found.kana, kana.BANK_NAME), 15)


def _places() -> list[tuple[str, str]]:
    """Banks and branches, ten of each bank, each bank as often as its weight."""
    weights = bank_weights(MUNICIPALITY[:2]).items()
    return [
        (bank, code) for bank, weight in weights for code in branch_codes(bank)[:10] for _ in range(weight)
    ]


def _grant(rng: random.Random, case: str, part: int, places: Sequence[tuple[str, str]]) -> Decision:
    bank, branch = rng.choice(places)
    kind = SAVINGS if rng.random() < 0.01 else ORDINARY
    number, amount = f"{rng.randrange(10_000_000):07}", rng.choice(AMOUNTS)
    return Decision(case, part, "grant", "", amount, "bank", bank, branch, kind, number, _holder(rng))


def _holder(rng: random.Random) -> str:
    """A holder as people write it: mostly full-width katakana, some half-width or hiragana, some too long."""
    surname = rng.choice(names.SURNAMES).kana
    given = rng.choice(names.given_names(rng.choice((1, 2)), rng.randrange(1940, 2005))).kana
    chance, holder = rng.random(), f"{surname}　{given}"
    if chance < 0.05:
        return kana.bank_kana(holder)
    if chance < 0.10:
        return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in holder)
    return f"{holder}・{given}・{surname}ヂョー" if chance < 0.12 else holder


def _case_numbers(rng: random.Random) -> Iterator[str]:
    """Case numbers in rising order, as a programme has given them."""
    digits = 100_000_000_000
    while True:
        digits += 1 + rng.randrange(1_000)
        if found := case_number(str(digits)):
            yield found
