"""返還 at the municipality: the officer claims, agrees to plans and gives up; the treasurer books what was paid."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from todoku.formats.codes import plain_number
from todoku.ground.step import Refusal
from todoku.payment.tables import Transfer
from todoku.people.access import may
from todoku.programme.tables import Programme
from todoku.recovery.open_claim import CannotClaim, open_claim
from todoku.recovery.tables import Claim
from todoku.web.municipality.frame import frame
from todoku.web.office.claim_acts import ACTS
from todoku.web.office.claim_page import act_paths, claim_context, claim_of, claims_context
from todoku.web.shared.doors import actor_of, asks

HERE = tuple(ACTS)


class NewClaim(forms.Form):
    """Which payment, how much of it, why and by which order."""

    number = forms.CharField(
        label="案件の番号か振込番号", max_length=20, help_text="案件は13桁、振込番号は10桁です。",
        error_messages={"required": "案件の番号か振込番号を入力してください。"},
    )  # fmt: skip
    reason = forms.ChoiceField(label="返還を求める理由", choices=Claim.REASONS)
    why = forms.CharField(
        label="事実関係", max_length=200, help_text="氏名や口座番号は書かないでください。",
        widget=forms.Textarea(attrs={"rows": 3}), error_messages={"required": "事実関係を入力してください。"},
    )  # fmt: skip
    order = forms.CharField(
        label="決裁の番号", max_length=100, error_messages={"required": "決裁の番号を入力してください。"}
    )
    amount_yen = forms.IntegerField(
        label="返還を求める額", required=False, min_value=1,
        help_text="空欄のときは、支払った額のうち、まだ請求していない全額です。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": "返還を求める額は数字だけで入力してください。",
            "min_value": "返還を求める額は1円以上で入力してください。",
        },
    )  # fmt: skip


@require_GET
@asks("claim.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Claims, those under way first."""
    programme, context = frame(request, slug, "claims", "返還")
    context |= claims_context(request, programme, slug)
    context["may_open"] = may(actor_of(request).roles, "claim.open")
    return render(request, "municipality/claims.html", context)


@require_http_methods(["GET", "POST"])
@asks("claim.open")
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Claims money of a payment."""
    programme, context = frame(request, slug, "claims", "返還を請求する")
    form = NewClaim(request.POST or None, initial={"number": request.GET.get("number", "")[:20]})
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            transfer = _transfer(programme, values.pop("number"))
            claim = open_claim(transfer, actor=actor_of(request), at=timezone.now(), **values)
        except Refusal as refusal:
            form.add_error("number", refusal.sentence)
        else:
            messages.success(
                request, f"返還請求 {claim.slip_number} を作成しました。続けて請求書を送れます。"
            )
            return redirect("claim", slug=slug, pk=claim.pk)
    context["form"] = form
    return render(request, "municipality/claim_new.html", context, status=422 if form.errors else 200)


def _transfer(programme: Programme, typed: str) -> Transfer:
    """The payment meant by its own number or by its case's; refuses what names none, or several."""
    number = plain_number(typed)
    found = Transfer.objects.filter(programme=programme)
    found = (
        found.filter(number=number)
        if len(number) == 10
        else found.filter(case__number=number, state="settled")
    )
    transfers = list(found[:2])
    if not transfers:
        raise CannotClaim("その番号の、受給者に渡った支払はありません。番号を確認してください。")
    if len(transfers) > 1:
        raise CannotClaim("この案件には支払が複数あります。案件の画面で確認し、振込番号で指定してください。")
    return transfers[0]


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
    context |= {
        "errors": errors,
        "page_title": f"返還 {claim.slip_number}",
        "access_log_url": f"/p/{slug}/looks/?number={claim.case.number}",
    }
    return render(request, "municipality/claim.html", context, status=422 if errors else 200)


urlpatterns = [
    path("", index, name="claims"),
    path("new/", new, name="claim-new"),
    path("<int:pk>/", show, name="claim"),
    *act_paths(HERE, _show),
]
