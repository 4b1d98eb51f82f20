"""Pure. A small TOML text that an office writes in, its keys and the mistakes found in it out.

What bank_profile, bank_report_mapping and payer have in common: every mistake is named with its remedy, all of
them at once; a key that nobody knows is a mistake too, since a mistyped key must not pass as a default.
"""

import tomllib
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Any, NamedTuple

from todoku.formats.refused import FormatRefused

_LIKENESS = 0.7  # two letters wrong in a word of eight


class Mistake(NamedTuple):
    """One mistake in the text: its key ("" for the whole text), what is wrong, what to do."""

    key: str
    what: str
    remedy: str

    @property
    def sentence(self) -> str:
        return (f"{self.key}: " if self.key else "") + self.what + self.remedy


class TextRefused(FormatRefused):
    """The text does not say what it should; `mistakes` holds every one found. `TITLE` names the kind of text."""

    TITLE = "設定"

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        lines = "\n".join(mistake.sentence for mistake in self.mistakes)
        super().__init__(f"{self.TITLE}に{len(self.mistakes)}件の誤りがあります。\n{lines}")


def loaded(text: str, refusal: type[TextRefused]) -> dict[str, Any]:
    """The keys and values of a text; raises the given refusal where it is no TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what = f"TOMLとして読めません（{error}）。"
        raise refusal([Mistake("", what, "かっこと引用符を確かめてください。")]) from error


def not_among(value: object, key: str, known: Collection[str]) -> Mistake:
    """A word that is not one of those known: the nearest, and all."""
    near = get_close_matches(str(value), known, n=1, cutoff=_LIKENESS)
    guess = f"「{near[0]}」の書き誤りではありませんか。" if near else ""
    return Mistake(key, f"「{value}」という値はありません。", f"{guess}使えるのは {'、'.join(known)} です。")


def unknown(data: Iterable[str], known: Collection[str], table: str = "") -> list[Mistake]:
    """A mistake for each key that is not known; `table` is the TOML table in which they stand."""
    mistakes = []
    for key in data:
        if key not in known:
            near = get_close_matches(key, known, n=1, cutoff=_LIKENESS)
            remedy = f"「{near[0]}」の書き誤りではありませんか。" if near else "この行を消してください。"
            mistakes.append(Mistake(f"{table}.{key}" if table else key, "この項目はありません。", remedy))
    return mistakes
