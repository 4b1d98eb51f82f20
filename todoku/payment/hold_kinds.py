"""Pure. The kinds of hold (保留の種類): whose it is, by when, and what that person does. Clock: bank days."""

from datetime import date
from typing import NamedTuple

from todoku.formats.bank_days import bank_days_after


class HoldKind(NamedTuple):
    """A kind of hold: its name, the role that owns it, its clock in bank days, and what the owner is asked to do."""

    name: str
    owner_role: str
    days: int
    to_do: str


# The municipality says what a death, a move, an objection or its own claim for the payout before means; the office checks
# what it can check itself. An account or a refusal is answered by a call; who inherits or where somebody lives takes papers.
KINDS: dict[str, HoldKind] = {
    "death": HoldKind("死亡", "city_officer", 5, "支給の可否と受け取る人を、担当課で決めてください。"),
    "moved": HoldKind("転出", "city_officer", 5, "支給の要件に当たるかを、担当課で確かめてください。"),
    "refusal": HoldKind("辞退・受給拒否", "manager", 3, "本人の意思を確かめてください。"),
    "objection": HoldKind("異議・申立て", "city_officer", 10, "申立ての内容を担当課で確かめてください。"),
    "account": HoldKind("口座の変更", "manager", 3, "どちらの口座へ支払うかを本人に確かめてください。"),
    "earlier": HoldKind(
        "前の支給回の返還請求",
        "city_officer",
        10,
        "前の支給回の全額を返してもらうことになりました。この支給回も要件に当たらないかを、担当課で決めてください。",
    ),
    "quarantine": HoldKind(
        "確定前の隔離", "manager", 3, "疑いを確かめ、支払うか審査へ戻すかを決めてください。"
    ),
}
# What a person may open by hand at a case; a quarantine has its own door, since it takes two.
BY_HAND = ("objection", "death", "moved", "refusal", "account")


class Outcome(NamedTuple):
    """How a hold ends (保留の結果): its word, and what becomes of the payment."""

    name: str
    means: str


OUTCOMES: dict[str, Outcome] = {
    "pay": Outcome("支払を続ける", "次の振込データから、決定のとおりに支払います。"),
    "hand_back": Outcome("審査へ戻す", "支払を取り消し、決定の前からやり直します。"),
    "stop": Outcome(
        "支払わない", "支払を取り消し、審査で不支給とする手続きへ進みます。追給は担当課が取り消します。"
    ),
}


def due_on(kind: str, opened_on: date) -> date:
    """The day by which the owner ends a hold opened on a day."""
    return bank_days_after(opened_on, KINDS[kind].days)
