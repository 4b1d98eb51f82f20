"""入れ物と引渡し: trays, bundles, boxes and safes with their labels; given by one, taken by another, sealed, stored.

Each post is one verb. Who takes a container signs by being signed in: the two names are two sessions.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.ground.step import Refusal
from todoku.mailroom.give_container import give_container
from todoku.mailroom.held_in import held_in
from todoku.mailroom.make_container import make_container
from todoku.mailroom.move_sheet import move_sheet
from todoku.mailroom.put_in_box import CannotPut, put_in_box
from todoku.mailroom.seal_container import seal_container
from todoku.mailroom.tables import STATIONS, Carry, Container
from todoku.mailroom.take_back_carry import UNDO_SECONDS, take_back_carry
from todoku.mailroom.take_container import take_container
from todoku.people.access import may
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.mail_forms import Sheets
from todoku.web.office.mail_page import containers_table, sheets_table
from todoku.web.office.qr_svg import qr_svg
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Undo
from todoku.web.shared.told import tell


@require_GET
@asks("mail.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Every container with where it stands; a new one by one button; a scanned code opens its page."""
    programme, context = frame(request, slug, "mail", "入れ物")
    code = request.GET.get("code", "").strip().upper()
    if code and Container.objects.filter(programme=programme, code=code).exists():
        return redirect("mail-container", slug=slug, code=code)
    if code:
        messages.error(request, "この符号の入れ物はありません。ラベルの符号を読み取り直してください。")
    context |= {
        "table": containers_table(
            programme, slug, page=page_number(request), station=request.GET.get("station", "")
        ),
        "kinds": Container.KINDS, "stations": STATIONS, "typed": code,
        "may_work": may(actor_of(request).roles, "mail.work"),
    }  # fmt: skip
    return render(request, "office/mail_containers.html", context)


@require_POST
@asks("mail.work")
def make(request: HttpRequest, slug: str) -> HttpResponse:
    """Makes a container and shows its label."""
    kind, station = request.POST.get("kind", ""), request.POST.get("station", "opening")
    if kind not in dict(Container.KINDS) or station not in dict(STATIONS):
        messages.error(request, "入れ物の種類と場所を選んでください。")
        return redirect("mail-containers", slug=slug)
    made = make_container(
        programme=programme_of(request, slug),
        kind=kind,
        station=station,
        actor=actor_of(request),
        at=timezone.now(),
    )
    messages.success(request, f"{made.code} を作りました。ラベルを印刷して貼ってください。")
    return redirect("mail-label", slug=slug, code=made.code)


def _container(request: HttpRequest, slug: str, code: str) -> Container:
    return get_object_or_404(
        Container.objects.select_related("inside"), programme=programme_of(request, slug), code=code
    )


@require_GET
@asks("mail.view")
def show(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """One container: what lies in it, where it was, what can be done with it now."""
    return _show(request, slug, _container(request, slug, code))


def _show(
    request: HttpRequest, slug: str, one: Container, form: Sheets | None = None, sentence: str = "", status: int = 200
) -> HttpResponse:  # fmt: skip
    programme, context = frame(request, slug, "mail", f"{one.get_kind_display()} {one.code}")
    carries = list(one.carries.order_by("-pk")[:20])
    waiting = next((carry for carry in carries if carry.taken_id is None), None)
    count, actor = held_in(one), actor_of(request)
    # What went to the municipality is taken at its own door.
    may_take = waiting is not None and waiting.given_id != actor.id and waiting.to_station != "municipality"
    boxes = Container.objects.filter(
        programme=programme, kind="box", station=one.station, sealed_at__isnull=True
    )
    context |= {
        "container": one, "count": count, "carries": carries, "waiting": waiting, "stations": STATIONS,
        "form": form or Sheets(), "sentence": sentence,
        "may_take": may_take, "undo": _undo(request, slug, waiting),
        # Who has to count does not see what is recorded: the second count is a count.
        "table": None if may_take else sheets_table(one, slug, page=page_number(request)),
        "may_work": may(actor.roles, "mail.work"),
        "bundles": list(one.holds.order_by("code")),
        "boxes": list(boxes) if one.kind == "bundle" and not one.inside_id else [],
    }  # fmt: skip
    return render(request, "office/mail_container.html", context, status=status)


def _undo(request: HttpRequest, slug: str, carry: Carry | None) -> Undo | None:
    """The way back for who gave it, while its minute lasts and nobody has taken it."""
    actor = actor_of(request)
    if carry is None or carry.taken_id or carry.given_id != actor.id or not may(actor.roles, "mail.work"):
        return None
    left = UNDO_SECONDS - int((timezone.now() - carry.at).total_seconds())
    code = carry.container.code
    return (
        Undo(f"{code} を渡しました。", f"/p/{slug}/mail/container/{code}/back/{carry.pk}/", left)
        if left > 0
        else None
    )


@require_POST
@asks("mail.view")
def give(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Gives it to another station, sheets counted."""
    one, form = _container(request, slug, code), Sheets(request.POST)
    to = request.POST.get("to", "")
    if to not in dict(STATIONS):
        return _show(request, slug, one, form, "渡す先を選んでください。", 422)
    if not form.is_valid():
        return _show(request, slug, one, form, status=422)
    try:
        made = give_container(
            one, to=to, stated=form.cleaned_data["counted"], actor=actor_of(request), at=timezone.now()
        )
    except Refusal as refusal:
        return _show(request, slug, one, form, refusal.sentence, 422)
    messages.success(request, f"{one.code} を渡しました。受け取る人が、自分の画面で枚数を確かめます。")
    return redirect("mail-slip", slug=slug, pk=made.pk)


@require_POST
@asks("mail.view")
def take(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Takes it: the second name and the sheets found."""
    one, form = _container(request, slug, code), Sheets(request.POST)
    carry = get_object_or_404(Carry, container=one, taken_id__isnull=True)
    if not form.is_valid():
        return _show(request, slug, one, form, status=422)
    try:
        report = take_container(
            carry, found=form.cleaned_data["counted"], actor=actor_of(request), at=timezone.now()
        )
    except Refusal as refusal:
        return _show(request, slug, one, form, refusal.sentence, 422)
    (messages.warning if report.waiting else messages.success)(request, report.note)
    return redirect("mail-container", slug=slug, code=code)


@require_POST
@asks("mail.work")
def take_back(request: HttpRequest, slug: str, code: str, pk: int) -> HttpResponse:
    """Takes back a hand-over that was given by mistake, within its minute."""
    one = get_object_or_404(Carry, pk=pk, container=_container(request, slug, code))
    tell(request, lambda: take_back_carry(one, actor=actor_of(request), at=timezone.now()))
    return redirect("mail-container", slug=slug, code=code)


@require_POST
@asks("mail.work")
def seal(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Seals it."""
    tell(
        request,
        lambda: seal_container(_container(request, slug, code), actor=actor_of(request), at=timezone.now()),
    )
    return redirect("mail-container", slug=slug, code=code)


@require_POST
@asks("mail.work")
def put(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Puts a bundle into a box, or takes it out."""
    one = _container(request, slug, code)
    box = Container.objects.filter(programme=one.programme_id, code=request.POST.get("box", "")).first()
    try:
        if box is None and one.inside_id is None:
            raise CannotPut("入れる箱を選んでください。")
        put_in_box(one, box, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(
            request, f"{one.code} を {box.code} に入れました。" if box else f"{one.code} を箱から出しました。"
        )
    return redirect("mail-container", slug=slug, code=code)


@require_POST
@asks("mail.work")
def move(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Moves one sheet, named by its place, to another container."""
    one = _container(request, slug, code)
    typed = request.POST.get("position", "")
    sheet = one.sheets.filter(voided_at__isnull=True, position=int(typed)).first() if _small(typed) else None
    target = Container.objects.filter(
        programme=one.programme_id, code=request.POST.get("to", "").strip().upper()
    ).first()
    if sheet is None or target is None:
        messages.error(request, "移す用紙の連番と、移す先の符号を確かめてください。")
        return redirect("mail-container", slug=slug, code=code)
    try:
        made = move_sheet(
            sheet, target, why=request.POST.get("why", ""), actor=actor_of(request), at=timezone.now()
        )
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"用紙を {target.code} の{made.to_position}番目に移しました。")
    return redirect("mail-container", slug=slug, code=code)


def _small(typed: str) -> bool:
    return typed.isascii() and typed.isdigit() and len(typed) < 8


@require_GET
@asks("mail.view")
def label(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The label of a container, to be printed: its code large, and as QR."""
    one = _container(request, slug, code)
    _, context = frame(request, slug, "mail", f"ラベル {one.code}")
    return render(request, "office/mail_label.html", context | {"container": one, "qr": qr_svg(one.code)})


@require_GET
@asks("mail.view")
def slip(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The slip that goes with a container from hand to hand."""
    carry: Any = get_object_or_404(
        Carry.objects.select_related("container"), pk=pk, container__programme=programme_of(request, slug)
    )
    _, context = frame(request, slug, "mail", f"引渡票 {carry.container.code}")
    return render(
        request,
        "office/mail_slip.html",
        context
        | {
            "carry": carry,
            "qr": qr_svg(carry.container.code),
            "undo": _undo(request, slug, carry),
            "blind": carry.taken_id is None and carry.given_id != actor_of(request).id,
        },
    )


urlpatterns = [
    path("containers/", index, name="mail-containers"),
    path("containers/make/", make, name="mail-make"),
    path("container/<str:code>/", show, name="mail-container"),
    path("container/<str:code>/give/", give, name="mail-give"),
    path("container/<str:code>/take/", take, name="mail-take"),
    path("container/<str:code>/back/<int:pk>/", take_back, name="mail-carry-back"),
    path("container/<str:code>/seal/", seal, name="mail-seal"),
    path("container/<str:code>/box/", put, name="mail-box"),
    path("container/<str:code>/move/", move, name="mail-move"),
    path("container/<str:code>/label/", label, name="mail-label"),
    path("slip/<int:pk>/", slip, name="mail-slip"),
]
