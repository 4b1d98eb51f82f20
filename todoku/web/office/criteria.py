"""審査基準: the criteria sheet as the office looks at it, and the act that opens a Version once the municipality has signed.

Opening takes a second look: a page of its own says what it does and on which digest. No person's data stands here.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from todoku.criteria.open_next_version import open_next_version
from todoku.criteria.open_version import refuse_unready
from todoku.criteria.standing import Standing, newest, standing
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.web.office.criteria_page import pdf_answer, sheet_context, version_asked
from todoku.web.office.form_check_page import form_check_context
from todoku.web.office.frame import frame, programme_of
from todoku.web.shared.doors import actor_of, asks


@require_GET
@asks("programme.view")
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """The sheet, who signed it and when, and what still bars the opening."""
    programme, context = frame(request, slug, "criteria", "審査基準書", preparing=True)
    now = standing(version_asked(request, programme))
    may_open = may(actor_of(request).roles, "programme.open") and now.version.opened_at is None
    context |= sheet_context(now) | {"may_open": may_open, "barred": _barred(now) if may_open else ""}
    return render(request, "office/criteria.html", context)


def _barred(now: Standing) -> str:
    """What keeps the Version from opening, in the gate's own words; "" where nothing does."""
    try:
        refuse_unready(now)
    except Refusal as refusal:
        return refusal.sentence
    return ""


@require_http_methods(["GET", "POST"])
@asks("programme.open")
def opening(request: HttpRequest, slug: str) -> HttpResponse:
    """The second look before a Version opens, and the act."""
    programme, context = frame(request, slug, "criteria", "制度の開始", preparing=True)
    now = standing(newest(programme))
    if now.version.opened_at is not None:
        messages.info(request, f"第{now.version.number}版は、すでに開始しています。")
        return redirect("office-criteria", slug=slug)
    if request.method == "POST":
        try:
            opened = open_next_version(
                now.version, actor=actor_of(request), at=timezone.now(), sha256=request.POST.get("sha256", "")
            )
        except Refusal as refusal:
            context["errors"] = [{"target": "open", "sentence": refusal.sentence}]
        else:
            messages.success(request, f"第{opened.number}版を開始しました。内容は、もう変わりません。")
            return redirect("office-criteria", slug=slug)
    context |= sheet_context(now) | {"barred": _barred(now)}
    return render(request, "office/criteria_open.html", context, status=422 if context.get("errors") else 200)


@require_GET
@asks("programme.view")
def pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """The sheet on paper."""
    return pdf_answer(standing(version_asked(request, programme_of(request, slug, preparing=True))))


@require_GET
@asks("programme.view")
def form_check(request: HttpRequest, slug: str) -> HttpResponse:
    """Which field of which design of the form led to which deficiency, worst first."""
    programme, context = frame(request, slug, "criteria", "様式の点検")
    context |= form_check_context(programme)
    return render(request, "office/form_check.html", context)


urlpatterns = [
    path("", show, name="office-criteria"),
    path("open/", opening, name="office-criteria-open"),
    path("sheet.pdf", pdf, name="office-criteria-pdf"),
    path("form/", form_check, name="office-form-check"),
]
