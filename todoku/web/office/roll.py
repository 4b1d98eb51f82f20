"""名簿 desk: a roll is received, read, looked at, and taken or not; then cases are opened.

Reading, taking and opening are long work; this file keeps the received file and starts them. It shows counts, lines
and kinds of problems, never a value of a person.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.case.apply_changes import waiting_changes
from todoku.custody.receive import receive
from todoku.formats.roll import LAYOUTS
from todoku.people.access import may
from todoku.programme.tables import Programme
from todoku.registry.tables import RollImport
from todoku.web.office import works
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.lists import WORK_KINDS as LIST_WORKS
from todoku.web.office.lists import ListFile, lists_context
from todoku.web.office.roll_page import (
    deliveries,
    differences_table,
    import_context,
    opening,
)
from todoku.web.office.staged import begin_taking, leave_untaken, problems_csv, problems_table
from todoku.web.shared.doors import actor_of, asks

WORK_KINDS = ("roll.stage", "roll.take", "accounts.import", "case.open", *LIST_WORKS)


class RollFile(forms.Form):
    """A roll as handed over: the layout agreed with the municipality, and the file."""

    layout = forms.ChoiceField(
        label="レイアウト",
        choices=[(layout.name, layout.title) for layout in LAYOUTS.values()],
        initial=next(iter(LAYOUTS)),
        widget=forms.RadioSelect,
    )
    file = forms.FileField(
        label="名簿のファイル（CSV）",
        help_text="CP932（Shift_JIS）とUTF-8のどちらでも読めます。マイナンバーの列を含むファイルは受け取れません。",
        error_messages={
            "required": "名簿のCSVファイルを選んでください。",
            "empty": "ファイルが空です。元のシステムから出力し直してください。",
        },
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
    )


class AccountsFile(forms.Form):
    """The list of accounts that the municipality knows already."""

    file = forms.FileField(
        label="既知口座の一覧（CSV）",
        error_messages={
            "required": "既知口座のCSVファイルを選んでください。",
            "empty": "ファイルが空です。元のシステムから出力し直してください。",
        },
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
    )
    only_good = forms.BooleanField(label="誤りのある行を除き、正しい行のみ取り込む", required=False)


@require_GET
@asks("roll.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What was received, what waits for a decision, and how many cases can be opened."""
    return _index(request, slug, RollFile(auto_id="roll_%s"), AccountsFile(auto_id="accounts_%s"))


def _index(
    request: HttpRequest, slug: str, roll_form: RollFile, accounts_form: AccountsFile, status: int = 200
) -> HttpResponse:
    programme, context = frame(request, slug, "roll", "名簿")
    roles = actor_of(request).roles
    failed = [form for form in (roll_form, accounts_form) if form.is_bound and form.errors]
    context |= {
        "roll_form": roll_form,
        "accounts_form": accounts_form,
        "errors": [
            {"target": form[name].id_for_label, "sentence": sentence}
            for form in failed
            for name, sentences in form.errors.items()
            for sentence in sentences
        ],
        "works": works.latest(programme, kinds=WORK_KINDS),
        "may_import": may(roles, "roll.import"),
        "may_open": may(roles, "case.open"),
        **opening(programme),
        **deliveries(programme, slug),
        "list_form": ListFile(auto_id="list_%s"),
        **lists_context(programme, slug),
        "waiting_changes": waiting_changes(programme),
        "further_payouts": bool(programme.terms.payouts),
    }
    # While something is under way there is nothing to decide: the card says how far it is.
    context["under_way"] = any(work.live for work in context["works"])
    return render(request, "office/roll.html", context, status=status)


@require_POST
@asks("roll.import")
def receive_roll(request: HttpRequest, slug: str) -> HttpResponse:
    """Keeps the file and starts reading it."""
    programme = programme_of(request, slug)
    form = RollFile(request.POST, request.FILES, auto_id="roll_%s")
    if not form.is_valid():
        return _index(request, slug, form, AccountsFile(auto_id="accounts_%s"), status=422)
    parcel = _keep(request, programme, form.cleaned_data["file"], "roll")
    layout = form.cleaned_data["layout"]
    works.begin(
        request, programme, "roll.stage", f"名簿の読込み {parcel.name}", parcel=parcel.pk, layout=layout
    )
    messages.success(request, "名簿を受け取りました。読み終わると、取り込む前の確認に進めます。")
    return redirect("roll", slug=slug)


@require_POST
@asks("roll.import")
def receive_accounts(request: HttpRequest, slug: str) -> HttpResponse:
    """Keeps the list of known accounts and starts taking it in."""
    programme = programme_of(request, slug)
    form = AccountsFile(request.POST, request.FILES, auto_id="accounts_%s")
    if not form.is_valid():
        return _index(request, slug, RollFile(auto_id="roll_%s"), form, status=422)
    parcel = _keep(request, programme, form.cleaned_data["file"], "accounts")
    only_good = form.cleaned_data["only_good"]
    works.begin(
        request, programme, "accounts.import", f"既知口座の取込み {parcel.name}", parcel=parcel.pk, only_good=only_good
    )  # fmt: skip
    messages.success(request, "既知口座の一覧を受け取りました。取込みを始めます。")
    return redirect("roll", slug=slug)


def _keep(request: HttpRequest, programme: Programme, file: Any, kind: str) -> Any:
    parcel, _ = receive(
        file.read(), kind=kind, name=file.name, scope=programme.slug, from_party=programme.municipality.name,
        actor=actor_of(request), at=timezone.now(),
    )  # fmt: skip
    return parcel


def _import(request: HttpRequest, slug: str, pk: int) -> RollImport:
    programme = programme_of(request, slug)
    return get_object_or_404(
        RollImport.objects.select_related("parcel", "programme"), pk=pk, programme=programme
    )


@require_GET
@asks("roll.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One delivery before it is taken: what will come in, what is wrong, what changes."""
    programme, context = frame(request, slug, "roll", "名簿の確認")
    read = _import(request, slug, pk)
    context |= import_context(read)
    context |= {
        "may_import": may(actor_of(request).roles, "roll.import"),
        "problems": problems_table(request, read),
        "differences": differences_table(request, read, context["difference_counts"]),
        "works": works.latest(programme, kinds=("roll.take",), limit=1) if read.state == "taking" else [],
    }
    return render(request, "office/roll_import.html", context)


@require_GET
@asks("roll.view")
def problems_file(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The problems as CSV for the municipality: lines and kinds, never a value."""
    return problems_csv(request, _import(request, slug, pk))


@require_POST
@asks("roll.import")
def take(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Starts taking the roll: all of it, or by explicit choice the good lines."""
    return begin_taking(request, _import(request, slug, pk))


@require_POST
@asks("roll.import")
def decline(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The roll is not taken."""
    return leave_untaken(request, _import(request, slug, pk))


@require_POST
@asks("case.open")
def open_cases(request: HttpRequest, slug: str) -> HttpResponse:
    """Starts opening a case for every recipient that is due and has none."""
    programme = programme_of(request, slug)
    works.begin(request, programme, "case.open", "案件の作成")
    messages.success(request, "案件の作成を始めました。")
    return redirect("roll", slug=slug)


urlpatterns = [
    path("", index, name="roll"),
    path("receive/", receive_roll, name="roll-receive"),
    path("accounts/", receive_accounts, name="roll-accounts"),
    path("open/", open_cases, name="roll-open"),
    path("lists/", include("todoku.web.office.lists")),
    path("changes/", include("todoku.web.office.changes")),
    path("late/", include("todoku.web.office.late")),
    path("payouts/", include("todoku.web.office.payouts")),
    path("import/<int:pk>/", show, name="roll-import"),
    path("import/<int:pk>/problems.csv", problems_file, name="roll-problems"),
    path("import/<int:pk>/take/", take, name="roll-take"),
    path("import/<int:pk>/decline/", decline, name="roll-decline"),
]
