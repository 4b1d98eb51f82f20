"""見合わせ中の分離: orders that wait for the bank, each with its clock; carried out by the round, let go here."""

from datetime import date

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.recovery.tables import WaitingSplit
from todoku.recovery.wait_split_off import end_waiting, waiting_splits, why_stuck
from todoku.web.municipality.frame import frame
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Need


class EndForm(forms.Form):
    why = forms.CharField(label="取りやめる理由", max_length=200, required=False)


@require_GET
@asks("entitlement.order")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits, what is due first before the rest."""
    return _index(request, slug)


def _index(request: HttpRequest, slug: str, sentence: str = "", target: str = "") -> HttpResponse:
    programme, context = frame(request, slug, "cases", "見合わせ中の分離")
    found, today = waiting_splits(programme), localdate()
    for one in found:
        record_look(
            actor=actor_of(request), action="case.view", subject_kind="case", subject_id=one.case_id, at=timezone.now(),
            programme_slug=slug, reason="見合わせ中の分離",
        )  # fmt: skip
    context |= {
        "waiting": [
            {
                "one": one, "badge": _badge(one, stuck, today), "stuck": stuck, "count": len(one.persons),
                "asked": f"{localtime(one.at):%Y/%m/%d} {one.given_by.name}",
                "form": EndForm(auto_id=f"end-{one.pk}-%s"),
            }
            for one, stuck in ((one, why_stuck(one)) for one in found)
        ],
        "errors": [{"target": target, "sentence": sentence}] if sentence else [],
    }  # fmt: skip
    return render(request, "municipality/splits_waiting.html", context, status=422 if sentence else 200)


def _badge(one: WaitingSplit, stuck: str, today: date) -> Badge:
    if stuck:
        return Badge("行えません", "stop")
    return Badge("期限超過", "stop") if one.due_on < today else Badge("見合わせ中", "wait")


@require_POST
@asks("entitlement.order")
def end(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Lets one go, with the reason."""
    programme, _ = frame(request, slug, "cases", "見合わせ中の分離")
    one = get_object_or_404(WaitingSplit.objects.select_related("programme"), pk=pk, programme=programme)
    try:
        end_waiting(one, why=request.POST.get("why", ""), actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        return _index(request, slug, refusal.sentence, f"end-{pk}-why")
    messages.success(request, "見合わせを取りやめました。分離は行われません。")
    return redirect("splits-waiting", slug=slug)


def waiting_needs(programme: Programme, slug: str, roles: frozenset[str], today: date) -> list[Need]:
    """For the first page: how many wait, and whether one is late."""
    if not may(roles, "entitlement.order"):
        return []
    found = waiting_splits(programme)
    if not found:
        return []
    text = "振込の結果が分かりしだい、自動で行います。期限を過ぎたものは確かめてください。"
    late = any(one.due_on < today for one in found)
    return [Need(len(found), "見合わせ中の分離", text, f"/p/{slug}/splits/", "確かめる", late=late)]


urlpatterns = [
    path("splits/", index, name="splits-waiting"),
    path("splits/<int:pk>/end/", end, name="split-waiting-end"),
]
