"""入力 desk: a paper form keyed against its case, the whole way by keyboard; number first, then one screen.

Takes what the operator keyed; calls receive_paper. What is wrong on the paper is kept as it stands, a slip of the keys
is named at its field and nothing typed is lost. The look at the recipient is recorded when the case opens.
"""

import uuid
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from todoku.case.tables import Case
from todoku.formats.codes import printed_number
from todoku.ground.step import Refusal
from todoku.intake.correct_account import correct_account
from todoku.intake.end_aside import ask_not_in_keying, in_keying
from todoku.intake.find_cases import find_cases, open_case
from todoku.intake.keyed_values import ACCOUNT, PAPERS
from todoku.intake.receive_paper import WrongDate, rails_of, receive_paper
from todoku.intake.tables import AccountVersion, ProofVersion, Submission
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.review.read_proofs import correct_proofs
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.paper_form import CorrectEntry, PaperEntry
from todoku.web.office.paper_page import beside, my_day, told
from todoku.web.office.proof_form import asked_kinds, proof_values
from todoku.web.office.scan import scanned_number
from todoku.web.shared.doors import actor_of, asks

# A form left open longer than this was not being keyed all the time: its seconds would say nothing.
KEYING_MINUTES_MAX = 30


@require_GET
@asks("paper.key")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """The number field, ready for a scan; the last form keyed, and one's own count of today."""
    return _index(request, slug)


def _index(
    request: HttpRequest, slug: str, typed: str = "", sentence: str = "", status: int = 200
) -> HttpResponse:
    programme, context = frame(request, slug, "paper", "入力")
    context |= my_day(programme, actor_of(request), localdate())
    context |= {"typed": typed, "sentence": sentence}
    if sentence:
        context["errors"] = [{"target": "number", "sentence": sentence}]
    return render(request, "office/paper.html", context, status=status)


@require_POST
@asks("paper.key")
def open_form(request: HttpRequest, slug: str) -> HttpResponse:
    """From the number typed or scanned to the form of its case."""
    programme = programme_of(request, slug)
    typed = request.POST.get("number", "")
    number = scanned_number(typed)
    try:
        case = open_case(number, find_cases([number], programme=programme)).id
        ask_not_in_keying(case, in_keying([case]))
    except Refusal as refusal:
        return _index(request, slug, typed, refusal.sentence, status=422)
    return redirect("paper-form", slug=slug, number=number)


def _case(programme: Programme, number: str) -> Case:
    return get_object_or_404(
        Case.objects.select_related("recipient__head", "standing").prefetch_related("entitlements"),
        programme=programme,
        number=number,
    )


@require_http_methods(["GET", "POST"])
@asks("paper.key")
def key_form(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """The form on one screen; a form kept leads to the next number."""
    programme = programme_of(request, slug)
    case, now = _case(programme, number), timezone.now()
    asked: dict[str, Any] = {"rails": rails_of(programme), "kinds": asked_kinds(programme.terms)}
    if request.method == "GET":
        record_look(
            actor=actor_of(request), action="paper.key", subject_kind="case", subject_id=case.pk, at=now,
            programme_slug=slug, reason="申請書の入力",
        )  # fmt: skip
        initial = {"arrived_on": request.session.get("paper_arrived_on", "")}
        return _form_page(
            request,
            slug,
            case,
            PaperEntry(today=localdate(), initial=initial, **asked),
            str(uuid.uuid4()),
            now,
        )
    form = PaperEntry(request.POST, today=localdate(), **asked)
    key, started = request.POST.get("key", ""), _started(request, now)
    if form.is_valid():
        try:
            kept = receive_paper(
                form.paper(number, f"paper-{key[:36]}" if key else None), programme=programme, actor=actor_of(request),
                at=now, started_at=started,
            )  # fmt: skip
        except WrongDate as refusal:
            form.add_error("arrived_on", refusal.sentence)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            request.session["paper_arrived_on"] = request.POST.get("arrived_on", "")
            _say(request, kept, number)
            return redirect("paper", slug=slug)
    return _form_page(request, slug, case, form, key or str(uuid.uuid4()), started or now, status=422)


def _say(request: HttpRequest, kept: Submission, number: str) -> None:
    words = f"{printed_number(number)} を受け付けました（受付番号 {kept.receipt_number}）。"
    if kept.state == "not_counted":
        messages.warning(request, f"{words}先に届いた申請があるため、この申請は数えません。")
    else:
        messages.success(request, words)


def _started(request: HttpRequest, now: datetime) -> datetime | None:
    """When this form was opened, as the page says; None where that cannot be."""
    text = request.POST.get("started", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 11):
        return None
    at = datetime.fromtimestamp(int(text), UTC)
    minutes = (now - at).total_seconds() / 60
    return at if 0 <= minutes <= KEYING_MINUTES_MAX else None


def _form_page(
    request: HttpRequest, slug: str, case: Case, form: PaperEntry, key: str, started: datetime, status: int = 200
) -> HttpResponse:  # fmt: skip
    _, context = frame(request, slug, "paper", f"入力 {case.printed_number}")
    context |= beside(case)
    context |= {
        "form": form, "key": key, "started": int(started.timestamp()), "wide": True,
        "live": f"/p/{slug}/paper/{case.number}/live/",
    }  # fmt: skip
    return render(request, "office/paper_form.html", context, status=status)


@require_POST
@asks("paper.key")
def live(request: HttpRequest, slug: str, number: str, what: str) -> HttpResponse:
    """Reads one field back while the form is keyed: a bank's name, a converted account, the bank's kana, a day."""
    programme = programme_of(request, slug)
    case = _case(programme, number) if what == "holder" else None
    typed: dict[str, str] = {name: str(value) for name, value in request.POST.items()}
    kinds = asked_kinds(programme.terms) if what == "proof" else {}
    answer = told(what, typed, field=request.GET.get("field", ""), case=case, today=localdate(), kinds=kinds)
    return render(request, "office/told.html", {"told": answer})


@require_http_methods(["GET", "POST"])
@asks("paper.key")
def correct(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Account and papers of a form just keyed, put right: new versions beside the first."""
    programme = programme_of(request, slug)
    submission: Any = get_object_or_404(
        Submission.objects.select_related("case__recipient__head", "case__standing").prefetch_related(
            "case__entitlements"
        ),
        pk=pk,
        programme=programme,
    )
    now = timezone.now()
    if request.method == "GET":
        record_look(
            actor=actor_of(request), action="paper.correct", subject_kind="case", subject_id=submission.case_id, at=now,
            programme_slug=slug, reason="直前の入力の訂正",
        )  # fmt: skip
    form = CorrectEntry(
        request.POST or None, kinds=asked_kinds(programme.terms), initial=_written(submission)
    )
    if request.method == "POST" and form.is_valid():
        try:
            _put_right(submission.pk, form, actor_of(request), now)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"{submission.case.printed_number} の入力を直しました。")
            return redirect("paper", slug=slug)
    _, context = frame(request, slug, "paper", f"直前の入力を直す {submission.case.printed_number}")
    context |= beside(submission.case)
    context |= {"form": form, "live": f"/p/{slug}/paper/{submission.case.number}/live/", "wide": True}
    status = 422 if form.is_bound else 200
    return render(request, "office/paper_correct.html", context, status=status)


def _put_right(submission: int, form: CorrectEntry, actor: Actor, at: datetime) -> None:
    """What was typed otherwise is kept, all or none; where nothing was, the account says so."""
    changed = set(form.changed_data)
    with transaction.atomic():
        if changed & set(PAPERS):
            correct_proofs(submission, form.proofs(), actor=actor, at=at)
        if changed & set(ACCOUNT) or not changed & set(PAPERS):
            correct_account(submission, form.account(), actor=actor, at=at)


def _written(submission: Submission) -> dict[str, Any]:
    """Account and papers as they stand, for the boxes; a ゆうちょ account by its symbol and number alone."""
    last = AccountVersion.objects.filter(submission=submission).order_by("-version").first()
    if last is None:
        raise Http404("account")
    papers = ProofVersion.objects.filter(submission=submission).order_by("-version").first()
    written = {"kind": str(last.kind), "holder_kana": last.holder_kana} | proof_values(papers)
    if last.yucho_symbol:
        return written | {"yucho_symbol": last.yucho_symbol, "yucho_number": last.yucho_number}
    return written | {"bank": last.bank, "branch": last.branch, "account_number": last.number}


urlpatterns = [
    path("", index, name="paper"),
    path("open/", open_form, name="paper-open"),
    path("correct/<int:pk>/", correct, name="paper-correct"),
    path("<str:number>/", key_form, name="paper-form"),
    path("<str:number>/live/<slug:what>/", live, name="paper-live"),
]
