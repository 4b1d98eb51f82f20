"""打鍵 desk: scanned forms keyed beside their picture, twice by different persons, whole keyboard, the next one in hand.

Takes what was typed; calls key_first, key_second or settle. The second person's page holds nothing of the first's. The
task behind the one on the screen is in the page already: saving moves on without waiting for an answer.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from todoku.custody import files
from todoku.formats.codes import printed_number
from todoku.ground.step import Refusal
from todoku.intake.claim_key_task import UNDO_SECONDS, claim_tasks, put_back
from todoku.intake.end_aside import back_to_keying, close_aside
from todoku.intake.key_form import Kept, key_first, key_second, set_aside, settle, take_back
from todoku.intake.tables import Keying, KeyTask
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.people.tables import AuditEvent
from todoku.programme.tables import Programme
from todoku.scan.tables import ScanPage
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.office.kept_from import kept_from
from todoku.web.office.keying_page import MODES, Sitting, aside_table, counts, sitting, team_figures
from todoku.web.shared.doors import actor_of, asks, refuse
from todoku.web.shared.pieces import Undo

LOOK = "scan.page"
# One look per task, not per picture: what is seen of a case within so many minutes is one look.
LOOK_MINUTES = 15
KEYING_MINUTES_MAX = 30
ENDS = {"again": back_to_keying, "close": close_aside}


@require_GET
@asks("paper.key")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """How much waits for which keying, the team's day, and what was set aside."""
    programme, context = frame(request, slug, "keying", "打鍵")
    actor = actor_of(request)
    put_back(programme=programme, actor=actor)
    context |= {
        "modes": counts(programme),
        "teams": team_figures(programme, actor, localdate()),
        "aside": aside_table(programme, slug, page_number(request)),
        "undo": _undo(programme, actor),
    }
    return render(request, "office/keying.html", context)


@require_GET
@asks("paper.key")
def work(request: HttpRequest, slug: str, mode: str) -> HttpResponse:
    """The next form of a mode on the screen, and the one after it behind."""
    if mode not in MODES:
        raise Http404("mode")
    programme, context = frame(request, slug, "keying", f"打鍵 {MODES[mode].name}")
    actor = actor_of(request)
    if mode == "differs" and not may(actor.roles, "key.settle"):
        return refuse(request, "key.settle")
    context |= _with_forms(programme, mode, actor)
    context |= {
        "mode": MODES[mode],
        "mode_key": mode,
        "wide": True,
        "undo": _undo(programme, actor),
    }
    return render(request, "office/keying_work.html", context)


def _with_forms(programme: Programme, mode: str, actor: Actor, known: tuple[int, ...] = ()) -> dict[str, Any]:
    now = timezone.now()
    tasks = claim_tasks(mode, programme=programme, actor=actor, at=now)
    return {
        "sittings": [sitting(task, mode, now) for task in tasks if task.pk not in known],
        "waiting": counts(programme)[mode].waiting,
    }


@require_POST
@asks("paper.key")
def save(request: HttpRequest, slug: str, mode: str, pk: int) -> HttpResponse:
    """Keeps one keying. To the script the answer is what was said and the next form; without it, the next page."""
    if mode not in MODES:
        raise Http404("mode")
    programme, now, actor = programme_of(request, slug), timezone.now(), actor_of(request)
    if mode == "differs" and not may(actor.roles, "key.settle"):
        return refuse(request, "key.settle")
    task = get_object_or_404(
        KeyTask.objects.select_related("page", "lot", "case", "envelope", "programme__municipality"),
        pk=pk,
        programme=programme,
    )
    if task.state != mode:
        messages.warning(
            request, f"{printed_number(task.case.number)} は、もう次へ進んでいます。入力は保存していません。"
        )
        return _answer(request, programme, mode, None)
    here = sitting(task, mode, now, typed=request.POST)
    kept = None
    if here.form.is_valid():
        keep = {"first": key_first, "second": key_second, "differs": settle}[mode]
        try:
            kept = keep(task.pk, here.form.values(), actor=actor, at=now, started_at=_started(request, now))
        except Refusal as refusal:
            here.form.add_error(None, refusal.sentence)
    if kept is None:
        return _faulty(request, programme, mode, here)
    _say(request, task, kept)
    return _answer(request, programme, mode, task)


def _say(request: HttpRequest, task: KeyTask, kept: Kept) -> None:
    number = printed_number(task.case.number)
    if kept.state == "done":
        messages.success(request, f"{number} を受け付けました（受付番号 {kept.receipt}）。")
    elif kept.state == "aside":
        task.refresh_from_db()
        messages.warning(request, f"{number} は保留にしました。{task.aside_why}")


def _answer(request: HttpRequest, programme: Programme, mode: str, task: KeyTask | None) -> HttpResponse:
    if not _by_script(request):
        return redirect("keying-work", slug=programme.slug, mode=mode)
    actor = actor_of(request)
    known = tuple(int(one) for one in request.POST.getlist("have") if one.isdecimal())
    context = _with_forms(programme, mode, actor, known)
    context |= {
        "programme": programme, "mode": MODES[mode], "mode_key": mode, "undo": _undo(programme, actor), "behind": bool(known),
    }  # fmt: skip
    return render(request, "office/keying_answer.html", context)


def _faulty(request: HttpRequest, programme: Programme, mode: str, here: Sitting) -> HttpResponse:
    context: dict[str, Any] = {"mode": MODES[mode], "mode_key": mode, "sittings": [here]}
    if _by_script(request):
        number = printed_number(here.task.case.number)
        messages.warning(request, f"{number} に直すところがあります。今の一通を保存すると、先頭に戻ります。")
        context |= {"programme": programme, "behind": True}
        return render(request, "office/keying_answer.html", context, status=422)
    _, around = frame(request, programme.slug, "keying", f"打鍵 {MODES[mode].name}")
    return render(request, "office/keying_work.html", around | context | {"wide": True}, status=422)


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "keying"


def _started(request: HttpRequest, now: datetime) -> datetime | None:
    """When the form came on the screen, as the page says; None where that cannot be."""
    text = request.POST.get("started", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 11):
        return None
    at = datetime.fromtimestamp(int(text), UTC)
    return at if 0 <= (now - at).total_seconds() <= KEYING_MINUTES_MAX * 60 else None


@require_POST
@asks("paper.key")
def put_aside(request: HttpRequest, slug: str, mode: str, pk: int) -> HttpResponse:
    """Takes a form that cannot be keyed out of the pile, with the reason. To the script the answer is as of a saved form."""
    programme = programme_of(request, slug)
    task = get_object_or_404(KeyTask, pk=pk, programme=programme)
    try:
        set_aside(pk, request.POST.get("why", ""), actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "保留にしました。打鍵の一覧に理由が残ります。")
    return _answer(request, programme, mode if mode in MODES else "first", task)


@require_http_methods(["GET", "POST"])
@asks("paper.key")
def aside(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One form that was set aside, with its pictures: given back to be keyed, or closed, each with a reason."""
    programme, context = frame(request, slug, "keying", "保留の申請書")
    task = get_object_or_404(
        KeyTask.objects.select_related("case__recipient__head", "lot"), pk=pk, programme=programme
    )
    if kept_from(request, task.case):
        return refuse(request, "case.view_protected")
    why, act = request.POST.get("why", ""), request.POST.get("act", "")
    if request.method == "POST" and act in ENDS:
        try:
            ENDS[act](pk, why, actor=actor_of(request), at=timezone.now())
        except Refusal as refusal:
            context |= {
                "sentence": refusal.sentence,
                "errors": [{"target": "why", "sentence": refusal.sentence}],
            }
        else:
            words = "打鍵へ戻しました。" if act == "again" else "処理済みにしました。"
            messages.success(request, f"{task.case.printed_number} を{words}")
            return redirect("keying", slug=slug)
    pages = ScanPage.objects.filter(lot=task.lot_id, case=task.case_id).exclude(
        state__in=["void", "duplicate"]
    )
    context |= {"task": task, "pages": list(pages.order_by("no")), "why": why}
    return render(
        request, "office/keying_aside.html", context, status=422 if request.method == "POST" else 200
    )


@require_POST
@asks("paper.key")
def undo(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Takes one's own last keying back within its minute."""
    programme = programme_of(request, slug)
    get_object_or_404(KeyTask, pk=pk, programme=programme)
    try:
        task = take_back(pk, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("keying", slug=slug)
    messages.info(
        request, f"{printed_number(task.case.number)} の入力を取り消しました。もう一度入力してください。"
    )
    return redirect("keying-work", slug=slug, mode=task.state)


def _undo(programme: Programme, actor: Actor) -> Undo | None:
    """The way back from the last keying, while its minute runs and nothing was received by it."""
    assert actor.id is not None, "only a person keys"
    last = (
        Keying.objects.filter(
            task__programme=programme, staff_id=actor.id, undone_at__isnull=True, task__state__in=["second", "differs"]
        )
        .select_related("task__case")
        .order_by("-finished_at")
        .first()
    )  # fmt: skip
    if last is None:
        return None
    left = UNDO_SECONDS - int((timezone.now() - last.finished_at).total_seconds())
    if left <= 0 or {1: "second", 2: "differs"}.get(last.round) != last.task.state:
        return None
    words = f"{printed_number(last.task.case.number)} の入力を保存しました。"
    return Undo(sentence=words, url=f"/p/{programme.slug}/keying/undo/{last.task_id}/", seconds=left)


@require_GET
@asks("scan.view")
def picture(request: HttpRequest, slug: str, pk: int) -> HttpResponse | FileResponse:
    """The kept picture of a page, for who keys it or looks at it; one look per case and quarter of an hour."""
    programme = programme_of(request, slug)
    page = get_object_or_404(
        ScanPage.objects.select_related("case__recipient__head"), pk=pk, programme=programme
    )
    if page.case and kept_from(request, page.case):
        return refuse(request, "case.view_protected")
    record_page_look(request, page, slug)
    response = FileResponse(files.inside(page.path).open("rb"), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=900"
    response["Content-Disposition"] = "inline"
    return response


def record_page_look(request: HttpRequest, page: ScanPage, slug: str) -> None:
    """Records the look at a page's case, or at the page itself where nobody knows whose it is."""
    actor, now = actor_of(request), timezone.now()
    kind, subject = ("case", page.case_id) if page.case_id else ("scan_page", page.pk)
    since = now - timedelta(minutes=LOOK_MINUTES)
    seen = AuditEvent.objects.filter(
        actor_id=actor.id, action=LOOK, subject_kind=kind, subject_id=subject, at__gt=since
    ).exists()
    if not seen:
        record_look(
            actor=actor, action=LOOK, subject_kind=kind, subject_id=subject, at=now, programme_slug=slug,
            reason="スキャン画像の閲覧",
        )  # fmt: skip


urlpatterns = [
    path("", index, name="keying"),
    path("undo/<int:pk>/", undo, name="keying-undo"),
    path("picture/<int:pk>/", picture, name="scan-picture"),
    path("aside/<int:pk>/", aside, name="keying-set-aside"),
    path("<slug:mode>/", work, name="keying-work"),
    path("<slug:mode>/<int:pk>/", save, name="keying-save"),
    path("<slug:mode>/<int:pk>/aside/", put_aside, name="keying-aside"),
]
