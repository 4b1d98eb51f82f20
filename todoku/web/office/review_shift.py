"""The day of a reviewer at the 審査 desk: which queues the person takes today, and the end of the shift with its note.

Takes a request; gives one call of its verb and the queue page again.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from todoku.ground.step import Refusal
from todoku.review.end_shift import end_shift
from todoku.review.queues import QUEUES
from todoku.review.take_from import choose_queues
from todoku.web.office.frame import programme_of
from todoku.web.shared.doors import actor_of, asks


@require_POST
@asks("review.judge")
def choose(request: HttpRequest, slug: str) -> HttpResponse:
    """The queues that the person takes work from today."""
    programme, actor = programme_of(request, slug), actor_of(request)
    assert actor.id is not None, "a reviewer is a person"
    try:
        kept = choose_queues(
            actor.id, request.POST.getlist("queue"), programme=programme, on=localdate(), actor=actor
        )
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"今日受け持つ列: {'、'.join(QUEUES[one] for one in kept)}")
    return redirect("review", slug=slug)


@require_POST
@asks("review.judge")
def end(request: HttpRequest, slug: str) -> HttpResponse:
    """Ends the shift: what the person held goes back, and the words stand on the queue page for the next."""
    programme = programme_of(request, slug)
    try:
        note = end_shift(
            programme=programme,
            words=request.POST.get("words", ""),
            actor=actor_of(request),
            at=timezone.now(),
        )
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(
            request,
            f"交代しました。今日の判定 {note.judged}件、審査待ちに戻した申請 {note.released}件。お疲れさまでした。",
        )
    return redirect("review", slug=slug)


urlpatterns = [
    path("queues/", choose, name="review-queues"),
    path("shift/end/", end, name="review-shift-end"),
]
