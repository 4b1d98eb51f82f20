"""Pure. A list of applications in CSV in, one Application per line out: what the checks need, without a database.

Headings are found whatever their order. What cannot be read is a Problem that names line, column and remedy and never
carries the value; a deficiency of the application is none: the checks find it.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from todoku.formats.csv_list import Kind, Problem, Record, plain
from todoku.formats.wareki import parse_date
from todoku.intake.forms import BANK, AccountForm, AccountRow, TooLong, account_row
from todoku.programme.criteria_tables import KIND as OWN_KIND
from todoku.programme.terms import Terms
from todoku.review.application_facts import AS_CHANNEL, facts_of
from todoku.review.documents import kinds_of
from todoku.review.findings import Facts

WHAT = "申請の一覧"
# Our field → its headings, the usual one first. In the order of docs/how-to/review-alone.md.
COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("受付番号", "案件番号", "整理番号", "管理番号", "申請番号"),
    "household": ("世帯番号", "世帯コード"),
    "channel": ("受付方法", "申請方法", "経路"),
    "arrived_on": ("到着日", "受付日", "受領日"),
    "postmark_on": ("消印日", "消印"),
    "applied_on": ("申請日", "記入日"),
    "applicant_is_recipient": ("本人申請", "申請者は本人", "申請者区分"),
    "phone": ("電話番号", "電話", "連絡先"),
    "signed": ("署名", "署名の有無"),
    "declines": ("辞退", "辞退の印"),
    "members_corrected": ("対象者欄の訂正", "対象者の訂正"),
    "identity_evidence": ("本人確認書類", "本人確認"),
    "identity_kind": ("本人確認書類の種類", "書類の種類"),
    "identity_on": ("本人確認書類の日付", "有効期限", "発行日"),
    "second_kind": ("2点目の種類", "本人確認書類2の種類"),
    "second_on": ("2点目の日付", "本人確認書類2の日付"),
    "account_evidence": ("口座確認書類", "口座の写し"),
    "rail": ("受取方法",),
    "bank": ("金融機関コード", "銀行コード"),
    "branch": ("支店コード", "店番"),
    "kind": ("預金種目", "口座種別", "種目"),
    "account_number": ("口座番号",),
    "holder_kana": ("口座名義カナ", "口座名義", "名義カナ"),
    "yucho_symbol": ("ゆうちょ記号", "記号"),
    "yucho_number": ("ゆうちょ番号", "番号"),
    "kana": ("受給者カナ", "世帯主カナ", "対象者カナ"),
    "alias_kana": ("別名カナ", "旧氏カナ", "通称カナ"),
    "latin_name": ("英字氏名", "ローマ字氏名"),
    "alias": ("通称", "旧氏"),
    "others": ("世帯員カナ",),
    "left_reason": ("異動事由", "異動"),
}
REQUIRED = (
    ("number",),
    ("arrived_on",),
    ("kana",),
    ("holder_kana",),
    ("bank", "yucho_symbol"),
)
_YES, _NO = (
    {"1", "はい", "有", "あり", "○", "〇", "レ", "TRUE", "本人"},
    {"", "0", "いいえ", "無", "なし", "×", "FALSE"},
)
_CHANNELS = {"郵送": "paper", "紙": "paper", "PAPER": "paper", "ウェブ": "web", "オンライン": "web", "WEB": "web",
             "窓口": "counter", "COUNTER": "counter", "電話": "phone", "PHONE": "phone"}  # fmt: skip
_EVIDENCE = {"": "", "なし": "", "無": "", "鮮明": "clear", "あり": "clear", "有": "clear", "CLEAR": "clear",
             "不鮮明": "unclear", "UNCLEAR": "unclear", "期限切れ": "expired", "EXPIRED": "expired",
             "見切れ": "cut", "必要面なし": "cut", "CUT": "cut"}  # fmt: skip
_KINDS = {"": 1, "1": 1, "普通": 1, "2": 2, "当座": 2, "4": 4, "貯蓄": 4}
_RAILS = {"": BANK, "口座振込": BANK, "口座": BANK, "BANK": BANK, "デジタルギフト": "gift", "GIFT": "gift",
          "窓口で現金": "cash", "現金": "cash", "CASH": "cash", "現金書留": "registered_mail"}  # fmt: skip
_LEFT = {"": "", "死亡": "death", "転出": "moved_out"}

DAYS = ("arrived_on", "postmark_on", "applied_on", "identity_on", "second_on")
UNKNOWN_PAPER = Kind(
    "この種類の書類はありません", "書類の種類は、審査基準の「認める書類」の名前で書いてください。"
)
NO_NUMBER = Kind("番号がありません", "申請を区別できる番号を入れてください。")
NO_DAY = Kind("日付として読めません", "2026-12-04 や 令和8年12月4日 のように書いてください。")
NO_ARRIVAL = Kind("到着日がありません", "期限の判定に使います。到着した日を入れてください。")
UNKNOWN_WORD = Kind(
    "決められたことばではありません", "使えることばは、手引き「審査だけを使う」の表にあります。"
)
TOO_LONG = Kind("口座の桁が多すぎます", "余分な文字が入っていないか、元の申請書と見比べてください。")
LATER_POSTMARK = Kind("消印日が到着日より後です", "どちらかの日付を直してください。")
TWICE = Kind("同じ番号が前の行にもあります", "1つの申請を1行にしてください。訂正は新しい行だけを残します。")


class Application(NamedTuple):
    """One application of the list; `values` is what facts_of takes, `account` the account to be paid to, if one is whole."""

    line: int
    number: str
    household: str
    channel: str
    values: tuple[Any, ...]
    account: tuple[str, str, int, str] | None
    rail: str


def read_application(record: Record, headings: Mapping[str, str]) -> Application | list[Problem]:
    """One line as an Application, or everything that is wrong with it."""
    cells, line = record.cells, record.line
    problems: list[Problem] = []

    def at(field: str, kind: Kind) -> None:
        problems.append(kind.at(line, headings.get(field, COLUMNS[field][0])))

    def word(field: str, known: Mapping[str, Any]) -> Any:
        text = plain(cells[field]).upper()
        if text not in known:
            at(field, UNKNOWN_WORD)
            return next(iter(known.values()))
        return known[text]

    def yes(field: str, *, default: bool) -> bool:
        if field not in headings:
            return default
        return bool(word(field, {**dict.fromkeys(_NO, False), **dict.fromkeys(_YES, True)}))

    days = {field: _day(cells[field], field, at) for field in DAYS}
    if not cells["number"]:
        at("number", NO_NUMBER)
    if not cells["arrived_on"]:
        at("arrived_on", NO_ARRIVAL)
    if days["postmark_on"] and days["arrived_on"] and days["postmark_on"] > days["arrived_on"]:
        at("postmark_on", LATER_POSTMARK)
    channel = word("channel", _CHANNELS) if cells["channel"] else "paper"
    account = _account(cells, int(word("kind", _KINDS)), at)
    rail = str(word("rail", _RAILS))
    papers = (
        _kind("identity_kind", cells, at),
        days["identity_on"],
        _kind("second_kind", cells, at),
        days["second_on"],
    )
    values = (
        channel, days["arrived_on"], days["postmark_on"] if channel == "paper" else None,
        # A web form fills the day in by itself.
        days["applied_on"] or (days["arrived_on"] if channel == "web" and "applied_on" not in headings else None),
        yes("applicant_is_recipient", default=True), cells["phone"], yes("signed", default=True),
        yes("declines", default=False), None, yes("members_corrected", default=False),
        word("identity_evidence", _EVIDENCE), word("account_evidence", _EVIDENCE), rail, "one", None, False,
        *papers, None, *account, cells["kana"], cells["alias_kana"], cells["latin_name"], cells["alias"],
        word("left_reason", _LEFT), [one for one in cells["others"].replace(",", "、").split("、") if one.strip()],
        None, None, False, False, True, "", "", None,
    )  # fmt: skip
    if problems:
        return problems
    whole = (
        (account.bank, account.branch, account.kind, account.number)
        if account.bank and account.number
        else None
    )
    return Application(
        line, cells["number"], cells["household"] or cells["number"], channel, values, whole, rail
    )


@lru_cache(maxsize=1)
def _kind_words() -> Mapping[str, str]:
    """What a list calls a kind of identity paper → its word: the whole name of the criteria, a part of it, or the word."""
    words: dict[str, str] = {"": ""}
    for one in kinds_of(()).values():
        for name in (*one.name.split("・"), one.name, one.kind):
            words[plain(name).upper()] = one.kind
    return words


def _kind(field: str, cells: Mapping[str, str], at: Callable[[str, Kind], None]) -> str:
    """A kind that only the Version knows is written by its word."""
    text = plain(cells[field])
    if text.upper() in _kind_words():
        return _kind_words()[text.upper()]
    if not OWN_KIND.fullmatch(text):
        at(field, UNKNOWN_PAPER)
    return text


@lru_cache(maxsize=4_096)  # a list names some hundred days a million times
def _parsed(text: str) -> date | None:
    return parse_date(text).date


def _day(text: str, field: str, at: Callable[[str, Kind], None]) -> date | None:
    if not text:
        return None
    day = _parsed(text)
    if day is None:
        at(field, NO_DAY)
    return day


def _account(cells: Mapping[str, str], kind: int, at: Callable[[str, Kind], None]) -> AccountRow:
    form = AccountForm(
        cells["bank"], cells["branch"], kind, cells["account_number"], cells["holder_kana"], cells["yucho_symbol"],
        cells["yucho_number"],
    )  # fmt: skip
    try:
        return account_row(form)
    except TooLong:
        at("account_number", TOO_LONG)
        return AccountRow("", "", kind, "", "", "", "")


def facts_of_application(
    one: Application, terms: Terms, *, others: tuple[str, ...], households: int
) -> Facts:
    """The Facts of a line; `others`: numbers of the lines of other households that name the same account."""
    facts = facts_of(one.values, terms, came_from="")
    return facts._replace(account_households=households, account_cases=others) if households else facts


def way_of(one: Application) -> str:
    """The channel as the terms name it: what was taken at the counter is looked at like paper."""
    return AS_CHANNEL.get(one.channel, one.channel)
