"""Reserves the letters of a run before anything is printed: who gets a piece, and where it lies in the tray.

Takes cases that wait; leaves a run at `making` with its Letter rows. A letter is written once per case, kind and
occasion (a constraint), so a run that was killed while printing is found again and not made twice.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from todoku.ground.step import Refusal
from todoku.letters.settle_spoiled import settle_spoiled
from todoku.letters.tables import PrintRun
from todoku.letters.waiting import (
    CANDIDATES,
    FIRST_LETTERS,
    IN_POSTAL_ORDER,
    REISSUED,
    STANDING,
    changed_amounts,
    misnamed_payees,
)
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.registry.account_names import misnamed


class NothingToPrint(Refusal):
    """No case waits for such a letter."""


class Begun(NamedTuple):
    """A run under way, the cohort its cases belong to, and whether it holds protected people alone."""

    run: PrintRun
    cohort: str
    protected: bool


_RESERVE = """
insert into todoku_letter (run_id, piece_no, case_id, kind, occasion, undrawable, copy)
select %(run)s, row_number() over (order by {IN_POSTAL_ORDER}), case_id, %(kind)s, issue, '',
       1 + (select count(*) from todoku_letter b
             where b.case_id = chosen.case_id and b.kind = %(kind)s and b.occasion = chosen.issue)
  from (select * from ({waiting}) w where reason = %(reason)s order by {IN_POSTAL_ORDER} limit %(limit)s) chosen
"""

_RESERVE_ITEMS = f"""
insert into todoku_letter (run_id, piece_no, case_id, kind, occasion, undrawable, copy)
select %(run)s, row_number() over (order by {IN_POSTAL_ORDER}, occasion), w.case_id, %(kind)s, a.occasion, '',
       1 + (select count(*) from todoku_letter b
             where b.case_id = w.case_id and b.kind = %(kind)s and b.occasion = a.occasion)
  from ({CANDIDATES} where c.programme_id = %(programme)s and c.id = any(%(cases)s)) w
  join unnest(%(cases)s::bigint[], %(occasions)s::bigint[]) as a(case_id, occasion) using (case_id)
 where w.reason = %(reason)s
   and not exists (select 1 from todoku_letter l
                    where l.case_id = w.case_id and l.kind = %(kind)s and l.occasion = a.occasion
                      and {STANDING})
returning case_id, occasion
"""


def reserve_first(
    programme: Programme, kind: str, cohorts: Sequence[str], *, limit: int | None, protected: bool, again: bool = False,
    actor: Actor, at: datetime,
) -> Begun:  # fmt: skip
    """A new run of first letters for the first of the cohorts that has a case waiting. Raises NothingToPrint.

    With `again`, of letters that were ordered once more (再発行).
    """
    settle_spoiled(programme, actor=actor, at=at)
    strangers = misnamed(programme)
    query = _RESERVE.format(waiting=REISSUED if again else FIRST_LETTERS, IN_POSTAL_ORDER=IN_POSTAL_ORDER)
    for cohort in cohorts:
        with transaction.atomic():
            run = _new_run(programme, kind, protected, actor, at)
            values: dict[str, Any] = {
                "run": run.pk, "kind": kind, "programme": programme.pk, "cohort": cohort, "limit": limit,
                "reason": "protected" if protected else "", "changed": changed_amounts(programme, cohort),
                "misnamed": misnamed_payees(kind, strangers),
            }  # fmt: skip
            with connection.cursor() as cursor:
                cursor.execute(query, values)
                if cursor.rowcount:
                    return Begun(run, cohort, protected)
            transaction.set_rollback(True)
    raise NothingToPrint(
        "発送前で、まだ作成していない案件はありません。名簿の取込みと案件の作成を確認してください。"
    )


def reserve_items(
    programme: Programme, kind: str, asked: Sequence[tuple[int, int]], *, protected: bool, actor: Actor, at: datetime
) -> tuple[PrintRun, list[tuple[int, int]]]:  # fmt: skip
    """A new run for (case, occasion) pairs, and those of them that got a piece. Raises NothingToPrint."""
    run = _new_run(programme, kind, protected, actor, at)
    values: dict[str, Any] = {
        "run": run.pk, "kind": kind, "programme": programme.pk, "changed": [], "misnamed": [],
        "cases": [case for case, _ in asked], "occasions": [occasion for _, occasion in asked],
        "reason": "protected" if protected else "",
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_RESERVE_ITEMS, values)
        written = cursor.fetchall()
    if not written:
        raise NothingToPrint(
            "この種類で新しく作成する手紙はありません。作成済みか、通常の印刷から除かれています。"
        )
    return run, written


def resume_first(programme: Programme, kind: str) -> Begun | None:
    """The run of this kind whose printing was cut off, as it was begun; None when there is none."""
    run = PrintRun.objects.filter(programme=programme, kind=kind, state="making").order_by("pk").first()
    if run is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.cohort from todoku_letter l join todoku_case c on c.id = l.case_id"
            " where l.run_id = %s order by l.piece_no limit 1",
            [run.pk],
        )
        (cohort,) = cursor.fetchone()
    return Begun(run, cohort, run.protected)


def _new_run(programme: Programme, kind: str, protected: bool, actor: Actor, at: datetime) -> PrintRun:
    """An empty run; the lock on the programme keeps two runs from reserving the same cases."""
    # Not the key: rows that name the programme are written meanwhile, at the public door too.
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    return PrintRun.objects.create(
        programme=programme, kind=kind, state="making", protected=protected, made_at=at, made_by=actor.name
    )
