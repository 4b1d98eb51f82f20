"""One case that a new Version changed, and the municipality's order that takes the change back until the decision."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from todoku.case.stages import stage_name
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.review.rescreen_tables import TermsChange
from todoku.review.undo_terms_change import undo_terms_change
from todoku.web.municipality.frame import frame
from todoku.web.office.terms_changes import LOOKS, STATES, about
from todoku.web.shared.doors import actor_of, asks, refuse
from todoku.web.shared.pieces import Badge


@require_http_methods(["GET", "POST"])
@asks("programme.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What changed, and for an officer the form that takes it back."""
    programme, context = frame(request, slug, "programme", "版による変更")
    found = TermsChange.objects.select_related("case__standing", "version", "undone_by")
    change, actor = get_object_or_404(found, pk=pk, programme=programme), actor_of(request)
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        if not may(actor.roles, "entitlement.order"):
            return refuse(request, "entitlement.order")
        try:
            undo_terms_change(change, order=request.POST.get("order", ""), actor=actor, at=timezone.now())
        except Refusal as refusal:
            errors = [{"target": "order", "sentence": refusal.sentence}]
        else:
            messages.success(request, f"{change.case.printed_number} の変更を取り消しました。")
            return redirect("version", slug=slug, number=change.version.number)
    record_look(
        actor=actor, action="case.view", subject_kind="case", subject_id=change.case_id, at=timezone.now(),
        programme_slug=slug, reason="版による変更",
    )  # fmt: skip
    context |= {
        "change": change, "facts": _facts(change), "badge": Badge(STATES[change.state], LOOKS[change.state]),
        "may_undo": change.state == "done" and may(actor.roles, "entitlement.order"), "errors": errors,
        "order": request.POST.get("order", ""),
    }  # fmt: skip
    return render(request, "municipality/terms_change.html", context, status=422 if errors else 200)


def _facts(change: TermsChange) -> list[dict[str, Any]]:
    titles = {one.name: one.title for one in change.version.terms.cohorts}
    facts = [
        ("変更", change.get_kind_display()), ("そのときの段階", stage_name(change.stage)),
        ("いまの段階", stage_name(change.case.standing.stage)),
    ]  # fmt: skip
    if change.kind == "amount":
        facts += [("前の額", f"{change.yen_before:,}円"), ("新しい額", f"{change.yen_after:,}円")]
    if words := about(change, titles):
        facts.append(("区分・理由", words))
    if change.undone_by:
        facts.append(("取消し", f"決裁 {change.undone_order}（{change.undone_by.name}）"))
    return [{"label": label, "value": value} for label, value in facts]


urlpatterns = [path("changes/<int:pk>/", show, name="terms-change")]
