"""版の改正 at the office: the terms of a running programme are changed by a draft, tried on what is open, and opened.

Opening takes the municipality's signature and a trial of the same text; the re-screening then is a card. No person's data.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from todoku.criteria.open_next_version import open_next_version
from todoku.criteria.revise_version import draft_of, revise_version
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.programme.tables import Programme, Version
from todoku.programme.terms import TermsRefused
from todoku.review.rescreen_tables import Rescreening
from todoku.web.office import works
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.terms_changes import terms_changes_table
from todoku.web.office.versions_page import (
    DraftForm,
    blank_form,
    difference_table,
    index_context,
    tally_context,
)
from todoku.web.shared.doors import actor_of, asks

WORK_KINDS = ("version.try", "rescreen")


@require_GET
@asks("programme.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """The draft, if one waits, and the Versions before it."""
    return _index(request, slug)


def _index(request: HttpRequest, slug: str, *, refusal: str = "") -> HttpResponse:
    programme, context = frame(request, slug, "", "版の改正")
    roles = actor_of(request).roles
    context |= index_context(programme, slug) | {
        "works": works.latest(programme, kinds=WORK_KINDS, limit=1),
        "may_draft": may(roles, "programme.draft"),
        "may_open": may(roles, "programme.open"),
    }
    if refusal:
        context["errors"] = [{"target": "act", "sentence": refusal}]
    return render(request, "office/versions.html", context, status=422 if refusal else 200)


@require_http_methods(["GET", "POST"])
@asks("programme.draft")
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The text under change; every problem in it is named, and nothing is kept until there is none."""
    programme, context = frame(request, slug, "", "版の案を書く")
    if request.method == "GET":
        return render(request, "office/version_edit.html", context | {"form": blank_form(programme)})
    form = DraftForm(request.POST, request.FILES)
    if form.is_valid() and keep_draft(request, programme, form):
        messages.success(request, "版の案を保存しました。違いを確かめ、試行してください。")
        return redirect("office-versions", slug=slug)
    return render(request, "office/version_edit.html", context | {"form": form}, status=422)


def keep_draft(request: HttpRequest, programme: Programme, form: DraftForm) -> bool:
    """Keeps a valid form's text as the draft; what stands against it is added to the form."""
    values = form.cleaned_data
    try:
        revise_version(
            programme, values["text"], why=values["why"], seen_sha256=values["seen"], actor=actor_of(request),
            at=timezone.now(),
        )  # fmt: skip
    except TermsRefused as refused:
        for problem in refused.problems:
            form.add_error("text", problem.sentence)
    except Refusal as refusal:
        form.add_error("text", refusal.sentence)
    else:
        return True
    return False


@require_POST
@asks("programme.draft")
def attempt(request: HttpRequest, slug: str) -> HttpResponse:
    """Begins the trial of the draft."""
    programme = programme_of(request, slug)
    begin_trial(request, programme)
    return redirect("office-versions", slug=slug)


def begin_trial(request: HttpRequest, programme: Programme) -> None:
    draft = draft_of(programme)
    if draft is None:
        messages.info(request, "試行する案がありません。先に案を書いてください。")
        return
    works.begin(request, programme, "version.try", f"第{draft.number}版の案の試行", version=draft.pk)
    messages.success(request, "試行を始めました。案件には何も書き込みません。終わると、ここに違いが出ます。")


@require_POST
@asks("programme.open")
def opening(request: HttpRequest, slug: str) -> HttpResponse:
    """Opens the draft on the digest that was shown; what is open is judged again, as a card."""
    programme = programme_of(request, slug)
    draft = draft_of(programme)
    if draft is None or request.POST.get("sha256") != draft.sha256:
        return _index(request, slug, refusal="表示のあとに案が変わりました。新しい内容を確かめてください。")
    try:
        opened = open_next_version(draft, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        return _index(request, slug, refusal=refusal.sentence)
    messages.success(request, f"第{opened.number}版を開始しました。決定していない案件を点検し直します。")
    return redirect("office-versions", slug=slug)


@require_GET
@asks("programme.view")
def show(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A Version that was opened: what it changed in the text, and what it changed for the cases."""
    programme, context = frame(request, slug, "", f"第{number}版での変更")
    return render(request, "office/version.html", context | opened_context(request, programme, number, slug))


def opened_context(
    request: HttpRequest, programme: Programme, number: int, slug: str, *, at_city: bool = False
) -> dict[str, object]:
    opened = Version.objects.filter(programme=programme, opened_at__isnull=False)
    version = get_object_or_404(opened, number=number)
    before = opened.filter(number__lt=number).order_by("-number").first()
    run = Rescreening.objects.filter(version=version, trial=False).first()
    return {
        "version": version,
        "difference": difference_table(before, version) if before else None,
        "terms_changes": terms_changes_table(request, version, slug, at_city=at_city),
        **(tally_context(run, slug) if run else {}),
    }


urlpatterns = [
    path("", index, name="office-versions"),
    path("edit/", edit, name="office-version-edit"),
    path("try/", attempt, name="office-version-try"),
    path("open/", opening, name="office-version-open"),
    path("<int:number>/", show, name="office-version"),
]
