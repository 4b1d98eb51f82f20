"""返還 at the office: every claim with its clock; letters and disputes are recorded here, money and mercy are not."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from todoku.web.office.claim_page import act_paths, claim_context, claim_of, claims_context
from todoku.web.office.frame import frame
from todoku.web.shared.doors import asks

# What the office does with a claim; the rest is the municipality's.
HERE = ("notice", "remind", "dispute", "resume", "reverse", "give_up_reversal")


@require_GET
@asks("claim.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Claims, those under way first."""
    programme, context = frame(request, slug, "claims", "返還")
    context |= claims_context(request, programme, slug)
    return render(request, "office/claims.html", context)


@require_GET
@asks("claim.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One claim."""
    return _show(request, slug, pk, None, [])


def _show(
    request: HttpRequest, slug: str, pk: int, bound: tuple[str, Any] | None, errors: list[dict[str, str]]
) -> HttpResponse:
    programme, context = frame(request, slug, "claims", "返還")
    claim = claim_of(programme, pk)
    context |= claim_context(request, claim, slug, HERE, bound=bound)
    context |= {"errors": errors, "page_title": f"返還 {claim.slip_number}"}
    return render(request, "office/claim.html", context, status=422 if errors else 200)


urlpatterns = [
    path("", index, name="claims"),
    path("<int:pk>/", show, name="claim"),
    *act_paths(HERE, _show),
]
