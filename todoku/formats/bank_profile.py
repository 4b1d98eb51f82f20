"""Pure. A small TOML text about one bank in, the profile of its files out.

A municipality writes what its contract with the paying bank (指定金融機関) settles and leaves out what is as in the
profile it starts from. Every mistake is named with its remedy, all of them at once; nothing is guessed.
"""

import re
from collections.abc import Mapping
from datetime import time
from typing import Any

from todoku.formats.toml_text import Mistake, TextRefused, loaded, not_among, unknown
from todoku.formats.zengin_layout import COUNT_MAX, PROFILES, Profile

LEAD_DAYS_MAX = 20  # a bank that wants a month has been misread


class ProfileRefused(TextRefused):
    """The text is no profile; `mistakes` holds every one found."""

    TITLE = "金融機関の設定"


# Key of the text → field of Profile, and what each word that may stand there means.
_WORDS: dict[str, tuple[str, dict[str, Any]]] = {
    "eol": ("eol", {"crlf": b"\r\n", "none": b""}),
    "clearing_house": ("clearing_house", {"0000": "0000", "spaces": "    "}),
    "transfer_category": ("transfer_category", {"7": "7", "0": "0", "space": " "}),
    "new_code": ("new_code", {"0": "0", "1": "1", "2": "2"}),
    "names": ("fill_names", {"filled": True, "blank": False}),
    "wo": ("strict_wo", {"ｵ": True, "オ": True, "ｦ": False, "ヲ": False}),
    "customer_code": ("customer_code", {"N": "N", "C": "C"}),
}
_WHOLE = {"max_records": (1, COUNT_MAX), "lead_days": (0, LEAD_DAYS_MAX)}
KEYS = ("name", "base", *_WORDS, "eof", *_WHOLE, "cut_off")


def parse(text: str) -> Profile:
    """The profile that a text describes; raises ProfileRefused naming every mistake.

    Keys: name (needed), base (a shipped profile to start from, else "standard"), eol "crlf"|"none", eof true|false,
    clearing_house "0000"|"spaces", transfer_category "7"|"0"|"space", new_code "0"|"1"|"2", names
    "filled"|"blank", wo "オ"|"ヲ", customer_code "N"|"C", max_records, lead_days, cut_off "HH:MM".
    """
    data = loaded(text, ProfileRefused)
    mistakes: list[Mistake] = []
    values: dict[str, Any] = {"name": _name(data, mistakes)}
    base = _base(data, mistakes)
    for key, (field, words) in _WORDS.items():
        if key in data:
            values[field] = _word(data[key], key, words, mistakes)
    for key, bounds in _WHOLE.items():
        if key in data:
            values[key] = _whole(data[key], key, bounds, mistakes)
    if "eof" in data:
        values["eof"] = _truth(data["eof"], mistakes)
    if "cut_off" in data:
        values["cut_off"] = _time(data["cut_off"], mistakes)
    mistakes += unknown(data, KEYS)
    if mistakes:
        raise ProfileRefused(mistakes)
    return base._replace(**values)


def chosen(text: str) -> Profile:
    """A shipped profile by its name, or the one that a TOML text describes. Raises ProfileRefused."""
    if "\n" not in text and "=" not in text:
        if text not in PROFILES:
            raise ProfileRefused([not_among(text, "", PROFILES)])
        return PROFILES[text]
    return parse(text)


def _name(data: Mapping[str, Any], mistakes: list[Mistake]) -> str:
    name = data.get("name")
    if not isinstance(name, str) or not re.fullmatch("[a-z][a-z0-9_-]{0,29}", name):
        remedy = 'name = "minato_bank" のように、英小文字・数字・_ で30文字までにしてください。'
        mistakes.append(Mistake("name", "設定の名前が書かれていないか、使えない文字です。", remedy))
        return ""
    if name in PROFILES:
        remedy = "別の名前にして、元にするときは base に書いてください。"
        mistakes.append(Mistake("name", f"「{name}」は、はじめからある設定の名前です。", remedy))
    return name


def _base(data: Mapping[str, Any], mistakes: list[Mistake]) -> Profile:
    base = data.get("base", "standard")
    if not isinstance(base, str) or base not in PROFILES:
        mistakes.append(not_among(base, "base", PROFILES))
        return PROFILES["standard"]
    return PROFILES[base]


def _word(value: object, key: str, words: Mapping[str, Any], mistakes: list[Mistake]) -> Any:
    if not isinstance(value, str) or value not in words:
        mistakes.append(not_among(value, key, words))
        return None
    return words[value]


def _whole(value: object, key: str, bounds: tuple[int, int], mistakes: list[Mistake]) -> int:
    least, most = bounds
    if type(value) is not int or not least <= value <= most:
        mistakes.append(
            Mistake(key, f"「{value}」は使えません。", f"{least}から{most:,}までの整数を書いてください。")
        )
        return least
    return value


def _truth(value: object, mistakes: list[Mistake]) -> bool:
    if type(value) is not bool:
        mistakes.append(Mistake("eof", f"「{value}」は使えません。", "true か false を書いてください。"))
        return False
    return value


def _time(value: object, mistakes: list[Mistake]) -> time:
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0)
    match = re.fullmatch("([01]?[0-9]|2[0-3]):([0-5][0-9])", value) if isinstance(value, str) else None
    if match is None:
        mistakes.append(
            Mistake("cut_off", f"「{value}」は時刻ではありません。", '"15:00" のように書いてください。')
        )
        return time(0)
    return time(int(match[1]), int(match[2]))
