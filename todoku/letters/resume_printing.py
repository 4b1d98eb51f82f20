"""A printer that stopped in mid-run (印刷の中断): takes the last piece that came out whole; leaves the rest as an excerpt.

What may have come out in part is scanned void first, so that no person is printed twice: those pieces come back by a
reprint. From the next piece on the run's own file is handed out again, without those that must not leave (抜き取り).
"""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from todoku.custody import files
from todoku.ground.step import Refusal
from todoku.letters.left_out import place_of
from todoku.letters.print_files import run_label
from todoku.letters.pull_list import list_pulls
from todoku.letters.run_file import manifest_lines
from todoku.letters.stopped import ask_not_stopped
from todoku.letters.tables import Letter, PrintRun, PulledPiece
from todoku.letters.void_piece import BY_HAND
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.sheets.page_excerpt import excerpt

# So many pieces lie at once in a printer's paper path; more in doubt than that is another matter.
DOUBTFUL_MAX = 50


class CannotResume(Refusal):
    """The run cannot be handed out again from there."""


class Rest(NamedTuple):
    """What is still to be printed: name of the file, its bytes, first and last piece, how many were set aside as doubtful."""

    name: str
    pdf: bytes
    first_piece: int
    last_piece: int
    voided: int


def resume_printing(run: PrintRun, *, printed_to: int, doubtful: int = 0, actor: Actor, at: datetime) -> Rest:
    """The file of everything after the pieces printed. `printed_to`: the last whole piece (0: none); `doubtful`: how many
    after it may have come out in part, and are void from now on.

    Safe to ask again. Raises CannotResume for a run that is not being printed, and for numbers that are none of it.
    """
    if not 0 <= doubtful <= DOUBTFUL_MAX:
        raise CannotResume(
            f"疑わしい通は0から{DOUBTFUL_MAX}通までです。読み取れた最後の通を確かめてください。"
        )
    with transaction.atomic():
        run = (
            PrintRun.objects.select_for_update(of=("self",))
            .select_related("pdf", "manifest", "programme")
            .get(pk=run.pk)
        )
        if run.state != "released" or run.pdf is None or run.kind == "gift":
            raise CannotResume(
                "印刷中（発送待ち）の印刷ロットではありません。確認が済んでいるかを見てください。"
            )
        ask_not_stopped(run)
        lines = manifest_lines(run)
        numbers = [line.piece_no for line in lines]
        if printed_to and printed_to not in numbers:
            raise CannotResume(
                "その通し番号の通は、この印刷ロットにありません。用紙の通し番号を確かめてください。"
            )
        list_pulls(run, actor=actor, at=at)
        pulled = _pulled(run)
        after = [
            line for line in lines if line.piece_no > printed_to and pulled.get(line.piece_no) != "known"
        ]
        rest = [line for line in after[doubtful:] if line.piece_no not in pulled]
        if not rest:
            raise CannotResume(
                "残りの通がありません。疑わしい通は、QRを読み取って破損として記録してください。"
            )
        voided = _void([line.piece_no for line in after[:doubtful]], run, actor, at)
        _void_unprinted(run, rest[0].piece_no, actor, at)
        record_look(
            actor=actor, action="print.resume", subject_kind="print_run", subject_id=run.pk, at=at,
            programme_slug=run.programme.slug,
            reason=f"通し番号{rest[0].piece_no}から{len(rest)}通（疑わしい{doubtful}通を除く）",
        )  # fmt: skip
        data = excerpt(files.inside(run.pdf.path), [(line.first_page, line.pages) for line in rest])
    first, last = rest[0].piece_no, rest[-1].piece_no
    return Rest(f"{run_label(run)}-{first:06d}.pdf", data, first, last, voided)


def _pulled(run: PrintRun) -> dict[int, str]:
    """Pieces on the list or void: "known" by what became known of them, which nobody prints, else "spoiled"."""
    found = PulledPiece.objects.filter(letter__run=run).values_list("letter__piece_no", "reason")
    return {piece: "spoiled" if reason in BY_HAND else "known" for piece, reason in found}


def _void_unprinted(run: PrintRun, first: int, actor: Actor, at: datetime) -> None:
    """Listed pieces behind the place where printing goes on are not printed any more: there is nothing to take out."""
    PulledPiece.objects.filter(letter__run=run, letter__piece_no__gt=first, voided_at=None).update(
        voided_at=at, voided_by=actor.name
    )


def _void(pieces: list[int], run: PrintRun, actor: Actor, at: datetime) -> int:
    """Sets doubtful pieces aside as spoiled; those already void stay as they are."""
    known = set(
        PulledPiece.objects.filter(letter__run=run, letter__piece_no__in=pieces).values_list(
            "letter", flat=True
        )
    )
    PulledPiece.objects.filter(letter__in=known, voided_at=None).update(voided_at=at, voided_by=actor.name)
    fresh = Letter.objects.filter(run=run, piece_no__in=pieces).exclude(pk__in=known)
    rows = []
    for letter in fresh:
        tray, position = place_of(run, letter.pk)
        rows.append(
            PulledPiece(
                letter=letter, reason="spoiled", tray=tray, position=position, listed_at=at, listed_by=actor.name,
                voided_at=at, voided_by=actor.name,
            )
        )  # fmt: skip
    PulledPiece.objects.bulk_create(rows)
    return len(rows)
