"""Pure. An issuer's sealed list of digital gift codes (デジタルギフト) in, one code a row and the problems found out.

The shape is that in which QUOカードPay codes for business arrive: a URL for each card, its value, its expiry, where it
can be used, a number to name it by. Whoever has the URL has the money: no message, no repr and no exception of this
file contains it; `GiftUrl.reveal` is the one way to it.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from todoku.formats.csv_list import ERROR, WARNING, Kind, Problem, Record, read_table, yen
from todoku.formats.wareki import parse_date

VALUE_MAX = 100_000  # the largest value of one card that the issuer sells; the smallest step is 1 yen
SERIAL_MAX = 40
MERCHANTS_MAX = 100
URL_MAX = 500

COLUMNS = {
    "url": (
        "URL",
        "ギフトURL",
        "QUOカードPayURL",
        "カードURL",
        "発行URL",
        "券面URL",
        "コードURL",
        "ギフトコード",
    ),
    "value": ("金額", "額面", "券面額", "額面金額", "発行金額", "カード金額", "残高"),
    "expires_on": ("有効期限", "有効期限日", "有効期間終了日", "利用期限", "使用期限"),
    "serial": ("管理番号", "シリアル番号", "カード番号", "整理番号", "通番", "連番", "NO"),
    "merchants": ("利用可能店舗", "利用可能加盟店", "加盟店限定", "利用店舗", "利用先"),
}
"""Our field → headings. An issuer's list names them its own way; the order of columns does not matter."""

NO_URL = Kind("URLがありません", "発行元に、この行のURLを確認してください。")
NOT_HTTPS = Kind(
    "https:// で始まる正しいURLではありません", "発行元から受け取ったファイルをそのまま選んでください。"
)
SAME_URL = Kind("同じURLが前の行にもあります", "発行元に、正しい一覧を出し直してもらってください。")
OTHER_SITE = Kind("1行目のコードと違うサイトのURLです", "発行元のURLか、発行元に確認してください。", WARNING)
NO_VALUE = Kind("金額として読めません", "1円から100,000円までの整数にしてください。")
VALUE_RANGE = Kind("金額が1円から100,000円までではありません", "発行元に、額面を確認してください。")
NO_DAY = Kind("有効期限が日付として読めません", "2027/03/31 のような日付にしてください。")
EXPIRED = Kind("有効期限が過ぎているか、今日です", "発行元に、期限の先の券と取り換えてもらってください。")
NO_SERIAL = Kind("管理番号がないか、長すぎます", f"{SERIAL_MAX}文字までの番号を付けてください。")
SAME_SERIAL = Kind("同じ管理番号が前の行にもあります", "発行元に、正しい一覧を出し直してもらってください。")
SERIAL_IS_CODE = Kind(
    "管理番号がURLの一部です", "URLを含まない番号の列にしてください。番号は画面に表示されます。"
)
LONG_MERCHANTS = Kind("利用先が長すぎます", f"{MERCHANTS_MAX}文字までにしてください。")

# No user name in it, no blanks, nothing but ASCII: what a browser of any age takes for one and the same place.
_URL = re.compile(
    r"https://(?P<site>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.[a-z]{2,}(?::[0-9]{1,5})?)/[!-~]+", re.IGNORECASE
)

_CLOCK = re.compile(r"[ T　]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?$")  # an expiry with its hour: the day counts


class GiftUrl:
    """The URL of one gift code. It shows itself to nobody who does not ask for it by `reveal`."""

    __slots__ = ("_url",)

    def __init__(self, url: str) -> None:
        self._url = url

    def reveal(self) -> str:
        """The URL itself: for the letter, and for the cipher under which it is kept."""
        return self._url

    def __repr__(self) -> str:
        return "GiftUrl(●)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GiftUrl) and other._url == self._url

    def __hash__(self) -> int:
        return hash(self._url)


class GiftCode(NamedTuple):
    """One gift code: line of the list, its URL, value in yen, last day of use, the issuer's number, where usable."""

    line: int
    url: GiftUrl
    value_yen: int
    expires_on: date
    serial: str
    merchants: str = ""

    def __repr__(self) -> str:
        return f"GiftCode(line={self.line}, serial={self.serial!r}, value_yen={self.value_yen})"


class GiftList(NamedTuple):
    """The codes without an error, in the order of the list, and every problem by line."""

    codes: list[GiftCode]
    problems: list[Problem]


def read(data: bytes, on: date) -> GiftList:
    """The codes of an issuer's CSV (CP932 or UTF-8) as it stands on the day `on`.

    A code must be good beyond that day. Of two lines with one URL or one number only the first is a code. Raises
    ListRefused for what is no such list.
    """
    required = (("url",), ("value",), ("expires_on",), ("serial",))
    table = read_table(data, COLUMNS, required, "ギフトコードの一覧")
    reader = _Reader(table.headings, on)
    codes = [code for record in table.records if (code := reader.take(record)) is not None]
    return GiftList(codes, sorted(table.problems + reader.problems, key=lambda problem: problem.line))


class _Reader:
    """What was seen before in the same list: each URL, each number, the first site."""

    def __init__(self, headings: Mapping[str, str], on: date) -> None:
        self.headings, self.on = headings, on
        self.problems: list[Problem] = []
        self.errors = 0
        self.urls: set[str] = set()
        self.serials: set[str] = set()
        self.site = ""

    def take(self, record: Record) -> GiftCode | None:
        """The code of one line; None with the problems noted where it has an error."""
        before = self.errors
        url = self._url(record)
        value = self._value(record)
        day = self._day(record)
        serial = self._serial(record, url)
        if len(record.cells["merchants"]) > MERCHANTS_MAX:
            self._say(LONG_MERCHANTS, record, "merchants")
        if self.errors > before:
            return None
        assert day is not None
        return GiftCode(record.line, GiftUrl(url), value, day, serial, record.cells["merchants"])

    def _say(self, kind: Kind, record: Record, field: str) -> None:
        self.problems.append(kind.at(record.line, self.headings[field]))
        self.errors += kind.severity == ERROR

    def _url(self, record: Record) -> str:
        url = record.cells["url"]
        match = _URL.fullmatch(url) if len(url) <= URL_MAX else None
        if match is None:
            self._say(NOT_HTTPS if url else NO_URL, record, "url")
            return ""
        if url in self.urls:
            self._say(SAME_URL, record, "url")
        self.urls.add(url)
        self.site = self.site or match["site"].lower()
        if match["site"].lower() != self.site:
            self._say(OTHER_SITE, record, "url")
        return url

    def _value(self, record: Record) -> int:
        value = yen(record.cells["value"])
        if value is None:
            self._say(NO_VALUE, record, "value")
        elif not 1 <= value <= VALUE_MAX:
            self._say(VALUE_RANGE, record, "value")
        return value or 0

    def _day(self, record: Record) -> date | None:
        parsed = parse_date(_CLOCK.sub("", record.cells["expires_on"]))
        if parsed.date is None or parsed.warnings:
            self._say(NO_DAY, record, "expires_on")
        elif parsed.date <= self.on:
            self._say(EXPIRED, record, "expires_on")
        return parsed.date

    def _serial(self, record: Record, url: str) -> str:
        serial = record.cells["serial"]
        # The number is shown to people; the part of the URL that makes it money must not stand there.
        if "://" in serial or (serial and serial in re.split("[/?=&#]", url)):
            self._say(SERIAL_IS_CODE, record, "serial")
        elif not 0 < len(serial) <= SERIAL_MAX:
            self._say(NO_SERIAL, record, "serial")
        elif serial in self.serials:
            self._say(SAME_SERIAL, record, "serial")
        self.serials.add(serial)
        return serial
