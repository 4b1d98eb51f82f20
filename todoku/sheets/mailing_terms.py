"""Pure. A TOML text about one mailing in, its terms out: the words, how it is enclosed, who prints, how it is posted.

For letters to a mailing list alone, without a programme in any database. Every mistake is named with its remedy, all of
them at once; what only the municipality was told (a special price, an approval) stands here or is not used at all.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from todoku.formats.postage import BY_DISTRICT, BY_NAMED, OwnPrices, Posting
from todoku.formats.postage_tariff import SIZES
from todoku.formats.toml_text import Mistake, TextRefused, loaded, not_among, unknown
from todoku.sheets.envelopes import OUTER, REPLY_FOR
from todoku.sheets.insert_plan import ENCODINGS, Enclosure, Setup
from todoku.sheets.printer_files import Sizes
from todoku.sheets.printer_parcel import KeyRefused, public_key
from todoku.sheets.reply_envelope import Mark, Permit, Sender

# Table → key → kind of value; a key with "?" may be left out.
_TABLES: dict[str, dict[str, type | tuple[type, ...]]] = {
    "": {"label": str, "title": str, "encoding?": str},
    "printer": {"name": str, "public_key": str},
    "enclose": {
        "envelope": str, "reply?": bool, "duplex?": bool, "leaflets?": list, "tray?": int, "bundle?": int, "batch?": int,
        "sheet_grams?": (int, float), "sheet_mm?": (int, float),
    },
    "posting": {
        "on": date, "post_office": str, "deferred?": bool, "sorts_by?": list, "days?": int, "area_office?": bool,
    },
    "sender": {"address_lines": list, "names": list, "phone?": str, "title?": str, "lines?": list},
    "reply_permit": {
        "approval_no": str, "post_office": str, "valid_from": date, "valid_until": date, "postal_code": str,
        "box_number?": str, "deferred?": bool,
    },
    "own_prices": {"local_yen?": list, "local_districts?": list, "reply_surcharge_yen?": int},
}  # fmt: skip
_MAY_LACK = ("reply_permit", "own_prices")
_KINDS = {str: "文字", bool: "true か false", int: "整数", list: "[ ] の並び", date: "2026-12-01 の形の日付"}
_LABEL = re.compile("[A-Z][0-9]{5}")
_DAYS = (0, 3, 7)


class TermsRefused(TextRefused):
    """The text gives no terms for a mailing; `mistakes` holds every one found."""

    TITLE = "差出条件"


class MailingTerms(NamedTuple):
    """One mailing: label of its pieces, title, wording by key, and what the printer and the post are told."""

    label: str
    title: str
    encoding: str
    letter: Mapping[str, Any]
    printer: str
    key: str
    setup: Setup
    sizes: Sizes
    sender: Sender
    mark: Mark
    posting: Posting
    posted_on: date
    permit: Permit | None
    own: OwnPrices


def parse(text: str) -> MailingTerms:
    """The terms that a text describes; raises TermsRefused naming every mistake."""
    data = loaded(text, TermsRefused)
    own_keys = [key.removesuffix("?") for key in _TABLES[""]]
    mistakes = unknown(data, [*own_keys, *(name for name in _TABLES if name), "letter"])
    told = {name: _table(data, name, mistakes) for name in _TABLES}
    if not isinstance(data.get("letter"), dict):
        mistakes.append(Mistake("letter", "文言がありません。", "[letter] の表を書いてください。"))
    _values(told, mistakes)
    if mistakes:
        raise TermsRefused(mistakes)
    return _terms(told, data["letter"])


def _table(data: Mapping[str, Any], name: str, mistakes: list[Mistake]) -> dict[str, Any]:
    """The values of one table, each of its kind; a missing or wrong one is a mistake."""
    found = data if not name else data.get(name, {})
    if not isinstance(found, Mapping):
        mistakes.append(Mistake(name, "表ではありません。", f"[{name}] の見出しの下に書いてください。"))
        return {}
    if not found and name in _MAY_LACK:
        return {}
    keys = {key.removesuffix("?"): kind for key, kind in _TABLES[name].items()}
    if name:
        mistakes += unknown(found, list(keys), name)
    held: dict[str, Any] = {}
    for key, kind in keys.items():
        full = f"{name}.{key}" if name else key
        value = found.get(key)
        if value is None:
            if f"{key}?" not in _TABLES[name]:
                mistakes.append(Mistake(full, "書かれていません。", "この項目を書いてください。"))
        elif not isinstance(value, kind) or isinstance(value, bool) and kind is not bool:
            wanted = _KINDS[kind] if isinstance(kind, type) else "数"
            mistakes.append(Mistake(full, f"{wanted}ではありません。", f"{wanted}で書いてください。"))
        else:
            held[key] = value
    return held


def _values(told: Mapping[str, Mapping[str, Any]], mistakes: list[Mistake]) -> None:
    """What the kinds of value do not say: known words, keys that can be read, lists of the right things."""
    own, enclose, posting = told[""], told["enclose"], told["posting"]
    if "label" in own and not _LABEL.fullmatch(own["label"]):
        mistakes.append(
            Mistake(
                "label", "ロットの名になりません。", "英大文字1字と数字5桁で、M00001 のように書いてください。"
            )
        )
    _among(own, "encoding", "encoding", ENCODINGS, mistakes)
    _among(enclose, "envelope", "enclose.envelope", OUTER, mistakes)
    for word in posting.get("sorts_by", ()):
        if word not in (BY_DISTRICT, BY_NAMED):
            mistakes.append(not_among(word, "posting.sorts_by", (BY_DISTRICT, BY_NAMED)))
    if posting.get("days", 0) not in _DAYS:
        mistakes.append(
            Mistake("posting.days", "0、3、7のどれでもありません。", "送達の余裕の日数を書いてください。")
        )
    for key in ("tray", "bundle", "batch"):
        if enclose.get(key, 1) < 1:
            mistakes.append(Mistake(f"enclose.{key}", "1より小さい数です。", "通数を書いてください。"))
    if "public_key" in told["printer"]:
        try:
            public_key(told["printer"]["public_key"])
        except KeyRefused as refused:
            mistakes.append(Mistake("printer.public_key", "", refused.sentence))
    for one in enclose.get("leaflets", ()):
        if not (isinstance(one, dict) and set(one) == {"name", "grams", "thickness_mm"}):
            remedy = '{ name = "案内", grams = 6, thickness_mm = 0.2 } のように書いてください。'
            mistakes.append(Mistake("enclose.leaflets", "同封物になりません。", remedy))
    for one in told["own_prices"].get("local_yen", ()):
        if not (
            isinstance(one, list)
            and len(one) == 3
            and one[0] in SIZES
            and all(type(n) is int for n in one[1:])
        ):
            remedy = (
                f'["standard", 50, 円] のように、{"・".join(SIZES)} のどれか、g、円の順に書いてください。'
            )
            mistakes.append(Mistake("own_prices.local_yen", "料金になりません。", remedy))
    for table, key in (("sender", "names"), ("sender", "address_lines")):
        if told[table].get(key) == []:
            mistakes.append(Mistake(f"{table}.{key}", "1つもありません。", "1つ以上書いてください。"))
    if enclose.get("reply") and not told["reply_permit"]:
        mistakes.append(
            Mistake(
                "reply_permit", "返信用封筒を入れるのに、料金受取人払の承認がありません。",
                "承認書の内容を書くか、enclose.reply を false にしてください。",
            )
        )  # fmt: skip


def _among(held: Mapping[str, Any], key: str, full: str, known: Any, mistakes: list[Mistake]) -> None:
    if key in held and held[key] not in known:
        mistakes.append(not_among(held[key], full, list(known)))


def _terms(told: Mapping[str, Mapping[str, Any]], letter: Mapping[str, Any]) -> MailingTerms:
    own, enclose, posting, sender = told[""], told["enclose"], told["posting"], told["sender"]
    outer, defaults = OUTER[enclose["envelope"]], Setup(OUTER[enclose["envelope"]])
    days, deferred = posting.get("days", 0), posting.get("deferred", True)
    prices, permit = told["own_prices"], told["reply_permit"]
    sizes = {key: enclose[key] for key in ("tray", "bundle", "batch") if key in enclose}
    return MailingTerms(
        own["label"],
        own["title"],
        own.get("encoding", ENCODINGS[0]),
        letter,
        told["printer"]["name"],
        told["printer"]["public_key"].strip(),
        Setup(
            outer,
            REPLY_FOR[outer.code] if enclose.get("reply") else None,
            tuple(Enclosure(**one) for one in enclose.get("leaflets", ())),
            enclose.get("duplex", False),
            enclose.get("sheet_grams", defaults.sheet_grams),
            enclose.get("sheet_mm", defaults.sheet_mm),
        ),
        Sizes(**sizes),
        Sender(
            tuple(sender["address_lines"]), tuple(sender["names"]), sender.get("phone", ""), sender.get("title", ""),
            tuple(sender.get("lines", ())),
        ),
        Mark(posting["post_office"], deferred, days),
        Posting(frozenset(posting.get("sorts_by", ())), days, posting.get("area_office", False)),
        posting["on"],
        Permit(**permit) if permit else None,
        OwnPrices(
            {(size, grams): yen for size, grams, yen in prices.get("local_yen", ())},
            frozenset(prices.get("local_districts", ())),
            prices.get("reply_surcharge_yen"),
        ),
    )  # fmt: skip
