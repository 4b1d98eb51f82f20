"""Pure. Reads one table of a Version's TOML and notes every mistake instead of stopping at the first.

A value that is wrong or missing is replaced by an empty one of its kind, so that the reading goes on; the
caller refuses the whole text when any problem was noted. Keys nobody asked for are mistakes too.
"""

from collections.abc import Collection, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any, NamedTuple

WHOLE = "全体"  # the place of a mistake that lies in no table
NO_DAY = date.min  # stands for a date that could not be read


class Problem(NamedTuple):
    """One mistake in a Version: where, what is wrong, and what to do (both whole Japanese sentences)."""

    table: str
    key: str
    what: str
    remedy: str

    @property
    def sentence(self) -> str:
        place = f"［{self.table}］" + (f"の {self.key}" if self.key else "")
        return f"{place}：{self.what}{self.remedy}"


def meant(word: str, known: Collection[str]) -> str:
    """The remedy for an unknown word: the nearest known one, or the list of all."""
    near = get_close_matches(word, known, n=1)
    if near:
        return f"「{near[0]}」の書き誤りではありませんか。"
    return "使えるのは " + "、".join(sorted(known)) + " です。"


class Table:
    """One TOML table under reading; `path` is its name in messages, mistakes go to the shared list
    `problems`."""

    def __init__(self, path: str, data: Mapping[str, Any], problems: list[Problem]) -> None:
        self.path = path
        self.data = data
        self.problems = problems
        self.asked: set[str] = set()

    def note(self, key: str, what: str, remedy: str) -> None:
        """Note one mistake at a key of this table."""
        self.problems.append(Problem(self.path or WHOLE, key, what, remedy))

    def _value(self, key: str, kind: type, kind_name: str, example: str, required: bool) -> Any:
        """The value when it has the right type, else None with the mistake noted (if it is one)."""
        self.asked.add(key)
        if key not in self.data:
            if required:
                self.note(key, "書かれていません。", f"{key} = {example} のように書いてください。")
            return None
        value = self.data[key]
        # `type is`, since TOML's booleans are ints to Python and its date-times are dates.
        if type(value) is not kind:
            self.note(key, f"{kind_name}ではありません。", f"{key} = {example} のように書いてください。")
            return None
        return value

    def text(self, key: str, *, required: bool = True, longest: int = 2000, example: str = '"…"') -> str:
        """A piece of text, stripped; "" where it is missing or wrong."""
        value = self._value(key, str, "文字列", example, required)
        if value is None:
            return ""
        stripped: str = value.strip()
        if not stripped:
            self.note(key, "空です。", "内容を書くか、この行を消してください。")
        elif len(stripped) > longest:
            self.note(key, f"{len(stripped)}文字あります。", f"{longest}文字以内にしてください。")
        return stripped

    def whole(self, key: str, *, least: int = 0, most: int = 10**12, required: bool = True) -> int:
        """A whole number between two bounds; 0 where it is missing or wrong."""
        value = self._value(key, int, "整数", "100000", required)
        if value is None:
            return 0
        if not least <= value <= most:
            self.note(key, f"{value} は範囲の外です。", f"{least} 以上 {most} 以下にしてください。")
        return int(value)

    def wholes(self, key: str, *, least: int, most: int) -> tuple[int, ...]:
        """A list of whole numbers between two bounds, each once, from the smallest up; () where it is wrong."""
        values = self._value(key, list, "一覧", "[1000, 5000]", True)
        if values is None:
            return ()
        if not values or any(type(value) is not int or not least <= value <= most for value in values):
            self.note(
                key, "整数の一覧ではないか、範囲の外の数があります。", f"{least} 以上 {most} 以下の整数を並べてください。"
            )  # fmt: skip
            return ()
        if len(set(values)) < len(values):
            self.note(key, "同じ値が二度書かれています。", "一つを消してください。")
        return tuple(sorted(set(values)))

    def number(self, key: str, *, least: float, most: float) -> float:
        """A number, whole or not, between two bounds."""
        self.asked.add(key)
        value = self.data.get(key)
        if type(value) not in (int, float):
            self.note(key, "数が書かれていません。", f"{key} = 5 のように書いてください。")
            return 0.0
        assert isinstance(value, int | float)
        if not least <= value <= most:
            self.note(key, f"{value} は範囲の外です。", f"{least:g} 以上 {most:g} 以下にしてください。")
        return float(value)

    def truth(self, key: str) -> bool:
        """true or false; false where it is left out or wrong."""
        return bool(self._value(key, bool, "true か false", "true", False))

    def day(self, key: str) -> date:
        """A date; NO_DAY where it is missing or wrong."""
        return self._value(key, date, "日付", "2020-04-27", True) or NO_DAY

    def day_if_given(self, key: str) -> date | None:
        """A date that may be left out."""
        value: date | None = self._value(key, date, "日付", "2020-04-27", False)
        return value

    def days(self, key: str) -> tuple[date, ...]:
        """A list of dates, from the earliest on; () where it is left out or wrong."""
        values = self._value(key, list, "一覧", "[2019-06-01, 2019-07-31]", False)
        if values is None:
            return ()
        if any(type(value) is not date for value in values):
            self.note(
                key, "日付でないものが混じっています。", f"{key} = [2019-06-01] のように書いてください。"
            )
            return ()
        if len(set(values)) < len(values):
            self.note(key, "同じ日付が二度書かれています。", "一つを消してください。")
        return tuple(sorted(set(values)))

    def choice(self, key: str, among: Collection[str]) -> str:
        """One word among those known; the word as written even when unknown (it is noted)."""
        example = f'"{next(iter(among))}"'
        word = self._value(key, str, "文字列", example, True)
        if word is not None and word not in among:
            self.note(key, f"「{word}」という値はありません。", meant(word, among))
        return word or ""

    def choices(self, key: str, among: Collection[str], *, required: bool = True) -> tuple[str, ...]:
        """A list of words among those known, each once, in the order written."""
        example = f'["{next(iter(among))}"]'
        words = self._value(key, list, "一覧", example, required)
        if words is None:
            return ()
        if required and not words:
            self.note(key, "一つも書かれていません。", f"{key} = {example} のように書いてください。")
        if any(not isinstance(word, str) for word in words):
            self.note(
                key, "文字列でないものが混じっています。", f"{key} = {example} のように書いてください。"
            )
            return ()
        for word in words:
            if word not in among:
                self.note(key, f"「{word}」という値はありません。", meant(word, among))
        if len(set(words)) < len(words):
            self.note(key, "同じ値が二度書かれています。", "一つを消してください。")
        return tuple(words)

    def choice_or_choices(self, key: str, among: Collection[str]) -> tuple[str, ...]:
        """One known word, or a list of them."""
        if isinstance(self.data.get(key), list):
            return self.choices(key, among)
        return (self.choice(key, among),)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of names that stand in another table of the text, each once; () where it is left out or wrong."""
        values = self._value(key, list, "一覧", '["名前"]', False) or []
        if any(not isinstance(value, str) for value in values):
            self.note(key, "文字列でないものが混じっています。", f'{key} = ["名前"] のように書いてください。')
            return ()
        if len(set(values)) < len(values):
            self.note(key, "同じ値が二度書かれています。", "一つを消してください。")
        return tuple(values)

    def table(self, key: str, *, required: bool = True) -> "Table":
        """A table inside this one; an empty one where it is missing or not a table."""
        path = f"{self.path}.{key}" if self.path else key
        self.asked.add(key)
        inner = self.data.get(key, {})
        if not isinstance(inner, dict) or (required and key not in self.data):
            self.problems.append(Problem(path, "", "この表がありません。", f"[{path}] を書いてください。"))
            inner = {}
        return Table(path, inner, self.problems)

    def tables(self, key: str, *, required: bool = True) -> list["Table"]:
        """The tables of a list [[key]], each with its number (from 1) in its path."""
        path = f"{self.path}.{key}" if self.path else key
        self.asked.add(key)
        rows = self.data.get(key, [])
        if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows):
            self.problems.append(
                Problem(path, "", "表の一覧ではありません。", f"[[{path}]] で書いてください。")
            )
            return []
        if required and not rows:
            self.problems.append(
                Problem(path, "", "一つもありません。", f"[[{path}]] を一つ以上書いてください。")
            )
        return [Table(f"{path}（{number}番目）", row, self.problems) for number, row in enumerate(rows, 1)]

    def no_others(self) -> None:
        """Note every key that nobody asked for: a mistyped key must not pass as a default."""
        for key in self.data:
            if key not in self.asked:
                remedy = meant(key, self.asked) if self.asked else "この行を消してください。"
                self.note(key, "この項目はありません。", remedy)
