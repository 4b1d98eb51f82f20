"""口座照会: the file that asks the bank about accounts is made at the office; the bank's answers are read at both doors.

The file itself is saved and handed over at the municipality's door. Its answers hold whole accounts: they are read in
where they arrive.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from todoku.bank.inquire_accounts import cancel_inquiry, inquire_accounts
from todoku.bank.read_inquiry_answers import read_answers
from todoku.bank.tables import AccountInquiry
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.web.office.after_forms import AnswerFile
from todoku.web.office.frame import programme_of
from todoku.web.office.watch_door import PAYMENT, Door
from todoku.web.shared.doors import actor_of, asks


@require_POST
@asks("account.inquire")
def make(request: HttpRequest, slug: str) -> HttpResponse:
    """Gathers the accounts that were never paid to, into as many files as the bank takes."""
    programme = programme_of(request, slug)
    try:
        report = inquire_accounts(programme=programme, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("after", slug=slug)
    messages.success(
        request,
        f"{report.done:,}件の口座の照会を作成しました。出納がファイルを保存して、金融機関へ渡します。",
    )
    if report.refused:
        number, why = report.refused[0]
        messages.warning(request, f"{len(report.refused):,}件は照会できません。案件{number}: {why}")
    return redirect("after", slug=slug)


@require_http_methods(["GET", "POST"])
@asks("account.answer")
def answer(request: HttpRequest, slug: str, pk: int, door: Door) -> HttpResponse:
    """Reads the answers to one file."""
    programme, context = door.open(request, slug, "口座照会の回答")
    inquiry = get_object_or_404(
        AccountInquiry.objects.select_related("parcel", "programme"), pk=pk, programme=programme
    )
    form = AnswerFile(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file: Any = form.cleaned_data["file"]
        try:
            report = read_answers(
                inquiry, file.read(), name=file.name, actor=actor_of(request), at=timezone.now()
            )
        except Refusal as refusal:
            form.add_error("file", refusal.sentence)
        else:
            words = f"確認済 {report.done:,}件。確認できない {len(report.refused):,}件は審査へ戻しました。"
            messages.success(request, report.note or words)
            return redirect("after", slug=slug)
    may_cancel = may(actor_of(request).roles, "account.inquire")
    context |= {"inquiry": inquiry, "form": form, "may_cancel": may_cancel}
    return render(request, "office/after_answer.html", context, status=422 if form.errors else 200)


@require_POST
@asks("account.inquire")
def cancel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Takes back a file that the bank never answers; its accounts are asked about anew."""
    inquiry = get_object_or_404(AccountInquiry, pk=pk, programme=programme_of(request, slug))
    try:
        cancel_inquiry(inquiry, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "照会を取り消しました。もう一度照会を作成できます。")
    return redirect("after", slug=slug)


def answer_page(route: str, door: Door) -> URLPattern:
    """The page of the answers as it stands at a door."""
    return path(route, answer, {"door": door}, name="after-accounts-answer")


urlpatterns = [
    path("make/", make, name="after-accounts-make"),
    answer_page("<int:pk>/", PAYMENT),
    path("<int:pk>/cancel/", cancel, name="after-accounts-cancel"),
]
