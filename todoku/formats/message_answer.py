"""Pure. A carrier's answer on messages (配信結果の一覧) in, per number of ours whether it was sent.

The answer names messages by the number that our file gave them. One that holds addresses of codes is refused whole,
since whoever has an address has the money.
"""

from typing import NamedTuple

from todoku.formats.csv_list import Kind, ListRefused, Problem, plain, read_table

SENT, UNDELIVERABLE = "sent", "undeliverable"
COLUMNS = {
    "number": ("管理番号", "メッセージ番号", "お客様管理番号"),
    "result": ("送信結果", "配信結果", "結果", "送達結果", "ステータス"),
    "reason": ("理由", "エラー内容", "詳細", "エラーコード"),
}
RESULTS = {
    SENT: ("送信済", "送信済み", "送信完了", "配信済", "配信済み", "配信完了", "送達", "成功", "OK"),
    UNDELIVERABLE: (
        "不達", "送信失敗", "配信失敗", "失敗", "エラー", "宛先不明", "番号なし", "受信拒否", "圏外", "送信不可", "NG",
    ),
}  # fmt: skip
REASON_MAX = 100
UNKNOWN_RESULT = Kind("送信結果の言葉が分かりません", "「送信済」か「不達」に直してください。")
NO_NUMBER = Kind("管理番号がありません", "配信事業者に確認してください。")
TWICE = Kind("同じ管理番号が前の行にもあります", "配信事業者に、正しい結果を出し直してもらってください。")


class Answered(NamedTuple):
    """What became of one message: line of the answer, our number, "sent" or "undeliverable", the carrier's reason."""

    line: int
    number: str
    outcome: str
    reason: str


class MessageAnswer(NamedTuple):
    """The messages of an answer and its problems by line."""

    messages: list[Answered]
    problems: list[Problem]


def read(data: bytes) -> MessageAnswer:
    """The carrier's CSV (CP932 or UTF-8). Raises ListRefused for what is no such answer, or holds a code's address."""
    if b"://" in data:
        raise ListRefused(
            "コードのURLが入った結果は取り込めません。管理番号と送信結果だけの一覧を配信事業者に求めてください。"
        )
    table = read_table(data, COLUMNS, (("number",), ("result",)), "配信結果の一覧")
    known = {word: outcome for outcome, words in RESULTS.items() for word in words}
    messages: list[Answered] = []
    problems, seen = list(table.problems), set[str]()
    for record in table.records:
        number, outcome = plain(record.cells["number"]), known.get(plain(record.cells["result"]))
        for kind, field, wrong in (
            (NO_NUMBER, "number", not number),
            (TWICE, "number", number in seen),
            (UNKNOWN_RESULT, "result", outcome is None),
        ):
            if wrong:
                problems.append(kind.at(record.line, table.headings.get(field, "")))
        seen.add(number)
        messages.append(Answered(record.line, number, outcome or "", record.cells["reason"][:REASON_MAX]))
    return MessageAnswer(messages, sorted(problems, key=lambda problem: problem.line))
