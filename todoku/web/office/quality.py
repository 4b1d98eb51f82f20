"""品質: how well the review judges, for the lead: error rates with intervals, rates and how they rose, training, times.

Takes a lead's request; gives charts and tables, and the few acts that belong to them. Judging stays in review/.
"""

import tomllib
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from todoku.ground.step import Refusal
from todoku.people.tables import Staff
from todoku.programme.vocabulary import CHANNELS
from todoku.review.codes import CODES
from todoku.review.let_in import let_in
from todoku.review.pace import NEVER_FAST_SECONDS, USUAL_LEAST, USUAL_OF_LAST
from todoku.review.quality_figures import detections, paces
from todoku.review.queues import QUEUES
from todoku.review.raise_rates import BelowTheTerms, raise_rates, set_rate
from todoku.review.reviewers import reviewers
from todoku.review.sample_again import sample_again
from todoku.review.sample_errors import acts_of, key_of, measured
from todoku.review.sample_rates import WHOLE, Key
from todoku.review.trained import queues_open_to_each
from todoku.web.office import quality_page as drawn
from todoku.web.office.frame import frame, programme_of
from todoku.web.shared.doors import actor_of, asks


@require_GET
@asks("quality.manage")
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything on one page, made for printing too."""
    return _page(request, slug)


def _page(request: HttpRequest, slug: str, wrong: dict[str, str] | None = None) -> HttpResponse:
    programme, context = frame(request, slug, "review", "品質")
    review, acts = programme.terms.review, acts_of(programme)
    found = measured(programme, acts)
    raised = {key_of(act): act.percent for act in acts}
    staff = reviewers(programme, on=localdate())
    rates = drawn.rates_table(found, review, raised)
    context |= {
        "chart": drawn.error_chart(found, review), "rates": rates, "acts": drawn.acts_table(acts),
        "rule": review.quality.sample, "fast": review.quality.fast, "version": programme.version.number,
        "fast_agreed": "fast" in tomllib.loads(programme.version.text)["review"], "usual_of": USUAL_OF_LAST,
        "usual_least": USUAL_LEAST, "never_fast": NEVER_FAST_SECONDS, "seeded_percent": review.quality.seeded.percent,
        "training_required": review.quality.training.required,
        "seeded": drawn.detection_table(detections(programme)), "pace": drawn.pace_table(paces(programme), review.quality.fast),
        "trained": drawn.training_table(staff, queues_open_to_each([one.pk for one in staff], programme)),
        "people": [one for one in staff if one.pk != request.user.pk], "queues": QUEUES.items(),
        "typed": request.POST, "errors": [wrong] if wrong else [],
    }  # fmt: skip
    return render(request, "office/quality.html", context, status=422 if wrong else 200)


@require_POST
@asks("quality.manage")
def rate(request: HttpRequest, slug: str) -> HttpResponse:
    """Sets a rate by hand, with a reason."""
    channel, _, criterion = request.POST.get("key", "").partition("-")
    if channel not in CHANNELS or criterion != WHOLE and criterion not in CODES:
        raise Http404("key")
    programme = programme_of(request, slug)
    try:
        act = set_rate(
            Key(channel, criterion), _percent(request.POST.get("percent", "")), programme=programme,
            reason=request.POST.get("why", ""), actor=actor_of(request), at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        field = "rate-percent" if isinstance(refusal, BelowTheTerms) else "rate-why"
        return _page(request, slug, {"target": field, "sentence": refusal.sentence})
    messages.success(
        request,
        f"{drawn.key_words(key_of(act))}の抜取り率を{act.percent:g}%にしました。次の点検から使います。",
    )
    return redirect("quality", slug=slug)


def _percent(typed: str) -> float:
    """What was typed as percent; nothing that can be read is no rate, and is refused as below the terms."""
    try:
        return float(typed)
    except ValueError:
        return -1.0


@require_POST
@asks("quality.manage")
def again(request: HttpRequest, slug: str) -> HttpResponse:
    """Raises by the rule what has to rise, and looks again at what passed straight and is undecided."""
    programme, actor, at = programme_of(request, slug), actor_of(request), timezone.now()
    risen = raise_rates(programme=programme, actor=actor, at=at).done
    report = sample_again(programme=programme, actor=actor, at=at)
    words = f"抜取り率が{risen}区分で上がりました。" if risen else "抜取り率は変わりません。"
    messages.success(
        request,
        f"{words}決定前の{report.done + report.waiting:,}件のうち{report.done:,}件を抜取りの審査に回しました。",
    )
    return redirect("quality", slug=slug)


@require_POST
@asks("quality.manage")
def let(request: HttpRequest, slug: str) -> HttpResponse:
    """Opens a queue to a person, or closes it, with a reason."""
    programme = programme_of(request, slug)
    queue, typed = request.POST.get("queue", ""), request.POST.get("person", "")
    if queue not in QUEUES or not typed.isdecimal() or len(typed) > 17:
        return _page(request, slug, {"target": "person", "sentence": "担当者と列を選んでください。"})
    person: Any = get_object_or_404(Staff, pk=int(typed), is_active=True)
    if person.pk not in {one.pk for one in reviewers(programme, on=localdate())}:
        raise Http404("person")
    opened = request.POST.get("do") == "open"
    try:
        let_in(
            person, queue, opened=opened, reason=request.POST.get("reason", ""), programme=programme,
            actor=actor_of(request), at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _page(request, slug, {"target": "let-why", "sentence": refusal.sentence})
    words = "担当できるようにしました" if opened else "担当から外しました"
    messages.success(request, f"{person.name}さんを「{QUEUES[queue]}」の{words}。")
    return redirect("quality", slug=slug)


urlpatterns = [
    path("", show, name="quality"),
    path("rate/", rate, name="quality-rate"),
    path("again/", again, name="quality-again"),
    path("let/", let, name="quality-let"),
]
