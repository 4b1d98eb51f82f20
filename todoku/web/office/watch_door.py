"""Pages that stand at both staff doors (保留, 点検, 代理受領口座, 照会・組戻し): in which frame and on which base page.

What a person may do there is asked of the access table, never of the door.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest

from todoku.programme.tables import Programme
from todoku.web.office.frame import frame


class Door(NamedTuple):
    """A staff door: its frame, the desk or place that is lit, its base page, the name of its page of a batch."""

    frame: Callable[[HttpRequest, str, str, str], tuple[Programme, dict[str, Any]]]
    place: str
    base: str
    batch: str = "batch"

    def open(self, request: HttpRequest, slug: str, title: str) -> tuple[Programme, dict[str, Any]]:
        """The programme and the frame's context with the base page that the template extends."""
        programme, context = self.frame(request, slug, self.place, title)
        return programme, context | {"base_page": self.base, "batch_page": self.batch, "errors": []}


OFFICE = Door(frame, "watch", "shared/base_desk.html")
PAYMENT = Door(frame, "payment", "shared/base_desk.html")


def wrong(target: str, sentence: str) -> dict[str, str]:
    """One line of the error summary: the field's id and the sentence."""
    return {"target": target, "sentence": sentence}
