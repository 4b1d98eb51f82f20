"""自治体からの差戻し: what officials wrote when they took cases off a list, for the manager to tell the reviewers.

Lists what was not told yet; each form is one call of pass_on.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.formats.codes import printed_number
from todoku.ground.step import Refusal
from todoku.review.pass_on import pass_on, untold
from todoku.review.tables import Task
from todoku.web.office.frame import frame, programme_of
from todoku.web.shared.doors import actor_of, asks

SHOWN = 50


@require_GET
@asks("question.forward")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Every case that came back with words that the reviewers have not heard."""
    programme, context = frame(request, slug, "payment", "自治体からの差戻し")
    found = untold(programme)
    context |= {
        "found": [(one, printed_number(one.number)) for one in found[:SHOWN]],
        "left": len(found[SHOWN:]),
    }
    return render(request, "office/sent_back.html", context)


@require_POST
@asks("question.forward")
def tell(request: HttpRequest, slug: str, task: int) -> HttpResponse:
    """Keeps the manager's words beside the look."""
    one = get_object_or_404(Task, pk=task, programme=programme_of(request, slug), reason="sent_back")
    try:
        pass_on(one, request.POST.get("words", ""), actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "審査の画面に、あなたの言葉で出ます。")
    return redirect("sent-back", slug=slug)


urlpatterns = [
    path("backs/", index, name="sent-back"),
    path("backs/<int:task>/", tell, name="sent-back-tell"),
]
