"""印刷会社: printing companies and the keys their parcels are encrypted to. One registers a key, another vouches for it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.ground.step import Refusal
from todoku.letters.hand_to_printer import confirm_printer, register_printer
from todoku.letters.retire_printer import retire_printer
from todoku.letters.tables import Printer
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.web.office.frame import frame, programme_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge

READ_ALOUD = 8  # characters of the key that are read over the telephone


class NewKey(forms.Form):
    """A printing company and its public key."""

    name = forms.CharField(
        label="印刷会社の名前",
        max_length=100,
        error_messages={"required": "印刷会社の名前を入力してください。"},
    )
    key = forms.CharField(
        label="公開鍵", max_length=200,
        help_text="age1 で始まる62字。印刷会社から受け取ったものを、そのまま貼り付けます。",
        error_messages={"required": "age1 で始まる公開鍵を入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "size": "70"}),
    )  # fmt: skip


@require_GET
@asks("print.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """The companies with the state of their keys; how a company makes one."""
    return _page(request, slug, NewKey())


def _page(request: HttpRequest, slug: str, form: NewKey, status: int = 200, wrong: int = 0) -> HttpResponse:
    programme, context = frame(request, slug, "print", "印刷会社")
    actor = actor_of(request)
    found = Printer.objects.filter(programme=programme).order_by("retired_at", "pk")
    context |= {
        "form": form, "may_hand": may(actor.roles, "print.hand"),
        "printers": [_card(one, actor.name, may(actor.roles, "printer.confirm"), one.pk == wrong) for one in found],
        "read_aloud": READ_ALOUD,
    }  # fmt: skip
    return render(request, "office/printers.html", context, status=status)


def _card(one: Printer, who: str, may_confirm: bool, wrong: bool) -> dict[str, Any]:
    waits = one.retired_at is None and one.confirmed_at is None
    if one.retired_at is not None:
        badge = Badge("使用停止", "none")
    else:
        badge = Badge("確認待ち", "wait") if waits else Badge("使用中", "ok")
    said = f"{localtime(one.registered_at):%Y/%m/%d %H:%M} {one.registered_by}が登録"
    if one.confirmed_at:
        said += f"、{localtime(one.confirmed_at):%Y/%m/%d %H:%M} {one.confirmed_by}が確認"
    if one.retired_at:
        said += f"、{localtime(one.retired_at):%Y/%m/%d %H:%M} 使用停止"
    key, odd = one.public_key, len(one.public_key) % READ_ALOUD
    # Counted from the end, so that its last group is what is read aloud.
    groups = [key[:odd]] * bool(odd) + [key[at : at + READ_ALOUD] for at in range(odd, len(key), READ_ALOUD)]
    return {
        "row": one, "badge": badge, "said": said, "groups": groups,
        "own": one.registered_by == who, "waits": waits, "may_confirm": may_confirm and waits, "wrong": wrong,
    }  # fmt: skip


@require_POST
@asks("print.hand")
def register(request: HttpRequest, slug: str) -> HttpResponse:
    """A new company, or a new key of a known one."""
    programme, form = programme_of(request, slug), NewKey(request.POST)
    if form.is_valid():
        said: dict[str, Any] = form.cleaned_data
        try:
            made = register_printer(
                said["name"],
                said["key"],
                programme_id=programme.pk,
                actor=actor_of(request),
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error("key", refusal.sentence)
        else:
            messages.success(request, f"{made.name}を登録しました。別の人が鍵を確認すると、入稿に使えます。")
            return redirect("printers", slug=slug)
    return _page(request, slug, form, status=422)


@require_POST
@asks("printer.confirm")
def confirm(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Another person has had the end of the key read aloud by the company itself."""
    printer = _printer(request, slug, pk)
    if "".join(request.POST.get("heard", "").split()).lower() != printer.public_key[-READ_ALOUD:]:
        messages.error(
            request,
            f"聞き取った{READ_ALOUD}字が、登録した鍵の終わりと違います。聞き直し、それでも違うときは使用を停止してください。",
        )
        return _page(request, slug, NewKey(), status=422, wrong=printer.pk)
    try:
        confirm_printer(printer, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        record_look(
            actor=actor_of(request), action="printer.confirm", subject_kind="printer", subject_id=printer.pk,
            at=timezone.now(), programme_slug=slug, reason="公開鍵の確認",
        )  # fmt: skip
        messages.success(request, f"{printer.name}の鍵を確認しました。入稿に使えます。")
    return redirect("printers", slug=slug)


@require_POST
@asks("print.hand")
def retire(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The key is used no more."""
    printer = _printer(request, slug, pk)
    retire_printer(printer, actor=actor_of(request), at=timezone.now())
    messages.success(request, f"{printer.name}の鍵の使用を停止しました。")
    return redirect("printers", slug=slug)


def _printer(request: HttpRequest, slug: str, pk: int) -> Printer:
    programme = programme_of(request, slug)
    return get_object_or_404(Printer.objects.select_related("programme"), pk=pk, programme=programme)


urlpatterns = [
    path("printers/", index, name="printers"),
    path("printers/register/", register, name="printer-register"),
    path("printers/<int:pk>/confirm/", confirm, name="printer-confirm"),
    path("printers/<int:pk>/retire/", retire, name="printer-retire"),
]
