"""What stands before every page of applying and declining: the case opened by number, birth date and the letter's key.

Takes the visit; gives the opened case, or the page to go to first.
"""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext

from todoku.case import stages
from todoku.intake.receive_web import (
    AlreadyReceived,
    IntakeClosed,
    NotOpened,
    OpenedCase,
    may_send,
    opened_case,
)
from todoku.web.resident.entrance import Entrance, long_day, page, public
from todoku.web.resident.seen import Seen, seen, status_of
from todoku.web.resident.visit import Visit
from todoku.web.resident.without_letter import open_to
from todoku.web.shared.doors import View


class Opened(NamedTuple):
    """An opened case at this entrance, on this day, with the visit it was opened in."""

    entrance: Entrance
    visit: Visit
    case: OpenedCase
    today: date


def opened(aim: str) -> Callable[[View], View]:
    """A page for whoever holds the letter; others are led to the look-up or the key first. `aim`: apply or decline."""

    def mark(view: View) -> View:
        @public
        @wraps(view)
        def checked(request: HttpRequest, entrance: Entrance, **values: Any) -> HttpResponseBase:
            visit = Visit(request.session, entrance.slug)
            if visit.keyless and aim == "apply":
                if not open_to(entrance):
                    return redirect(entrance.url("start"))
                here = Opened(entrance, visit, _nobodys(visit, entrance), timezone.localdate())
                return view(request, here, **values)
            if not visit.lookup_token:
                return redirect(f"{entrance.url('look_up')}?for={aim}")
            if not visit.key_token:
                return _to_the_key(request, entrance, visit, aim)
            try:
                case = opened_case(visit.lookup_token, visit.key_token)
            except NotOpened:  # a newer letter with another key went out meanwhile
                return redirect(f"{entrance.url('key')}?for={aim}")
            if not _may_send(case, entrance):
                return nothing_to_send(request, entrance, visit)
            here = Opened(entrance, visit, case, timezone.localdate())
            return view(request, here, **values)

        return checked

    return mark


def _nobodys(visit: Visit, entrance: Entrance) -> OpenedCase:
    """No case stands behind it: the checks compare the account with the kana that the applicant gave as his own."""
    kana = str(visit.draft.get("kana", ""))
    return OpenedCase(0, entrance.programme.pk, stages.INVITED, False, kana, (), "")


def _may_send(case: OpenedCase, entrance: Entrance) -> bool:
    try:
        may_send(case, entrance.terms, timezone.localdate())
    except (AlreadyReceived, IntakeClosed):
        return False
    return True


def _to_the_key(request: HttpRequest, entrance: Entrance, visit: Visit, aim: str) -> HttpResponse:
    """The key is asked for only where it would open something."""
    status = status_of(visit.lookup_token)
    if status is None:
        return redirect(f"{entrance.url('look_up')}?for={aim}")
    if not seen(status, entrance, timezone.now()).applies:
        return nothing_to_send(request, entrance, visit)
    return redirect(f"{entrance.url('key')}?for={aim}")


def nothing_to_send(request: HttpRequest, entrance: Entrance, visit: Visit) -> HttpResponse:
    """An application is here already, by whichever channel, or none is taken now: said plainly, with the next step."""
    status = status_of(visit.lookup_token)
    if status is None:
        return redirect(entrance.url("look_up"))
    case = seen(status, entrance, timezone.now())
    if case.status.arrived_on is not None:
        values = {"arrived_on": long_day(case.status.arrived_on), "channel": _channel(case)}
        return page(
            request, entrance, "already", gettext("すでに申請を受け付けています"), status=409, values=values
        )
    return redirect(entrance.url("status"))


def _channel(case: Seen) -> str:
    return {
        "paper": gettext("郵送"),
        "web": gettext("このページ"),
        "counter": gettext("窓口"),
        "phone": gettext("電話"),
    }.get(case.status.channel or "", "")
