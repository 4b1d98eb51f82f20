"""Prints spoiled pieces again (刷り直し): takes the pieces of a run scanned void; leaves a small run of those still wanted.

Their pages are copied from the run's own file, so that nobody sees an address to type it and nothing is drawn anew; piece
numbers and labels stay those on the sheets. A piece of somebody who answered, died or moved meanwhile is not printed: its
reason stands on the pull list, and who still waits for a letter gets a new one with the next run.
"""

import io
from datetime import datetime

from django.db import connection, transaction

from todoku.custody import files
from todoku.custody.receive import record
from todoku.ground.step import Refusal
from todoku.letters.print_files import run_label
from todoku.letters.pull_list import leave_out, spoiled
from todoku.letters.run_file import manifest_lines
from todoku.letters.stopped import ask_not_stopped
from todoku.letters.tables import PrintRun, ReadBack
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.sheets.manifest import ManifestFile
from todoku.sheets.page_excerpt import excerpt, same_pages


class CannotReprint(Refusal):
    """Nothing of this run is to be printed again."""


_RESERVE = """
insert into todoku_letter (run_id, piece_no, case_id, kind, occasion, undrawable, copy)
select %s, piece_no, case_id, kind, occasion, undrawable, copy + 1 from todoku_letter where id = any(%s)
"""


def wanted(run: PrintRun) -> list[tuple[int, int]]:
    """Letters of the run (id, piece number) that would be printed again now."""
    return [(one.letter, one.piece_no) for one in spoiled(run) if not one.reason]


def reprint(run: PrintRun, *, actor: Actor, at: datetime) -> PrintRun:
    """A run of the spoiled pieces, made: it is read back and released as every other. Raises CannotReprint, RunStopped.

    Safe to run again: a piece that has its next copy is not printed twice.
    """
    with transaction.atomic():
        # Kept though nothing may be left to print: such a case then waits for a letter with what holds by now.
        held = PrintRun.objects.select_for_update(of=("self",)).select_related("programme").get(pk=run.pk)
        words = leave_out(held, actor=actor, at=at)
    with transaction.atomic():
        run = (
            PrintRun.objects.select_for_update(of=("self",))
            .select_related("pdf", "manifest", "programme")
            .get(pk=run.pk)
        )
        if run.kind == "gift" or run.pdf is None:
            raise CannotReprint(
                "ギフトコードの手紙は、刷り直せません。コードを失効させ、再発行してください。"
                if run.kind == "gift"
                else "印刷が終わっていない印刷ロットです。"
            )
        ask_not_stopped(run)
        pieces = wanted(run)
        if not pieces:
            raise CannotReprint(
                f"{words}刷り直す通はありません。破損・封入誤りの通のQRを読み取ると、ここから刷り直せます。"
            )
        again = PrintRun.objects.create(
            programme=run.programme, kind=run.kind, state="making", made_at=at, made_by=actor.name,
            wording_sha256=run.wording_sha256, protected=run.protected, tray_size=run.tray_size, boxes=run.boxes,
            reprint_of=run,
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_RESERVE, [again.pk, [letter for letter, _ in pieces]])
            assert cursor.rowcount == len(pieces), "every wanted piece has its next copy"
        _write(again, run, {piece for _, piece in pieces}, actor, at)
        record_look(
            actor=actor, action="print.reprint", subject_kind="print_run", subject_id=again.pk, at=at,
            programme_slug=run.programme.slug, reason=f"{run_label(run)}から{len(pieces)}通",
        )  # fmt: skip
    return again


def _write(again: PrintRun, run: PrintRun, pieces: set[int], actor: Actor, at: datetime) -> None:
    """The two files of the new run, its counts, and its state."""
    assert run.pdf is not None
    label, folder = run_label(again), f"print/{run.programme.slug}"
    lines = [line for line in manifest_lines(run) if line.piece_no in pieces]
    assert len(lines) == len(pieces), "the manifest knows every piece"
    data = excerpt(files.inside(run.pdf.path), [(line.first_page, line.pages) for line in lines])
    text, page = io.StringIO(newline=""), 1
    manifest = ManifestFile(text, label)
    for line in lines:
        manifest.add(line._replace(first_page=page))
        page += line.pages
    pages = same_pages(data, files.inside(run.pdf.path), lines)
    assert pages == page - 1, f"{page - 1} pages copied, {pages} compared"
    pdf = files.write(f"{folder}/{label}.pdf", data)
    listed = files.write(f"{folder}/{label}.csv", text.getvalue().encode("utf-8-sig"))
    kept = {"scope": run.programme.slug, "from_party": actor.name, "to_party": "印刷・封入"}
    again.pdf = record(pdf, kind="print", name=f"{label}.pdf", actor=actor, at=at, count=len(lines), **kept)
    again.manifest = record(
        listed, kind="manifest", name=f"{label}.csv", actor=actor, at=at, count=len(lines), **kept
    )
    ReadBack.objects.create(
        run=again,
        sha256=pdf.sha256,
        pieces=len(lines),
        pages=pages,
        rasterised=pages,
        at=at,
    )
    again.state, again.pieces, again.pages = "made", len(lines), page - 1
    again.undrawable = again.letters.exclude(undrawable="").count()
    again.save(update_fields=["state", "pieces", "pages", "undrawable", "pdf", "manifest"])
