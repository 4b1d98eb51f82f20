"""決定一覧 at the office: the manager gathers what passed review into a list; the municipality decides it at its own door.

Shows every list with its totals, digest and the difference to the last one. Nobody here decides.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.case.tables import Case
from todoku.formats.codes import printed_number
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.review.decide import make_list, without_account
from todoku.review.pass_on import untold
from todoku.review.reopen import reopen
from todoku.review.tables import DecisionList
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.list_changes import changes
from todoku.web.office.list_page import (
    STATES,
    differences,
    list_digest,
    lists_table,
    rails_of,
    reasons_of,
    rows_table,
    waiting_for_list,
    ways_of,
)
from todoku.web.shared.doors import actor_of, asks

LEFT_SHOWN = 50


@require_GET
@asks("decision.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits for a list, and every list."""
    programme, context = frame(request, slug, "payment", "決定一覧")
    left = without_account(programme)
    context |= {
        "waiting": waiting_for_list(programme) - len(left),
        "without_account": [(printed_number(number), number) for number in left[:LEFT_SHOWN]],
        "without_account_count": len(left),
        "may_propose": may(actor_of(request).roles, "decision.propose"),
        "untold": len(untold(programme)) if may(actor_of(request).roles, "question.forward") else 0,
        "table": lists_table(programme, slug, page_number(request)),
    }
    return render(request, "office/decisions.html", context)


@require_POST
@asks("decision.propose")
def make(request: HttpRequest, slug: str) -> HttpResponse:
    """Gathers every proposal into a list for the municipality."""
    programme = programme_of(request, slug)
    try:
        made = make_list(programme=programme, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.info(request, refusal.sentence)
        return redirect("decisions", slug=slug)
    count = made.grants + made.refusals
    messages.success(request, f"{count:,}件の一覧を作りました。自治体の担当課が内容を確かめて決定します。")
    return redirect("decision-list", slug=slug, pk=made.pk)


@require_POST
@asks("decision.propose")
def back(request: HttpRequest, slug: str) -> HttpResponse:
    """Cases proposed without a whole account go back to review, where two persons look at the account again."""
    programme, actor = programme_of(request, slug), actor_of(request)
    # A case that nobody applied for has no account of its own to look at: its account is the municipality's list.
    applied = Case.objects.filter(
        programme=programme, number__in=without_account(programme), submissions__state="screened"
    )
    cases = list(applied.values_list("pk", flat=True).distinct())
    sent = reopen(cases, programme=programme, reason="without_account", actor=actor, at=timezone.now())
    if sent:
        messages.success(request, f"{sent:,}件を審査へ戻しました。口座を確認すると、次の一覧に載せられます。")
    else:
        messages.info(request, "審査へ戻せる案件はありません。口座の台帳を確認してください。")
    return redirect("decisions", slug=slug)


@require_GET
@asks("decision.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One list, to read."""
    programme, context = frame(request, slug, "payment", "決定一覧")
    made = get_object_or_404(DecisionList, pk=pk, programme=programme)
    record_look(
        actor=actor_of(request), action="decision.view", subject_kind="decision_list", subject_id=made.pk,
        at=timezone.now(), programme_slug=slug, reason="決定一覧の閲覧",
    )  # fmt: skip
    context |= {
        "made": made,
        "page_title": f"決定一覧 {made.pk}",
        "badge": STATES[made.state],
        "figures": differences(made),
        "digest": list_digest(made),
        "reasons": reasons_of(made),
        "ways": ways_of(made),
        "rails": rails_of(made),
        "rows": rows_table(request, made, slug),
        **changes(made, slug),
    }
    return render(request, "office/decision_list.html", context)


urlpatterns = [
    path("", include("todoku.web.office.supplements")),
    path("", include("todoku.web.office.sent_back")),
    path("", index, name="decisions"),
    path("make/", make, name="decisions-make"),
    path("back/", back, name="decisions-back"),
    path("<int:pk>/", show, name="decision-list"),
]
