"""Gives up a run that nobody released (印刷の取りやめ): takes a run at `making` or `made`; leaves it void.

Its printing was cut off and cannot go on, since somebody came under 支援措置 meanwhile; or the municipality sent its proof
back. Its letters are void, so that each case waits again and is written to once, with the words that then hold.
"""

from datetime import datetime

from django.db import connection, transaction

from todoku.ground.step import Refusal, Report
from todoku.letters.left_out import PLACED
from todoku.letters.pull_list import unlisted
from todoku.letters.tables import PrintRun
from todoku.people.actor import Actor

_VOID = f"""
insert into todoku_pulledpiece (letter_id, reason, tray, position, listed_at, listed_by, voided_at, voided_by)
select n.id, 'unprinted', (n.place - 1) / n.size + 1, (n.place - 1) %% n.size + 1, %(at)s, %(by)s, %(at)s, %(by)s
  from ({PLACED}) n where not exists (select 1 from todoku_pulledpiece v where v.letter_id = n.id)
"""
# A spoiled piece will not be printed again from a file that nobody prints.
_SPOILED = """
update todoku_pulledpiece p set reason = 'unprinted' from todoku_letter l
 where l.id = p.letter_id and l.run_id = %(run)s and p.reason in ('spoiled', 'mis_enclosed')
   and not exists (select 1 from todoku_letter n where n.case_id = l.case_id and n.kind = l.kind and n.occasion = l.occasion
                                   and n.copy > l.copy)
"""


class CannotAbandon(Refusal):
    """The run was released, or holds codes that somebody may have seen."""


def cannot_go_on(run: PrintRun) -> bool:
    """Whether something has become known that speaks against a piece of a run that is not printed yet."""
    return run.state == "making" and bool(unlisted(run))


def abandon_run(run: PrintRun, *, actor: Actor, at: datetime) -> Report:
    """Voids the run and its letters. Report: `done` letters whose cases wait again; 0 where the run is void already.

    Raises CannotAbandon for a released run, whose pieces are pulled one by one, and for gift letters.
    """
    with transaction.atomic():
        found = PrintRun.objects.select_for_update().get(pk=run.pk)
        if found.state == "void":
            return Report(note="取りやめ済みの印刷ロットです。何も変更していません。")
        if found.state not in ("making", "made") or found.kind == "gift":
            raise CannotAbandon(
                "発送の確認が済んだ印刷ロットとギフトの印刷ロットは、まとめて取りやめられません。"
                "出してはいけない一通は、抜き取りで無効にしてください。"
            )
        with connection.cursor() as cursor:
            cursor.execute(_VOID, {"run": found.pk, "at": at, "by": actor.name})
            cursor.execute(_SPOILED, {"run": found.pk})
        found.state, found.pieces = "void", found.letters.count()
        found.save(update_fields=["state", "pieces"])
    return Report(done=found.pieces, note=f"{found.pieces:,}通の印刷を取りやめました。作り直しを待ちます。")
