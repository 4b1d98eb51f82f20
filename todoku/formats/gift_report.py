"""Pure. The issuer's report on gift codes (利用状況の一覧) in, per serial number whether it was used and when.

The report names codes by the number that the list gave them. One that holds addresses of codes is refused whole, since
whoever has an address has the money.
"""

import re
from datetime import date
from typing import NamedTuple

from todoku.formats.csv_list import Kind, ListRefused, Problem, plain, read_table, yen
from todoku.formats.gift_list import COLUMNS as LIST_COLUMNS
from todoku.formats.wareki import parse_date

REDEEMED, UNREDEEMED = "redeemed", "unredeemed"
COLUMNS = {
    "serial": LIST_COLUMNS["serial"],
    "state": ("利用状況", "状態", "ステータス", "登録状況", "受取状況", "利用登録"),
    "used_on": ("利用登録日", "登録日", "受取日", "利用日", "利用登録日時", "登録日時", "受取日時"),
    "left": ("残高", "残額", "カード残高", "利用可能残高", "利用可能額"),
}
STATES = {
    REDEEMED: (
        "利用登録済", "利用登録済み", "登録済", "登録済み", "受取済", "受取済み", "利用済", "利用済み", "使用済", "使用済み",
    ),
    UNREDEEMED: ("未登録", "未利用", "未受取", "未使用", "未受領", "期限切れ", "失効", "停止"),
}  # fmt: skip
_CLOCK = re.compile(r"[ T　]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?$")
UNKNOWN_STATE = Kind("利用状況の言葉が分かりません", "「利用登録済」か「未登録」に直してください。")
NO_SERIAL = Kind("管理番号がありません", "発行元に確認してください。")
NO_LEFT = Kind("残高が円の額として読めません", "0 か 1,200 のような数字に直してください。")
NO_DAY = Kind("利用登録日が日付として読めません", "2027/03/31 のような日付にしてください。")
TWICE = Kind("同じ管理番号が前の行にもあります", "発行元に、正しい一覧を出し直してもらってください。")


class Use(NamedTuple):
    """What became of one code: line of the report, serial number, used or not, the day where it is given, and what is
    left on it in yen where the report has a column for it."""

    line: int
    serial: str
    redeemed: bool
    on: date | None
    left_yen: int | None = None


class GiftReport(NamedTuple):
    """The codes of a report and its problems by line."""

    uses: list[Use]
    problems: list[Problem]


def read(data: bytes) -> GiftReport:
    """The issuer's CSV (CP932 or UTF-8). Raises ListRefused for what is no such report, or holds a code's address."""
    if b"://" in data:
        raise ListRefused(
            "コードのURLが入った一覧は取り込めません。管理番号と利用状況だけの一覧を発行元に求めてください。"
        )
    table = read_table(data, COLUMNS, (("serial",), ("state",)), "利用状況の一覧")
    known = {word: state for state, words in STATES.items() for word in words}
    uses: list[Use] = []
    problems, seen = list(table.problems), set[str]()
    for record in table.records:
        serial, state = record.cells["serial"], known.get(plain(record.cells["state"]))
        written = _CLOCK.sub("", record.cells["used_on"])
        day = parse_date(written).date if written else None
        left = yen(record.cells["left"]) if record.cells["left"] else None
        for kind, field, wrong in (
            (NO_LEFT, "left", bool(record.cells["left"]) and left is None),
            (NO_SERIAL, "serial", not serial),
            (TWICE, "serial", serial in seen),
            (UNKNOWN_STATE, "state", state is None),
            (NO_DAY, "used_on", bool(written) and day is None),
        ):
            if wrong:
                problems.append(kind.at(record.line, table.headings.get(field, "")))
        seen.add(serial)
        uses.append(Use(record.line, serial, state == REDEEMED, day, left))
    return GiftReport(uses, sorted(problems, key=lambda problem: problem.line))
