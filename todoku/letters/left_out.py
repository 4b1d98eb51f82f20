"""Which pieces of a run are not in what the printing company got (入稿から除いた通), and where the others lie. Reads only.

A piece scanned void before the hand-over is in no tray: the places of the pull list count without it, as the labels do.
"""

from django.db import connection

from todoku.letters.tables import PrintRun

# Pieces of run r with their place among those that were printed. In the house the whole file is printed, void or not.
PLACED = """
select l.id, l.piece_no, row_number() over (order by l.piece_no) as place, r.tray_size as size
  from todoku_letter l join todoku_printrun r on r.id = l.run_id
 where l.run_id = %(run)s and not exists (
   select 1 from todoku_pulledpiece v
    where v.letter_id = l.id and v.voided_at <= (select min(handed_at) from todoku_printerparcel where run_id = l.run_id))
"""
_VOID = """
select l.piece_no from todoku_letter l join todoku_pulledpiece v on v.letter_id = l.id
 where l.run_id = %(run)s
   and v.voided_at <= coalesce((select min(handed_at) from todoku_printerparcel where run_id = l.run_id), v.voided_at)
"""


def left_out(run: PrintRun) -> frozenset[int]:
    """Numbers of the pieces that are not handed over, or were not: void at the hand-over, or by now before it."""
    with connection.cursor() as cursor:
        cursor.execute(_VOID, {"run": run.pk})
        return frozenset(piece for (piece,) in cursor.fetchall())


def place_of(run: PrintRun, letter: int) -> tuple[int, int]:
    """Tray and position of a letter among the pieces that were printed, so many to a tray."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select place, size from ({PLACED}) n where n.id = %(letter)s",
            {"run": run.pk, "letter": letter},
        )
        place, size = cursor.fetchone()
    return (place - 1) // size + 1, (place - 1) % size + 1
