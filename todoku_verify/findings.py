"""What was found: each difference with its place, the verdict over all of them, in words for a treasurer."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import zip_longest
from typing import Any, NamedTuple

KEPT = 100  # differences told one by one; more are counted, since a wrong file differs everywhere
SECRET = frozenset({"口座番号", "口座名義", "受取人名"})
REMEDY = (
    "このファイルを金融機関へ渡さないでください。保管中のファイルを取り出し直して、もう一度確かめてください。"
    "それでも一致しないときは、承認や振込依頼をせず、業務責任者に連絡してください。"
)


class Unreadable(Exception):
    """A file is missing or is not of our format; `sentence` says which and what to do."""

    def __init__(self, file: str, sentence: str) -> None:
        super().__init__(f"{file}: {sentence}")
        self.file, self.sentence = file, sentence


class Difference(NamedTuple):
    """One difference. `line` counts from 1 (a bank file's header is line 1), 0 is the file as a whole."""

    file: str
    line: int
    field: str
    expected: str
    found: str
    sentence: str

    def told(self, *, show: bool = False) -> str:
        """One line of text; account numbers and names are masked unless `show`."""
        place = f"{self.file} {self.line:,}行目" if self.line else self.file
        text = f"{place}「{self.field}」: {self.sentence}"
        expected, found = self.shown(show=show)
        return f"{text} 正しい値「{expected}」、実際の値「{found}」" if expected or found else text

    def shown(self, *, show: bool = False) -> tuple[str, str]:
        """Expected and found as they may be printed: of a masked value only the last two characters."""
        if show or self.field not in SECRET:
            return self.expected, self.found
        places = [n for n, (a, b) in enumerate(zip_longest(self.expected, self.found), 1) if a != b]
        where = f"（{places[0]}〜{places[-1]}文字目が違います）" if places else ""
        return _masked(self.expected), _masked(self.found) + where


def _masked(value: str) -> str:
    return "●" * (len(value) - 2) + value[-2:] if len(value) > 2 else "●" * len(value)


class Findings:
    """Gathers differences: the first `kept` one by one, of the others the number."""

    def __init__(self, kept: int = KEPT) -> None:
        self.differences: list[Difference] = []
        self.count, self._kept = 0, kept

    def add(
        self, file: str, line: int, field: str, sentence: str, expected: object = "", found: object = ""
    ) -> None:
        """Notes one difference; bytes are of a UTF-8 text."""
        self.count += 1
        if len(self.differences) < self._kept:
            self.differences.append(Difference(file, line, field, _text(expected), _text(found), sentence))

    def same(self, file: str, line: int, pairs: Iterable[tuple[str, object, object]], sentence: str) -> None:
        """Notes each (field, expected, found) whose two values differ."""
        for field, expected, found in pairs:
            if expected != found:
                self.add(file, line, field, sentence, expected, found)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return f"{value:,}" if isinstance(value, int) else str(value)


@dataclass(frozen=True)
class Verdict:
    """Yes or no, over how many payments and yen, and every difference kept; `more` were counted beyond those.

    `not_paid`: grants of these lists for a bank that these lines do not pay: of another batch, or forgotten.
    """

    ok: bool
    count: int
    total_yen: int
    files: int
    lists: int
    not_paid: int
    manifest_sha256: str
    differences: tuple[Difference, ...]
    more: int

    @property
    def headline(self) -> str:
        """The verdict in one sentence."""
        if self.ok:
            return f"一致しました。{self.count:,}件、{self.total_yen:,}円。"
        return f"一致しません。違いが{len(self.differences) + self.more:,}か所あります。"

    def told(self, *, show: bool = False) -> str:
        """The whole verdict as lines of text."""
        if self.ok:
            return (
                f"{self.headline}\n振込ファイル{self.files}個の全ての行を、支給決定一覧{self.lists}個と照合しました。\n"
                f"一覧の支給決定(振込)のうち{self.not_paid:,}件は、この振込データでは支払われません。\n"
                f"振込データ明細書のSHA-256: {self.manifest_sha256}"
            )
        lines = [difference.told(show=show) for difference in self.differences]
        more = [f"ほかに{self.more:,}か所の違いがあります。"] if self.more else []
        return "\n".join([self.headline, *lines, *more, REMEDY])

    def values(self, *, show: bool = False) -> dict[str, Any]:
        """The same as plain values for a program; masked in the same way."""
        told = []
        for one in self.differences:
            expected, found = one.shown(show=show)
            told.append(one._asdict() | {"expected": expected, "found": found})
        return asdict(self) | {"differences": told}
