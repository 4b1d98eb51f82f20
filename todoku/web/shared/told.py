"""What an act on a page came to, said on the next one: the verb's note, or the sentence of its refusal."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest

from todoku.ground.step import Refusal, Report


def tell(request: HttpRequest, act: Callable[[], Report]) -> None:
    """Does it. Any other error than a Refusal is a bug and passes through."""
    try:
        report = act()
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, report.note)
