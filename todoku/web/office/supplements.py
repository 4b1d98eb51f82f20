"""追給 at the office: what was paid too little is proposed to the municipality; what waits, and what came back, is listed.

What the proposal would do is shown before it is made. Another person at the municipality decides; nobody here does.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from todoku.case.tables import Case, Entitlement
from todoku.formats.codes import plain_number, printed_number
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.recovery.order_standing import standing_of
from todoku.recovery.supplement import accounts_of, plan_supplement, propose_again, supplement
from todoku.recovery.waiting_supplements import Again, to_put_forward, undecided
from todoku.web.office.amount_forms import AgainForm, AmountForm
from todoku.web.office.cases import case_of
from todoku.web.office.cells import case_cell
from todoku.web.office.frame import frame
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table

DECIDES = "自治体の担当課が決定すると、次の振込データで支払われます。"


@require_GET
@asks("decision.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits, and the way to a new proposal."""
    programme, context = frame(request, slug, "payment", "追給")
    may_propose = may(actor_of(request).roles, "decision.propose")
    typed = request.GET.get("number", "").strip()[:20]
    context |= {
        "may_propose": may_propose, "typed": typed, "undecided": _undecided(programme, slug),
        "again": _again(programme, slug, may_propose),
    }  # fmt: skip
    if typed and may_propose:
        number = plain_number(typed)
        if Case.objects.filter(programme=programme, number=number).exists():
            return redirect("supplement", slug=slug, number=number)
        sentence = "その番号の案件はありません。申請書や通知に印刷された13桁の番号を確かめてください。"
        context["errors"] = [{"target": "number", "sentence": sentence}]
    return render(request, "office/supplements.html", context, status=422 if context.get("errors") else 200)


def _undecided(programme: Programme, slug: str) -> Table:
    rows = undecided(programme)
    return Table(
        id="undecided", caption="決定を待つ追給", total=len(rows),
        columns=[
            Column("case", "案件", fixed=True), Column("part", "回", fixed=True), Column("yen", "額（円）", numeric=True),
            Column("who", "提案"), Column("list", "一覧", fixed=True),
        ],
        rows=[
            Row(
                key=f"{one.case_number}-{one.part}", name=printed_number(one.case_number),
                cells=[
                    case_cell(one.case_number, slug), Cell(one.part), Cell(one.yen),
                    Cell(one.proposer, note=f"{one.proposed_at:%m/%d}"),
                    Cell(one.made, href=f"/p/{slug}/decisions/{one.made}/"),
                ],
            )
            for one in rows
        ],
        empty=Empty("決定を待つ追給はありません。", "支給済みの額が足りないと分かったときに、案件の番号から提案します。"),
    )  # fmt: skip


def _again(programme: Programme, slug: str, may_propose: bool) -> Table:
    rows = to_put_forward(programme)
    return Table(
        id="again", caption="もう一度提案する追給", total=len(rows),
        columns=[
            Column("case", "案件", fixed=True), Column("part", "回", fixed=True), Column("yen", "額（円）", numeric=True),
            Column("back", "戻った日", fixed=True), Column("account", "口座の届出"), Column("next", "次の手続き"),
        ],
        rows=[_again_row(one, slug, may_propose) for one in rows],
        empty=Empty("戻った追給はありません。", "追給の振込が戻ると、別の口座の届出を待つ間、ここに並びます。"),
    )  # fmt: skip


def _again_row(one: Again, slug: str, may_propose: bool) -> Row:
    waits = one.back_on is not None and not one.has_account
    href = f"/p/{slug}/decisions/supplements/{one.case_number}/{one.part}/"
    following = (
        Cell("口座の届出を待つ") if waits else Cell("もう一度提案する", href=href if may_propose else "")
    )
    return Row(
        key=f"{one.case_number}-{one.part}", name=printed_number(one.case_number),
        cells=[
            case_cell(one.case_number, slug), Cell(one.part), Cell(one.yen),
            Cell(f"{one.back_on:%Y/%m/%d}" if one.back_on else ""),
            Cell("", badge=_account(one.back_on is None, one.has_account)), following,
        ],
    )  # fmt: skip


def _account(never_paid: bool, has_account: bool) -> Badge:
    if never_paid:
        return Badge("不要", "none")
    return Badge("あり", "ok") if has_account else Badge("待ち", "wait")


@require_http_methods(["GET", "POST"])
@asks("decision.propose")
def propose(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """The right amount of one case that was paid, what it would mean, and the proposal."""
    case, context = _opened(request, slug, number, "追給を提案する")
    form = AmountForm(accounts_of(case), request.POST if request.method == "POST" else None)
    form.fields["right_yen"].help_text = "追給の分だけでなく、支給済みの分と合わせた正しい額です。"
    form.fields["account"].help_text = "届出を受け付けた口座から選びます。"
    _said(form)
    context["now_yen"] = standing_of(case).kept_yen
    if not form.is_valid():
        return _answer(request, context, form)
    right = form.cleaned_data["right_yen"]
    try:
        yen = plan_supplement(case, right)
        if _confirmed(request, yen):
            supplement(
                case, corrected_yen=right, given=form.given(), account=form.chosen(), actor=actor_of(request),
                at=timezone.now(),
            )  # fmt: skip
            messages.success(request, f"追給 {yen:,}円を提案しました。{DECIDES}")
            return redirect("supplements", slug=slug)
    except Refusal as refusal:
        return _answer(request, context, form, sentence=refusal.sentence)
    return _answer(request, context, form, yen=yen)


@require_http_methods(["GET", "POST"])
@asks("decision.propose")
def again(request: HttpRequest, slug: str, number: str, part: int) -> HttpResponse:
    """A supplement that came back, or that no list holds, put forward again."""
    case, context = _opened(request, slug, number, "追給をもう一度提案する")
    due = get_object_or_404(Entitlement, case=case, part=part, superseded_by_order="")
    form = AgainForm(accounts_of(case), request.POST if request.method == "POST" else None)
    _said(form)
    context["due_yen"] = due.amount_yen
    if not form.is_valid():
        return _answer(request, context, form)
    if not _confirmed(request, due.amount_yen):
        return _answer(request, context, form, yen=due.amount_yen)
    try:
        propose_again(
            case,
            part=part,
            given=form.given(),
            account=form.chosen(),
            actor=actor_of(request),
            at=timezone.now(),
        )
    except Refusal as refusal:
        return _answer(request, context, form, sentence=refusal.sentence)
    messages.success(request, f"追給 {due.amount_yen:,}円をもう一度提案しました。{DECIDES}")
    return redirect("supplements", slug=slug)


def _opened(request: HttpRequest, slug: str, number: str, title: str) -> tuple[Case, dict[str, Any]]:
    programme, context = frame(request, slug, "payment", title)
    case = case_of(programme, number)
    record_look(
        actor=actor_of(request), action="case.view", subject_kind="case", subject_id=case.pk, at=timezone.now(),
        programme_slug=slug, reason="追給の提案",
    )  # fmt: skip
    return case, context | {"case": case, "title": title, "page_title": title}


def _said(form: AgainForm) -> None:
    form.fields["number"].label = "起案・決裁の番号"
    form.fields["why"].help_text = "自治体の担当課が読みます。氏名や口座番号は書かないでください。"
    for field in form.fields.values():
        field.error_messages["required"] = f"{field.label}を入力してください。"


def _confirmed(request: HttpRequest, yen: int) -> bool:
    """The proposal is made on what was shown: where it would be another sum by now, that is shown instead."""
    return request.POST.get("step") == "order" and request.POST.get("seen") == str(yen)


def _answer(
    request: HttpRequest,
    context: dict[str, Any],
    form: AgainForm,
    *,
    yen: int | None = None,
    sentence: str = "",
) -> HttpResponse:
    """The page: empty, with its errors, or with what would be paid and the button that proposes it."""
    if sentence:
        context["errors"] = [{"target": "supplement", "sentence": sentence}]
    context |= {"form": form, "yen": yen, "decides": DECIDES}
    return render(request, "office/supplement.html", context, status=422 if sentence or form.errors else 200)


urlpatterns = [
    path("supplements/", index, name="supplements"),
    path("supplements/<str:number>/", propose, name="supplement"),
    path("supplements/<str:number>/<int:part>/", again, name="supplement-again"),
]
