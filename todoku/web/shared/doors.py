"""Who may open a page: every view of the staff doors says which action of the access table it asks for.

`@asks("batch.view")` refuses with 403 and a recorded refusal; a house test fails on a route whose view says nothing.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from todoku.people.access import ACTIONS, OPEN_TO_ALL, may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.people.tables import roles_held
from todoku.programme.tables import Programme

View = Callable[..., HttpResponseBase]
ENTRANCE = {"office": "office.enter", "municipality": "city.enter"}


def asks(action: str) -> Callable[[View], View]:
    """Marks a view with the action it asks for, and lets in only who may do it at this door."""
    assert action in ACTIONS or action in OPEN_TO_ALL, f"unknown action {action!r}"

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **values: Any) -> HttpResponseBase:
            if action == "public":
                return view(request, *args, **values)
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if "slug" in values:
                _roles_here(request, values["slug"])
            if not _may_here(request, action):
                return refuse(request, action)
            return view(request, *args, **values)

        guarded.asks = action  # type: ignore[attr-defined]
        return guarded

    return mark


def _roles_here(request: HttpRequest, slug: str) -> None:
    """Keeps of a person's roles those held in this programme's municipality; 404 where there is none.

    A treasurer of one town who may look into another is no treasurer there.
    """
    user: Any = request.user
    codes = Programme.objects.filter(slug=slug).values("municipality_id")
    user.keep_roles(role for role, _ in roles_held(user.pk, on=timezone.localdate(), codes=codes))
    if not user.roles:
        raise Http404("programme")


def _may_here(request: HttpRequest, action: str) -> bool:
    """The person may enter this door at all, and may do the action."""
    roles = request.user.roles  # type: ignore[union-attr]
    entrance = ENTRANCE.get(settings.DOOR)
    if entrance and not may(roles, entrance):
        return False
    return action == "signed_in" or may(roles, action)


def refuse(request: HttpRequest, action: str) -> HttpResponse:
    """The page of a refusal; recorded although the request changes nothing else."""
    matched = request.resolver_match
    with transaction.atomic():
        record_look(
            actor=actor_of(request), action=action, subject_kind="page", subject_id=None, at=timezone.now(),
            programme_slug=matched.kwargs.get("slug", "") if matched else "", reason=request.path, refused=True,
        )  # fmt: skip
    return render(request, "shared/refused.html", {"action": action}, status=403)


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in person as the actor of a step."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Actor(
            id=None, name="", organisation="resident", door=settings.DOOR, address=address_of(request)
        )
    return Actor(
        id=user.pk, name=user.name, roles=user.roles, organisation=user.organisation.kind, door=settings.DOOR,
        address=address_of(request),
    )  # fmt: skip


def address_of(request: HttpRequest) -> str | None:
    """The peer's address; a forwarded header is believed only behind the proxy that TODOKU_HTTPS stands for."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.HTTPS and forwarded:
        return forwarded.rsplit(",", 1)[-1].strip()
    return request.META.get("REMOTE_ADDR") or None
