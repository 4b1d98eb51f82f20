"""郵便 of one case: its letters and what became of them, a form issued again, another address asked for.

No address is typed from memory into a letter: the office asks, the municipality approves, and only then letters go there.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.case.tables import Case
from todoku.ground.step import Refusal
from todoku.letters.address_change import ask_address
from todoku.letters.address_told import address_told, untold
from todoku.letters.answer_register import NewAddress
from todoku.letters.print_files import run_label
from todoku.letters.reissue import WHY, reissue
from todoku.letters.tables import AddressChange, Letter, Undelivered
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.web.office.cases import case_of, is_protected
from todoku.web.office.frame import frame
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Need, Row, Table
from todoku.web.shared.told import tell

TOLD_AT_ONCE = 5
STATES = {"asked": "wait", "approved": "ok", "refused": "warn"}


class Again(forms.Form):
    """Why a form is sent once more."""

    why = forms.ChoiceField(
        label="再発行の理由", choices=[(one, one) for one in WHY], widget=forms.RadioSelect,
        error_messages={"required": "再発行の理由を選んでください。"},
    )  # fmt: skip


class Elsewhere(forms.Form):
    """Another address for letters, with what proves it."""

    postal_code = forms.CharField(
        label="郵便番号", max_length=8, widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "郵便番号を7桁で入力してください。"},
    )  # fmt: skip
    address = forms.CharField(
        label="住所", max_length=300, error_messages={"required": "住所を入力してください。"}
    )
    building = forms.CharField(label="方書", max_length=300, required=False)
    reason = forms.CharField(
        label="変える理由", max_length=200, help_text="施設に入所、入院、成年後見人あて など",
        error_messages={"required": "送付先を変える理由を入力してください。"},
    )  # fmt: skip
    evidence = forms.CharField(
        label="確認した書類", max_length=200, help_text="送付先変更届と、その裏付け（入所証明、登記事項証明書 など）",
        error_messages={"required": "確認した書類を入力してください。"},
    )  # fmt: skip


@require_GET
@asks("case.view")
def show(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """Letters of the case, re-issue, change of address."""
    return _page(request, slug, number, Again(), Elsewhere())


def _page(
    request: HttpRequest, slug: str, number: str, again: Again, elsewhere: Elsewhere, status: int = 200
) -> HttpResponse:
    programme, context = frame(request, slug, "", "案件の郵便")
    case, actor = case_of(programme, number), actor_of(request)
    record_look(
        actor=actor, action="case.view", subject_kind="case", subject_id=case.pk, at=timezone.now(),
        programme_slug=slug, reason="案件の郵便",
    )  # fmt: skip
    protected = is_protected(case)
    context |= {
        "page_title": f"郵便 {case.printed_number}", "case": case, "protected": protected, "again": again,
        "elsewhere": elsewhere, "may_again": may(actor.roles, "form.reissue"),
        "may_tell": may(actor.roles, "address.ask"),
        "may_ask": may(actor.roles, "address.ask") and (not protected or may(actor.roles, "case.view_protected")),
        "changes": [
            {"one": one, "badge": Badge(one.get_state_display(), STATES[one.state])}
            for one in AddressChange.objects.filter(case=case).order_by("-pk")
        ],
        "reissues": list(case.reissues.order_by("-issue")), "table": _letters(case, slug),
    }  # fmt: skip
    return render(request, "office/case_letters.html", context, status=status)


def _letters(case: Case, slug: str) -> Table:
    found = (
        Letter.objects.filter(case=case)
        .select_related("run", "pulled")
        .prefetch_related("run__postings")
        .order_by("-pk")
    )
    back = dict(Undelivered.objects.filter(letter__case=case).values_list("letter_id", "reason"))
    reasons, rows = dict(Undelivered.REASONS), []
    for one in found:
        posted, pulled = one.posting, getattr(one, "pulled", None)
        state = Badge("発送前", "wait")
        if pulled and pulled.voided_at:
            state = Badge(f"抜き取り（{pulled.get_reason_display()}）", "none")
        elif one.pk in back:
            state = Badge(f"不着（{reasons[back[one.pk]]}）", "warn")
        elif posted:
            state = Badge("発送済", "ok")
        rows.append(
            Row(
                str(one.pk),
                [
                    Cell(one.get_kind_display()), Cell(f"{posted.posted_on:%Y/%m/%d}" if posted else ""),
                    Cell("", badge=state), Cell(run_label(one.run), href=f"/p/{slug}/print/run/{one.run_id}/"),
                    Cell(one.piece_no), Cell(f"{one.copy}枚目" if one.copy > 1 else ""),
                ],
            )
        )  # fmt: skip
    return Table(
        caption="この案件の郵便", total=len(rows), unit="通", per_page=max(len(rows), 1), rows=rows,
        columns=[
            Column("kind", "種類"), Column("on", "差し出した日", fixed=True), Column("state", "状態"),
            Column("run", "ロット", fixed=True), Column("piece", "通し番号", numeric=True), Column("copy", "刷り直し"),
        ],
        empty=Empty("この案件の郵便はまだありません。"),
    )  # fmt: skip


@require_POST
@asks("form.reissue")
def issue(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """Orders the next issue of the form."""
    programme, _ = frame(request, slug, "", "")
    case, form = case_of(programme, number), Again(request.POST)
    if form.is_valid():
        try:
            order = reissue(case, why=form.cleaned_data["why"], actor=actor_of(request), at=timezone.now())
        except Refusal as refusal:
            form.add_error("why", refusal.sentence)
        else:
            messages.success(
                request, f"{order.issue}回目の発行を受け付けました。次の「再発行を作る」で印刷されます。"
            )
            return redirect("case-letters", slug=slug, number=number)
    return _page(request, slug, number, form, Elsewhere(), status=422)


@require_POST
@asks("address.ask")
def told(request: HttpRequest, slug: str, number: str, pk: int) -> HttpResponse:
    """The resident was told what the municipality answered."""
    programme, _ = frame(request, slug, "", "")
    found = AddressChange.objects.select_related("case__programme")
    change = get_object_or_404(found, pk=pk, case=case_of(programme, number))
    tell(request, lambda: address_told(change, actor=actor_of(request), at=timezone.now()))
    return redirect("case-letters", slug=slug, number=number)


def told_needs(programme: Programme, slug: str, roles: frozenset[str]) -> list[Need]:
    """Answers of the municipality that somebody has still to tell, one line for each case, a few at once."""
    if not may(roles, "address.ask"):
        return []
    text = "自治体が送付先の変更に回答しました。申請した方に伝え、「伝えました」を押してください。"
    return [
        Need(1, f"送付先変更の回答 {one.case.printed_number}", text, f"/p/{slug}/case/{one.case.number}/letters/", "回答を見る")
        for one in untold(programme)[:TOLD_AT_ONCE]
    ]  # fmt: skip


@require_POST
@asks("address.ask")
def elsewhere(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """Asks the municipality for another address."""
    programme, _ = frame(request, slug, "", "")
    case, form = case_of(programme, number), Elsewhere(request.POST)
    if form.is_valid():
        said: Any = form.cleaned_data
        to = NewAddress(said["postal_code"].replace("-", "").strip(), said["address"], said["building"])
        try:
            ask_address(
                case, to, reason=said["reason"], evidence=said["evidence"], actor=actor_of(request), at=timezone.now()
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error("postal_code" if "7桁" in refusal.sentence else "reason", refusal.sentence)
        else:
            messages.success(
                request, "送付先の変更を申請しました。自治体が承認すると、手紙はそこへ送られます。"
            )
            return redirect("case-letters", slug=slug, number=number)
    return _page(request, slug, number, Again(), form, status=422)


urlpatterns = [
    path("case/<str:number>/letters/", show, name="case-letters"),
    path("case/<str:number>/letters/issue/", issue, name="case-reissue"),
    path("case/<str:number>/letters/address/", elsewhere, name="case-elsewhere"),
    path("case/<str:number>/letters/address/<int:pk>/told/", told, name="case-told"),
]
