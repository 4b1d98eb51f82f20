"""封入計画・トレー・郵便料金の見積り of a run: looked at and printed before anything leaves.

Numbers and weights, nobody's name. What is typed in for the estimate stands in the address alone and is kept nowhere.
"""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET

from todoku.formats.postage import BY_DISTRICT, BY_NAMED, OPTIONS, Offer, OwnPrices, Posting, reply_cost
from todoku.formats.postage_tariff import SIZES, Tariff, size_of, tariff_on
from todoku.formats.postal_sort import Tray
from todoku.formats.refused import FormatRefused
from todoku.ground.places import var
from todoku.ground.step import Refusal
from todoku.letters.print_files import run_label
from todoku.letters.reply_permit import REPLIED
from todoku.letters.run_plan import RunPlan, run_plan, run_postage
from todoku.letters.tables import PrintRun
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.sheets.envelopes import OUTER, ReplyEnvelope
from todoku.sheets.insert_plan import OUTER_MM, SHEET_GRAMS, SHEET_MM, Setup, as_csv, setup_for
from todoku.sheets.tray_labels import tray_labels
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame
from todoku.web.office.printing import run_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Cell, Column, Empty, Row, Table

NUMBER = {"inputmode": "numeric", "autocomplete": "off"}
TRAYS_SHOWN = 50


class Enclosed(forms.Form):
    """How the run is enclosed; all of it stands in the address, so that the page can be passed on."""

    outer = forms.ChoiceField(label="送付用封筒", choices=[(one.code, one.name) for one in OUTER.values()])
    reply = forms.ChoiceField(label="返信用封筒", choices=[("1", "入れる"), ("0", "入れない")])


class Asked(Enclosed):
    """What the sender is ready to do, and what the post tells the sender alone."""

    on = forms.DateField(
        label="差し出す日", widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "差し出す日を入力してください。", "invalid": "差し出す日を入力してください。"},
    )  # fmt: skip
    sorts = forms.ChoiceField(
        label="区分", required=False,
        choices=[("", "区分しない"), (BY_DISTRICT, "郵便区番号ごとに区分する"), (BY_NAMED, "差出局の指定する郵便区番号ごと")],
    )  # fmt: skip
    days = forms.ChoiceField(
        label="配達までの余裕", required=False, choices=[("0", "なし"), ("3", "3日"), ("7", "7日")]
    )
    area_office = forms.BooleanField(label="地域区分局に差し出す", required=False)
    unpaid = forms.BooleanField(label="切手を貼る（別納・後納・計器別納にしない）", required=False)
    option = forms.ChoiceField(label="付ける取扱い", required=False, choices=[("", "なし"), *OPTIONS.items()])
    districts = forms.CharField(
        label="郵便区内特別の郵便区番号", required=False, max_length=400,
        help_text="差出局に確かめた3桁か5桁。いくつもあるときは空白で区切ります。",
    )  # fmt: skip
    local_yen = forms.IntegerField(
        label="郵便区内特別の1通の料金", required=False, min_value=1, help_text="差出局に確かめた、この重さの料金（円）。",
        widget=forms.NumberInput(attrs=NUMBER),
    )  # fmt: skip
    surcharge = forms.IntegerField(
        label="受取人払の1通の手数料", required=False, min_value=0, help_text="承認した郵便局に確かめた額（円）。",
        widget=forms.NumberInput(attrs=NUMBER),
    )  # fmt: skip
    returned = forms.IntegerField(
        label="戻ると見込む返信の通数", required=False, min_value=0, widget=forms.NumberInput(attrs=NUMBER)
    )

    def clean_districts(self) -> frozenset[str]:
        """The codes as typed, each of three or five digits."""
        codes = self.cleaned_data["districts"].replace("、", " ").replace(",", " ").split()
        if not all(one.isascii() and one.isdigit() and len(one) in (3, 5) for one in codes):
            raise forms.ValidationError("郵便区番号は、3桁か5桁の数字を空白で区切って入力してください。")
        return frozenset(codes)


def _enclosed(request: HttpRequest, run: PrintRun) -> dict[str, str]:
    """Envelope and reply envelope as asked in the address, else as usual for the kind."""
    reply = request.GET.get("reply", "1" if run.kind in REPLIED else "0")
    return {"outer": request.GET.get("outer", "kaku2"), "reply": reply}


def _planned(run: PrintRun, said: dict[str, str]) -> RunPlan:
    """The plan of a run enclosed so. Raises Refusal or FormatRefused."""
    if run.manifest is None:
        raise Http404("a run that was not printed has no plan")
    return run_plan(run, setup_for(said["outer"], reply=said["reply"] == "1"))


@require_GET
@asks("print.view")
def plan(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Trays, and the pieces in their order."""
    run = run_of(request, slug, pk)
    said = _enclosed(request, run)
    _, context = frame(request, slug, "print", f"封入計画 {run_label(run)}")
    context |= {
        "run": run, "label": run_label(run), "form": Enclosed(said),
        "may_hand": may(actor_of(request).roles, "print.hand"), "asked": f"outer={said['outer']}&reply={said['reply']}",
    }  # fmt: skip
    try:
        found = _planned(run, said)
    except (Refusal, FormatRefused) as refused:
        return render(request, "office/run_plan.html", context | {"refused": refused.sentence}, status=422)
    context |= {
        "figures": _figures(found), "trays": _trays(found.trays.trays),
        "table": _pieces(found, page_number(request)),
    }  # fmt: skip
    return render(request, "office/run_plan.html", context)


def _figures(found: RunPlan) -> list[dict[str, Any]]:
    sizes = sorted({SIZES[line.size] for line in found.lines})
    grams = sorted({line.grams for line in found.lines})
    weight = f"{grams[0]}g" if len(grams) == 1 else f"{grams[0]}〜{grams[-1]}g"
    return [
        {"label": "通数", "value": len(found.lines), "unit": "通"},
        {"label": "用紙", "value": sum(line.sheets for line in found.lines), "unit": "枚"},
        {"label": "トレー", "value": len(found.trays.trays), "unit": "個", "note": f"{'・'.join(sizes)} {weight}"},
        {
            "label": "手作業", "value": sum(bool(line.hand_work) for line in found.lines), "unit": "通",
            "note": "封をする前に、人が見る通",
        },
    ]  # fmt: skip


def _trays(trays: tuple[Tray, ...]) -> Table:
    def code(text: str) -> str:
        return f"{text[:3]}-{text[3:]}" if text else "郵便番号なし"

    return Table(
        id="trays", caption="トレー", total=len(trays), unit="個", per_page=TRAYS_SHOWN,
        columns=[
            Column("no", "トレー", numeric=True), Column("pieces", "通し番号", fixed=True), Column("held", "通数", numeric=True),
            Column("codes", "郵便番号", fixed=True), Column("bundles", "把束", numeric=True),
        ],
        rows=[
            Row(
                str(one.no),
                [
                    Cell(one.no), Cell(f"{one.first_piece:,} – {one.last_piece:,}"), Cell(one.held),
                    Cell(f"{code(one.first_code)} – {code(one.last_code)}"), Cell(len(one.bundles)),
                ],
            )
            for one in trays[:TRAYS_SHOWN]
        ],
        empty=Empty("トレーはありません。"),
    )  # fmt: skip


def _pieces(found: RunPlan, page: int) -> Table:
    return Table(
        caption="封入計画", total=len(found.lines), page=page, unit="通",
        columns=[
            Column("piece", "通し番号", numeric=True), Column("tray", "トレー", numeric=True),
            Column("position", "位置", numeric=True), Column("bundle", "把束", numeric=True),
            Column("pages", "ページ", fixed=True), Column("sheets", "用紙", numeric=True),
            Column("grams", "重さ(g)", numeric=True), Column("thick", "厚さ(mm)"), Column("size", "郵便種別"),
            Column("with", "同封物"), Column("hand", "手作業"),
        ],
        rows=[
            Row(
                str(one.piece_no),
                [
                    one.piece_no, one.tray, one.position, one.bundle,
                    f"{one.first_page:,} – {one.first_page + one.pages - 1:,}", one.sheets, one.grams,
                    f"{one.thickness_mm:g}", SIZES[one.size], one.enclosures, "あり" if one.hand_work else "",
                ],
                marked=bool(one.hand_work),
            )
            for one in found.lines[(page - 1) * 50 : page * 50]
        ],
        empty=Empty("封入する通はありません。"),
    )  # fmt: skip


@require_GET
@asks("print.hand")
def plan_file(request: HttpRequest, slug: str, pk: int, what: str) -> HttpResponse:
    """The plan as CSV for the inserting machine, or the tray labels as PDF; that it was taken is recorded."""
    run = run_of(request, slug, pk)
    label = run_label(run)
    try:
        found = _planned(run, _enclosed(request, run))
    except (Refusal, FormatRefused) as refused:
        return HttpResponse(refused.sentence, status=422, content_type="text/plain; charset=utf-8")
    if what not in ("csv", "labels"):
        raise Http404("file")
    if what == "csv":
        data, kind, name = as_csv(found.lines, label), "text/csv; charset=utf-8", f"{label}-insert.csv"
    else:
        title = f"{run.programme.name} {run.get_kind_display()}"
        data = tray_labels(found.trays.trays, title=title, run_label=label, fonts_dir=var("assets", "fonts"))
        kind, name = "application/pdf", f"{label}-tray-labels.pdf"
    record_look(
        actor=actor_of(request), action="print.hand", subject_kind="print_run", subject_id=pk, at=timezone.now(),
        programme_slug=slug, reason=f"{name} {len(found.lines)}通",
    )  # fmt: skip
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=kind, headers=headers)


@require_GET
@asks("print.view")
def postage(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Every scheme with its conditions, met or not, and the cheapest that is allowed."""
    run = run_of(request, slug, pk)
    said = _enclosed(request, run)
    form = Asked({"on": f"{localdate()}", "days": "0", **request.GET.dict(), **said})
    _, context = frame(request, slug, "print", f"郵便料金の見積り {run_label(run)}")
    context |= {"run": run, "label": run_label(run), "form": form}
    if not form.is_valid():
        return render(request, "office/postage.html", context, status=422)
    try:
        context |= _estimated(_planned(run, said), form.cleaned_data)
    except (Refusal, FormatRefused) as refused:
        return render(request, "office/postage.html", context | {"refused": refused.sentence}, status=422)
    return render(request, "office/postage.html", context)


def _estimated(found: RunPlan, said: dict[str, Any]) -> dict[str, Any]:
    tariff = tariff_on(said["on"])
    posting = Posting(
        frozenset({said["sorts"]} - {""}), int(said["days"] or 0), said["area_office"], said["option"],
        paid_in_bulk=not said["unpaid"],
    )  # fmt: skip
    prices = {(lot.size, lot.grams): said["local_yen"] for lot in found.lots} if said["local_yen"] else {}
    own = OwnPrices(prices, said["districts"], said["surcharge"])
    made = run_postage(found, posting, own, on=said["on"])
    back = found.setup.reply and _back(found.setup, said["returned"], tariff, own)
    return {
        "estimate": made, "offers": [_offer(one, one in made.best) for one in made.offers],
        "best": "と".join(f"{one.name} {one.pieces:,}通" for one in made.best),
        "back": back, "returned": said["returned"], "tariff": tariff, "unsorted": found.trays.unknown,
    }  # fmt: skip


def _offer(one: Offer, best: bool) -> dict[str, Any]:
    each = f"{one.total_yen / one.pieces:.1f}" if one.total_yen is not None and one.pieces else ""
    return {"row": one, "best": best, "allowed": one.allowed, "each": each}


def _back(setup: Setup, count: int | None, tariff: Tariff, own: OwnPrices) -> int | None:
    """Yen for the replies that are expected back, each with one sheet; None as long as something is not known."""
    reply: ReplyEnvelope | None = setup.reply
    if not count or reply is None:
        return None
    grams = -(-int(10 * (reply.grams + SHEET_GRAMS)) // 10)
    size = size_of(reply.width, reply.height, SHEET_MM * reply.layers + OUTER_MM, grams)
    return reply_cost(count, size, grams, tariff, own)


urlpatterns = [
    path("run/<int:pk>/plan/", plan, name="print-plan"),
    path("run/<int:pk>/plan/<slug:what>/", plan_file, name="print-plan-file"),
    path("run/<int:pk>/postage/", postage, name="print-postage"),
]
