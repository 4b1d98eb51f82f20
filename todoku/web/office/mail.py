"""郵便室 desk: pick-ups, bags counted and opened envelope after envelope, with the keyboard and a hand scanner alone.

Each post is one verb. The opening screen keeps its tray, takes the next envelope at once, and the last one can be taken
back for a minute. Containers, papers without an owner, valuables and differences have pages of their own.
"""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from todoku.ground.step import Refusal
from todoku.mailroom.close_bag import close_bag
from todoku.mailroom.count_bag import count_bag
from todoku.mailroom.make_container import make_container
from todoku.mailroom.open_envelope import open_envelope
from todoku.mailroom.pick_up import pick_up
from todoku.mailroom.tables import Bag, Carry, Container, Envelope
from todoku.mailroom.take_back_envelope import UNDO_SECONDS, take_back_envelope
from todoku.people.access import may
from todoku.programme.tables import Programme
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.mail_forms import (
    HOUSEHOLDS_SHOWN,
    EnvelopeEntry,
    HouseholdEntry,
    PickUp,
    colleagues,
    typed_postmark,
)
from todoku.web.office.mail_forms import (
    Count as Counted,
)
from todoku.web.office.mail_page import NOT_VOID, bag_badge, bags_table, figures, strips, waiting_carries
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Undo
from todoku.web.shared.told import tell


@require_GET
@asks("mail.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """The desk: the paper's way in counts, bags, carries that wait for a second name, what waits elsewhere."""
    programme, context = frame(request, slug, "mail", "郵便室")
    context |= {
        "strips": strips(programme, slug),
        "figures": figures(programme, context["base"]),
        "table": bags_table(programme, slug),
        "carries": waiting_carries(programme),
        "may_work": may(actor_of(request).roles, "mail.work"),
    }
    return render(request, "office/mail.html", context)


@require_http_methods(["GET", "POST"])
@asks("mail.work")
def new_pickup(request: HttpRequest, slug: str) -> HttpResponse:
    """A pick-up, signed by both."""
    programme, actor, now = programme_of(request, slug), actor_of(request), timezone.now()
    form = PickUp(
        request.POST or None, people=colleagues(programme, actor.id or 0), actor=actor, at=now,
        initial={"on": localdate(now), "bags": 1},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            made = pick_up(programme=programme, actor=actor, at=now, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("bags", refusal.sentence)
        else:
            messages.success(request, f"受取りを記録しました。袋{made.bags}個の封書を数えてください。")
            return redirect("mail-bag", slug=slug, pk=made.opened_bags.order_by("no")[0].pk)
    _, context = frame(request, slug, "mail", "受取りを記録")
    return render(
        request, "office/mail_pickup.html", context | {"form": form}, status=422 if form.is_bound else 200
    )


def _bag(programme: Programme, pk: int) -> Any:
    return get_object_or_404(
        Bag.objects.select_related("pickup").annotate(
            opened=Count("envelopes", filter=Q(envelopes__voided_at__isnull=True))
        ),
        pk=pk,
        pickup__programme=programme,
    )


@require_http_methods(["GET", "POST"])
@asks("mail.work")
def bag(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One bag: counted, then opened, then closed."""
    programme = programme_of(request, slug)
    one = _bag(programme, pk)
    form = Counted(request.POST or None, initial={"counted": one.counted})
    if request.method == "POST" and form.is_valid():
        try:
            report = count_bag(one, form.cleaned_data["counted"], actor=actor_of(request), at=timezone.now())
        except Refusal as refusal:
            form.add_error("counted", refusal.sentence)
        else:
            (messages.warning if report.waiting else messages.success)(request, report.note)
            return redirect("mail-bag", slug=slug, pk=pk)
    return _bag_page(request, slug, one, form)


def _bag_page(request: HttpRequest, slug: str, one: Any, form: Counted) -> HttpResponse:
    programme, context = frame(request, slug, "mail", f"袋 {one.pickup_id}-{one.no}")
    others = Bag.objects.filter(pickup=one.pickup, counted__isnull=True).exclude(pk=one.pk).order_by("no")
    context |= {
        "bag": one, "form": form, "badge": bag_badge(one), "next_bag": others.first(),
        "trays": _trays(programme), "may_count": not one.closed_at and not one.opened,
    }  # fmt: skip
    return render(request, "office/mail_bag.html", context, status=422 if form.is_bound else 200)


def _trays(programme: Programme) -> list[Container]:
    """Containers at the opening desk that take sheets, the newest first."""
    return list(
        Container.objects.filter(
            programme=programme, station="opening", sealed_at__isnull=True, kind__in=["tray", "bundle"]
        )
        .exclude(pk__in=Carry.objects.filter(taken_id__isnull=True).values("container"))
        .annotate(count=Count("sheets", filter=NOT_VOID))
        .order_by("-pk")[:20]
    )


@require_POST
@asks("mail.work")
def close(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Closes the bag: opened = counted, or a difference."""
    try:
        report = close_bag(_bag(programme_of(request, slug), pk), actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("mail-bag", slug=slug, pk=pk)
    (messages.warning if report.waiting else messages.success)(request, report.note)
    return redirect("mail", slug=slug)


@require_POST
@asks("mail.work")
def tray(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Chooses the tray to open into, or makes the next one; then opens."""
    programme = programme_of(request, slug)
    one = _bag(programme, pk)
    code = request.POST.get("tray", "")
    if code == "":
        made = make_container(
            programme=programme, kind="tray", station="opening", actor=actor_of(request), at=timezone.now()
        )
        messages.success(request, f"トレー {made.code} を作りました。ラベルを印刷して貼ってください。")
        code = made.code
    request.session[_tray_key(slug)] = code
    return redirect("mail-open", slug=slug, pk=one.pk)


def _tray_key(slug: str) -> str:
    return f"mail_tray_{slug}"


@require_http_methods(["GET", "POST"])
@asks("mail.work")
def opening(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One envelope after the other, into the tray chosen."""
    programme = programme_of(request, slug)
    one = _bag(programme, pk)
    into = Container.objects.filter(
        programme=programme, code=request.session.get(_tray_key(slug), "")
    ).first()
    if one.counted is None or into is None:
        messages.info(request, "封書を数え、用紙を入れるトレーを選んでから開封します。")
        return redirect("mail-bag", slug=slug, pk=pk)
    typed = request.POST or None
    last = _last_of(one)
    form = EnvelopeEntry(
        typed, today=one.pickup.on,
        initial={"postmark": typed_postmark(last.postmark, last.postmark_on)} if last else {},
    )  # fmt: skip
    households = [
        HouseholdEntry(typed, prefix=f"h{place}", initial={"n_form": 1} if place == 1 else {})
        for place in range(1, HOUSEHOLDS_SHOWN + 1)
    ]
    sentence = ""
    if request.method == "POST":
        used = [entry for place, entry in enumerate(households) if place == 0 or entry.filled]
        if all([form.is_valid(), *(entry.is_valid() for entry in used)]):
            try:
                kept = open_envelope(
                    form.opened(used), bag=one, tray=into, actor=actor_of(request), at=timezone.now()
                )
            except Refusal as refusal:
                sentence = refusal.sentence
            else:
                if kept.mis_sent:
                    return _on_to_incident(request, slug, kept)
                return redirect("mail-open", slug=slug, pk=pk)
        else:
            sentence = "消印か枚数を確かめてください。"
    return _opening_page(request, slug, one, into, form, households, sentence, last)


def _last_of(one: Any) -> Envelope | None:
    return (
        Envelope.objects.filter(bag=one, voided_at__isnull=True)
        .prefetch_related("contents__case")
        .order_by("-no")
        .first()
    )


def _on_to_incident(request: HttpRequest, slug: str, kept: Envelope) -> HttpResponse:
    """A letter for somebody else lay in the bag: what to do with it is an incident, its kind and envelope filled in."""
    if not may(actor_of(request).roles, "incident.open"):
        messages.warning(request, "誤配達として記録しました。事故の記録を責任者に頼んでください。")
        return redirect("mail-open", slug=slug, pk=kept.bag_id)
    messages.warning(request, f"{kept.no}通目を誤配達として記録しました。続けて、事故を記録してください。")
    return redirect(f"/p/{slug}/incidents/new/?kind=other&envelope={kept.pk}")


def _opening_page(
    request: HttpRequest, slug: str, one: Any, into: Container, form: EnvelopeEntry, households: list[HouseholdEntry],
    sentence: str, last: Envelope | None,
) -> HttpResponse:  # fmt: skip
    _, context = frame(request, slug, "mail", f"開封 袋 {one.pickup_id}-{one.no}")
    context |= {
        "bag": one, "tray": into, "in_tray": into.sheets.filter(voided_at__isnull=True).count(), "form": form,
        "first": households[0], "more": households[1:], "more_open": any(entry.filled for entry in households[1:]),
        "sentence": sentence, "last": last, "left": max((one.counted or 0) - one.opened, 0),
        "undo": _undo(request, slug, one.pk, last), "wide": True,
    }  # fmt: skip
    return render(request, "office/mail_open.html", context, status=422 if sentence else 200)


def _undo(request: HttpRequest, slug: str, bag: int, last: Envelope | None) -> Undo | None:
    """The way back for the last envelope, while its minute lasts and only for who opened it."""
    if last is None or last.opened_id != actor_of(request).id:
        return None
    left = UNDO_SECONDS - int((timezone.now() - last.opened_at).total_seconds())
    words = f"{last.no}通目を記録しました（用紙{last.sheets}枚）。"
    return Undo(words, f"/p/{slug}/mail/bag/{bag}/undo/{last.pk}/", left) if left > 0 else None


@require_POST
@asks("mail.work")
def undo(request: HttpRequest, slug: str, pk: int, envelope: int) -> HttpResponse:
    """Takes the last envelope back."""
    one = get_object_or_404(Envelope, pk=envelope, bag=pk, programme=programme_of(request, slug))
    tell(request, lambda: take_back_envelope(one, actor=actor_of(request), at=timezone.now()))
    return redirect("mail-open", slug=slug, pk=pk)


urlpatterns = [
    path("", index, name="mail"),
    path("pickup/", new_pickup, name="mail-pickup"),
    path("bag/<int:pk>/", bag, name="mail-bag"),
    path("bag/<int:pk>/tray/", tray, name="mail-tray"),
    path("bag/<int:pk>/open/", opening, name="mail-open"),
    path("bag/<int:pk>/undo/<int:envelope>/", undo, name="mail-undo"),
    path("bag/<int:pk>/close/", close, name="mail-close"),
]
