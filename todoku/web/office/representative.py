"""法定代理人 of one case: who acts by law for its payee, entered from the certificate by one person, confirmed by another.

Letters go to him and the account that he keeps is explained only after the second word. Every look and word is recorded.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.case.tables import Case
from todoku.formats.kana import KanaRefused, bank_kana
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.address_guard import shown_address
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.registry.name_representative import CertificateTooOld, Certified, name_representative
from todoku.registry.representative_kinds import CERTIFICATE_MONTHS, KINDS
from todoku.registry.representative_tables import Representative
from todoku.review.settle_representative import settle_representative
from todoku.web.office.cases import case_of, is_protected
from todoku.web.office.frame import frame
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Need

STATES = {"waiting": "wait", "confirmed": "ok", "refused": "warn", "ended": "none"}
SHOWN_AT_ONCE = 5
WORDS = {
    "confirm": "確認しました。これからの手紙は、この方に送ります。", "refuse": "認めないことにしました。",
    "end": "終了しました。これからの手紙は、本人に送ります。",
}  # fmt: skip
POSTAL_DIGITS = 7
DIGITS = {"inputmode": "numeric", "autocomplete": "off"}


class Certificate(forms.Form):
    """What the certificate of registration says, as a person reads it."""

    kind = forms.ChoiceField(
        label="法定代理人の種類", choices=[(code, kind.title) for code, kind in KINDS.items()],
        error_messages={"required": "法定代理人の種類を選んでください。"},
    )  # fmt: skip
    name = forms.CharField(
        label="法定代理人の氏名（法人は名称）",
        max_length=200,
        error_messages={"required": "法定代理人の氏名を入力してください。"},
    )
    kana = forms.CharField(
        label="カナ", max_length=200, help_text="口座の名義と照合します。通帳の名義のとおりに。",
        error_messages={"required": "法定代理人のカナを入力してください。"},
    )  # fmt: skip
    postal_code = forms.CharField(
        label="郵便番号", max_length=8, required=False, widget=forms.TextInput(attrs=DIGITS)
    )
    address = forms.CharField(
        label="住所（手紙の送り先）",
        max_length=300,
        error_messages={"required": "手紙が届く住所を入力してください。"},
    )
    building = forms.CharField(label="方書", max_length=300, required=False)
    phone = forms.CharField(
        label="電話番号", max_length=30, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    issued_on = forms.DateField(
        label="登記事項証明書の発行日", widget=forms.DateInput(attrs={"type": "date"}),
        help_text=f"発行から{CERTIFICATE_MONTHS}か月以内のもの。",
        error_messages={"required": "発行日を入力してください。", "invalid": "発行日を 2026-11-22 のように入力してください。"},
    )  # fmt: skip
    evidence = forms.CharField(
        label="確認した書類", max_length=200, help_text="登記番号、代理権の目録（保佐人・補助人）など",
        error_messages={"required": "確認した書類を入力してください。"},
    )  # fmt: skip

    def clean_kana(self) -> str:
        kana: str = self.cleaned_data["kana"]
        try:
            bank_kana(kana)
        except KanaRefused:
            raise forms.ValidationError("カナは、通帳の名義のとおりにカタカナで入力してください。") from None
        return kana

    def clean_postal_code(self) -> str:
        code = str(self.cleaned_data["postal_code"]).replace("-", "").strip()
        if code and not (len(code) == POSTAL_DIGITS and code.isascii() and code.isdigit()):
            raise forms.ValidationError(
                "郵便番号は7桁の数字で入力してください。分からないときは空欄にしてください。"
            )
        return code


@require_GET
@asks("case.view")
def show(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """Who acts for the payee now, who waits for a second person, who did before."""
    return _page(request, slug, number, Certificate(auto_id="said_%s"))


def _page(
    request: HttpRequest, slug: str, number: str, form: Certificate, wrong: tuple[int, str] | None = None, status: int = 200
) -> HttpResponse:  # fmt: skip
    """`wrong`: of which of them an answer was refused, and why."""
    programme, context = frame(request, slug, "", "法定代理人")
    case, actor = case_of(programme, number), actor_of(request)
    protected = is_protected(case)
    named = Representative.objects.filter(ward=case.recipient.head_id).select_related(
        "guardian", "proposed_by", "answered_by"
    )
    found = list(named.order_by("-pk"))
    # Whoever confirms compares the address too; of a household under 支援措置 that look is a protected one.
    opened = may(actor.roles, "representative.confirm") and any(one.state == "waiting" for one in found)
    record_look(
        actor=actor, action="case.view_protected" if protected and opened else "case.view", subject_kind="case",
        subject_id=case.pk, at=timezone.now(), programme_slug=slug,
        reason="法定代理人の確認" if opened else "法定代理人",
    )  # fmt: skip
    context |= {
        "page_title": f"法定代理人 {case.printed_number}", "case": case, "ward": case.recipient.head, "protected": protected,
        "named": [_shown(one, protected, actor, opened) for one in found], "form": form,
        "somebody": any(one.state in ("waiting", "confirmed") for one in found),
        "may_confirm": may(actor.roles, "representative.confirm"),
        "may_name": may(actor.roles, "representative.name") and (not protected or may(actor.roles, "case.view_protected")),
    }  # fmt: skip
    if wrong:
        pk, sentence = wrong
        context |= {
            "errors": [{"target": f"why-{pk}", "sentence": sentence}],
            "typed_for": pk,
            "typed_why": request.POST.get("why", ""),
        }
    return render(request, "office/representative.html", context, status=status)


def _shown(one: Representative, protected: bool, reader: Actor, opened: bool) -> dict[str, Any]:
    """`protected`: the ward is. Who acts for him often lives with him, and his letters go there. `opened`: the reader is to
    confirm whoever waits, and that look was recorded."""
    who = one.guardian
    protected = protected or who.protected
    address = shown_address(
        who.postal_code,
        who.address,
        who.building,
        protected=protected,
        roles=reader.roles,
        opened=opened and one.state == "waiting",
    )
    return {
        "one": one, "badge": Badge(one.get_state_display(), STATES[one.state]), "address": address,
        "phone": "" if protected else who.phone,
        "is_own": one.proposed_by_id is not None and one.proposed_by_id == reader.id,
    }  # fmt: skip


@require_POST
@asks("representative.name")
def name(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """Keeps what the certificate says, for another person to confirm."""
    programme, _ = frame(request, slug, "", "")
    case, form = case_of(programme, number), Certificate(request.POST, auto_id="said_%s")
    if form.is_valid():
        said: Any = form.cleaned_data
        try:
            name_representative(
                case.recipient, Certified(**said), actor=actor_of(request), at=timezone.now(), case=case.pk
            )
        except CertificateTooOld as refusal:
            form.add_error("issued_on", refusal.sentence)
        except Refusal as refusal:
            form.add_error("evidence", refusal.sentence)
        else:
            messages.success(request, "入力しました。別の業務責任者が確認すると、手紙はこの方に送られます。")
            return redirect("case-representative", slug=slug, number=number)
    return _page(request, slug, number, form, status=422)


@require_POST
@asks("representative.confirm")
def answer(request: HttpRequest, slug: str, number: str, pk: int) -> HttpResponse:
    """Confirmed or refused by another person, or ended."""
    programme, _ = frame(request, slug, "", "")
    case = case_of(programme, number)
    one = get_object_or_404(Representative, pk=pk, ward=case.recipient.head_id)
    word, why = request.POST.get("word", ""), request.POST.get("why", "")
    if word not in WORDS:
        raise Http404("no such word")
    try:
        settle_representative(
            one, word=word, why=why, actor=actor_of(request), at=timezone.now(), case=case.pk
        )
    except Refusal as refusal:
        return _page(request, slug, number, Certificate(auto_id="said_%s"), (one.pk, refusal.sentence), 422)
    messages.success(request, WORDS[word])
    return redirect("case-representative", slug=slug, number=number)


def waiting_needs(programme: Programme, slug: str, roles: frozenset[str]) -> list[Need]:
    """Representatives that wait for a second person, a few at once."""
    if not may(roles, "representative.confirm"):
        return []
    found = Case.objects.filter(
        programme=programme, recipient__head__representatives__state="waiting"
    ).order_by("pk")[:SHOWN_AT_ONCE]
    text = "法定代理人（成年後見人など）が入力されました。登記事項証明書を見て、確認してください。"
    return [
        Need(1, f"法定代理人の確認 {one.printed_number}", text, f"/p/{slug}/case/{one.number}/representative/", "確認する")
        for one in found
    ]  # fmt: skip


urlpatterns = [
    path("case/<str:number>/representative/", show, name="case-representative"),
    path("case/<str:number>/representative/name/", name, name="case-representative-name"),
    path("case/<str:number>/representative/<int:pk>/", answer, name="case-representative-answer"),
]
