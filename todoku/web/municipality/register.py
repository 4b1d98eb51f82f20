"""住基照会: lists of mail that came back, asked of the resident register; answered one by one or by the filled-in list.

A list names the register's number and the case, no name and no address; taking it and answering are recorded.
"""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from todoku.ground.step import Refusal
from todoku.letters.answer_register import NewAddress, answer_register, read_answers
from todoku.letters.register_inquiry import ANSWERS, inquiry_csv, lines_of
from todoku.letters.tables import RegisterInquiry
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.web.municipality.frame import frame
from todoku.web.office.frame import programme_of
from todoku.web.office.register_page import lists_table, questions_table
from todoku.web.shared.doors import actor_of, asks

FILE_MAX_BYTES = 5_000_000


class RegisterAnswer(forms.Form):
    """What the register says of one person."""

    answer = forms.ChoiceField(
        label="回答", choices=RegisterInquiry.ANSWERS, widget=forms.RadioSelect,
        error_messages={"required": "回答を選んでください。"},
    )  # fmt: skip
    postal_code = forms.CharField(
        label="新しい郵便番号", max_length=8, required=False, help_text="転居・転出先が分かるとき。7桁。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    address = forms.CharField(label="新しい住所", max_length=300, required=False)
    building = forms.CharField(label="方書", max_length=300, required=False)
    died_on = forms.DateField(
        label="死亡日", required=False, widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "死亡日は年月日で入力してください。"},
    )  # fmt: skip

    def moved_to(self) -> NewAddress | None:
        """The new address, if one was told."""
        said = self.cleaned_data
        code = said["postal_code"].replace("-", "").strip()
        if not (code or said["address"]):
            return None
        return NewAddress(code, said["address"].strip(), said["building"].strip())


@require_GET
@asks("case.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """The lists, unanswered first."""
    programme, context = frame(request, slug, "register", "住基照会")
    context |= {"table": lists_table(programme, slug)}
    return render(request, "municipality/register.html", context)


def _may_list(request: HttpRequest, lines: Any) -> bool:
    """A list of people under 支援措置 is for who may see their addresses."""
    return not any(line.protected for line in lines) or may(actor_of(request).roles, "case.view_protected")


@require_http_methods(["GET", "POST"])
@asks("register.answer")
def show(request: HttpRequest, slug: str, list_no: int) -> HttpResponse:
    """One list; the filled-in file is taken back here."""
    programme, context = frame(request, slug, "register", f"住基照会 一覧{list_no}")
    lines = lines_of(programme, list_no)
    if not lines or not _may_list(request, lines):
        raise Http404("list")
    if request.method == "POST":
        sent = request.FILES.get("file")
        if sent is None or sent.size is None or sent.size > FILE_MAX_BYTES:
            sentence = "回答を書いた一覧のファイル（5MBまで）を選んでください。"
            context["errors"] = [{"target": "file", "sentence": sentence}]
        else:
            try:
                report = read_answers(
                    sent.read(), programme=programme, actor=actor_of(request), at=timezone.now()
                )
            except Refusal as refusal:
                context["errors"] = [{"target": "file", "sentence": refusal.sentence}]
            else:
                messages.success(
                    request, f"{report.done}件の回答を記録しました。未回答は{report.waiting}件です。"
                )
                context["refused"] = report.refused
                lines = lines_of(programme, list_no)
    context |= {"table": questions_table(lines, slug, list_no), "list_no": list_no}
    return render(
        request, "municipality/register_list.html", context, status=422 if context.get("errors") else 200
    )


@require_GET
@asks("register.answer")
def file(request: HttpRequest, slug: str, list_no: int) -> HttpResponse:
    """The list to be filled in; the look is recorded."""
    programme = programme_of(request, slug)
    lines = lines_of(programme, list_no)
    if not lines or not _may_list(request, lines):
        raise Http404("list")
    record_look(
        actor=actor_of(request), action="register.answer", subject_kind="register_list", subject_id=list_no,
        at=timezone.now(), programme_slug=slug, reason=f"住基照会の一覧 {len(lines)}件",
    )  # fmt: skip
    answer = HttpResponse(inquiry_csv(programme, list_no), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="juki-{slug}-{list_no:03d}.csv"'
    return answer


@require_http_methods(["GET", "POST"])
@asks("register.answer")
def one(request: HttpRequest, slug: str, list_no: int, pk: int) -> HttpResponse:
    """One question and its answer."""
    programme, context = frame(request, slug, "register", "住基照会の回答")
    inquiry = get_object_or_404(
        RegisterInquiry.objects.select_related("undelivered__letter__case"), pk=pk, list_no=list_no,
        undelivered__letter__case__programme=programme,
    )  # fmt: skip
    if not _may_list(request, [line for line in lines_of(programme, list_no) if line.inquiry == pk]):
        raise Http404("list")
    form = RegisterAnswer(request.POST if request.method == "POST" else None)
    if form.is_valid():
        died_on: date | None = form.cleaned_data["died_on"]
        try:
            report = answer_register(
                inquiry, answer=form.cleaned_data["answer"], moved_to=form.moved_to(), died_on=died_on,
                actor=actor_of(request), at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"回答を記録しました。{report.note}")
            return redirect("register-list", slug=slug, list_no=list_no)
    context |= {
        "form": form, "inquiry": inquiry, "case": inquiry.undelivered.letter.case, "list_no": list_no,
        "said": ANSWERS.get(inquiry.answer, ""), "reason": inquiry.undelivered.get_reason_display(),
    }  # fmt: skip
    return render(request, "municipality/register_one.html", context, status=422 if form.errors else 200)


urlpatterns = [
    path("", index, name="register"),
    path("<int:list_no>/", show, name="register-list"),
    path("<int:list_no>/file/", file, name="register-file"),
    path("<int:list_no>/<int:pk>/", one, name="register-one"),
]
