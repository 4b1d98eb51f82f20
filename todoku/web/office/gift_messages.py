"""ギフトの配信: what waits for a message, the carrier's files with who took them, and what could not be delivered.

Each post is one verb. The only answer that holds codes is the carrier's file, to who delivers them, and it is on record.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.custody.tables import Parcel
from todoku.delivery.gift_outbox import (
    KIND,
    RECEIVER_MAX,
    make_gift_outbox,
    messages_sent,
    take_outbox,
    waiting_for_messages,
)
from todoku.delivery.read_outbox_answer import read_outbox_answer
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.programme.vocabulary import GIFT_DELIVERIES
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.gift_messages_page import failed_table, file_of, files_table, open_file
from todoku.web.shared.doors import actor_of, asks


class HandOver(forms.Form):
    """Who takes the carrier's file."""

    receiver = forms.CharField(
        label="渡す相手（配信事業者と担当者）", max_length=RECEIVER_MAX,
        error_messages={"required": "渡す相手の事業者と担当者の名前を入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class Answer(forms.Form):
    """The carrier's answer, line by line."""

    file = forms.FileField(
        label="配信結果の一覧（CSV）",
        help_text="管理番号と送信結果の列が要ります。URLの列が入ったものは取り込めません。",
        error_messages={
            "required": "配信事業者から受け取った結果の一覧を選んでください。",
            "empty": "ファイルが空です。",
        },
    )


@require_GET
@asks("gift.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits, the file under way, the files so far, what came to nobody."""
    return _index(request, slug)


def _index(request: HttpRequest, slug: str, refused: forms.Form | None = None, pk: int = 0) -> HttpResponse:
    """The page; `refused`, a form of the file `pk`, is shown again with what is wrong in it."""
    programme, context = frame(request, slug, "payment", "ギフトの配信")
    gift = programme.terms.payment.gift
    ways = [(way, GIFT_DELIVERIES[way]) for way in (gift.delivery if gift else ()) if way != "letter"]
    context |= {
        "ways": ways,
        "waiting": waiting_for_messages(programme) if ways else None,
        "open": [
            (one, *(_form(kind, one.parcel.pk, refused, pk) for kind in (HandOver, Answer)))
            for one in open_file(programme)
        ],
        "files": files_table(programme),
        "failed": failed_table(programme, slug, page=page_number(request)),
        "may_deliver": may(actor_of(request).roles, "gift.deliver"),
    }
    return render(request, "office/gift_messages.html", context, status=422 if refused else 200)


def _form(kind: type[forms.Form], file: int, refused: forms.Form | None, pk: int) -> forms.Form:
    """A form of one file; two files may be under way, so each has names of its own for its fields."""
    if isinstance(refused, kind) and file == pk:
        return refused
    return kind(auto_id=f"id_{file}_%s")


@require_POST
@asks("gift.deliver")
def make(request: HttpRequest, slug: str) -> HttpResponse:
    """Writes the carrier's file for one way."""
    try:
        made = make_gift_outbox(
            request.POST.get("way", ""), programme=programme_of(request, slug), actor=actor_of(request),
            at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(
            request, f"{made.record_count:,}件の配信データを作りました。配信事業者に渡してください。"
        )
    return redirect("gift-messages", slug=slug)


def _parcel(request: HttpRequest, slug: str, pk: int) -> Parcel:
    return get_object_or_404(Parcel, pk=pk, kind=KIND, scope=programme_of(request, slug).slug)


@require_POST
@asks("gift.deliver")
def take(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The carrier's file in clear: money, so it is posted for, handed over by name and stored nowhere."""
    parcel, form = _parcel(request, slug, pk), HandOver(request.POST, auto_id=f"id_{pk}_%s")
    if not form.is_valid():
        return _index(request, slug, form, pk)
    try:
        data = take_outbox(
            parcel, receiver=form.cleaned_data["receiver"], actor=actor_of(request), at=timezone.now()
        )
    except Refusal as refusal:
        form.add_error("receiver", refusal.sentence)
        return _index(request, slug, form, pk)
    response = HttpResponse(data, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{parcel.name}"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@asks("gift.deliver")
def take_answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Takes in what the carrier says of each message."""
    parcel, form = _parcel(request, slug, pk), Answer(request.POST, request.FILES, auto_id=f"id_{pk}_%s")
    if form.is_valid():
        given: Any = form.cleaned_data["file"]
        try:
            report = read_outbox_answer(
                parcel, given.read(), name=given.name, programme=programme_of(request, slug), actor=actor_of(request),
                at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error("file", refusal.sentence)
        else:
            messages.success(request, report.note)
            return redirect("gift-messages", slug=slug)
    return _index(request, slug, form, pk)


@require_POST
@asks("gift.deliver")
def all_sent(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The carrier says that the whole file was sent."""
    programme, parcel = programme_of(request, slug), _parcel(request, slug, pk)
    try:
        report = messages_sent(
            file_of(parcel).way, programme=programme, actor=actor_of(request), at=timezone.now()
        )
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"送信を記録し、{report.done:,}件を支給済にしました。")
    return redirect("gift-messages", slug=slug)


urlpatterns = [
    path("messages/", index, name="gift-messages"),
    path("messages/make/", make, name="gift-messages-make"),
    path("messages/<int:pk>/file/", take, name="gift-messages-file"),
    path("messages/<int:pk>/answer/", take_answer, name="gift-messages-answer"),
    path("messages/<int:pk>/sent/", all_sent, name="gift-messages-sent"),
]
