"""検収: what the office hands back is inspected; the counts and the digest found here are those it was made with, or not.

The archive can be taken here; that it was taken is recorded.
"""

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.ground.step import Refusal
from todoku.handback.accept import accept
from todoku.people.access import may
from todoku.web.municipality.frame import frame
from todoku.web.office.frame import programme_of
from todoku.web.office.hand_back import INSPECTED, archive_of, boxes_table, one_of, table
from todoku.web.shared.doors import actor_of, asks


class Inspection(forms.Form):
    """What was found: counted, sampled, and the digest of the file as it lies here."""

    cases_found = forms.IntegerField(
        label="一覧にある案件の数", min_value=0, widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text="index.csv の行の数（見出しを除く）です。",
    )  # fmt: skip
    boxes_found = forms.IntegerField(
        label="受け取った箱の数", min_value=0, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )
    sampled = forms.IntegerField(
        label="抜き取って確かめた件数", min_value=0, widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text="紙と画像と一覧を見比べた案件の数です。",
    )  # fmt: skip
    sha256 = forms.CharField(
        label="ファイルのSHA-256", max_length=100, required=False,
        help_text="受け取ったファイルから計算した値です（例: certutil -hashfile ファイル名 SHA256）。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    comment = forms.CharField(
        label="気づいたこと・検収できない理由", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


@require_GET
@asks("handback.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that was handed back."""
    programme, context = frame(request, slug, "handback", "検収")
    context["table"] = table(programme, f"/p/{slug}/handback/", counts_inspected_only=True)
    return render(request, "municipality/hand_back.html", context)


@require_GET
@asks("handback.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One hand-back and, while it waits, the inspection."""
    return _show(request, slug, pk, Inspection())


def _show(request: HttpRequest, slug: str, pk: int, form: Inspection, status: int = 200) -> HttpResponse:
    programme, context = frame(request, slug, "handback", "検収")
    made = one_of(programme, pk)
    context |= {
        "page_title": f"納品{made.no}の検収",
        "made": made,
        "counts": made.state in INSPECTED,
        "boxes": boxes_table(made) if made.state in INSPECTED else None,
        "form": form,
        "may_file": may(actor_of(request).roles, "handback.accept") and made.state in ("handed", "accepted"),
        "may_accept": may(actor_of(request).roles, "handback.accept") and made.state == "handed",
    }
    return render(request, "municipality/hand_back_one.html", context, status=status)


@require_POST
@asks("handback.accept")
def inspect(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Accepted, or refused with a reason."""
    made, form = one_of(programme_of(request, slug), pk), Inspection(request.POST)
    if form.is_valid():
        accepted = request.POST.get("result") == "accept"
        try:
            accept(made, accepted=accepted, **form.cleaned_data, actor=actor_of(request), at=timezone.now())
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(
                request, "検収しました。" if accepted else "検収できないことを事務局に伝えました。"
            )
            return redirect("handback-one", slug=slug, pk=pk)
    return _show(request, slug, pk, form, status=422)


@require_GET
@asks("handback.accept")
def archive(request: HttpRequest, slug: str, pk: int) -> FileResponse:
    """The archive."""
    return archive_of(request, slug, pk)


urlpatterns = [
    path("", index, name="handback"),
    path("<int:pk>/", show, name="handback-one"),
    path("<int:pk>/inspect/", inspect, name="handback-inspect"),
    path("<int:pk>/archive/", archive, name="handback-archive"),
]
