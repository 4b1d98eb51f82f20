"""Gives up a run whose printing was cut off and cannot go on (印刷の取りやめ): takes a run at `making`; leaves it void.

Between the reserving and the printing somebody came under 支援措置, or an account turned out to be another's: the run can
never be printed as it was reserved. Its letters are void, so that each case waits again and is written to once.
"""

from datetime import datetime

from django.db import connection, transaction

from todoku.ground.step import Report
from todoku.letters.left_out import PLACED
from todoku.letters.pull_list import unlisted
from todoku.letters.tables import PrintRun
from todoku.people.actor import Actor

_VOID = f"""
insert into todoku_pulledpiece (letter_id, reason, tray, position, listed_at, listed_by, voided_at, voided_by)
select n.id, 'unprinted', (n.place - 1) / n.size + 1, (n.place - 1) %% n.size + 1, %(at)s, %(by)s, %(at)s, %(by)s
  from ({PLACED}) n where not exists (select 1 from todoku_pulledpiece v where v.letter_id = n.id)
"""


def cannot_go_on(run: PrintRun) -> bool:
    """Whether something has become known that speaks against a piece of a run that is not printed yet."""
    return run.state == "making" and bool(unlisted(run))


def abandon_run(run: PrintRun, *, actor: Actor, at: datetime) -> Report:
    """Voids the run and its letters. Report: `done` letters whose cases wait again; 0 where the run is void or printed."""
    with transaction.atomic():
        found = PrintRun.objects.select_for_update().get(pk=run.pk)
        if found.state != "making":
            return Report(note="作成中の印刷ロットではありません。")
        with connection.cursor() as cursor:
            cursor.execute(_VOID, {"run": found.pk, "at": at, "by": actor.name})
        found.state, found.pieces = "void", found.letters.count()
        found.save(update_fields=["state", "pieces"])
    return Report(done=found.pieces, note=f"{found.pieces:,}通の印刷を取りやめました。作り直しを待ちます。")
