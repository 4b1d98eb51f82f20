"""事故: what went wrong with papers or data, reported to the municipality, runs stopped, closed with cause and measure.

Each post is one verb. Told without names: numbers of things and counts of people.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from todoku.ground.step import Refusal
from todoku.incident.add_note import add_note
from todoku.incident.close_incident import close_incident
from todoku.incident.open_incident import open_incident
from todoku.incident.report_first import report_first
from todoku.incident.tables import Incident
from todoku.letters.free_run import free_run
from todoku.letters.mis_sent import mis_sent
from todoku.letters.print_files import run_label
from todoku.letters.tables import PrintRun
from todoku.mailroom.tables import Envelope
from todoku.people.access import may
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.incident_page import BADGES, incidents_table, moments, where_url
from todoku.web.office.scan import scanned_number
from todoku.web.shared.doors import actor_of, asks


class NewIncident(forms.Form):
    """What happened, when, how many. Of a mis-sent letter also the number that stands on it."""

    kind = forms.ChoiceField(label="種類", choices=Incident.KINDS)
    number = forms.CharField(
        label="届いた手紙の番号（誤送付のとき）", max_length=30, required=False,
        help_text="電話の方の手元にある、ほかの人あての手紙の13桁。その印刷ロットを止めます。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    found_at = forms.DateTimeField(
        label="発生・発覚の日時", input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": "発生・発覚の日時を入力してください。", "invalid": "日時を確かめてください。"},
    )  # fmt: skip
    what = forms.CharField(
        label="何が起きたか", max_length=1_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="氏名・住所・番号は書かず、物と件数で書きます。",
        error_messages={"required": "何が起きたかを入力してください。"},
    )  # fmt: skip
    pieces = forms.IntegerField(
        label="書類の通数（分かれば）", min_value=0, max_value=10_000_000, required=False
    )
    persons = forms.IntegerField(
        label="対象の人数（分かれば）", min_value=0, max_value=10_000_000, required=False
    )


@require_GET
@asks("incident.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Incidents, open ones first."""
    programme, context = frame(request, slug, "mail", "事故")
    context |= {
        "table": incidents_table(
            programme, slug, page=page_number(request), state=request.GET.get("state", "")
        ),
        "may_open": may(actor_of(request).roles, "incident.open"),
    }
    return render(request, "office/incidents.html", context)


@require_http_methods(["GET", "POST"])
@asks("incident.open")
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Opens an incident; of a letter in the wrong hands by its number, whose run is stopped."""
    programme, actor, now = programme_of(request, slug), actor_of(request), timezone.now()
    letter = _mis_delivered(request, slug)
    form = NewIncident(
        request.POST or None,
        initial={"found_at": localtime(now), "kind": request.GET.get("kind", "")}
        | (_about(letter) if letter else {}),
    )
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        number = scanned_number(values.pop("number"))
        try:
            if values["kind"] == "mis_sent" and number:
                made = mis_sent(
                    number,
                    programme=programme,
                    what=values["what"],
                    found_at=values["found_at"],
                    actor=actor,
                    at=now,
                )
            else:
                subject = ("envelope", letter.pk) if letter else None
                made = open_incident(programme=programme, actor=actor, at=now, subject=subject, **values)
        except Refusal as refusal:
            form.add_error("number" if values["kind"] == "mis_sent" and number else "what", refusal.sentence)
        else:
            messages.success(
                request, f"事故{made.pk}を記録しました。第一報の案を確かめて、自治体に送ってください。"
            )
            return redirect("incident", slug=slug, pk=made.pk)
    _, context = frame(request, slug, "mail", "事故を記録")
    return render(
        request, "office/incident_new.html", context | {"form": form}, status=422 if form.is_bound else 200
    )


def _mis_delivered(request: HttpRequest, slug: str) -> Any:
    """The envelope for somebody else that the incident is about, None where it is about none."""
    typed = request.GET.get("envelope", "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 18):
        return None
    return Envelope.objects.filter(pk=int(typed), programme=programme_of(request, slug)).first()


def _about(letter: Any) -> dict[str, Any]:
    return {
        "what": f"{letter.arrived_on:%Y-%m-%d}に受け取った郵便に、別の宛先の封書が1通入っていました（{letter.no}通目）。",
        "pieces": 1,
    }


@require_GET
@asks("incident.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One incident: its report, its story, the runs that it stops, what is to be done next."""
    return _show(request, slug, pk)


def _show(request: HttpRequest, slug: str, pk: int, sentence: str = "") -> HttpResponse:
    programme, context = frame(request, slug, "mail", f"事故{pk}")
    one: Any = get_object_or_404(Incident, pk=pk, programme=programme)
    typed = request.POST
    context |= {
        "incident": one, "badge": BADGES[one.state], "moments": moments(one), "subject_url": where_url(one, slug),
        "report": typed.get("report", one.first_report), "note_text": typed.get("note", ""),
        "cause": typed.get("cause", ""), "measure": typed.get("measure", ""),
        "runs": [(run, run_label(run)) for run in PrintRun.objects.filter(stopped_by=one).order_by("pk")],
        "may_manage": may(actor_of(request).roles, "incident.manage"),
        "may_note": may(actor_of(request).roles, "incident.open") and one.state != "closed",
        "errors": [{"target": "", "sentence": sentence}] if sentence else [],
    }  # fmt: skip
    return render(request, "office/incident.html", context, status=422 if sentence else 200)


@require_POST
@asks("incident.manage")
def report(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Sends the first report."""
    one = get_object_or_404(Incident, pk=pk, programme=programme_of(request, slug))
    try:
        done = report_first(one, request.POST.get("report", ""), actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        return _show(request, slug, pk, refusal.sentence)
    messages.success(request, done.note)
    return redirect("incident", slug=slug, pk=pk)


@require_POST
@asks("incident.open")
def note(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Adds a later word."""
    one = get_object_or_404(Incident, pk=pk, programme=programme_of(request, slug))
    try:
        add_note(one, request.POST.get("note", ""), actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        return _show(request, slug, pk, refusal.sentence)
    messages.success(request, "経過を記録しました。自治体の画面にも出ます。")
    return redirect("incident", slug=slug, pk=pk)


@require_POST
@asks("incident.manage")
def close(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Closes the incident with cause and measure."""
    one = get_object_or_404(Incident, pk=pk, programme=programme_of(request, slug))
    try:
        done = close_incident(
            one, cause=request.POST.get("cause", ""), measure=request.POST.get("measure", ""), actor=actor_of(request),
            at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _show(request, slug, pk, refusal.sentence)
    messages.success(request, done.note)
    return redirect("incident", slug=slug, pk=pk)


@require_POST
@asks("incident.manage")
def free(request: HttpRequest, slug: str, pk: int, run: int) -> HttpResponse:
    """Frees a run, with what was made sure of."""
    stopped = get_object_or_404(PrintRun, pk=run, programme=programme_of(request, slug), stopped_by=pk)
    try:
        done = free_run(stopped, why=request.POST.get("why", ""), actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        return _show(request, slug, pk, refusal.sentence)
    messages.success(request, done.note)
    return redirect("incident", slug=slug, pk=pk)


urlpatterns = [
    path("", index, name="incidents"),
    path("new/", new, name="incident-new"),
    path("<int:pk>/", show, name="incident"),
    path("<int:pk>/report/", report, name="incident-report"),
    path("<int:pk>/note/", note, name="incident-note"),
    path("<int:pk>/close/", close, name="incident-close"),
    path("<int:pk>/free/<int:run>/", free, name="incident-free"),
]
