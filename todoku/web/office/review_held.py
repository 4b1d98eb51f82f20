"""The task in a reviewer's hands: who may see it, how the next is taken, what was judged a moment ago.

Takes a request; gives a Task, an answer, or the chance to undo. Shared by the pages of the 審査 desk.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from todoku.programme.tables import Programme
from todoku.review.claim import NothingWaits, claim_next
from todoku.review.codes import CODES
from todoku.review.quality_tables import SeededLook
from todoku.review.tables import Task, Verdict
from todoku.review.undo import UNDO_SECONDS
from todoku.web.shared.doors import actor_of
from todoku.web.shared.pieces import Undo


def held_task(request: HttpRequest, programme: Programme, pk: int) -> Task | None:
    """The task if this person holds it; else None, with the reason said."""
    task: Task = get_object_or_404(
        Task.objects.select_related(
            "programme__municipality", "submission", "case__recipient__head", "case__recipient__reached_at"
        ).prefetch_related("case__entitlements"),
        programme=programme,
        pk=pk,
    )
    if task.state == "held" and task.claimed_by_id == request.user.pk:
        return task
    messages.warning(request, "この申請は、あなたの扱い中ではありません。「次の一件」で始めてください。")
    return None


def take_next_task(request: HttpRequest, programme: Programme) -> HttpResponse:
    """Holds the next task for this person and leads to it, or to the queue where nothing waits."""
    typed = request.POST.get("after", "")
    after = int(typed) if typed.isdecimal() and len(typed) < 18 else 0
    try:
        task = claim_next(programme=programme, actor=actor_of(request), at=timezone.now(), after=after)
    except NothingWaits as nothing:
        messages.info(request, nothing.sentence)
        return to_queue(request, programme.slug)
    return redirect("review-task", slug=programme.slug, pk=task.pk)


def to_queue(request: HttpRequest, slug: str) -> HttpResponse:
    """To the page of the queue, as a page of its own: a verdict is sent by script and changes the task's part alone."""
    place = redirect("review", slug=slug)
    return HttpResponseClientRedirect(place.url) if "HX-Request" in request.headers else place


def undo_chance(request: HttpRequest, programme: Programme) -> Undo | None:
    """The chance to take back the verdict given a moment ago."""
    actor = actor_of(request)
    assert actor.id is not None, "a reviewer is a person"
    last = (
        Verdict.objects.filter(task__programme=programme, staff_id=actor.id, undone_at__isnull=True)
        .select_related("case")
        .order_by("-id")
        .first()
    )
    if last is None:
        return None
    left = UNDO_SECONDS - int((timezone.now() - last.at).total_seconds())
    if left <= 0:
        return None
    words = f"{last.case.printed_number} を「{last.outcome_words}」にしました。"
    return Undo(sentence=words, url=f"/p/{programme.slug}/review/undo/{last.pk}/", seconds=left)


def tell_seeded(request: HttpRequest, task: int, *, made_up: bool) -> None:
    """After the verdict the reviewer learns that the case was a seeded error (埋込み), and what was wrong in it."""
    one = SeededLook.objects.filter(pk=task, judged_at__isnull=False).first() if made_up else None
    if one is None:
        return
    wrong = "、".join(f"{code} {CODES[code].name}" for code in one.expected_codes)
    if one.detected:
        messages.success(
            request, f"いまの案件は、質を確かめるための架空のものでした。誤り（{wrong}）を見つけました。"
        )
    else:
        messages.warning(
            request,
            f"いまの案件は、質を確かめるための架空のものでした。一次審査の誤り（{wrong}）が残っていました。",
        )
