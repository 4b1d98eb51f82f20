"""在庫: paper and envelopes on the shelf, what came and what runs took; and the approvals of reply envelopes (受取人払)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.ground.step import Refusal
from todoku.letters.print_files import run_label
from todoku.letters.reply_permit import note_permit
from todoku.letters.stock import ITEMS, count_stock, move_stock, warnings
from todoku.letters.tables import ReplyPermit, Stock, StockMove
from todoku.people.access import may
from todoku.programme.tables import Programme
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table

NUMBER = {"inputmode": "numeric", "autocomplete": "off"}


class Movement(forms.Form):
    """What came, was thrown away, or was counted."""

    item = forms.ChoiceField(label="品目", choices=Stock.ITEMS)
    what = forms.ChoiceField(
        label="何を", choices=[("in", "入庫"), ("out", "出庫"), ("count", "棚卸し（数え直し）")], initial="in"
    )
    amount = forms.IntegerField(
        label="数", min_value=0, widget=forms.NumberInput(attrs=NUMBER),
        error_messages={"required": "数を入力してください。", "invalid": "数は数字で入力してください。"},
    )  # fmt: skip
    why = forms.CharField(
        label="理由",
        max_length=100,
        required=False,
        help_text="納品書の番号、傷んだ理由など。出庫のときは必ず書きます。",
    )
    warn_below = forms.IntegerField(
        label="発注の目安", min_value=0, required=False, help_text="棚卸しのときに変えられます。これを下回ると知らせます。",
        widget=forms.NumberInput(attrs=NUMBER),
    )  # fmt: skip


class Permit(forms.Form):
    """An approval of reply envelopes, as the post office's letter says."""

    post_office = forms.CharField(label="承認した郵便局", max_length=60)
    approval_no = forms.CharField(label="承認番号", max_length=20)
    valid_from = forms.DateField(label="差出有効期間の初日", widget=forms.DateInput(attrs={"type": "date"}))
    valid_until = forms.DateField(label="差出有効期間の末日", widget=forms.DateInput(attrs={"type": "date"}))
    postal_code = forms.CharField(
        label="受取人の郵便番号", max_length=8, widget=forms.TextInput(attrs=NUMBER)
    )
    box_number = forms.CharField(
        label="私書箱の番号", max_length=4, required=False, widget=forms.TextInput(attrs=NUMBER)
    )
    deferred = forms.BooleanField(label="料金後納（枠は二重）", required=False, initial=True)


@require_GET
@asks("print.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """The shelf, its movements, the approvals."""
    return _page(request, slug, Movement(), Permit())


def _page(
    request: HttpRequest, slug: str, movement: Movement, permit: Permit, status: int = 200
) -> HttpResponse:
    programme, context = frame(request, slug, "print", "在庫と返信用封筒")
    context |= {
        "movement": movement, "permit": permit, "may_keep": may(actor_of(request).roles, "stock.keep"),
        "short": warnings(programme), "shelf": _shelf(programme), "permits": _permits(programme),
        "table": _moves(programme, slug, page_number(request)),
    }  # fmt: skip
    return render(request, "office/stock.html", context, status=status)


def _shelf(programme: Programme) -> Table:
    found = list(Stock.objects.filter(programme=programme).order_by("item"))
    return Table(
        id="shelf", caption="在庫", total=len(found), unit="品目",
        columns=[
            Column("item", "品目"), Column("hand", "在庫", numeric=True), Column("warn", "発注の目安", numeric=True),
            Column("state", "状態"),
        ],
        rows=[
            Row(
                one.item,
                [
                    Cell(ITEMS[one.item]), Cell(one.on_hand), Cell(one.warn_below),
                    Cell("", badge=Badge("発注する", "warn") if one.on_hand < one.warn_below else Badge("足りている", "ok")),
                ],
            )
            for one in found
        ],
        empty=Empty("数えている品目はありません。", "棚卸しで数を入れた品目だけ、印刷ロットの確認のときに引かれます。"),
    )  # fmt: skip


def _moves(programme: Programme, slug: str, page: int) -> Table:
    found = StockMove.objects.filter(stock__programme=programme).select_related("stock", "run")
    return Table(
        caption="入出庫", total=found.count(), page=page,
        columns=[
            Column("at", "日時", fixed=True), Column("item", "品目"), Column("change", "増減", numeric=True),
            Column("why", "理由"), Column("run", "ロット", fixed=True), Column("by", "担当"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(f"{localtime(one.at):%m/%d %H:%M}"), Cell(ITEMS[one.stock.item]), Cell(one.change), Cell(one.why),
                    Cell(run_label(one.run), href=f"/p/{slug}/print/run/{one.run_id}/") if one.run else Cell(""),
                    Cell(one.actor_name),
                ],
            )
            for one in found.order_by("-pk")[(page - 1) * 50 : page * 50]
        ],
        empty=Empty("入出庫はまだありません。"),
    )  # fmt: skip


def _permits(programme: Programme) -> Table:
    found, today = list(ReplyPermit.objects.filter(programme=programme).order_by("-valid_until")), localdate()
    return Table(
        id="permits", caption="料金受取人払の承認", total=len(found),
        columns=[
            Column("no", "承認番号", fixed=True), Column("office", "郵便局"), Column("from", "初日", fixed=True),
            Column("until", "末日", fixed=True), Column("code", "郵便番号", fixed=True), Column("state", "状態"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(one.approval_no), Cell(one.post_office), Cell(f"{one.valid_from:%Y/%m/%d}"),
                    Cell(f"{one.valid_until:%Y/%m/%d}"), Cell(f"{one.postal_code[:3]}-{one.postal_code[3:]}"),
                    Cell("", badge=_held(one, programme, today)),
                ],
            )
            for one in found
        ],
        empty=Empty("承認の記録はありません。", "料金受取人払の封筒を使うときは、郵便局の承認を記録してください。"),
    )  # fmt: skip


def _held(one: ReplyPermit, programme: Programme, today: Any) -> Badge:
    if one.valid_until < today:
        return Badge("終わった", "stop")
    if one.valid_until < programme.terms.deadline:
        return Badge("返送の締切より前に切れる", "warn")
    return Badge("有効", "ok")


@require_POST
@asks("stock.keep")
def move(request: HttpRequest, slug: str) -> HttpResponse:
    """One movement, or a count."""
    programme, form = programme_of(request, slug), Movement(request.POST)
    if form.is_valid():
        said, actor, at = form.cleaned_data, actor_of(request), timezone.now()
        if said["what"] == "out" and not said["why"].strip():
            form.add_error("why", "出庫の理由を書いてください。")
        else:
            try:
                if said["what"] == "count":
                    count_stock(
                        programme, said["item"], counted=said["amount"], warn_below=said["warn_below"], actor=actor, at=at
                    )  # fmt: skip
                else:
                    change = said["amount"] if said["what"] == "in" else -said["amount"]
                    move_stock(
                        programme, said["item"], change=change, why=said["why"].strip() or "入庫", actor=actor, at=at
                    )  # fmt: skip
            except Refusal as refusal:
                form.add_error("amount", refusal.sentence)
            else:
                messages.success(request, f"{ITEMS[said['item']]}を記録しました。")
                return redirect("stock", slug=slug)
    return _page(request, slug, form, Permit(), status=422)


@require_POST
@asks("stock.keep")
def permit(request: HttpRequest, slug: str) -> HttpResponse:
    """An approval of reply envelopes."""
    programme, form = programme_of(request, slug), Permit(request.POST)
    if form.is_valid():
        said: Any = form.cleaned_data | {"postal_code": form.cleaned_data["postal_code"].replace("-", "")}
        try:
            note_permit(programme, **said, actor=actor_of(request), at=timezone.now())
        except Refusal as refusal:
            form.add_error("valid_until" if "期間" in refusal.sentence else "postal_code", refusal.sentence)
        else:
            messages.success(request, "承認を記録しました。")
            return redirect("stock", slug=slug)
    return _page(request, slug, Movement(), form, status=422)


urlpatterns = [
    path("stock/", index, name="stock"),
    path("stock/move/", move, name="stock-move"),
    path("stock/permit/", permit, name="stock-permit"),
]
