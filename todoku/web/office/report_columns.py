"""列の対応: how this municipality's bank writes its report on returned transfers; proposed from a file, kept once.

The operator chooses a file of the bank, puts the proposal right beside its first lines, and keeps it. The file itself
is only looked at: nothing of it is taken.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from todoku.bank.report_mapping import keep_mapping, mapping_of
from todoku.formats import bank_master
from todoku.formats.bank_report import DATES, FIELDS, REASONS, REQUIRED, BankReportRefused, ReportMapping
from todoku.formats.bank_report_mapping import Proposal, propose, to_toml
from todoku.ground.step import Refusal
from todoku.programme.tables import Municipality
from todoku.web.office.frame import frame
from todoku.web.shared.doors import actor_of, asks

COLUMNS_MAX, WORDS_MAX = 60, 60


class SampleFile(forms.Form):
    """Any report that this bank has sent."""

    file = forms.FileField(
        label="この金融機関から受け取った振込不能の一覧",
        help_text="列の対応を見るためだけに読みます。この画面では何も取り込みません。",
        error_messages={"required": "ファイルを選んでください。", "empty": "ファイルが空です。別のファイルを選んでください。"},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
    )  # fmt: skip


class Columns(forms.Form):
    """Which column is what, how days are written, and what the bank's words mean."""

    name = forms.CharField(
        label="金融機関の名前", max_length=40, error_messages={"required": "金融機関の名前を入れてください。"}
    )
    dates = forms.ChoiceField(label="日付の書き方", choices=list(DATES.items()))
    headings = forms.CharField(required=False, widget=forms.HiddenInput)
    encoding = forms.CharField(widget=forms.HiddenInput)
    separator = forms.CharField(strip=False, widget=forms.HiddenInput)

    def __init__(self, columns: Sequence[str], words: Sequence[str], *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        choices = [("", "なし"), *((str(n), f"{n}列目 {text}".strip()) for n, text in enumerate(columns, 1))]
        for field, label in FIELDS.items():
            self.fields[f"column_{field}"] = forms.ChoiceField(
                label=f"「{label}」の列", choices=choices, required=field in REQUIRED,
                error_messages={"required": f"「{label}」の列を選んでください。"},
            )  # fmt: skip
        for n, text in enumerate(words):
            self.fields[f"word_{n}"] = forms.ChoiceField(label=f"「{text}」", choices=list(REASONS.items()))
        self.columns, self.words = list(columns), list(words)

    @property
    def column_fields(self) -> list[Any]:
        return [self[f"column_{field}"] for field in FIELDS]

    @property
    def word_fields(self) -> list[Any]:
        return [self[f"word_{n}"] for n in range(len(self.words))]

    def mapping(self) -> ReportMapping:
        """The mapping as chosen; a heading that stands once names its column, else its position does."""
        values = self.cleaned_data
        headings = values["headings"] == "1"
        columns: dict[str, tuple[str, ...] | int] = {}
        for field in FIELDS:
            at = int(values[f"column_{field}"] or 0)
            if at:
                text = self.columns[at - 1]
                columns[field] = (text,) if headings and text and self.columns.count(text) == 1 else at
        words = tuple((text, values[f"word_{n}"]) for n, text in enumerate(self.words))
        return ReportMapping(
            values["name"], columns, headings, values["encoding"], values["separator"], values["dates"], words
        )


@require_http_methods(["GET", "POST"])
@asks("batch.result")
def columns(request: HttpRequest, slug: str) -> HttpResponse:
    """The mapping in use, a sample to propose from, and the proposal to keep."""
    programme, context = frame(request, slug, "payment", "振込結果の列の対応")
    sample, form = SampleFile(), None
    lines: Sequence[Sequence[str]] = ()
    missing: list[str] = []
    if request.method == "POST" and request.POST.get("step") == "keep":
        form = _posted(request.POST)
        if form.is_valid():
            try:
                keep_mapping(
                    programme.municipality, to_toml(form.mapping()), actor=actor_of(request), at=timezone.now()
                )  # fmt: skip
            except Refusal as refusal:
                form.add_error("name", refusal.sentence)
            else:
                messages.success(request, "列の対応を保存しました。次の振込結果から、この対応で読みます。")
                return redirect("report-columns", slug=slug)
    elif request.method == "POST":
        sample = SampleFile(request.POST, request.FILES)
        if sample.is_valid():
            try:
                proposal = propose(sample.cleaned_data["file"].read(), bank_name(programme.municipality))
            except BankReportRefused as refused:
                sample.add_error("file", refused.sentence)
            else:
                form, lines = _proposed(proposal), proposal.lines
                missing = [FIELDS[field] for field in proposal.missing]
    current = mapping_of(programme.municipality)
    context |= {
        "sample": sample,
        "form": form,
        "shown_form": form if form and form.errors else sample,
        "lines": lines,
        "missing": missing,
        "current": current.name if programme.municipality.report_mapping else "",
        "current_columns": [(FIELDS[field], _told(column)) for field, column in current.columns.items()],
    }
    wrong = bool(sample.errors or form and form.errors)
    return render(request, "office/report_columns.html", context, status=422 if wrong else 200)


def bank_name(municipality: Municipality) -> str:
    """The municipality's own bank (指定金融機関), which sends the reports."""
    found = bank_master.bank(municipality.bank_code)
    return found.name if found else municipality.name


def _told(column: tuple[str, ...] | int) -> str:
    return f"{column}列目" if isinstance(column, int) else "・".join(column)


def _proposed(proposal: Proposal) -> Columns:
    """The form as proposed; its columns are called by the line of headings, or by the first line."""
    mapping = proposal.mapping
    named = {one for column in mapping.columns.values() if not isinstance(column, int) for one in column}
    heads = next((line for line in proposal.lines if named and named <= {cell.strip() for cell in line}), ())
    width = max((len(line) for line in proposal.lines), default=0)
    names = [heads[n].strip() if n < len(heads) else "" for n in range(width)][:COLUMNS_MAX]
    texts = [text for text, _ in proposal.reasons][:WORDS_MAX]
    initial: dict[str, Any] = {
        "name": mapping.name, "dates": mapping.dates, "headings": "1" if mapping.headings else "",
        "encoding": mapping.encoding, "separator": mapping.separator,
    }  # fmt: skip
    for field, column in mapping.columns.items():
        at = column if isinstance(column, int) else names.index(column[0]) + 1 if column[0] in names else ""
        initial[f"column_{field}"] = str(at)
    initial |= {f"word_{n}": reason for n, (_, reason) in enumerate(proposal.reasons[:WORDS_MAX])}
    return Columns(names, texts, initial=initial)


def _posted(posted: QueryDict) -> Columns:
    return Columns(posted.getlist("head")[:COLUMNS_MAX], posted.getlist("text")[:WORDS_MAX], posted)


urlpatterns = [path("columns/", columns, name="report-columns")]
