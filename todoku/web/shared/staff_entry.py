"""Signing in and out of the staff doors (ログイン), and the choice of a programme. Used by the office and the municipality.

Takes a name and a password; leaves a session of this door. Five wrong tries of one name or address within ten minutes
close the entrance for that name or address for ten more: a locked-out person is told so and whom to call.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.entry_tries import record_try, too_many_tries
from todoku.people.tables import roles_held
from todoku.programme.tables import Programme
from todoku.web.shared.doors import ENTRANCE, actor_of, address_of, asks

DOOR_NAMES = {"office": "事務局", "municipality": "自治体", "work": "事務局"}


class SignIn(forms.Form):
    """The two fields of the entrance."""

    username = forms.CharField(label="利用者ID", max_length=60)
    password = forms.CharField(label="パスワード", widget=forms.PasswordInput, max_length=200)

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self.fields["username"].widget.attrs.update(autocomplete="username", autofocus=True)
        self.fields["password"].widget.attrs.update(autocomplete="current-password")


@asks("public")
def sign_in(request: HttpRequest) -> HttpResponse:
    """The entrance of a staff door."""
    form = SignIn(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = _try(request, form)
        if answer is not None:
            return answer
    context = {
        "form": form, "page_title": "ログイン", "door_name": DOOR_NAMES[settings.DOOR],
        "next": request.POST.get("next") or request.GET.get("next", ""),
    }  # fmt: skip
    return render(request, "shared/login.html", context)


def _try(request: HttpRequest, form: SignIn) -> HttpResponse | None:
    name = form.cleaned_data["username"].strip()
    if too_many_tries(name, address_of(request), at=timezone.now()):
        form.add_error(
            None,
            "続けて間違えたため、しばらくログインできません。10分後にもう一度試すか、管理者に連絡してください。",
        )
        return None
    user = authenticate(request, username=name, password=form.cleaned_data["password"])
    entrance = ENTRANCE.get(settings.DOOR, "office.enter")
    if user is None or not may(user.roles, entrance):
        _record(request, name, refused=True)
        form.add_error(None, "利用者IDまたはパスワードが違います。もう一度確認してください。")
        return None
    login(request, user)
    _record(request, name, refused=False)
    return HttpResponseRedirect(_safe_next(request))


def _record(request: HttpRequest, name: str, *, refused: bool) -> None:
    actor = (
        actor_of(request)
        if not refused
        else Actor(None, name[:60], door=settings.DOOR, address=address_of(request))
    )
    record_try(name, actor=actor, at=timezone.now(), refused=refused)


def _safe_next(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return "/"


@require_POST
@asks("public")
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session."""
    logout(request)
    return redirect("/login/")


@asks("signed_in")
def choose(request: HttpRequest) -> HttpResponse:
    """The programmes this person may work in; one alone is opened at once unless they came to choose."""
    found = list(programmes_of(request).select_related("municipality").order_by("name"))
    if len(found) == 1 and "choose" not in request.GET:
        return redirect(f"/p/{found[0].slug}/")
    context = {
        "page_title": "給付金事業を選ぶ", "door_name": DOOR_NAMES[settings.DOOR], "programmes": found,
        "preparing": programmes_of(request, preparing=True).select_related("municipality").order_by("name"),
    }  # fmt: skip
    return render(request, "shared/choose.html", context)


def programmes_of(request: HttpRequest, *, preparing: bool = False) -> Any:
    """Programmes with an open Version within the municipalities of the person's grants (a blank grant: all).

    `preparing`: those instead that have a Version and none open yet; of them there is a criteria sheet and nothing else.
    """
    user: Any = request.user
    codes = {code for _, code in roles_held(user.pk, on=timezone.localdate())}
    found = Programme.objects.filter(versions__opened_at__isnull=False).distinct()
    if preparing:
        found = Programme.objects.filter(versions__isnull=False).exclude(pk__in=found.values("pk")).distinct()
    return found if "" in codes else found.filter(municipality_id__in=codes)


urlpatterns = [
    path("login/", sign_in, name="login"),
    path("logout/", sign_out, name="logout"),
    path("", choose, name="choose"),
]
