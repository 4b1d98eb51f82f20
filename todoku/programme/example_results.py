"""Pure. How an example recipient came out: beside what is written, what differs. Made by examples.py, read by coverage.py."""

from typing import NamedTuple

from todoku.programme.recipient_examples import RecipientExample

WHAT = {
    "expect": "結果",
    "ground": "対象となる事由",
    "cohort": "対象の区分",
    "amount_yen": "支給額（円）",
    "payee": "受け取る方",
    "then": "異動の後の扱い",
    "until": "期限",
}


class Difference(NamedTuple):
    """One thing that came out otherwise: what (a key of WHAT), as written, and as it came out."""

    what: str
    written: str
    came_out: str


class ExampleResult(NamedTuple):
    """One example as it came out; `passed` when nothing differs. Of a change or a late entry `expect` holds what follows."""

    example: RecipientExample
    expect: str
    ground: str = ""
    cohort: str = ""
    amount_yen: int = 0
    payee: str = ""
    differences: tuple[Difference, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.differences
