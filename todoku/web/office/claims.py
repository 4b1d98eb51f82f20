"""返還 at the office: every claim with its clock; letters and disputes are recorded here, money and mercy are not."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from todoku.web.office.claim_acts import ACTS
from todoku.web.office.claim_page import claim_context, claim_of, claims_context, run_act
from todoku.web.office.frame import frame
from todoku.web.shared.doors import asks

# What the office does with a claim; the rest is the municipality's.
HERE = ("notice", "remind", "dispute", "resume")


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


def acting(key: str) -> Callable[..., HttpResponseBase]:
    """The view that runs one act, asking for its permission."""

    @require_POST
    @asks(ACTS[key].permission)
    def run(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        return run_act(request, slug, pk, key, _show)

    return run


urlpatterns = [
    path("", index, name="claims"),
    path("<int:pk>/", show, name="claim"),
    *(path(f"<int:pk>/{key}/", acting(key), name=f"claim-{key}") for key in HERE),
]
