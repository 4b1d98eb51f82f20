"""振込ファイルの検証: the treasurer asks whether the kept files, or those on a stick or terminal, pay what was decided.

A file that is brought here is read in memory, judged and forgotten; that somebody asked, and the answer, is on record.
"""

from collections.abc import Sequence
from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from todoku.ground.step import Refusal
from todoku.payment.rails import RAILS
from todoku.payment.verify_files import UPLOAD_BYTES_MAX, verify_files
from todoku.people.access import may
from todoku.web.municipality.approvals import TAKEN
from todoku.web.municipality.frame import frame
from todoku.web.office.batch_page import STATES, batch_digest
from todoku.web.office.batches import batch_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Column, Row, Table
from todoku_verify import Difference, Verdict
from todoku_verify.findings import REMEDY

FORM_BYTES_MAX = 16 * 1024  # what a form adds around its files


class InMemory(MemoryFileUploadHandler):
    """Keeps an upload off the disk, whatever its size: the view has looked at its length before."""

    def handle_raw_input(self, *arguments: Any, **options: Any) -> None:
        self.activated = True


@require_GET
@asks("batch.verify")
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Both ways to ask."""
    return _page(request, slug, pk)


@require_POST
@asks("batch.verify")
def kept(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The kept files, by one button."""
    return _judged(request, slug, pk, ())


# The token is asked for below, once the upload has been told to stay in memory.
@csrf_exempt
@require_POST
@asks("batch.verify")
def held(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Files that the treasurer brings; one of several is judged alone."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > UPLOAD_BYTES_MAX + FORM_BYTES_MAX:
        sentence = f"ファイルが大きすぎます。振込ファイルは{UPLOAD_BYTES_MAX // 1_000_000}MBまでです。選び直してください。"
        return _page(request, slug, pk, error=sentence, status=413)
    request.upload_handlers = [InMemory(request)]
    return _held(request, slug, pk)


@csrf_protect
def _held(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    files = [(str(file.name), file.read()) for file in request.FILES.getlist("files")]
    if not files:
        return _page(request, slug, pk, error="検証する振込ファイルを選んでください。", status=422)
    return _judged(request, slug, pk, files)


def _judged(request: HttpRequest, slug: str, pk: int, files: Sequence[tuple[str, bytes]]) -> HttpResponse:
    programme, _ = frame(request, slug, "approvals", "振込ファイルの検証")
    try:
        verdict = verify_files(batch_of(programme, pk), files, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        return _page(request, slug, pk, error=refusal.sentence, status=422)
    return _page(request, slug, pk, verdict=verdict, names=[name for name, _ in files])


def _page(
    request: HttpRequest, slug: str, pk: int, *, verdict: Verdict | None = None, names: Sequence[str] = (),
    error: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    programme, context = frame(request, slug, "approvals", "振込ファイルの検証")
    batch = batch_of(programme, pk)
    context |= {
        "batch": batch,
        "badge": STATES[batch.state],
        "digest": batch_digest(batch) if RAILS[batch.rail].proven else None,
        "takes": batch.state in TAKEN and may(actor_of(request).roles, "batch.take_file"),
        "verdict": verdict,
        "names": names,
        "remedy": REMEDY,
        "differences": _table(verdict) if verdict and not verdict.ok else None,
        "errors": [{"target": "files", "sentence": error}] if error else [],
    }
    return render(request, "municipality/verify.html", context, status=status)


def _table(verdict: Verdict) -> Table:
    """What differs, account numbers and names masked."""
    return Table(
        id="differences", caption="違いのあるところ", total=len(verdict.differences) + verdict.more,
        per_page=len(verdict.differences) + verdict.more, unit="か所",
        columns=[
            Column("file", "ファイル"), Column("line", "行", numeric=True, fixed=True), Column("field", "項目", fixed=True),
            Column("what", "内容"), Column("expected", "正しい値"), Column("found", "実際の値"),
        ],
        rows=[_row(place, difference) for place, difference in enumerate(verdict.differences)],
    )  # fmt: skip


def _row(place: int, one: Difference) -> Row:
    line = f"{one.line:,}" if one.line else "全体"
    values = one.shown() if one.field != "SHA-256" else (f"{value[:8]}…" for value in one.shown())
    return Row(f"{place}", [one.file, line, one.field, one.sentence, *values])


urlpatterns = [
    path("<int:pk>/verify/", show, name="verify"),
    path("<int:pk>/verify/kept/", kept, name="verify-kept"),
    path("<int:pk>/verify/held/", held, name="verify-held"),
]
