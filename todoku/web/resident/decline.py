"""Declining the benefit (辞退): an explicit act with a confirmation; the office asks back before it takes effect."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext

from todoku.case import stages
from todoku.intake.forms import WebForm
from todoku.intake.receive_web import AlreadyReceived, IntakeClosed, OtherContent, receive_web
from todoku.web.resident.entrance import page
from todoku.web.resident.forms import DeclineForm, posted
from todoku.web.resident.opened import Opened, nothing_to_send, opened
from todoku.web.resident.seen import status_of


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


urlpatterns: list[URLPattern] = [path("<slug:slug>/decline/", decline, name="decline")]
