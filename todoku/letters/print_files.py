"""Writes the two files of a run, PDF and manifest, reads every page back, and records them as parcels.

Takes a run whose letters are reserved, and a function that prints them; leaves the run made. Where counts or a single
page disagree nothing is recorded: the run stays as it was, and the file is kept aside for whoever looks for the fault.
"""

import csv
import io
from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO, cast

from django.db import connection, transaction

from todoku.custody import files
from todoku.custody.receive import record
from todoku.custody.tables import Parcel
from todoku.letters import tables
from todoku.letters.expected import expected_of
from todoku.letters.tables import Letter, PrintRun
from todoku.people.actor import Actor
from todoku.sheets.manifest import FormsResult, ManifestFile
from todoku.sheets.read_back import ReadBack, read_back

Print = Callable[[BinaryIO, ManifestFile], FormsResult]
_WRONG = ".wrong.pdf"
FORM_MARK = "（字形）"  # after the name of a field whose kanji stands in its common form
Lock = Callable[[bytes, str], bytes]  # the PDF and its run's label in, what is kept out
_LABELS = {
    "form": "F",
    "push_notice": "N",
    "return": "R",
    "granted": "G",
    "refused": "X",
    "transfer_failed": "T",
    "gift": "D",
    "claim_notice": "C",
    "claim_reminder": "M",
    "claim_call": "E",
    "claim_plan": "P",
    "acknowledgement": "A",
    "reminder": "H",
    "return_reminder": "S",
    "decline_form": "J",
    "proxy_form": "Y",
    "account_form": "K",
    "objection_answer": "Q",
    "return_dropped": "B",
    "terms_changed": "V",
}


def run_label(run: PrintRun) -> str:
    """The run's name on every sheet and in the names of its files: a letter for the kind and the run's id."""
    return f"{_LABELS[run.kind]}{run.pk:05d}"


def print_files(
    run: PrintRun, print_pieces: Print, *, actor: Actor, at: datetime, lock: Lock | None = None
) -> PrintRun:
    """Prints the run and closes it: from `making` to `made`, with its counts and its two parcels.

    With `lock` the PDF is kept as what that function makes of it, since its pages are money.
    """
    folder, label = f"print/{run.programme.slug}", run_label(run)
    lines = io.StringIO(newline="")
    if lock is None:
        with files.writing(f"{folder}/{label}.pdf") as sink:
            result = print_pieces(cast(BinaryIO, sink), ManifestFile(lines, label))
        pdf = sink.written[0]
        with files.inside(pdf.path).open("rb") as file:
            found = _read(run, result, file, lines.getvalue())
        if found.wrong:
            # Not under the name by which it would be taken for the run; the next try writes that anew.
            files.inside(pdf.path).replace(files.inside(f"{folder}/{label}{_WRONG}"))
    else:
        clear = io.BytesIO()
        result = print_pieces(clear, ManifestFile(lines, label))
        found = _read(run, result, clear, lines.getvalue())
        name = f"{label}{_WRONG}" if found.wrong else f"{label}.pdf"
        pdf = files.write(f"{folder}/{name}.locked", lock(clear.getvalue(), label))
    assert not found.wrong, _said(run, found)
    assert found.sha256 == result.sha256, "the file that was read is not the file that was printed"
    manifest = files.write(f"{folder}/{label}.csv", lines.getvalue().encode("utf-8-sig"))
    with transaction.atomic():
        reserved = Letter.objects.filter(run=run).count()
        listed = lines.getvalue().count("\r\n") - 1
        assert reserved == result.pieces == listed == found.pieces, (
            f"{reserved} letters, {result.pieces} printed, {listed} listed, {found.pieces} read back"
        )
        _mark_undrawable(run, result)
        run.pdf = _parcel(run, pdf, "print", pdf.path.rpartition("/")[2], result.pieces, actor, at)
        run.manifest = _parcel(run, manifest, "manifest", f"{label}.csv", result.pieces, actor, at)
        run.state, run.pieces, run.pages = "made", result.pieces, result.pages
        run.undrawable = len({piece for piece, _, _ in (*result.undrawable, *result.variants)})
        run.boxes = result.boxes
        run.save(update_fields=[
            "state", "pieces", "pages", "undrawable", "boxes", "pdf", "manifest", "wording_sha256",
        ])  # fmt: skip
        tables.ReadBack.objects.create(
            run=run, sha256=found.sha256, pieces=found.pieces, pages=found.pages, rasterised=found.rasterised, at=at
        )  # fmt: skip
    return run


def _read(run: PrintRun, result: FormsResult, file: BinaryIO, manifest: str) -> ReadBack:
    """Every page of the finished file against the database and the manifest."""
    told = csv.DictReader(io.StringIO(manifest, newline=""))
    return read_back(
        file, expected_of(run, told), result.boxes, run_label=run_label(run), honorific=result.honorific
    )


def _said(run: PrintRun, found: ReadBack) -> str:
    """The pages that are wrong; numbers alone, since this goes to the log."""
    first = "".join(one.sentence for one in found.wrong[:10])
    pages = len({one.page for one in found.wrong})
    return f"{run_label(run)}の照合で{pages}ページが合わないため、印刷に回せません。{first}"


def _parcel(
    run: PrintRun, written: files.Written, kind: str, name: str, count: int, actor: Actor, at: datetime
) -> Parcel:
    return record(
        written, kind=kind, name=name, scope=run.programme.slug, from_party=actor.name, to_party="印刷・封入",
        actor=actor, at=at, count=count,
    )  # fmt: skip


def _mark_undrawable(run: PrintRun, result: FormsResult) -> None:
    """Notes on each letter which fields stand as 〓, so that a person writes them by hand before it leaves.

    A field with a kanji in its common form is noted too, with FORM_MARK: a person looks whether that will do.
    """
    found: dict[int, list[str]] = {}
    for piece, field, _ in result.undrawable:
        found.setdefault(piece, []).append(field)
    for piece, field, _ in result.variants:
        found.setdefault(piece, []).append(f"{field}{FORM_MARK}")
    with connection.cursor() as cursor:
        cursor.execute(
            "update todoku_letter l set undrawable = f.fields"
            "  from unnest(%s::bigint[], %s::text[]) as f(piece_no, fields)"
            " where l.run_id = %s and l.piece_no = f.piece_no",
            [list(found), ["、".join(dict.fromkeys(fields))[:100] for fields in found.values()], run.pk],
        )
