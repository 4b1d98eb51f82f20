"""Pure. A whole sentence for a resident or a clerk that is not yet put into a language.

Pure files cannot reach the catalogue, so they hand on the Japanese sentence (the gettext msgid, marked with
`N_`) with its named values; the page or the letter translates and fills it. Nothing here knows which
languages exist.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date


def N_(sentence: str) -> str:
    """Mark a Japanese sentence for the catalogue; Babel collects calls of this name by default."""
    return sentence


def japanese_date(value: object) -> object:
    """The plain way to write a date in Japanese (西暦); other values pass through unchanged."""
    return f"{value.year}年{value.month}月{value.day}日" if isinstance(value, date) else value


@dataclass(frozen=True)
class Message:
    """One sentence: `msgid` with %(name)s placeholders and the values for them (dates stay dates until
    shown)."""

    msgid: str
    params: Mapping[str, object] = field(default_factory=dict)

    def text(
        self,
        translate: Callable[[str], str] = lambda sentence: sentence,
        show: Callable[[object], object] = japanese_date,
    ) -> str:
        """The sentence as shown: `translate` finds the language, `show` writes each value (dates, yen)."""
        return translate(self.msgid) % {name: show(value) for name, value in self.params.items()}
