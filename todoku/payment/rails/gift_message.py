"""Pure. The one file that a carrier of messages gets (SMS・LINEの配信データ): our number, telephone, text; nothing else.

Only where the terms ask for it: a link in a message looks like fraud. The file is money: whoever calls keeps it locked.
"""

import csv
import io
import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from todoku.formats.gift_list import GiftUrl

COLUMNS = ("管理番号", "電話番号", "本文")
TEXT_MAX = 660  # characters that Japanese carriers take in one long SMS
_MOBILE = re.compile(r"0[6789]0\d{8}")


class Message(NamedTuple):
    """One code to one telephone: our 10-digit number of the payment, digits, the code and what stands beside it."""

    number: str
    phone: str
    url: GiftUrl
    value_yen: int
    expires_on: date

    def __repr__(self) -> str:
        return f"Message(number={self.number!r})"


def mobile(phone: str) -> str:
    """The digits of a mobile telephone's number; "" for any other, to which no message goes."""
    digits = re.sub(r"\D", "", phone)
    return digits if _MOBILE.fullmatch(digits) else ""


def write(messages: Iterable[Message], *, sender: str, programme: str, enquiries: str) -> bytes:
    """A CSV in UTF-8 with a line a message; names, addresses and case numbers do not belong there."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for one in messages:
        day = one.expires_on
        text = (
            f"【{sender}】{programme}のデジタルギフト{one.value_yen:,}円分です。{day.year}年{day.month}月{day.day}日までに"
            f"お使いください。{one.url.reveal()} お問い合わせ {enquiries}"
        )
        assert len(text) <= TEXT_MAX, f"message {one.number} is too long for a carrier"
        rows.writerow((one.number, one.phone, text))
    return out.getvalue().encode("utf-8-sig")
