"""保留・不変条件の点検・代理受領口座 are one set of pages at both staff doors: which frame and which base page they stand in.

What a person may do there is asked of the access table, never of the door.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest

from todoku.programme.tables import Programme
from todoku.web.office.frame import frame


class Door(NamedTuple):
    """A staff door: its frame, the desk or place that is lit, its base page."""

    frame: Callable[[HttpRequest, str, str, str], tuple[Programme, dict[str, Any]]]
    place: str
    base: str

    def open(self, request: HttpRequest, slug: str, title: str) -> tuple[Programme, dict[str, Any]]:
        """The programme and the frame's context with the base page that the template extends."""
        programme, context = self.frame(request, slug, self.place, title)
        return programme, context | {"base_page": self.base, "errors": []}


OFFICE = Door(frame, "watch", "shared/base_desk.html")


def wrong(target: str, sentence: str) -> dict[str, str]:
    """One line of the error summary: the field's id and the sentence."""
    return {"target": target, "sentence": sentence}
