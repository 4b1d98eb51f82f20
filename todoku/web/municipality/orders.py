"""職権による変更: an officer splits members off or puts an amount right; what will happen in yen is shown before the order.

The order is given on what was shown: where it would do something else by then, the page shows that instead.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from todoku.case.tables import Case, Entitlement
from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.recovery import order_plan
from todoku.recovery.correct import correct, plan_correction
from todoku.recovery.order_standing import standing_of
from todoku.recovery.split_off import counted_members, plan_split, plan_waiting, split_off
from todoku.recovery.supplement import accounts_of, plan_supplement, propose_again, supplement, waits
from todoku.recovery.wait_split_off import keep_waiting, must_wait
from todoku.web.municipality.frame import frame
from todoku.web.municipality.order_forms import SplitForm
from todoku.web.office.amount_forms import AgainForm, AmountForm
from todoku.web.office.cases import case_of
from todoku.web.shared.doors import actor_of, asks

# What an order would do, line by line: words and, where it is money, yen.
Lines = list[dict[str, Any]]
ANOTHER_DECIDES = (
    "追給は「決定」の一覧に入ります。あなたとは別の担当課職員が決定すると、次の振込データで支払われます。"
)

WAITS = (
    "この案件の振込は、確定した振込データに入っています。命令を記録しておき、振込データが取り消されるか振込の結果が出たときに、"
    "自動で行います。金額はそのときに計算し直します。"
)


def _page(request: HttpRequest, slug: str, number: str, title: str) -> tuple[Case, Actor, dict[str, Any]]:
    programme, context = frame(request, slug, "cases", title)
    case, actor = case_of(programme, number, made_up=False), actor_of(request)
    record_look(
        actor=actor, action="case.view", subject_kind="case", subject_id=case.pk, at=timezone.now(), programme_slug=slug,
        reason="職権による変更",
    )  # fmt: skip
    return case, actor, context | {"case": case, "title": title, "page_title": title}


def _seen(lines: Lines) -> str:
    """What was shown, in one string that the form carries back."""
    return "|".join(f"{line['label']}={line['value']}" for line in lines)


def _answer(
    request: HttpRequest, context: dict[str, Any], form: Any, lines: Lines, refusal: str
) -> HttpResponse:
    """The page again: with the errors, or with what the order would do and the button that gives it."""
    if refusal:
        context["errors"] = [{"target": "", "sentence": refusal}]
    context |= {"form": form, "lines": lines, "seen": _seen(lines), "wants": request.method == "POST"}
    faulty = bool(refusal or form.errors)
    return render(request, "municipality/order.html", context, status=422 if faulty else 200)


def _confirmed(request: HttpRequest, lines: Lines) -> bool:
    return request.POST.get("step") == "order" and request.POST.get("seen") == _seen(lines)


@require_http_methods(["GET", "POST"])
@asks("entitlement.order")
def split(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """Members leave the household and are due on their own."""
    case, actor, context = _page(request, slug, number, "世帯員を分離する")
    form = SplitForm(counted_members(case), request.POST if request.method == "POST" else None)
    lines: Lines = []
    if not form.is_valid():
        return _answer(request, context | {"split": True}, form, lines, "")
    try:
        waits = must_wait(case)
        plan = plan_waiting(case, form.persons()) if waits else plan_split(case, form.persons())
        who = "、".join(one.name for one in form.members if one.person in form.persons())
        lines = [
            {"label": "分離する人", "value": who, "note": ""},
            {"label": "残る世帯", "value": f"{plan.remaining_count}人　{plan.remaining_yen:,}円", "note": plan.effect.words},
            {"label": "分離する世帯", "value": f"{plan.leaving_count}人　{plan.leaving_yen:,}円",
             "note": "新しい案件と番号を作り、申請書を送ります。申請、審査、決定の後に支払います。"},
        ]  # fmt: skip
        if waits:
            context["waits"] = True
            lines.append({"label": "いまは見合わせ", "value": "", "note": WAITS})
            if _confirmed(request, lines):
                keep_waiting(
                    case, form.persons(), head=int(form.cleaned_data["head"]), reached=form.reached(), given=form.given(),
                    actor=actor, at=timezone.now(),
                )  # fmt: skip
                messages.success(
                    request, "分離を見合わせとして記録しました。振込の結果が分かりしだい行います。"
                )
                return redirect("splits-waiting", slug=slug)
        elif _confirmed(request, lines):
            order = split_off(
                case, form.persons(), head=int(form.cleaned_data["head"]), reached=form.reached(), given=form.given(),
                actor=actor, at=timezone.now(),
            )  # fmt: skip
            assert order.new_case is not None
            messages.success(
                request,
                "世帯員を分離しました。これが新しい案件です。住所を伏せた方への申請書は「支援措置の方のみ」の印刷で送ります。",
            )
            return redirect("case", slug=slug, number=order.new_case.number)
    except Refusal as refusal:
        return _answer(request, context | {"split": True}, form, [], refusal.sentence)
    return _answer(request, context | {"split": True}, form, lines, "")


@require_http_methods(["GET", "POST"])
@asks("entitlement.order")
def amount(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """The right amount: another one before payment, a claim or a supplement after it."""
    case, actor, context = _page(request, slug, number, "支給額を改める")
    stands = standing_of(case)
    context["now_yen"] = stands.before_yen
    form = AmountForm(accounts_of(case), request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _answer(request, context, form, [], "")
    right = form.cleaned_data["right_yen"]
    more = stands.payment == order_plan.PAID and right > stands.kept_yen
    try:
        lines = _supplement_lines(case, right) if more else _correction_lines(case, right)
        if _confirmed(request, lines):
            at = timezone.now()
            if more:
                supplement(
                    case, corrected_yen=right, given=form.given(), account=form.chosen(), actor=actor, at=at
                )
                messages.success(request, f"追給を提案しました。{ANOTHER_DECIDES}")
            else:
                correct(case, right_yen=right, given=form.given(), actor=actor, at=at)
                messages.success(request, f"正しい支給額を{right:,}円に改めました。")
            return redirect("case", slug=slug, number=number)
    except Refusal as refusal:
        return _answer(request, context, form, [], refusal.sentence)
    return _answer(request, context, form, lines, "")


def _supplement_lines(case: Case, right: int) -> Lines:
    missing = plan_supplement(case, right)
    return [{"label": "追給", "value": f"{missing:,}円", "note": ANOTHER_DECIDES}]


def _correction_lines(case: Case, right: int) -> Lines:
    effect = plan_correction(case, right)
    lines: Lines = [{"label": "正しい支給額", "value": f"{right:,}円", "note": effect.words}]
    if effect.claim_yen:
        lines.append({"label": "返還を請求する額", "value": f"{effect.claim_yen:,}円", "note": ""})
    return lines


@require_http_methods(["GET", "POST"])
@asks("entitlement.order")
def again(request: HttpRequest, slug: str, number: str, part: int) -> HttpResponse:
    """A supplement that came back, or that no list holds, is put forward again."""
    case, actor, context = _page(request, slug, number, "追給をもう一度提案する")
    due = get_object_or_404(Entitlement, case=case, part=part, superseded_by_order="")
    form = AgainForm(accounts_of(case), request.POST if request.method == "POST" else None)
    context["now_yen"] = due.amount_yen
    if not form.is_valid():
        return _answer(request, context, form, [], "")
    account = form.chosen()
    to = dict(form.fields["account"].choices)[form.cleaned_data["account"]]  # type: ignore[attr-defined]
    lines: Lines = [
        {"label": "追給", "value": f"{due.amount_yen:,}円", "note": ANOTHER_DECIDES}, {"label": "口座", "value": to, "note": ""},
    ]  # fmt: skip
    try:
        if _confirmed(request, lines):
            propose_again(
                case, part=part, given=form.given(), account=account, actor=actor, at=timezone.now()
            )
            messages.success(request, f"追給をもう一度提案しました。{ANOTHER_DECIDES}")
            return redirect("case", slug=slug, number=number)
    except Refusal as refusal:
        return _answer(request, context, form, [], refusal.sentence)
    return _answer(request, context, form, lines, "")


def waiting_parts(case: Case) -> list[Entitlement]:
    """Supplements of the case that wait to be put forward again."""
    parts = [one for one in case.entitlements.all() if one.part > 1 and not one.superseded_by_order]
    return [one for one in parts if waits(case, one.part)]


urlpatterns = [
    path("", include("todoku.web.municipality.waiting_splits")),
    path("case/<str:number>/split/", split, name="order-split"),
    path("case/<str:number>/amount/", amount, name="order-amount"),
    path("case/<str:number>/again/<int:part>/", again, name="order-again"),
]
