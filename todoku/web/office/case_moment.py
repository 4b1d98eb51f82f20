"""One thing of a case's story as it is told: when, of which kind, in which words, by whom.

Takes plain values; gives the moment of a time line with the time by which the story is put in order.
"""

from datetime import datetime

from django.utils.timezone import localtime

from todoku.web.shared.pieces import Badge, Moment

# A thing of the story: when, and how it is told.
Told = tuple[datetime, Moment]


def told(at: datetime, kind: str, title: str, text: str = "", who: str = "", *, look: str = "info") -> Told:
    """A moment of the story; without a kind it stands without a badge."""
    badge = Badge(kind, look) if kind else None
    return at, Moment(title, f"{localtime(at):%Y/%m/%d %H:%M}", text, who=who, badge=badge)
