"""Settles what becomes of spoiled pieces (破損した通): takes a programme before letters are written; leaves reasons on lists.

A piece whose household moved, died or answered since is not printed again from the old file. Once that stands on its list,
whoever still waits for a letter is among those that the next run writes to, so that no household is left without one.
"""

from datetime import datetime

from django.db import connection, transaction

from todoku.letters.pull_list import leave_out
from todoku.letters.tables import PrintRun
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

# Of programme %(p)s: run and letter of each spoiled piece that has no next copy.
OPEN = """
select l.run_id, l.id from todoku_pulledpiece p
  join todoku_letter l on l.id = p.letter_id
  join todoku_printrun r on r.id = l.run_id and r.programme_id = %(p)s and r.kind <> 'gift'
 where p.voided_at is not null and p.reason in ('spoiled', 'mis_enclosed')
   and not exists (select 1 from todoku_letter n where n.case_id = l.case_id and n.kind = l.kind and n.occasion = l.occasion
                                   and n.copy > l.copy)
"""


def open_spoiled(programme: Programme) -> list[tuple[PrintRun, int]]:
    """Runs with spoiled pieces that have no next copy yet, oldest first, and how many each has."""
    with connection.cursor() as cursor:
        cursor.execute(f"select run_id, count(*) from ({OPEN}) o group by run_id", {"p": programme.pk})
        counts = dict(cursor.fetchall())
    runs = PrintRun.objects.filter(pk__in=counts).order_by("pk")
    return [(run, counts[run.pk]) for run in runs]


def settle_spoiled(programme: Programme, *, actor: Actor, at: datetime) -> None:
    """Writes down, run by run, why a spoiled piece is not printed again (刷り直しから除く). Safe to run again."""
    for run, _ in open_spoiled(programme):
        with transaction.atomic():
            held = PrintRun.objects.select_for_update(of=("self",)).select_related("programme").get(pk=run.pk)
            leave_out(held, actor=actor, at=at)
