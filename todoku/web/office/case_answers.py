"""From a case's page: a sheet that a caller asked for is sent, and a return is answered on the telephone.

Takes what a call agent typed; each is one call of its verb. What is refused is said beside the fields.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.case.tables import Case
from todoku.ground.step import Refusal
from todoku.letters.request_letter import ON_REQUEST, request_letter
from todoku.letters.tables import KINDS
from todoku.people.look import record_look
from todoku.programme.vocabulary import RAILS
from todoku.review.answer_by_phone import PhoneAnswer, answer_by_phone, codes_of, known_numbers
from todoku.review.asked import by_phone
from todoku.review.codes import CODES
from todoku.web.office.cases import case_of, is_protected
from todoku.web.office.frame import frame, programme_of
from todoku.web.shared.doors import actor_of, asks

NAMES = dict(KINDS)


class SheetEntry(forms.Form):
    """Which sheet is sent, and who asked."""

    kind = forms.ChoiceField(label="送る用紙", choices=[(kind, NAMES[kind]) for kind in ON_REQUEST])
    asked_by = forms.CharField(label="だれの申出か", max_length=100, required=False)


class AnswerEntry(forms.Form):
    """What was said on the telephone, and how it was made sure who said it."""

    spoken_with = forms.CharField(
        label="話した相手", max_length=100, error_messages={"required": "だれと話したかを入力してください。"}
    )
    called_number = forms.CharField(
        label="かけた電話番号", max_length=30, help_text="申請書か名簿の番号へ、こちらからかけます。",
        error_messages={"required": "かけた電話番号を入力してください。"},
    )  # fmt: skip
    identity_checked = forms.CharField(
        label="本人確認", max_length=100, help_text="何で確かめたか（例: 番号と生年月日）。",
        error_messages={"required": "何でご本人と確かめたかを入力してください。"},
    )  # fmt: skip
    said = forms.CharField(
        label="お答え", widget=forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
        error_messages={"required": "お答えの内容を入力してください。"},
    )  # fmt: skip
    phone = forms.CharField(label="日中つながる電話番号", max_length=20, required=False)
    applied_on = forms.DateField(
        label="申請書を書いた日", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    rail = forms.ChoiceField(label="受取方法（口座振込のほか）", required=False)
    declines = forms.BooleanField(label="給付金を受け取らない（辞退する）", required=False)

    def __init__(self, *values: Any, codes: list[str], rails: tuple[str, ...], **named: Any) -> None:
        super().__init__(*values, **named)
        others = [(rail, RAILS[rail]) for rail in rails if rail != "bank"]
        self.fields["rail"].choices = [("", "選ばない"), *others]  # type: ignore[attr-defined]
        for name, code in (("phone", "D04"), ("applied_on", "D04"), ("rail", "D07"), ("declines", "D50")):
            if code not in codes:
                del self.fields[name]


@require_POST
@asks("letter.request")
def send_sheet(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """Keeps that a sheet was asked for; the next print run makes its letter."""
    case, form = case_of(programme_of(request, slug), number), SheetEntry(request.POST)
    if not form.is_valid():
        messages.error(request, "送る用紙を選んでください。")
        return redirect("case", slug=slug, number=number)
    try:
        request_letter(case, **form.cleaned_data, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(
            request, f"「{NAMES[form.cleaned_data['kind']]}」の送付を依頼しました。次の印刷で作成します。"
        )
    return redirect("case", slug=slug, number=number)


@require_GET
@asks("note.add")
def ask(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """What is missing, whom to call, and the fields for the answer."""
    case = case_of(programme_of(request, slug), number)
    return _ask(request, slug, case, _form(case))


def _form(case: Case, data: Any = None) -> AnswerEntry:
    return AnswerEntry(
        data, codes=codes_of(case), rails=case.programme.terms.payment.rails, auto_id="answer_%s"
    )


def _ask(request: HttpRequest, slug: str, case: Case, form: AnswerEntry, status: int = 200) -> HttpResponse:
    _, context = frame(request, slug, "", "電話でのお答え")
    codes = codes_of(case)
    record_look(
        actor=actor_of(request), action="case.view", subject_kind="case", subject_id=case.pk, at=timezone.now(),
        programme_slug=slug, reason="不備についての電話",
    )  # fmt: skip
    context |= {
        "page_title": f"電話でのお答え {case.printed_number}",
        "case": case,
        "missing": [
            {"code": code, "name": CODES[code].name, "sentence": CODES[code].sentence} for code in codes
        ],
        "answerable": by_phone(codes),
        # A telephone of a household under 支援措置 stands on no page.
        "numbers": [] if is_protected(case) else known_numbers(case),
        "protected": is_protected(case),
        "form": form,
    }
    return render(request, "office/phone_answer.html", context, status=status)


@require_POST
@asks("note.add")
def answer(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """Keeps the answer; the application goes back to the checks."""
    case = case_of(programme_of(request, slug), number)
    form = _form(case, request.POST)
    if form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if value not in ("", None)}
        try:
            answer_by_phone(case, PhoneAnswer(**values), actor=actor_of(request), at=timezone.now())
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "お答えを保存しました。申請は点検へ進みます。")
            return redirect("case", slug=slug, number=number)
    return _ask(request, slug, case, form, status=422)


urlpatterns = [
    path("case/<str:number>/sheet/", send_sheet, name="case-sheet"),
    path("case/<str:number>/answer/", ask, name="case-answer"),
    path("case/<str:number>/answer/keep/", answer, name="case-answer-keep"),
]
