"""Declining the benefit (辞退): an explicit act with a confirmation; the office asks back before it takes effect."""

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext

from todoku.case import stages
from todoku.intake.forms import WebForm
from todoku.intake.receive_web import AlreadyReceived, IntakeClosed, NotOpened, OtherContent, receive_web
from todoku.intake.tell_decline import CannotTell, tell_by_web
from todoku.web.resident.entrance import Entrance, page, public
from todoku.web.resident.forms import DeclineForm, TakeBackForm, posted
from todoku.web.resident.opened import Opened, nothing_to_send, opened
from todoku.web.resident.seen import seen, status_of
from todoku.web.resident.visit import Visit


@opened("decline")
def decline(request: HttpRequest, here: Opened) -> HttpResponse:
    """Says what is given up, asks for a tick and a telephone number, and takes the notice."""
    if here.case.stage not in (stages.LISTED, stages.INVITED):
        return redirect(here.entrance.url("status"))
    form = DeclineForm(posted(request))
    if request.method == "POST" and form.is_valid():
        return _send(request, here, form.cleaned_data["phone"])
    status = status_of(here.visit.lookup_token)
    assert status is not None, "the case was opened a moment ago"
    values = {"form": form, "amount_yen": status.amount_yen, "back_url": here.entrance.url("status")}
    return page(request, here.entrance, "decline", gettext("給付金を受け取らない（辞退する）"), values=values)


def _send(request: HttpRequest, here: Opened, phone: str) -> HttpResponse:
    visit, at = here.visit, timezone.now()
    if not visit.idempotency_key:
        visit.save({})
    try:
        receipt = receive_web(
            WebForm(phone=phone, declines=True), {}, lookup_token=visit.lookup_token, key_token=visit.key_token,
            at=at, idempotency_key=visit.idempotency_key,
        )  # fmt: skip
    except (AlreadyReceived, IntakeClosed, OtherContent):
        return nothing_to_send(request, here.entrance, visit)
    visit.sent(receipt.number, receipt.registered_at, declines=True)
    return redirect(here.entrance.url("receipt"))


@public
def withdraw(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """Declines what was applied for: says what is given up, asks for a tick; the office asks back another way."""
    return _word(request, entrance, "decline")


@public
def take_back(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """Takes a decline back before it is paid: the application goes on."""
    return _word(request, entrance, "take_back")


def _word(request: HttpRequest, entrance: Entrance, kind: str) -> HttpResponse:
    visit, aim = Visit(request.session, entrance.slug), "withdraw" if kind == "decline" else "take_back"
    status = status_of(visit.lookup_token) if visit.lookup_token else None
    if status is None:
        return redirect(f"{entrance.url('look_up')}?for={aim}")
    case = seen(status, entrance, timezone.now())
    if not (case.may_withdraw if kind == "decline" else case.may_take_back):
        return redirect(entrance.url("status"))
    if not visit.key_token:
        return redirect(f"{entrance.url('key')}?for={aim}")
    form = (DeclineForm if kind == "decline" else TakeBackForm)(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            tell_by_web(
                kind, phone=form.cleaned_data.get("phone", ""), told=status.decline_told_on is not None,
                lookup_token=visit.lookup_token, key_token=visit.key_token, at=timezone.now(),
                idempotency_key=secrets.token_hex(16),
            )  # fmt: skip
        except NotOpened:  # a newer letter with another key went out meanwhile
            return redirect(f"{entrance.url('key')}?for={aim}")
        except CannotTell:  # somebody was faster; the status page says how it stands
            return redirect(entrance.url("status"))
        visit.told(taken_back=kind == "take_back")
        return redirect(entrance.url("status"))
    values = {"form": form, "amount_yen": status.amount_yen, "back_url": entrance.url("status")}
    titles = {
        "decline": gettext("給付金を受け取らない（辞退する）"),
        "take_back": gettext("辞退を取りやめる"),
    }
    return page(
        request, entrance, "decline" if kind == "decline" else "take_back", titles[kind], values=values
    )


urlpatterns: list[URLPattern] = [
    path("<slug:slug>/decline/", decline, name="decline"),
    path("<slug:slug>/withdraw/", withdraw, name="withdraw"),
    path("<slug:slug>/take-back/", take_back, name="take_back"),
]
