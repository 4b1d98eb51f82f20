"""Long work at the office door (時間のかかる処理): started by a desk, seen as a card, stopped and gone on with.

Takes LongWork rows; gives pieces.LongWork with rate and time left. The work itself runs elsewhere (rounds/works.py).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.ground import long_work
from todoku.ground.tables import LongWork
from todoku.people.access import may
from todoku.programme.tables import Programme
from todoku.web.office.cells import page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.shared import pieces
from todoku.web.shared.doors import actor_of, asks, refuse
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table

REFUSALS_SHOWN = 5
# A rate over less than this is noise, and would tell a wrong time left.
RATE_SECONDS_MIN = 2.0


class Kind(NamedTuple):
    """A kind of long work: its name, what it counts, the action that starts and stops it, the desk of its result."""

    name: str
    unit: str
    action: str
    desk: str


KINDS: dict[str, Kind] = {
    "roll.stage": Kind("名簿の読込み", "行", "roll.import", "roll/"),
    "roll.take": Kind("名簿の取込み", "人", "roll.import", "roll/"),
    "accounts.import": Kind("既知口座の取込み", "件", "roll.import", "roll/"),
    "list.stage": Kind("一覧の読込み", "行", "roll.import", "roll/"),
    "list.take": Kind("一覧の取込み", "件", "roll.import", "roll/"),
    "case.open": Kind("案件の作成", "件", "case.open", "roll/"),
    "change.apply": Kind("異動の反映", "件", "roll.import", "roll/changes/"),
    "payout.try": Kind("支給回の試算", "件", "case.open", "roll/payouts/"),
    "payout.open": Kind("支給回の開始", "件", "case.open", "roll/payouts/"),
    "print.form": Kind("申請書の印刷", "通", "print.make", "print/"),
    "print.notice": Kind("お知らせの印刷", "通", "print.make", "print/"),
    "print.letters": Kind("通知・返戻の印刷", "通", "print.make", "print/"),
    "print.hand": Kind("印刷会社への入稿", "通", "print.hand", "print/"),
    "scan.read": Kind("スキャンの読取り", "ページ", "scan.take", "scan/"),
    "screen": Kind("申請の点検", "件", "intake.screen", "intake/"),
    "version.try": Kind("版の案の試行", "件", "programme.draft", "versions/"),
    "rescreen": Kind("新しい版での再点検", "件", "programme.open", "versions/"),
    "handback.make": Kind("納品物の作成", "件", "handback.make", "handback/"),
    "batch.seal": Kind("振込データの確定", "件", "batch.make", "payment/"),
}
# Other kinds that a command may start are shown, and stopped by the manager.
OTHER = Kind("処理", "件", "roll.import", "")
BADGES = {
    "waiting": Badge("開始待ち", "wait"), "running": Badge("処理中", "info"), "stopping": Badge("停止しています", "wait"),
    "stopped": Badge("停止中", "warn"), "done": Badge("完了", "ok"), "refused": Badge("受け付けず", "stop"),
    "broken": Badge("失敗", "stop"),
}  # fmt: skip


def begin(request: HttpRequest, programme: Programme, kind: str, label: str, **arguments: Any) -> LongWork:
    """Queues long work for the signed-in person; the same transaction as the page."""
    actor = actor_of(request)
    return long_work.start(
        kind, label=label, arguments={"programme": programme.slug, "actor": actor.id, **arguments},
        scope=programme.slug, actor_name=actor.name, at=timezone.now(),
    )  # fmt: skip


def latest(programme: Programme, *, kinds: Iterable[str] = (), limit: int = 3) -> list[pieces.LongWork]:
    """The newest works of a programme as cards, of these kinds only where some are named; newest first."""
    found = LongWork.objects.filter(scope=programme.slug).order_by("-created_at", "-id")
    if kinds := list(kinds):
        found = found.filter(kind__in=kinds)
    return [card(work, timezone.now()) for work in found[:limit]]


def card(work: LongWork, now: datetime) -> pieces.LongWork:
    """A work as the shared card draws it."""
    kind = KINDS.get(work.kind, OTHER)
    base = f"/p/{work.scope}/work/{work.pk}/"
    # Ended work is whole: what it could only estimate before (lines of a file with its headings) is known now.
    total = work.done_count if work.state == "done" else work.total_count or 0
    rate = _rate(work, now)
    left = None
    if rate and work.state == "running" and total > work.done_count:
        left = round((total - work.done_count) / rate)
    return pieces.LongWork(
        id=str(work.pk), title=work.label, state={"refused": "failed", "broken": "failed"}.get(work.state, work.state),
        done=work.done_count, total=total, rate_per_second=round(rate) if rate and rate >= 1 else None,
        seconds_left=left, refused=len(work.log), refusals=[(what, why) for what, why in work.log[:REFUSALS_SHOWN]],
        url=f"{base}card/", stop_url=f"{base}stop/", resume_url=f"{base}resume/", log_url=base,
        result_url=f"/p/{work.scope}/{kind.desk}", note=work.outcome, unit=kind.unit,
    )  # fmt: skip


def _rate(work: LongWork, now: datetime) -> float | None:
    """Things a second since this start; None while it cannot be told."""
    if work.started_at is None or not work.done_count:
        return None
    until = work.ended_at or (work.beat_at if work.state in ("running", "stopping") else None) or now
    seconds = (until - work.started_at).total_seconds()
    return work.done_count / seconds if seconds >= RATE_SECONDS_MIN else None


@require_GET
@asks("work.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Every long work of the programme, newest first."""
    programme, context = frame(request, slug, "", "処理の記録")
    found = LongWork.objects.filter(scope=programme.slug)
    page = page_number(request)
    rows = [_row(work) for work in found.order_by("-created_at", "-id")[(page - 1) * 50 : page * 50]]
    context["table"] = Table(
        caption="時間のかかる処理",
        columns=[
            Column("at", "開始", fixed=True), Column("label", "処理"), Column("state", "状態"),
            Column("done", "件数", numeric=True), Column("outcome", "結果"), Column("by", "開始した人"),
        ],
        rows=rows, total=found.count(), page=page,
        empty=Empty("処理の記録はまだありません。", "名簿の読込みや印刷を始めると、ここに並びます。"),
    )  # fmt: skip
    return render(request, "office/works.html", context)


def _row(work: LongWork) -> Row:
    return Row(
        key=str(work.pk),
        cells=[
            Cell(f"{localtime(work.created_at):%m/%d %H:%M}"),
            Cell(work.label, href=f"/p/{work.scope}/work/{work.pk}/"),
            Cell("", badge=BADGES[work.state]), Cell(work.done_count), Cell(work.outcome), Cell(work.started_by),
        ],
    )  # fmt: skip


def _work(request: HttpRequest, slug: str, pk: int) -> tuple[Programme, LongWork]:
    programme = programme_of(request, slug)
    return programme, get_object_or_404(LongWork, pk=pk, scope=programme.slug)


@require_GET
@asks("work.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One work with its whole log of refusals."""
    programme, context = frame(request, slug, "", "処理の記録")
    work = get_object_or_404(LongWork, pk=pk, scope=programme.slug)
    context |= {"work": card(work, timezone.now()), "row": work, "page_title": work.label}
    return render(request, "office/work.html", context)


@require_GET
@asks("work.view")
def card_alone(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The card as htmx asks for it every two seconds."""
    _, work = _work(request, slug, pk)
    return render(request, "shared/progress_card.html", {"work": card(work, timezone.now())})


@require_POST
@asks("work.view")
def change(request: HttpRequest, slug: str, pk: int, what: str) -> HttpResponse:
    """Stops work, or goes on with it; for those who may start that kind."""
    programme, work = _work(request, slug, pk)
    action = KINDS.get(work.kind, OTHER).action
    if not may(actor_of(request).roles, action):
        return refuse(request, action)
    if what == "stop":
        long_work.stop(work.pk)
        messages.info(request, "停止を指示しました。済んだ分は残ります。")
    elif what == "resume":
        long_work.resume(work.pk)
        messages.info(request, "続きから再開します。")
    else:
        raise Http404("work")
    return redirect("work", slug=programme.slug, pk=work.pk)


urlpatterns = [
    path("", index, name="works"),
    path("<int:pk>/", show, name="work"),
    path("<int:pk>/card/", card_alone, name="work-card"),
    path("<int:pk>/<slug:what>/", change, name="work-change"),
]
