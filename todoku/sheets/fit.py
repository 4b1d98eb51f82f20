"""Pure. How a long name or address is fitted into its box: never cut, never out of the box.

The rule: the wished size on one line; else smaller sizes on one line; else the largest size at which it fits on the
lines that the box allows; else the smallest size on those lines, narrowed until it fits, and reported as tight so
that a person looks. A block of several texts (an address) takes the largest size at which all its lines fit.
"""

import re
import string
from collections.abc import Callable, Sequence
from typing import NamedTuple

LEADING = 1.12  # distance of two baselines, in sizes: the least
AIRY = 1.35  # and the wished one
NOT_FIRST = frozenset(
    "、。，．,.・：；:;？！?!）)」』】］]〉》ー々゛゜ぁぃぅぇぉっゃゅょァィゥェォッャュョ％%"
)
_LATIN = string.ascii_letters + string.digits
IN_WORD = frozenset(
    _LATIN + "".join(chr(ord(letter) + 0xFEE0) for letter in _LATIN)
)  # and their full-width forms
_JOINED = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u0300-\u036f\u3099\u309a]")  # never begins a line
Measure = Callable[[str], int]  # width of a text in 1/1000 of its size


class Fitted(NamedTuple):
    """Lines in one size (points); `stretch` is the horizontal scale in per cent, below 100 only when tight."""

    size: float
    lines: tuple[str, ...]
    stretch: float = 100.0

    @property
    def tight(self) -> bool:
        return self.stretch < 100


def fit(
    texts: Sequence[str], width: float, height: float, sizes: Sequence[float], lines: int, measure: Measure
) -> Fitted:
    """Fit one text, or the lines of a block, into width × height points."""
    if len(texts) == 1:
        span = measure(texts[0]) / 1000
        for size in sizes:
            if span * size <= width:
                return Fitted(size, (texts[0],))
    for size in sizes:
        wrapped = [line for text in texts for line in wrap(text, width * 1000 / size, measure)]
        if len(wrapped) <= lines and _height(len(wrapped), size) <= height:
            return Fitted(size, tuple(wrapped))
    return _narrowed("　".join(texts), width, height, min(sizes), lines, measure)


def wrap(text: str, width: float, measure: Measure) -> list[str]:
    """Greedy lines no wider than `width` (1/1000 of the size); a word or number in Latin letters stays whole."""
    lines: list[str] = []
    while measure(text) > width:
        cut = 1
        while cut < len(text) and measure(text[: cut + 1]) <= width:
            cut += 1
        cut = _allowed(text, _before_word(text, cut))
        lines.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*lines, text] if text or not lines else lines


def _before_word(text: str, cut: int) -> int:
    """The cut moved to the start of the Latin word or number it would split; a word that fills the line is split."""
    start = cut
    while start > 0 and text[start - 1] in IN_WORD and text[start] in IN_WORD:
        start -= 1
    return start or cut


def _allowed(text: str, cut: int) -> int:
    """The cut moved back so that no closing mark begins a line (行頭禁則); a line of marks only is cut where it is.

    A kanji and the selector of its form (異体字セレクタ) stay together in any case.
    """
    start = cut
    while start > 1 and _never_first(text[start]):
        start -= 1
    return _whole(text, cut) if _never_first(text[start]) else start


def _never_first(letter: str) -> bool:
    return letter in NOT_FIRST or _JOINED.match(letter) is not None


def _whole(text: str, cut: int) -> int:
    """The cut moved on to where a character begins."""
    while cut < len(text) and _JOINED.match(text[cut]):
        cut += 1
    return cut


def _narrowed(text: str, width: float, height: float, size: float, lines: int, measure: Measure) -> Fitted:
    """All of the text in the smallest size on equal lines, narrowed to the box."""
    count = max(n for n in range(1, lines + 1) if n == 1 or _height(n, size) <= height)
    step = -(-len(text) // count)
    cuts = [_whole(text, i) for i in range(0, len(text), step)]
    parts = tuple(text[i:j] for i, j in zip(cuts, [*cuts[1:], len(text)], strict=True) if i < j)
    widest = max(measure(part) for part in parts) * size / 1000
    return Fitted(size, parts, min(99.0, 100 * width / widest))


def _height(lines: int, size: float) -> float:
    return ((lines - 1) * LEADING + 1) * size
