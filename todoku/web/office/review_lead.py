"""審査の進行, for who leads the desk: queues, ages, seconds per case, who works on what; work moved or put back.

Takes a manager's request; gives the page, or one call of review/hand_on.py. Judges nothing.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST

from todoku.ground.step import Refusal
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.review.hand_on import move_work
from todoku.review.queues import QUEUES
from todoku.review.reviewers import reviewers
from todoku.review.take_from import choose_queues
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.review_day import queues_standing
from todoku.web.office.review_lead_page import ages_chart, lead_table, speed_today, working_now
from todoku.web.office.review_queue import filtered_tasks
from todoku.web.shared.doors import actor_of, asks

# Moved at once: more than a day's work of one desk is a matter of queues, not of rows.
MOVED_MAX = 5_000


@require_http_methods(["GET", "POST"])
@asks("review.lead")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """The state of the desk; chosen rows lead to where they go."""
    programme, context = frame(request, slug, "review", "審査の進行")
    if request.method == "POST":
        chosen = _chosen(request, programme)
        if chosen:
            return _where(request, slug, programme, chosen)
        messages.warning(request, "移す申請を選んでください。")
        return redirect("review-lead", slug=slug)
    context |= speed_today(programme) | {
        "queues": queues_standing(programme), "chart": ages_chart(programme), "working": working_now(programme),
        "table": lead_table(request, programme), "people": reviewers(programme, on=localdate()),
        "queue_names": list(QUEUES.items()),
    }  # fmt: skip
    return render(request, "office/review_lead.html", context)


def _chosen(request: HttpRequest, programme: Programme) -> list[int]:
    """The ticked rows, or all that the filters of the address match."""
    if request.POST.get("all"):
        return list(filtered_tasks(request, programme).values_list("pk", flat=True)[:MOVED_MAX])
    typed = request.POST["ids"].split(",") if "ids" in request.POST else request.POST.getlist("chosen")
    return [int(one) for one in typed[:MOVED_MAX] if one.isdecimal() and len(one) < 18]


def _where(
    request: HttpRequest, slug: str, programme: Programme, chosen: list[int], sentence: str = ""
) -> HttpResponse:
    """Where the chosen work goes: to a person, to a queue, or back to everybody."""
    _, context = frame(request, slug, "review", "審査の仕事を移す")
    context |= {
        "chosen": chosen, "ids": ",".join(map(str, chosen)),
        "people": reviewers(programme, on=localdate()), "queue_names": list(QUEUES.items()),
        "words": request.POST.get("words", ""),
    }  # fmt: skip
    if sentence:
        context["errors"] = [{"target": "to", "sentence": sentence}]
    return render(request, "office/review_move.html", context, status=422 if sentence else 200)


@require_POST
@asks("review.lead")
def move(request: HttpRequest, slug: str) -> HttpResponse:
    """Moves the chosen work, and says how much of it could not go there."""
    programme = programme_of(request, slug)
    chosen, to, queue = _chosen(request, programme), request.POST.get("to", ""), request.POST.get("queue", "")
    if to and queue:
        return _where(request, slug, programme, chosen, "担当者か列のどちらか一つを選んでください。")
    report = move_work(
        chosen, programme=programme, to=_person(programme, to), queue=queue if queue in QUEUES else "",
        words=request.POST.get("words", ""), actor=actor_of(request), at=timezone.now(),
    )  # fmt: skip
    for what, why in report.refused:
        messages.warning(request, f"{what}は移せませんでした。{why}")
    if report.done:
        messages.success(request, f"{report.done}件を移しました。")
    return redirect("review-lead", slug=slug)


def _person(programme: Programme, typed: str) -> Staff | None:
    known: dict[str, Any] = {str(one.pk): one for one in reviewers(programme, on=localdate())}
    return known.get(typed)


@require_POST
@asks("review.lead")
def queues_of(request: HttpRequest, slug: str) -> HttpResponse:
    """Which queues a person takes from today, chosen by the lead."""
    programme = programme_of(request, slug)
    who = _person(programme, request.POST.get("who", ""))
    if who is None:
        messages.warning(request, "担当者を選んでください。")
        return redirect("review-lead", slug=slug)
    try:
        kept = choose_queues(
            who.pk,
            request.POST.getlist("queue"),
            programme=programme,
            on=localdate(),
            actor=actor_of(request),
        )
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"{who.name}さんが今日受け持つ列: {'、'.join(QUEUES[one] for one in kept)}")
    return redirect("review-lead", slug=slug)


urlpatterns = [
    path("lead/", index, name="review-lead"),
    path("lead/move/", move, name="review-move"),
    path("lead/queues/", queues_of, name="review-lead-queues"),
]
