"""校了: proof sheets of print runs, looked at by an officer and approved on the digest of the run's own file.

The sheets show people; taking them is recorded. What the office changed afterwards has another digest and waits anew.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.ground.step import Refusal
from todoku.letters.approve_proof import (
    approve_proof,
    has_looked,
    is_covered,
    look_at_proof,
    needs_own_proof,
    waiting_proofs,
)
from todoku.letters.print_files import run_label
from todoku.letters.proof_sheets import chosen_pieces, proof_sheets
from todoku.letters.tables import PrintRun, ProofApproval
from todoku.people.access import may
from todoku.web.municipality.frame import frame
from todoku.web.office.cells import page_number
from todoku.web.office.frame import programme_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Digest, Empty, Row, Table

APPROVED, BACK, WAITS = Badge("校了", "ok"), Badge("校正戻し", "warn"), Badge("確認待ち", "wait")


@require_GET
@asks("print.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits for a word, then what was said."""
    programme, context = frame(request, slug, "proofs", "校了")
    page = page_number(request)
    said = ProofApproval.objects.filter(run__programme=programme)
    shown = said.select_related("run").order_by("-pk")[(page - 1) * 50 : page * 50]
    runs = waiting_proofs(programme.pk)
    context |= {
        "waiting": Table(
            id="waiting", caption="確認を待つ校正刷り", total=len(runs), unit="ロット", per_page=max(len(runs), 1),
            columns=[
                Column("run", "ロット", fixed=True), Column("kind", "種類"), Column("pieces", "通数", numeric=True),
                Column("made", "作成"), Column("deadline", "入稿締切", fixed=True),
            ],
            rows=[_waiting_row(run, slug) for run in runs],
            empty=Empty("確認を待つ校正刷りはありません。", "事務局が申請書や手紙を印刷すると、ここに届きます。"),
        ),
        "table": Table(
            caption="これまでの校了・校正戻し", total=said.count(), page=page,
            columns=[
                Column("at", "日時", fixed=True), Column("run", "ロット", fixed=True), Column("kind", "種類"),
                Column("said", "判断"), Column("comment", "直すところ"), Column("by", "担当"),
            ],
            rows=[_said_row(one, slug) for one in shown], empty=Empty("まだありません。"),
        ),
    }  # fmt: skip
    return render(request, "municipality/proofs.html", context)


def _waiting_row(run: PrintRun, slug: str) -> Row:
    due = f"{localtime(run.deadline_at):%m/%d %H:%M}" if run.deadline_at else ""
    return Row(
        str(run.pk),
        [
            Cell(run_label(run), href=f"/p/{slug}/proofs/{run.pk}/"), Cell(run.get_kind_display()), Cell(run.pieces),
            Cell(f"{localtime(run.made_at):%m/%d %H:%M} {run.made_by}"), Cell(due),
        ],
        marked=True,
    )  # fmt: skip


def _said_row(one: ProofApproval, slug: str) -> Row:
    return Row(
        str(one.pk),
        [
            Cell(f"{localtime(one.at):%m/%d %H:%M}"), Cell(run_label(one.run), href=f"/p/{slug}/proofs/{one.run_id}/"),
            Cell(one.run.get_kind_display()), Cell("", badge=APPROVED if one.approved else BACK), Cell(one.comment),
            Cell(one.actor_name),
        ],
    )  # fmt: skip


def _run(request: HttpRequest, slug: str, pk: int) -> PrintRun:
    found = PrintRun.objects.select_related("pdf", "manifest", "programme", "reprint_of")
    run = get_object_or_404(found, pk=pk, programme=programme_of(request, slug))
    if run.pdf is None or run.kind == "gift":
        raise Http404("of a gift or an unfinished run there is no proof")
    return run


@require_GET
@asks("print.view")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One run: counts, digest, which pieces its proof shows and why; the word on it."""
    return _show(request, slug, _run(request, slug, pk))


def _show(request: HttpRequest, slug: str, run: PrintRun, *, refusal: str = "") -> HttpResponse:
    _, context = frame(request, slug, "proofs", f"校正刷り {run_label(run)}")
    assert run.pdf is not None
    roles, covered = actor_of(request).roles, is_covered(run)
    said = list(run.proofs.order_by("-pk"))
    open_now = run.state == "made"
    badge = APPROVED if covered else BACK if said else WAITS
    context |= {
        "run": run, "label": run_label(run), "badge": badge, "said": said, "own": needs_own_proof(run),
        "covered": covered, "no_sheets": _no_sheets(run), "pieces": [] if _no_sheets(run) else chosen_pieces(run),
        "digest": Digest(
            run.pdf.sha256,
            [
                ("ファイル", run.pdf.name), ("通数", f"{run.pieces:,}通"), ("ページ", f"{run.pages:,}"),
                ("作成", f"{localtime(run.made_at):%Y/%m/%d %H:%M} {run.made_by}"), *_read(run),
                *([("入稿締切", f"{localtime(run.deadline_at):%Y/%m/%d %H:%M}")] if run.deadline_at else []),
            ],
        ),
        "may_see": may(roles, "proof.approve"), "may_answer": open_now and may(roles, "proof.approve"),
        "comment": request.POST.get("comment", ""),
        "looked": _no_sheets(run) or has_looked(run, actor_of(request)),
    }  # fmt: skip
    if refusal:
        context["errors"] = [{"target": "comment", "sentence": refusal}]
    return render(request, "municipality/proof.html", context, status=422 if refusal else 200)


def _no_sheets(run: PrintRun) -> bool:
    return run.protected


def _read(run: PrintRun) -> list[tuple[str, str]]:
    assert run.pdf is not None
    one = run.read_backs.filter(sha256=run.pdf.sha256).last()
    said = f"{one.pieces:,}通 {one.pages:,}ページ、まちがい0" if one else "まだ"
    return [("全ページの照合", said)]


@require_GET
@asks("proof.approve")
def sheets(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The proof as a PDF; the look is recorded, since it shows people."""
    run = _run(request, slug, pk)
    try:
        proof = proof_sheets(run)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("proof", slug=slug, pk=pk)
    look_at_proof(run, pieces=len(proof.pieces), actor=actor_of(request), at=timezone.now())
    answer = HttpResponse(proof.pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{run_label(run)}-proof.pdf"'
    return answer


@require_POST
@asks("proof.approve")
def answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """校了 or 校正戻し on the digest that the page showed."""
    run = _run(request, slug, pk)
    posted: Any = request.POST
    try:
        report = approve_proof(
            run, sha256=posted.get("sha256", ""), approved=posted.get("word") == "approve",
            comment=posted.get("comment", ""), actor=actor_of(request), at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _show(request, slug, run, refusal=refusal.sentence)
    messages.success(request, f"{run_label(run)}: {report.note}")
    return redirect("proofs", slug=slug)


urlpatterns = [
    path("", index, name="proofs"),
    path("<int:pk>/", show, name="proof"),
    path("<int:pk>/sheets.pdf", sheets, name="proof-sheets"),
    path("<int:pk>/answer/", answer, name="proof-answer"),
]
