"""審査基準: the criteria sheet of the Version that is being agreed on, read and signed by the department's officer.

A signature is on exactly the digest that the page showed. No person's data stands on these pages.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.criteria.sign_sheet import sign_sheet
from todoku.criteria.standing import newest, standing
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.web.municipality.frame import frame
from todoku.web.office.criteria_page import pdf_answer, sheet_context, version_asked
from todoku.web.office.form_check_page import form_check_context
from todoku.web.office.frame import programme_of
from todoku.web.shared.doors import actor_of, asks


@require_GET
@asks("programme.view")
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """The sheet as it is now."""
    return _show(request, slug)


def _show(request: HttpRequest, slug: str, *, refusal: str = "") -> HttpResponse:
    programme, context = frame(request, slug, "criteria", "審査基準書", preparing=True)
    now = standing(version_asked(request, programme))
    context |= sheet_context(now) | {
        "may_sign": may(actor_of(request).roles, "criteria.sign")
        and now.version.opened_at is None
        and actor_of(request).id not in {one.signer_id for one in now.covering},
    }
    if refusal:
        context["errors"] = [{"target": "sign", "sentence": refusal}]
    return render(request, "municipality/criteria.html", context, status=422 if refusal else 200)


@require_POST
@asks("criteria.sign")
def sign(request: HttpRequest, slug: str) -> HttpResponse:
    """The signature on the digest that the page showed."""
    version = newest(programme_of(request, slug, preparing=True))
    if request.POST.get("read") != "1":
        return _show(request, slug, refusal="全文を読んだことを確かめる欄に、印を付けてください。")
    try:
        report = sign_sheet(
            version, sha256=request.POST.get("sha256", ""), actor=actor_of(request), at=timezone.now()
        )
    except Refusal as refusal:
        return _show(request, slug, refusal=refusal.sentence)
    messages.success(request, report.note)
    return redirect("criteria", slug=slug)


@require_GET
@asks("programme.view")
def pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """The sheet for reading on paper, for filing, for signing by hand."""
    return pdf_answer(standing(version_asked(request, programme_of(request, slug, preparing=True))))


@require_GET
@asks("programme.view")
def form_check(request: HttpRequest, slug: str) -> HttpResponse:
    """Which field of which design of the form led to which deficiency, worst first."""
    programme, context = frame(request, slug, "criteria", "様式の点検")
    context |= form_check_context(programme)
    return render(request, "municipality/form_check.html", context)


urlpatterns = [
    path("", show, name="criteria"),
    path("sign/", sign, name="criteria-sign"),
    path("sheet.pdf", pdf, name="criteria-pdf"),
    path("form/", form_check, name="form-check"),
]
