"""紙の受取り: what the office has given to the municipality waits here until an officer has counted it and takes it.

The officer's name is the second of the two. What the office stated is shown only after the count; where the two counts
differ, that is said, with who looks into it.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.ground.step import Refusal
from todoku.mailroom.tables import Carry, Difference
from todoku.mailroom.take_container import take_container
from todoku.people.access import may
from todoku.programme.tables import Programme
from todoku.web.municipality.frame import frame
from todoku.web.office.cells import page_number
from todoku.web.office.frame import programme_of
from todoku.web.office.mail_forms import Sheets
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table

PER_PAGE = 50
DIFFERENCES = {"open": "stop", "explained": "ok", "incident": "warn"}


@require_GET
@asks("handback.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits for its count, each with its form, and what was taken."""
    return _index(request, slug)


def _index(
    request: HttpRequest, slug: str, bound: dict[int, Sheets] | None = None, status: int = 200
) -> HttpResponse:
    programme, context = frame(request, slug, "paper", "紙の受取り")
    waiting = _given(programme).filter(taken_id__isnull=True).order_by("at")
    context |= {
        "waiting": [(carry, (bound or {}).get(carry.pk) or Sheets(prefix=f"c{carry.pk}")) for carry in waiting],
        "errors": [
            {"target": f"id_c{pk}-counted", "sentence": sentence}
            for pk, form in (bound or {}).items()
            for sentence in form.errors.get("counted", [])
        ],
        "may_take": may(actor_of(request).roles, "mail.receive"),
        "table": _taken_table(programme, page_number(request)),
    }  # fmt: skip
    return render(request, "municipality/paper.html", context, status=status)


def _given(programme: Programme) -> Any:
    return Carry.objects.filter(
        container__programme=programme, to_station="municipality", taken_back=False
    ).select_related("container")


def _taken_table(programme: Programme, page: int) -> Table:
    """What was taken, newest first: both names, both counts, and the difference where there is one."""
    found = _given(programme).filter(taken_id__isnull=False)
    shown = list(found.order_by("-taken_at", "-pk")[(page - 1) * PER_PAGE : page * PER_PAGE])
    unequal = Difference.objects.filter(
        programme=programme, subject_kind="carry", subject_id__in=[one.pk for one in shown]
    )
    differences = {one.subject_id: one for one in unequal.order_by("pk")}
    return Table(
        id="taken", caption="受け取ったもの", total=found.count(), page=page,
        columns=[
            Column("code", "符号", fixed=True), Column("kind", "種類"), Column("at", "受取り", fixed=True),
            Column("given", "渡した人"), Column("stated", "渡した枚数", numeric=True),
            Column("found", "数えた枚数", numeric=True), Column("difference", "突合せ"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(one.container.code), one.container.get_kind_display(),
                    Cell(f"{localtime(one.taken_at):%m/%d %H:%M}", note=one.taken_name), one.given_name,
                    Cell(one.stated), Cell(one.found), _difference(differences.get(one.pk)),
                ],
            )
            for one in shown
        ],
        empty=Empty("受け取ったものはまだありません。", "事務局が箱を渡すと、上に並びます。"),
    )  # fmt: skip


def _difference(one: Difference | None) -> Cell:
    if one is None:
        return Cell("", badge=Badge("一致", "ok"))
    words = f"差異{one.pk} 事務局の{one.owner_name}が調べます。" if one.state == "open" else f"差異{one.pk}"
    return Cell("", badge=Badge(one.get_state_display(), DIFFERENCES[one.state]), note=words)


@require_POST
@asks("mail.receive")
def take(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Takes one, with the sheets counted here."""
    carry = get_object_or_404(_given(programme_of(request, slug)), pk=pk)
    form = Sheets(request.POST, prefix=f"c{pk}")
    if not form.is_valid():
        return _index(request, slug, {pk: form}, 422)
    try:
        report = take_container(
            carry, found=form.cleaned_data["counted"], actor=actor_of(request), at=timezone.now()
        )
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        (messages.warning if report.waiting else messages.success)(request, report.note)
    return redirect("city-paper", slug=slug)


urlpatterns = [
    path("", index, name="city-paper"),
    path("<int:pk>/take/", take, name="city-paper-take"),
]
