"""照合 desk: applications without number and key beside who it may be on the roll; one key settles one.

Takes a person's word; calls confirm_match, say_nobody or ask_about. A person always confirms, an exact candidate too.
Every candidate that was shown is a recorded look.
"""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.custody import files
from todoku.ground.step import Refusal
from todoku.intake.claim_match import UNDO_SECONDS, claim_match, may_open, waiting_matches
from todoku.intake.find_candidates import find_candidates
from todoku.intake.keyless_tables import RollMatch, UnmatchedApplication, UnmatchedDocument
from todoku.intake.receipt import printed_receipt
from todoku.intake.settle_match import ask_about, confirm_match, say_nobody, shown_of, take_back_match
from todoku.people.actor import Actor
from todoku.people.look import record_look, record_looks
from todoku.programme.tables import Programme
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.matching_page import answers_table, beside, candidates_of, rows_of
from todoku.web.shared.doors import actor_of, asks, refuse
from todoku.web.shared.pieces import Undo

LOOK = "match.look"
# A page looks for so many of the oldest that came since the last round, or since the last roll; the round looks for all. What
# nobody has looked for yet is dealt to nobody.
LOOKED_FOR_MAX = 50
SAID = {
    "confirmed": "本人として照合しました。",
    "nobody": "該当なしにしました。",
    "asked": "電話・自治体での確認に回しました。",
}


@require_GET
@asks("match.work")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """How many wait, and whom somebody has to answer."""
    programme, context = frame(request, slug, "intake", "名簿との照合")
    actor = actor_of(request)
    find_candidates(programme=programme, actor=actor, at=timezone.now(), most=LOOKED_FOR_MAX)
    context |= {
        "counts": waiting_matches(programme, actor),
        "table": answers_table(programme, actor, page_number(request)),
        "undo": _undo(programme, actor),
    }
    return render(request, "office/matching.html", context)


@require_GET
@asks("match.work")
def work(request: HttpRequest, slug: str) -> HttpResponse:
    """The next application; one that came a moment ago is looked for on the roll first."""
    programme, actor, at = programme_of(request, slug), actor_of(request), timezone.now()
    find_candidates(programme=programme, actor=actor, at=at, most=LOOKED_FOR_MAX)
    return _page(request, slug, claim_match(programme=programme, actor=actor, at=at))


@require_GET
@asks("match.work")
def asked(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One that was asked about, to be settled by what was learnt."""
    one = get_object_or_404(UnmatchedApplication, pk=pk, programme=programme_of(request, slug))
    if not may_open(one, actor_of(request)):
        raise Http404("application")
    return _page(request, slug, one)


def _page(request: HttpRequest, slug: str, one: UnmatchedApplication | None) -> HttpResponse:
    programme, context = frame(request, slug, "intake", "名簿との照合")
    actor = actor_of(request)
    context |= {"undo": _undo(programme, actor), "one": one, "wide": True}
    if one is not None:
        found = candidates_of(one, actor)
        columns = [beside(candidate, actor) for candidate in found]
        context |= {
            "columns": columns, "rows": rows_of(one, columns), "receipt": printed_receipt(one.receipt_number),
            "seen": shown_of(one),
            "documents": list(one.documents.order_by("-kind")), "left": waiting_matches(programme, actor),
        }  # fmt: skip
        looked = [(candidate.case_id, "名簿との照合") for candidate in found if candidate.case_id is not None]
        record_looks(
            looked, actor=actor, action=LOOK, subject_kind="case", at=timezone.now(), programme_slug=slug
        )
    return render(request, "office/matching_work.html", context)


@require_POST
@asks("match.work")
def settle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One press: a candidate's number, nobody, or to be asked. Then the next one."""
    programme, actor, at = programme_of(request, slug), actor_of(request), timezone.now()
    one = get_object_or_404(UnmatchedApplication, pk=pk, programme=programme)
    word = request.POST.get("said", "")
    try:
        said = _settle(one.pk, word, request.POST.get("seen", ""), actor, at)
    except Refusal as refusal:
        messages.warning(request, refusal.sentence)
        return redirect("matching-work", slug=slug)
    record_look(
        actor=actor, action=f"match.{said.outcome}", subject_kind="case" if said.case_id else "unmatched",
        subject_id=said.case_id or one.pk, at=at, programme_slug=slug, reason=f"受付番号 {one.receipt_number}",
    )  # fmt: skip
    return redirect("matching-work", slug=slug)


def _settle(application: int, word: str, seen: str, actor: Actor, at: Any) -> RollMatch:
    if word == "nobody":
        return say_nobody(application, actor=actor, at=at)
    if word == "ask":
        return ask_about(application, actor=actor, at=at)
    if not (word.isascii() and word.isdigit() and len(word) == 1):
        raise Http404("said")
    return confirm_match(application, int(word), seen=seen, actor=actor, at=at)


@require_POST
@asks("match.work")
def undo(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Takes one's own word back within its minute."""
    get_object_or_404(RollMatch, pk=pk, application__programme=programme_of(request, slug))
    try:
        one = take_back_match(pk, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.info(
            request,
            f"受付番号 {printed_receipt(one.receipt_number)} を元に戻しました。もう一度選んでください。",
        )
        if one.state == "asked":
            return redirect("matching-asked", slug=slug, pk=one.pk)
    return redirect("matching-work", slug=slug)


def _undo(programme: Programme, actor: Actor) -> Undo | None:
    """The way back from one's last word, while its minute runs."""
    assert actor.id is not None, "only a person matches"
    mine = RollMatch.objects.filter(
        application__programme=programme, staff_id=actor.id, undone_at__isnull=True, settled_at__isnull=True
    )
    last = mine.select_related("application").order_by("-at").first()
    if last is None:
        return None
    left = UNDO_SECONDS - int((timezone.now() - last.at).total_seconds())
    if left <= 0:
        return None
    words = f"受付番号 {printed_receipt(last.application.receipt_number)} を{SAID[last.outcome]}"
    return Undo(sentence=words, url=f"/p/{programme.slug}/matching/undo/{last.pk}/", seconds=left)


@require_GET
@asks("match.work")
def picture(request: HttpRequest, slug: str, pk: int) -> HttpResponse | FileResponse:
    """One picture sent with an application; the look is recorded."""
    found = get_object_or_404(
        UnmatchedDocument.objects.select_related("application"), pk=pk, application__programme=programme_of(request, slug)
    )  # fmt: skip
    actor = actor_of(request)
    if not may_open(found.application, actor):
        return refuse(request, "case.view_protected")
    record_look(
        actor=actor, action="match.picture", subject_kind="unmatched", subject_id=found.application_id,
        at=timezone.now(), programme_slug=slug, reason=found.get_kind_display(),
    )  # fmt: skip
    response = FileResponse(files.inside(found.path).open("rb"), content_type="image/jpeg")
    response["Content-Disposition"] = "inline"
    return response


urlpatterns = [
    path("", index, name="matching"),
    path("next/", work, name="matching-work"),
    path("undo/<int:pk>/", undo, name="matching-undo"),
    path("picture/<int:pk>/", picture, name="matching-picture"),
    path("<int:pk>/", asked, name="matching-asked"),
    path("<int:pk>/settle/", settle, name="matching-settle"),
]
