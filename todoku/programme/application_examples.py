"""Pure. Application examples of a Version ([[application]]): a few facts of one application, and what must be found.

A table under reading in, raw typed values out. Which facts there are and what the checks make of them is known further
down the street: `criteria/application_results.py` judges these by the real checks.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from todoku.programme.criteria_tables import DECIDERS as OF_A_FINDING
from todoku.programme.toml_table import Table, meant
from todoku.programme.vocabulary import CHECK_CODES, PASS_NAMES, SEVERITIES

# An application in which nothing is found is decided as [review.passes] says, any other as its criterion says.
DECIDERS = {"passes": "不備のない申請の定めによる", **PASS_NAMES, **OF_A_FINDING}
# An example of the standard sheet holds only where the terms ask for what it is about.
WHERE = {
    "paper": "郵送を受け付ける",
    "web": "ウェブを受け付ける",
    "identity": "本人確認書類を求める",
    "account_proof": "口座確認書類を求める",
    "signature": "署名を求める",
    "bank": "口座に振り込む",
    "postmark": "消印で期限を見る",
    "arrival": "到着で期限を見る",
    "no_postmark_look": "消印が読めないときは人が確認する",
}
NAME_MAX = 60
TELLS_MAX = 300
VALUES = (str, bool, int, date, list)  # what a fact may be written as


class ApplicationExample(NamedTuple):
    """One example (申請例): `tells` is what a reader sees, `facts` name fields of the application, `expected` says the
    severity of every code that must be found, `decides` who decides then."""

    name: str
    tells: str
    facts: Mapping[str, Any]
    expected: Mapping[str, str]
    decides: str
    where: tuple[str, ...] = ()


def application(table: Table) -> ApplicationExample:
    """One [[application]]."""
    example = ApplicationExample(
        name=table.text("name", longest=NAME_MAX, example='"名義が家族"'),
        tells=table.text("tells", longest=TELLS_MAX, example='"口座の名義が同じ世帯の家族"'),
        facts=_facts(table),
        expected=_expected(table),
        decides=table.choice("decides", DECIDERS),
        where=table.choices("where", WHERE, required=False),
    )
    table.no_others()
    return example


def _facts(table: Table) -> dict[str, Any]:
    inner = table.table("facts", required=False)
    for key, value in inner.data.items():
        inner.asked.add(key)
        if not isinstance(value, VALUES):
            inner.note(
                key, "文字列・整数・true/false・日付・一覧のどれでもありません。", "値を直してください。"
            )
    return {key: value for key, value in inner.data.items() if isinstance(value, VALUES)}


def _expected(table: Table) -> dict[str, str]:
    inner, found = table.table("expected"), {}
    for code in inner.data:
        if code not in CHECK_CODES:
            inner.asked.add(code)
            inner.note(code, "この不備コードはありません。", meant(code, CHECK_CODES))
        else:
            found[code] = inner.choice(code, [one for one in SEVERITIES if one != "off"])
    return found
