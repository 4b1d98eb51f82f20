"""発送 desk: print runs are made, looked at by another person, posted with counted pieces; what comes back is recorded.

Printing is long work; releasing, posting and recording are one verb each. Taking the PDF or the manifest is recorded,
since they name everybody in the run.
"""

from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from todoku.custody import files
from todoku.delivery.deliver_gifts import deliver_gifts
from todoku.formats.codes import printed_number
from todoku.ground.step import Refusal
from todoku.letters.abandon_run import abandon_run
from todoku.letters.dispatch import CountsDiffer, dispatch, next_range
from todoku.letters.reissue import reissues_waiting
from todoku.letters.release import release
from todoku.letters.set_deadline import set_deadline
from todoku.letters.stock import warnings
from todoku.letters.tables import PrintRun, Undelivered
from todoku.letters.undelivered import record_undelivered
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.web.office import works
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.printing_page import (
    KIND_OF_MODE,
    WORK_OF_KIND,
    aside_table,
    cohorts_to_print,
    counts,
    letters_to_make,
    run_context,
    runs_table,
    undelivered_table,
    unprinted_table,
)
from todoku.web.office.run_standing import standing_of
from todoku.web.office.scan import scanned_number
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.told import tell

WORK_KINDS = ("print.form", "print.notice", "print.letters")


class Posting(forms.Form):
    """The day of posting and the pieces counted at the counter of the post office."""

    posted_on = forms.DateField(
        label="差し出した日",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "差し出した日を入力してください。"},
    )
    counted = forms.IntegerField(
        label="数えた通数",
        min_value=1,
        help_text="差出票の控えではなく、実際に数えた通数を入力します。",
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": "数えた通数を入力してください。",
            "invalid": "数えた通数は数字で入力してください。",
            "min_value": "数えた通数は1以上で入力してください。",
        },
    )


class Lot(Posting):
    """The same for a part of the run: its first and last piece, as the trays say."""

    from_piece = forms.IntegerField(
        label="通し番号（初め）", min_value=1, widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": "初めの通し番号を入力してください。", "invalid": "数字で入力してください。"},
    )  # fmt: skip
    to_piece = forms.IntegerField(
        label="通し番号（終わり）", min_value=1, widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text="トレーラベルの番号。残りをすべて差し出すときは、このままにします。",
        error_messages={"required": "終わりの通し番号を入力してください。", "invalid": "数字で入力してください。"},
    )  # fmt: skip


class CameBack(forms.Form):
    """A letter that came back: the number below the address, the reason on it, the day."""

    reason = forms.ChoiceField(
        label="理由",
        choices=Undelivered.REASONS,
        widget=forms.RadioSelect,
        error_messages={
            "required": "封筒に書かれた理由を選んでください。",
            "invalid_choice": "理由を選んでください。",
        },
    )
    returned_on = forms.DateField(
        label="戻った日",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "戻った日を入力してください。"},
    )
    number = forms.CharField(
        label="番号",
        help_text="宛名の下の13桁。QRを読み取ると、そのまま記録されます。",
        max_length=30,
        error_messages={"required": "番号を読み取るか、13桁を入力してください。"},
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "autofocus": True, "data-scan": True}
        ),
    )


@require_GET
@asks("print.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What can be printed, the runs, and the counts of the desk."""
    programme, context = frame(request, slug, "print", "発送")
    context |= counts(programme)
    context |= {
        "cohorts": cohorts_to_print(programme, localdate()),
        "letters": letters_to_make(programme),
        "table": runs_table(programme, slug, page_number(request)),
        "works": works.latest(programme, kinds=WORK_KINDS, limit=2),
        "may_make": may(actor_of(request).roles, "print.make"),
        "may_record": may(actor_of(request).roles, "print.undelivered"),
        "reissues": reissues_waiting(programme),
        "short": warnings(programme),
        "may_ask_register": may(actor_of(request).roles, "register.ask"),
        "may_gifts": "gift" in programme.terms.payment.rails and may(actor_of(request).roles, "gift.deliver"),
    }
    return render(request, "office/print.html", context)


@require_POST
@asks("print.make")
def make(request: HttpRequest, slug: str) -> HttpResponse:
    """Starts printing: first letters of a cohort, or the letters that review and payment have made due."""
    programme = programme_of(request, slug)
    protected = request.POST.get("protected") == "1"
    alone = "（支援措置の方のみ）" if protected else ""
    if request.POST.get("what") == "letters":
        works.begin(request, programme, "print.letters", f"通知・返戻の印刷{alone}", protected=protected)
        messages.success(request, "通知・返戻の印刷を始めました。")
        return redirect("print", slug=slug)
    if request.POST.get("what") == "again":
        works.begin(
            request,
            programme,
            "print.form",
            f"再発行の印刷{alone}",
            cohort=None,
            protected=protected,
            again=True,
        )
        messages.success(request, "再発行の印刷を始めました。")
        return redirect("print", slug=slug)
    cohort = next((c for c in programme.terms.cohorts if c.name == request.POST.get("cohort")), None)
    if cohort is None or cohort.mode not in KIND_OF_MODE:
        raise Http404("cohort")
    typed = request.POST.get("limit", "").strip()
    if typed and not (typed.isascii() and typed.isdigit() and 0 < int(typed) <= 1_000_000):
        messages.error(
            request, "通数の上限は1以上の数字で入力してください。空欄にすると、すべてを印刷します。"
        )
        return redirect("print", slug=slug)
    label = f"{cohort.title}の印刷{alone}"
    works.begin(
        request, programme, WORK_OF_KIND[KIND_OF_MODE[cohort.mode]], label, cohort=cohort.name,
        limit=int(typed) if typed else None, protected=protected,
    )  # fmt: skip
    messages.success(request, "印刷を始めました。終わると、印刷ロットの一覧に並びます。")
    return redirect("print", slug=slug)


@require_GET
@asks("print.view")
def aside(request: HttpRequest, slug: str, cohort: str) -> HttpResponse:
    """Cases of a cohort that a person must look at before their letter is written."""
    programme, context = frame(request, slug, "print", "通常の印刷から除く案件")
    found = next((one for one in programme.terms.cohorts if one.name == cohort), None)
    if found is None or found.mode not in KIND_OF_MODE:
        raise Http404("cohort")
    context["table"] = aside_table(programme, found, slug)
    context["unprinted"] = unprinted_table(programme, found, slug)
    record_look(
        actor=actor_of(request), action="print.view", subject_kind="set_aside", subject_id=None, at=timezone.now(),
        programme_slug=slug, reason=f"通常の印刷から除く案件の一覧（{found.title}）",
    )  # fmt: skip
    return render(request, "office/print_aside.html", context)


def run_of(request: HttpRequest, slug: str, pk: int) -> PrintRun:
    """A run of this programme with its files and lots; 404 otherwise."""
    programme = programme_of(request, slug)
    return get_object_or_404(
        PrintRun.objects.select_related("pdf", "manifest", "programme", "reprint_of").prefetch_related(
            "postings"
        ),
        pk=pk,
        programme=programme,
    )


@require_GET
@asks("print.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One run with what the next person must check."""
    run = run_of(request, slug, pk)
    first, last = next_range(run) or (None, None)
    form = Lot(initial={"posted_on": localdate(), "from_piece": first, "to_piece": last})
    return _show(request, slug, run, Posting(initial=form.initial) if run.kind == "gift" else form)


def _show(request: HttpRequest, slug: str, run: PrintRun, form: Posting, status: int = 200) -> HttpResponse:
    _, context = frame(request, slug, "print", "印刷ロット")
    actor = actor_of(request)
    context |= run_context(run, slug) | standing_of(run, slug)
    context |= {
        "form": form,
        "page_title": f"印刷ロット {context['label']}",
        "may_file": may(actor.roles, "print.make") and run.pdf_id,
        "may_codes": may(actor.roles, "gift.deliver"),
        "may_release": run.state == "made" and may(actor.roles, "print.dispatch"),
        "may_abandon": run.state in ("making", "made")
        and run.kind != "gift"
        and may(actor.roles, "print.dispatch"),
        "is_maker": run.made_by == actor.name,
        "may_pull": run.state not in ("making", "void") and may(actor.roles, "print.dispatch"),
        "may_due": run.state == "made" and run.kind != "gift" and may(actor.roles, "print.make"),
        "may_dispatch": run.state == "released"
        and may(actor.roles, "gift.deliver" if run.kind == "gift" else "print.dispatch"),
    }
    return render(request, "office/print_run.html", context, status=status)


@require_POST
@asks("print.dispatch")
def abandon(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Nobody will post this run; its cases wait for another one."""
    tell(request, lambda: abandon_run(run_of(request, slug, pk), actor=actor_of(request), at=timezone.now()))
    return redirect("print-run", slug=slug, pk=pk)


@require_POST
@asks("print.dispatch")
def release_run(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Another person than the maker has looked at the run."""
    run = run_of(request, slug, pk)
    try:
        release(run, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "確認しました。差し出したら、数えた通数を入力してください。")
    return redirect("print-run", slug=slug, pk=pk)


@require_POST
@asks("print.dispatch")
def dispatch_run(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Records the posting; a count that differs is explained beside the field and nothing is recorded."""
    run = run_of(request, slug, pk)
    form = Posting(request.POST) if run.kind == "gift" else Lot(_whole(run, request.POST))
    if form.is_valid():
        try:
            posting = deliver_gifts if run.kind == "gift" else dispatch
            report = posting(run, **form.cleaned_data, actor=actor_of(request), at=timezone.now())
        except CountsDiffer as refusal:
            form.add_error("counted", refusal.sentence)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, report.note)
            return redirect("print-run", slug=slug, pk=pk)
    return _show(request, slug, run, form, status=422)


def _whole(run: PrintRun, posted: QueryDict) -> QueryDict:
    """What was posted; without a range, all that is left of the run."""
    if "from_piece" in posted or (left := next_range(run)) is None:
        return posted
    values = posted.copy()
    values["from_piece"], values["to_piece"] = map(str, left)
    return values


@require_POST
@asks("print.make")
def due(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The printer's deadline (入稿締切) of a run."""
    run, typed = run_of(request, slug, pk), request.POST.get("deadline", "")
    try:
        at = timezone.make_aware(datetime.fromisoformat(typed)) if typed else None
        set_deadline(run, deadline_at=at, actor=actor_of(request), at=timezone.now())
    except ValueError:
        messages.error(request, "入稿締切は、年月日と時刻で入力してください。")
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "入稿締切を記録しました。")
    return redirect("print-run", slug=slug, pk=pk)


@require_GET
@asks("print.make")
def file(request: HttpRequest, slug: str, pk: int, what: str) -> FileResponse:
    """The PDF or the manifest of a run, for the printer; the look is recorded."""
    run: Any = run_of(request, slug, pk)
    parcel = {"pdf": run.pdf, "manifest": run.manifest}.get(what)
    if run.kind == "gift" and what == "pdf":
        raise Http404("kept locked; gifts.print_pdf opens it")
    if parcel is None:
        raise Http404("file")
    record_look(
        actor=actor_of(request), action=f"print.{what}", subject_kind="print_run", subject_id=run.pk, at=timezone.now(),
        programme_slug=slug, reason=f"{parcel.name} {run.pieces}通",
    )  # fmt: skip
    kind = "application/pdf" if what == "pdf" else "text/csv; charset=utf-8"
    return FileResponse(
        files.inside(parcel.path).open("rb"), content_type=kind, as_attachment=True, filename=parcel.name
    )


@require_GET
@asks("print.undelivered")
def undelivered(request: HttpRequest, slug: str) -> HttpResponse:
    """Letters that came back, one scan after the other; reason and day stay as last chosen."""
    asked: Any = request.GET
    form = CameBack(
        initial={
            "reason": asked.get("reason", "unknown"),
            "returned_on": _day(asked.get("on")) or localdate(),
        }
    )
    return _undelivered(request, slug, form)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _undelivered(request: HttpRequest, slug: str, form: CameBack, status: int = 200) -> HttpResponse:
    programme, context = frame(request, slug, "print", "戻った郵便の記録")
    context |= {"form": form, "table": undelivered_table(programme, slug, page_number(request))}
    return render(request, "office/print_undelivered.html", context, status=status)


@require_POST
@asks("print.undelivered")
def record_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Records one letter as returned and makes ready for the next."""
    programme = programme_of(request, slug)
    form = CameBack(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        number = scanned_number(values["number"])
        try:
            record_undelivered(
                number, programme=programme, reason=values["reason"], returned_on=values["returned_on"],
                actor=actor_of(request), at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error("number", refusal.sentence)
        else:
            messages.success(request, f"{printed_number(number)} を不着として記録しました。")
            kept = f"?reason={values['reason']}&on={values['returned_on']:%Y-%m-%d}"
            return redirect(reverse("print-undelivered", args=[slug]) + kept)
    return _undelivered(request, slug, form, status=422)


urlpatterns = [
    path("", index, name="print"),
    path("make/", make, name="print-make"),
    path("aside/<str:cohort>/", aside, name="print-aside"),
    path("run/<int:pk>/", show, name="print-run"),
    path("run/<int:pk>/release/", release_run, name="print-release"),
    path("run/<int:pk>/abandon/", abandon, name="print-abandon"),
    path("run/<int:pk>/deadline/", due, name="print-deadline"),
    path("run/<int:pk>/dispatch/", dispatch_run, name="print-dispatch"),
    path("run/<int:pk>/file/<slug:what>/", file, name="print-file"),
    path("undelivered/", undelivered, name="print-undelivered"),
    path("undelivered/record/", record_back, name="print-record-undelivered"),
]
