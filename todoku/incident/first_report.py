"""Pure. The first report (第一報) of an incident in the words of the office: what, when, how many, what is being done.

Plain values in, a text out that names nobody; a person reads and completes it before it goes to the municipality.
"""

from datetime import datetime
from typing import NamedTuple

from todoku.formats.codes import contains_my_number

REPORT_MAX = 4_000
DOING = "該当する書類の所在を確認しています。関係する作業を止め、結果を続報でお知らせします。"


class Told(NamedTuple):
    """What a first report must say; `pieces` and `persons` may still be unknown."""

    kind: str
    what: str
    found_at: datetime
    pieces: int | None = None
    persons: int | None = None
    doing: str = DOING


def first_report(told: Told) -> str:
    """The draft, in five lines that a reader looks for."""

    def count(number: int | None, unit: str) -> str:
        return "確認中" if number is None else f"{number:,}{unit}"

    return "\n".join(
        (
            f"種類：{told.kind}",
            f"発生・発覚：{told.found_at:%Y年%m月%d日 %H時%M分}",
            f"内容：{told.what.strip()}",
            f"規模：書類{count(told.pieces, '通')}・対象の方{count(told.persons, '人')}",
            f"対応：{told.doing.strip()}",
        )
    )


def lacking(text: str) -> str:
    """What the text of a first report lacks or must not hold, as a sentence; "" where it can be sent."""
    plain = text.strip()
    if not plain:
        return "第一報の本文を入力してください。何が・いつ・どれだけ・いま何をしているかを書きます。"
    if len(plain) > REPORT_MAX:
        return f"第一報は{REPORT_MAX:,}文字以内にしてください。詳しいことは続報に書けます。"
    if contains_my_number(plain):
        return "第一報に個人番号（12桁）と読める数字があります。番号や氏名は書かず、件数で書いてください。"
    missing = [line for line in ("発生・発覚：", "内容：", "規模：", "対応：") if not _said(plain, line)]
    if missing:
        return f"第一報に「{'」「'.join(one.rstrip('：') for one in missing)}」の行がないか、空のままです。書き足してください。"
    return ""


def _said(text: str, head: str) -> bool:
    return any(line.startswith(head) and line.removeprefix(head).strip() for line in text.splitlines())
