"""Pure. Whether a Version's rails (支給手段) agree with its settings for them, its amounts and its letters.

Takes `Contents` as read; gives problems. Called by agreement.py like every other look at a Version.
"""

from collections.abc import Iterator
from math import gcd

from todoku.programme.amounts import AMOUNT_RULES
from todoku.programme.contents import Contents
from todoku.programme.grounds_agreement import all_amounts
from todoku.programme.toml_table import Problem
from todoku.programme.vocabulary import LETTERS, RAILS


def rails(contents: Contents) -> Iterator[Problem]:
    """Every place where the rails contradict the rest of the Version."""
    offered, gift = contents.payment.rails, contents.payment.gift
    if "bank" not in offered:
        yield Problem(
            "payment",
            "rails",
            "口座振込がありません。",
            '受け取られなかった分を口座に振り込むため、"bank" を必ず入れてください。',
        )
    for rail, settings in (("gift", gift), ("cash", contents.payment.cash)):
        table = f"payment.{rail}"
        if rail in offered and settings is None:
            yield Problem(table, "", f"{RAILS[rail]}の定めがありません。", f"[{table}] を書いてください。")
        if rail not in offered and settings is not None:
            remedy = f'rails に "{rail}" を足すか、この表を消してください。'
            yield Problem(table, "", f"rails に {rail} がありません。", remedy)
    if "gift" in offered and "gift" not in contents.letters:
        yield Problem(
            "letters.gift",
            "",
            f"「{LETTERS['gift']}」の文面がありません。",
            "[letters.gift] に title と lead を書いてください。",
        )
    if gift and gift.values_yen:
        yield from _values(contents, gift.values_yen)


def _values(contents: Contents, values: tuple[int, ...]) -> Iterator[Problem]:
    """Every amount of the rule must be a sum of codes, or somebody could be paid in part only."""
    found = set()
    for _, one in all_amounts(contents):
        rule = AMOUNT_RULES.get(one.rule)
        yen = [name for name, kind in (rule.parameters if rule else {}).items() if kind == "yen"]
        found |= {one.parameters.get(name, 0) for name in yen}
    for amount in sorted(found):
        if not adds_up(amount, values):
            yield Problem(
                "payment.gift",
                "values_yen",
                f"{amount:,}円をちょうどにする組合せがありません。",
                "券面の額を見直してください。",
            )


def adds_up(amount_yen: int, values_yen: tuple[int, ...]) -> bool:
    """Whether codes of these values make exactly the amount, counted in their common measure."""
    if not values_yen:
        return amount_yen == 0
    measure = gcd(*values_yen)
    if amount_yen % measure:
        return False
    steps = [value // measure for value in values_yen]
    reached = [True]
    for step in range(1, amount_yen // measure + 1):
        reached.append(any(step >= one and reached[step - one] for one in steps))
    return reached[-1]
