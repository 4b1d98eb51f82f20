"""版の改正 at the municipality: how the terms are to change, what that makes of the open cases, and the way to the signature.

An officer may write the draft too; the office opens it once the officer has signed its sheet. No person's data.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from todoku.people.access import may
from todoku.web.municipality.frame import frame
from todoku.web.office.frame import programme_of
from todoku.web.office.versions import begin_trial, keep_draft, opened_context
from todoku.web.office.versions_page import DraftForm, blank_form, index_context
from todoku.web.shared.doors import actor_of, asks


@require_GET
@asks("programme.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """The draft, if one waits, and the Versions before it."""
    programme, context = frame(request, slug, "programme", "版の改正")
    roles = actor_of(request).roles
    context |= index_context(programme, slug) | {
        "may_draft": may(roles, "programme.draft"),
        "may_sign": may(roles, "criteria.sign"),
    }
    return render(request, "municipality/versions.html", context)


@require_http_methods(["GET", "POST"])
@asks("programme.draft")
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The text under change; every problem in it is named, and nothing is kept until there is none."""
    programme, context = frame(request, slug, "programme", "版の案を書く")
    if request.method == "GET":
        return render(request, "municipality/version_edit.html", context | {"form": blank_form(programme)})
    form = DraftForm(request.POST, request.FILES)
    if form.is_valid() and keep_draft(request, programme, form):
        messages.success(request, "版の案を保存しました。違いを確かめ、試行してください。")
        return redirect("versions", slug=slug)
    return render(request, "municipality/version_edit.html", context | {"form": form}, status=422)


@require_POST
@asks("programme.draft")
def attempt(request: HttpRequest, slug: str) -> HttpResponse:
    """Begins the trial of the draft."""
    begin_trial(request, programme_of(request, slug))
    return redirect("versions", slug=slug)


@require_GET
@asks("programme.view")
def show(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A Version that was opened: what it changed in the text, and what it changed for the cases."""
    programme, context = frame(request, slug, "programme", f"第{number}版での変更")
    return render(
        request,
        "municipality/version.html",
        context | opened_context(request, programme, number, slug, at_city=True),
    )


urlpatterns = [
    path("", index, name="versions"),
    path("edit/", edit, name="version-edit"),
    path("try/", attempt, name="version-try"),
    path("<int:number>/", show, name="version"),
]
