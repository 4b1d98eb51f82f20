"""Pure. What is said in a confirmation call (確認連絡の台本): who calls, what is asked, and what is never asked.

Takes the office's words and deficiency codes; gives lines to read aloud. The sentences are those of the letters.
"""

from collections.abc import Iterable
from typing import NamedTuple

from todoku.review.codes import CODES

# Frauds ask for exactly these; who hears them from us would believe them from anybody.
NEVER = (
    "暗証番号は聞きません。",
    "ATMの操作をお願いしません。",
    "手数料や振込みをお願いしません。",
    "通帳・キャッシュカードを預かりません。",
    "口座番号やマイナンバーは、電話で聞き取りません。",
)
CLOSING = "この電話にご不安があるときは、いったん切って、お手元の書類にある番号へおかけ直しください。"


class Script(NamedTuple):
    """The call in the order it is spoken: opening, making sure who it is, one line per thing asked, the end."""

    opening: str
    identity: str
    asked: tuple[str, ...]
    never: tuple[str, ...]
    closing: str


def script(codes: Iterable[str], *, office: str, programme: str, words: str = "") -> Script:
    """The script for these codes; `words` are the reviewer's own question and come last."""
    asked = [CODES[code].sentence for code in sorted(codes)]
    return Script(
        opening=f"{office}です。「{programme}」の申請書について、確かめたいことがありお電話しました。",
        identity="ご本人（申請者）の氏名と生年月日をおっしゃっていただき、名簿と合うか確かめます。こちらからは言いません。",
        asked=tuple(asked) + ((words.strip(),) if words.strip() else ()),
        never=NEVER,
        closing=CLOSING,
    )
