"""所属不明書類・原本・差異: what the mailroom keeps apart, each with its age, until a second person has settled it.

Each post is one verb. A search for whose paper it is, is a search of the office: recorded, addresses through the guard.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from todoku.ground.step import Refusal
from todoku.mailroom.close_difference import close_difference
from todoku.mailroom.confirm_match import confirm_match
from todoku.mailroom.log_valuable import log_valuable
from todoku.mailroom.place_paper import place_paper
from todoku.mailroom.return_valuable import return_valuable
from todoku.mailroom.send_paper_away import send_paper_away
from todoku.mailroom.tables import Difference, Envelope, UnplacedPaper, Valuable
from todoku.people.access import may
from todoku.people.look import record_look
from todoku.web.office.cells import page_number
from todoku.web.office.find import results_table, search
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.mail_forms import Found, SentBack, colleagues
from todoku.web.office.mail_page import (
    DIFFERENCE_STATES,
    PAPER_STATES,
    age,
    differences_table,
    papers_table,
    valuables_table,
)
from todoku.web.office.paper_search import by_contact
from todoku.web.office.scan import scanned_number
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Table


@require_GET
@asks("mail.view")
def papers(request: HttpRequest, slug: str) -> HttpResponse:
    """The pool, the oldest first."""
    programme, context = frame(request, slug, "mail", "所属不明書類")
    context["table"] = papers_table(
        programme, slug, page=page_number(request), state=request.GET.get("state", "")
    )
    return render(request, "office/mail_list.html", context)


@require_GET
@asks("mail.work")
def paper(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One paper: found by name, kana, number, address or telephone; proposed, confirmed, sent away."""
    return _paper_page(request, slug, pk)


def _paper_page(request: HttpRequest, slug: str, pk: int, sentence: str = "") -> HttpResponse:
    programme, context = frame(request, slug, "mail", f"書類{pk}")
    one: Any = get_object_or_404(
        UnplacedPaper.objects.select_related("envelope", "case__recipient__head"), pk=pk, programme=programme
    )
    posted, actor = request.POST if sentence else request.GET, actor_of(request)
    typed = posted.get("q", "").strip()[:100]
    if typed:
        found = search(programme, typed)
        found = found if found.people else by_contact(programme, typed)
        record_look(
            actor=actor, action="case.find", subject_kind="programme", subject_id=programme.pk, at=timezone.now(),
            programme_slug=slug, reason=f"所属不明書類{pk}の照合 {len(found.people)}世帯",
        )  # fmt: skip
        context |= {
            "results": _choosable(results_table(found, slug, actor.roles), typed),
            "more_found": found.more,
        }
    if one.case and one.state == "proposed":
        record_look(
            actor=actor, action="case.view", subject_kind="case", subject_id=one.case_id, at=timezone.now(),
            programme_slug=slug, reason=f"所属不明書類{pk}の確認",
        )  # fmt: skip
    context |= {
        "paper": one, "badge": Badge(one.get_state_display(), PAPER_STATES[one.state]), "typed": typed,
        "age": age(one.envelope.arrived_on, localdate()),
        "lying": one.envelope.contents.filter(household=one.household, voided_at__isnull=True)
        .select_related("container").order_by("no"),
        "open": one.state in ("waiting", "proposed"),
        "number": posted.get("number", "")[:30], "why": posted.get("why", "")[:200],
        "errors": [{"target": "", "sentence": sentence}] if sentence else [],
        "may_confirm": one.state == "proposed" and one.proposed_id != actor.id,
    }  # fmt: skip
    return render(request, "office/mail_paper.html", context, status=422 if sentence else 200)


def _choosable(table: Table, typed: str) -> Table:
    """The results with a way to take one of them: its number goes into the form below."""

    def chosen(number: str) -> Cell:
        return (
            Cell("この案件", href=f"?{urlencode({'q': typed, 'number': number})}#number")
            if number
            else Cell("")
        )

    rows = [replace(row, cells=[*row.cells, chosen(row.key)]) for row in table.rows]
    return replace(table, columns=[*table.columns, Column("choose", "選ぶ", fixed=True)], rows=rows)


@require_POST
@asks("mail.work")
def settle_paper(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Proposes, confirms, gives back or sends away."""
    one = get_object_or_404(UnplacedPaper, pk=pk, programme=programme_of(request, slug))
    said, actor, at = request.POST.get("action", ""), actor_of(request), timezone.now()
    why = request.POST.get("why", "")
    try:
        if said == "propose":
            number = scanned_number(request.POST.get("number", ""))
            report = place_paper(one, number=number, why=why, actor=actor, at=at)
        elif said in ("confirm", "disagree"):
            report = confirm_match(one, agrees=said == "confirm", actor=actor, at=at)
        else:
            to = "handed_on" if said == "handed_on" else "sent_back"
            report = send_paper_away(one, to=to, why=why, actor=actor, at=at)
    except Refusal as refusal:
        return _paper_page(request, slug, pk, refusal.sentence)
    messages.success(request, report.note)
    return redirect("mail-papers", slug=slug)


@require_GET
@asks("mail.view")
def valuables(request: HttpRequest, slug: str) -> HttpResponse:
    """Originals and cash, the oldest first."""
    programme, context = frame(request, slug, "mail", "原本・現金")
    context["table"] = valuables_table(
        programme, slug, page=page_number(request), returned=request.GET.get("returned", "")
    )
    return render(request, "office/mail_list.html", context)


@require_http_methods(["GET", "POST"])
@asks("mail.work")
def new_valuable(request: HttpRequest, slug: str, envelope: int) -> HttpResponse:
    """Logs what was found in an envelope, by two."""
    programme, actor, now = programme_of(request, slug), actor_of(request), timezone.now()
    one: Any = get_object_or_404(Envelope, pk=envelope, programme=programme)
    form = Found(request.POST or None, people=colleagues(programme, actor.id or 0), actor=actor, at=now)
    if request.method == "POST" and form.is_valid():
        try:
            log_valuable(one, actor=actor, at=now, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("what", refusal.sentence)
        else:
            messages.success(request, "二人で記録しました。金庫に入れてください。")
            return (
                redirect("mail-open", slug=slug, pk=one.bag_id) if one.bag_id else redirect("mail", slug=slug)
            )
    _, context = frame(request, slug, "mail", "原本・現金を記録")
    context |= {"form": form, "envelope": one, "button": "二人で記録"}
    return render(request, "office/mail_valuable.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@asks("mail.work")
def valuable(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One original or sum of cash; its return by recorded mail, by two."""
    programme, actor, now = programme_of(request, slug), actor_of(request), timezone.now()
    one: Any = get_object_or_404(
        Valuable.objects.select_related("envelope", "case"), pk=pk, programme=programme
    )
    form = SentBack(
        request.POST or None, people=colleagues(programme, actor.id or 0), actor=actor, at=now,
        initial={"returned_on": localdate(now)},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            report = return_valuable(one, actor=actor, at=now, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("mail_number", refusal.sentence)
        else:
            messages.success(request, report.note)
            return redirect("mail-valuables", slug=slug)
    _, context = frame(request, slug, "mail", "原本・現金の返送")
    context |= {
        "form": form, "valuable": one, "envelope": one.envelope, "button": "返送を記録",
        "age": age(localdate(one.at), localdate(now)),
    }  # fmt: skip
    return render(request, "office/mail_valuable.html", context, status=422 if form.is_bound else 200)


@require_GET
@asks("mail.view")
def differences(request: HttpRequest, slug: str) -> HttpResponse:
    """Differences with their owners, the oldest first."""
    programme, context = frame(request, slug, "mail", "差異")
    context["table"] = differences_table(
        programme, slug, page=page_number(request), state=request.GET.get("state", "")
    )
    return render(request, "office/mail_list.html", context)


@require_http_methods(["GET", "POST"])
@asks("mail.view")
def difference(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One difference; its owner closes it with an explanation."""
    programme, actor = programme_of(request, slug), actor_of(request)
    one = get_object_or_404(Difference, pk=pk, programme=programme)
    sentence, text = "", request.POST.get("explanation", "")
    if request.method == "POST":
        try:
            report = close_difference(one, explanation=text, actor=actor, at=timezone.now())
        except Refusal as refusal:
            sentence = refusal.sentence
        else:
            messages.success(request, report.note)
            return redirect("mail-differences", slug=slug)
    _, context = frame(request, slug, "mail", f"差異{pk}")
    context |= {
        "difference": one, "badge": Badge(one.get_state_display(), DIFFERENCE_STATES[one.state]), "text": text,
        "lacks": one.stated - one.found, "sentence": sentence, "may_settle": may(actor.roles, "mail.settle"),
        "errors": [{"target": "explanation", "sentence": sentence}] if sentence else [],
    }  # fmt: skip
    return render(request, "office/mail_difference.html", context, status=422 if sentence else 200)


urlpatterns = [
    path("papers/", papers, name="mail-papers"),
    path("papers/<int:pk>/", paper, name="mail-paper"),
    path("papers/<int:pk>/settle/", settle_paper, name="mail-settle"),
    path("valuables/", valuables, name="mail-valuables"),
    path("valuables/new/<int:envelope>/", new_valuable, name="mail-valuable-new"),
    path("valuables/<int:pk>/", valuable, name="mail-valuable"),
    path("differences/", differences, name="mail-differences"),
    path("differences/<int:pk>/", difference, name="mail-difference"),
]
