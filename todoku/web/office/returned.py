"""Transfers that came back, taken from a file or keyed from paper: a result, or what came back later; looked at twice.

What is keyed is shown once more with the transfers that it names before anything is taken. At both staff doors.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.forms import formset_factory
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST

from todoku.bank.credited import credited_accounts
from todoku.bank.keyed_returns import REASONS, CannotKey, Keyed, returned_rows
from todoku.bank.late_return import late_return, read_late_returns
from todoku.bank.question_returns import question_returns
from todoku.bank.read_result import key_result, read_result
from todoku.formats.bank_report import ReturnedTransfer
from todoku.ground.step import Refusal, Report
from todoku.payment.tables import Batch, Transfer
from todoku.programme.tables import Programme
from todoku.web.office.batch_page import masked
from todoku.web.office.batches import ReportFile, batch_of
from todoku.web.office.cells import case_cell
from todoku.web.office.frame import programme_of
from todoku.web.office.watch_door import PAYMENT, Door
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Cell, Column, Row, Table

ROWS, ROWS_MAX = 5, 50
# How to go on beyond the page's rows, so that nothing that is not keyed yet is taken as paid.
BEYOND = {
    "result": (
        f"{ROWS_MAX}件より多く戻ったときは、{ROWS_MAX}件を入れて「確かめる」を押し、次の画面で「先に取り込む」を選びます。"
        "入れた振込だけが振込不能になり、ほかの振込は変わりません。残りも同じように入れ、最後の分を取り込むと、"
        "入れなかった振込が振込済になります。"
    ),
    "late": (
        f"{ROWS_MAX}件より多く戻ったときは、{ROWS_MAX}件を取り込んでから、この画面をもう一度開いて残りを入れます。"
        "入れた振込だけが振込不能になり、ほかの振込は変わりません。"
    ),
}
STILL_OPEN = "ほかの振込は、まだ振込済にしていません。続きを入れてください。"


class KeyedRow(forms.Form):
    """One returned transfer as the bank's paper names it; an empty row is no transfer."""

    number = forms.CharField(
        label="振込番号または案件の番号", max_length=20,
        error_messages={"required": "振込番号の10桁か、案件の番号の13桁を入れてください。"},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    amount = forms.IntegerField(
        label="金額（円）", min_value=1, localize=True,
        error_messages={"required": "金額を入れてください。", "invalid": "金額を数字で入れてください。"},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    reason = forms.ChoiceField(
        label="戻った理由", choices=[("", "選ぶ"), *REASONS.items()],
        error_messages={"required": "戻った理由を選んでください。"},
    )  # fmt: skip
    returned_on = forms.DateField(
        label="返却日", required=False, widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "返却日は 2026-12-04 のように入れてください。"},
    )  # fmt: skip


def way_of(request: HttpRequest, batch: Batch) -> str:
    """ "result": everything that came back, all else is settled. "late": only these came back, the rest stays."""
    asked = request.POST.get("way") or request.GET.get("way")
    if batch.state != "sent" or localdate() < batch.value_date:
        return "late"
    return "late" if asked == "late" else "result"


@require_http_methods(["GET", "POST"])
@asks("batch.result")
def keyed(request: HttpRequest, slug: str, pk: int, door: Door) -> HttpResponse:
    """The lines to key, then the same lines with their transfers, then taken."""
    batch = batch_of(programme_of(request, slug), pk)
    asked = request.GET.get("rows", "")
    count = min(int(asked), ROWS_MAX) if asked.isdecimal() and len(asked) < 4 else ROWS
    make: Any = formset_factory(KeyedRow, extra=count, max_num=ROWS_MAX)
    rows, step = make(_posted(request)) if request.method == "POST" else make(), request.POST.get("step")
    if request.method == "GET" or step in ("again", "more"):
        return _page(request, slug, door, batch, rows)
    if not rows.is_valid():
        return _page(request, slug, door, batch, rows, errors=_errors(rows))
    try:
        found = returned_rows(batch, _keyed(rows))
        if step in ("take", "part"):
            return _take(request, slug, door, batch, found, part=step == "part")
        if step == "question":
            kept = question_returns(batch, found, actor=actor_of(request), at=timezone.now())
            messages.warning(
                request, f"{kept.done}件を照合できない返却として残しました。金融機関に確かめてください。"
            )
            return redirect("after", slug=slug)
    except Refusal as refusal:
        line = refusal.line - 1 if isinstance(refusal, CannotKey) else 0
        target = f"id_form-{line}-number"
        return _page(
            request, slug, door, batch, rows, errors=[{"target": target, "sentence": refusal.sentence}]
        )
    return _page(request, slug, door, batch, rows, second_look=look_table(batch.programme, found, slug))


def _posted(request: HttpRequest) -> QueryDict:
    """What was keyed, as it was keyed; with "more", room for as many rows as the page has."""
    if request.POST.get("step") != "more":
        return request.POST
    roomy = request.POST.copy()
    roomy["form-TOTAL_FORMS"] = str(ROWS_MAX)
    return roomy


def _keyed(rows: Any) -> list[Keyed]:
    return [
        Keyed(one["number"], one["amount"], one["reason"], one["returned_on"])
        for one in rows.cleaned_data
        if one
    ]


def _take(
    request: HttpRequest, slug: str, door: Door, batch: Batch, found: list[ReturnedTransfer], *, part: bool
) -> HttpResponse:
    """`part`: these came back and more are still to be keyed, so that nothing is settled yet."""
    actor, at = actor_of(request), timezone.now()
    if part and way_of(request, batch) == "result":
        report = late_return(batch, found, actor=actor, at=at)
        words = f"振込不能 {len(report.refused):,}件を先に取り込みました。"
        messages.success(request, (report.note or words) + STILL_OPEN)
        return redirect(f"{reverse('batch-returned', args=[slug, batch.pk])}?rows={ROWS_MAX}")
    if way_of(request, batch) == "result":
        report = key_result(batch, found, actor=actor, at=at)
    else:
        report = late_return(batch, found, actor=actor, at=at)
    return _done(request, slug, door, batch, report)


def _done(request: HttpRequest, slug: str, door: Door, batch: Batch, report: Report) -> HttpResponse:
    settled = report.done if way_of(request, batch) == "result" else 0
    words = f"振込不能 {len(report.refused):,}件を取り込みました。"
    if settled:
        words = f"振込済 {settled:,}件、" + words
    messages.success(request, report.note or words + "振込不能のお知らせは、次の手紙の作成で印刷されます。")
    return redirect(door.batch, slug=slug, pk=batch.pk)


def _page(
    request: HttpRequest, slug: str, door: Door, batch: Batch, rows: Any, *,
    errors: list[dict[str, str]] | None = None, second_look: Table | None = None,
) -> HttpResponse:  # fmt: skip
    way = way_of(request, batch)
    title = "振込結果を打ち込む" if way == "result" else "あとから戻った振込を取り込む"
    _programme, context = door.open(request, slug, title)
    context |= {
        "batch": batch,
        "way": way,
        "rows": rows,
        "errors": errors or [],
        "table": second_look,
        "doubtful": second_look is not None and any(row.marked for row in second_look.rows),
        "file_form": ReportFile(),
        "too_early": batch.state == "sent" and localdate() < batch.value_date,
        "waits": batch.state in ("sent", "reconciled"),
        "rows_max": ROWS_MAX,
        "more_words": f"{ROWS_MAX}行に増やす",
        "beyond": BEYOND[way],
        "full": second_look is not None and second_look.total >= ROWS_MAX and way == "result",
    }
    return render(request, "office/returned.html", context, status=422 if errors else 200)


def _errors(rows: Any) -> list[dict[str, str]]:
    whole = [{"target": "id_form-0-number", "sentence": str(one)} for one in rows.non_form_errors()]
    return whole + [
        {"target": str(form[name].id_for_label), "sentence": f"{line}行目: {sentence}"}
        for line, form in enumerate(rows.forms, 1)
        for name, sentences in form.errors.items()
        for sentence in sentences
    ]


def look_table(programme: Programme, found: list[ReturnedTransfer], slug: str) -> Table:
    """What was keyed beside what was paid: the second look, in which a slip of the hand shows."""
    paid = {
        one.number: one
        for one in Transfer.objects.filter(
            programme=programme, number__in=[row.number for row in found]
        ).select_related("case")
    }
    accounts = credited_accounts(list(paid.values()))
    rows = []
    for row in found:
        one = paid.get(row.number)
        account = accounts[one.pk] if one else None
        wrong = one is None or one.amount_yen != row.amount
        cells = [
            Cell(row.number), case_cell(one.case.number, slug) if one else Cell("この番号の振込はありません"),
            Cell(row.amount), Cell(f"{one.amount_yen:,}" if one else ""), Cell(masked(*account[:4]) if account else ""),
            Cell(REASONS[row.reason]), Cell(f"{row.returned_on:%Y/%m/%d}" if row.returned_on else ""),
        ]  # fmt: skip
        rows.append(Row(f"{row.line}", cells, marked=wrong))
    return Table(
        id="look", caption="もう一度確かめる", total=len(rows), per_page=ROWS_MAX,
        columns=[
            Column("number", "振込番号", fixed=True), Column("case", "案件", fixed=True),
            Column("amount", "入力した金額（円）", numeric=True), Column("paid", "依頼した金額（円）"),
            Column("account", "口座（下3桁）"), Column("reason", "理由"), Column("on", "返却日", fixed=True),
        ],
        rows=rows,
    )  # fmt: skip


@require_POST
@asks("batch.result")
def file(request: HttpRequest, slug: str, pk: int, door: Door) -> HttpResponse:
    """The same from the bank's file."""
    batch = batch_of(programme_of(request, slug), pk)
    form, rows = ReportFile(request.POST, request.FILES), formset_factory(KeyedRow, extra=ROWS)()
    if not form.is_valid():
        errors = [{"target": "id_file", "sentence": str(sentence)} for sentence in form.errors["file"]]
        return _page(request, slug, door, batch, rows, errors=errors)
    sent: Any = form.cleaned_data["file"]
    take = read_result if way_of(request, batch) == "result" else read_late_returns
    try:
        report = take(batch, sent.read(), name=sent.name, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        return _page(
            request, slug, door, batch, rows, errors=[{"target": "id_file", "sentence": refusal.sentence}]
        )
    return _done(request, slug, door, batch, report)


def patterns(door: Door) -> list[URLPattern]:
    """The pages as they stand at a door."""
    here = {"door": door}
    return [
        path("<int:pk>/returned/", keyed, here, name="batch-returned"),
        path("<int:pk>/returned/file/", file, here, name="batch-returned-file"),
    ]


urlpatterns = patterns(PAYMENT)
