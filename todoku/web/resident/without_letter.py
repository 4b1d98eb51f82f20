"""The way in for whoever has no letter (申請書が届いていない方・なくした方): said what will happen, then the same questions.

Nothing here says whether such a person exists: the application is kept, and a person of the office looks.
"""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext

from todoku.intake.failed_lookups import count_failure, is_blocked
from todoku.intake.receive_keyless import SENT_MAX
from todoku.web.resident.entrance import Entrance, page, public
from todoku.web.resident.visit import Visit
from todoku.web.shared.doors import address_of

# Each visit may leave two photos for a day: so many from one address in a quarter of an hour fill no disk.
BEGUN_MAX = 30


@public
def without_letter(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """What it needs and what comes of it; a press begins, or goes on with what was begun."""
    if not open_to(entrance):
        raise Http404
    visit = Visit(request.session, entrance.slug)
    if request.method == "POST":
        if not visit.keyless:
            if too_many(request, "begun", BEGUN_MAX):
                return sent_often(request, entrance)
            count(request, "begun", BEGUN_MAX)
            visit.begin_keyless()
        return redirect(entrance.url("apply"))
    values = {"back_url": entrance.url("start")}
    return page(request, entrance, "without_letter", gettext("申請書がない方の申請"), values=values)


def open_to(entrance: Entrance) -> bool:
    """Whether the terms and the day let somebody apply without a letter."""
    terms = entrance.terms
    return terms.intake.without_letter and terms.is_open(timezone.localdate(), terms.last_deadline)


def too_many(request: HttpRequest, what: str, limit: int = SENT_MAX) -> bool:
    """Whether this address has done it too often in the span of the look-ups."""
    return is_blocked(_counted(request, what, limit), secret=settings.LOOKUP_SECRET, at=timezone.now())


def count(request: HttpRequest, what: str, limit: int = SENT_MAX) -> None:
    """Counts one more from this address."""
    count_failure(_counted(request, what, limit), secret=settings.LOOKUP_SECRET, at=timezone.now())


def _counted(request: HttpRequest, what: str, limit: int) -> list[tuple[str, int]]:
    return [(f"without letter {what}|{address_of(request) or ''}", limit)]


def sent_often(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """Asked to wait, with the staffed way beside it."""
    title = gettext("しばらくしてから、もう一度お試しください")
    return page(request, entrance, "sent_often", title, status=429)


urlpatterns: list[URLPattern] = [
    path("<slug:slug>/without-letter/", without_letter, name="without_letter"),
]
