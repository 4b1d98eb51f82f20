"""The proof sheets of a run (校正刷り): takes a run that was made; gives a small PDF of chosen pieces from its own file.

What is shown is what will be printed, page by page. Nobody under 支援措置 is shown, and no gift code.
"""

from typing import NamedTuple

from django.db import connection

from todoku.custody import files
from todoku.ground.step import Refusal
from todoku.letters.run_file import manifest_lines
from todoku.letters.tables import PrintRun
from todoku.registry.reached import ADDRESSEE, REACHED
from todoku.sheets.page_excerpt import excerpt
from todoku.sheets.proof_choice import Chosen, ProofPiece, choose


class NoProof(Refusal):
    """Of this run no proof is shown."""


class ProofSheets(NamedTuple):
    """The chosen pieces, and their pages as one PDF."""

    pieces: list[Chosen]
    pdf: bytes


_PIECES = f"""
select l.piece_no, length({ADDRESSEE}), length(coalesce(x.address, h.address)) + length(coalesce(x.building, h.building)),
       (select count(*) from todoku_member m where m.recipient_id = c.recipient_id and m.superseded_by_order = ''),
       c.cohort,
       h.protected or coalesce(x.protected, false) or exists (
           select 1 from todoku_member m join todoku_person q on q.id = m.person_id
            where m.recipient_id = c.recipient_id and m.superseded_by_order = '' and q.protected)
  from todoku_letter l
  join todoku_case c on c.id = l.case_id
  join todoku_recipient r on r.id = c.recipient_id
  join todoku_person h on h.id = r.head_id
  left join {REACHED} x on x.recipient_id = r.id
 where l.run_id = %s order by l.piece_no
"""


def chosen_pieces(run: PrintRun) -> list[Chosen]:
    """Which pieces are the proof of this run, and why. Raises NoProof for a run of which nothing may be shown."""
    if run.kind == "gift":
        raise NoProof("ギフトコードの手紙は、封をして保管しています。校正刷りは作りません。")
    if run.protected:
        raise NoProof(
            "支援措置の方だけの印刷ロットの校正刷りは作りません。通常の印刷ロットの校正刷りで、文面を確かめてください。"
        )
    hands = {line.piece_no: line.hand_work for line in manifest_lines(run)}
    titles = {one.name: one.title for one in run.programme.terms.cohorts}
    with connection.cursor() as cursor:
        cursor.execute(_PIECES, [run.pk])
        rows = [
            ProofPiece(piece, name, address, members, titles.get(cohort, cohort), hands[piece], protected)
            for piece, name, address, members, cohort, protected in cursor.fetchall()
        ]
    return choose(rows)


def proof_sheets(run: PrintRun) -> ProofSheets:
    """The proof of a run, drawn from its file. Raises NoProof, and NoFile for a run not yet made."""
    chosen = chosen_pieces(run)
    pages = {line.piece_no: (line.first_page, line.pages) for line in manifest_lines(run)}
    assert run.pdf is not None, "a run with a manifest has its file"
    return ProofSheets(chosen, excerpt(files.inside(run.pdf.path), [pages[one.piece_no] for one in chosen]))
