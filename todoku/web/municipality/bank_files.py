"""The files of a batch that was taken: each saved one by one or all together for the verifier, and the bank's receipt.

Every saving is on record and none is a send: the send stands on record before a file can be saved at all.
"""

import io
import zipfile

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from todoku.ground.step import Refusal
from todoku.payment.confirm import confirm
from todoku.payment.file_standing import FileStanding, standings
from todoku.payment.kept_files import bundle, file_bytes
from todoku.payment.rails import RAILS
from todoku.payment.tables import Batch
from todoku.people.look import record_look
from todoku.web.municipality.approvals import TAKEN, show_batch, show_refused
from todoku.web.office.batches import batch_of
from todoku.web.office.frame import programme_of
from todoku.web.shared.doors import actor_of, asks

# A zip that is asked for twice has the same bytes: its entries bear no time of the day.
NO_TIME = (1980, 1, 1, 0, 0, 0)


def file_of(batch: Batch, number: int) -> FileStanding:
    """One file of a batch with how it stands; 404 where there is none of this number."""
    for one in standings(batch):
        if one.file.number == number:
            return one
    raise Http404("file")


def batch_at(request: HttpRequest, slug: str, pk: int) -> Batch:
    return batch_of(programme_of(request, slug), pk)


def attached(data: bytes, name: str, content_type: str) -> HttpResponse:
    """Bytes as a file to save."""
    answer = HttpResponse(data, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_GET
@asks("batch.take_file")
def file(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
    """One file of a batch that was taken."""
    batch = batch_at(request, slug, pk)
    if batch.state not in TAKEN:
        messages.error(request, "ファイルは、「受け取って振込依頼を記録する」の後に保存できます。")
        return redirect("approval", slug=slug, pk=pk)
    kept = file_of(batch, number).file
    try:
        data = file_bytes(kept)
    except Refusal as refusal:
        return show_refused(request, slug, pk, "", refusal)
    record_look(
        actor=actor_of(request), action="batch.reread", subject_kind="batch", subject_id=batch.pk, at=timezone.now(),
        programme_slug=slug, reason=kept.name,
    )  # fmt: skip
    text = "text/plain; charset=shift_jis" if RAILS[batch.rail].proven else "text/plain; charset=utf-8"
    return attached(data, kept.name, text)


@require_GET
@asks("batch.take_file")
def everything(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Manifest, lines, decision lists and files in one zip: what the stand-alone verifier reads."""
    batch = batch_at(request, slug, pk)
    if batch.state not in TAKEN:
        messages.error(request, "検証用の一式は、「受け取って振込依頼を記録する」の後に保存できます。")
        return redirect("approval", slug=slug, pk=pk)
    try:
        kept = bundle(batch)
    except Refusal as refusal:
        return show_refused(request, slug, pk, "", refusal)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, data in kept.items():
            folder.writestr(zipfile.ZipInfo(name, NO_TIME), data, zipfile.ZIP_DEFLATED)
    record_look(
        actor=actor_of(request), action="batch.bundle", subject_kind="batch", subject_id=batch.pk, at=timezone.now(),
        programme_slug=slug, reason=f"{len(kept)}個のファイル",
    )  # fmt: skip
    return attached(packed.getvalue(), f"batch-{batch.pk}.zip", "application/zip")


@require_POST
@asks("batch.take_file")
def receipt(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
    """The bank's receipt number for one file: its outcome is known."""
    batch = batch_at(request, slug, pk)
    kept = file_of(batch, number).file
    try:
        confirm(kept, receipt=request.POST.get("receipt", ""), actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        return show_batch(
            request, slug, pk, errors=[{"target": f"receipt-{number}", "sentence": refusal.sentence}], status=422
        )  # fmt: skip
    messages.success(request, f"{kept.name} の受付番号を記録しました。")
    return redirect("approval", slug=slug, pk=pk)


urlpatterns = [
    path("<int:pk>/file/<int:number>/", file, name="approval-file"),
    path("<int:pk>/file/<int:number>/receipt/", receipt, name="approval-receipt"),
    path("<int:pk>/bundle/", everything, name="approval-bundle"),
]
