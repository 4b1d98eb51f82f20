"""The only writer of a case's stage. Takes cases and a stage; leaves the stage stamped, the Move and its events.

Stage and events are written by one statement: under read-committed, an insert and an update by the same filter can
disagree. Asks nobody whether the cause is right; callers have judged.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from todoku.case.stages import STAGES, sources, stage_name
from todoku.case.tables import Move
from todoku.ground.copy_rows import bigints
from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.programme.tables import Programme


class CannotMove(Refusal):
    """Some of the named cases do not stand at a stage from which the wanted one can be reached."""


class Selection(NamedTuple):
    """Cases chosen by SQL: a query whose one column is case_id, and its parameters."""

    sql: str
    parameters: Sequence[Any] = ()


def move(
    cases: Sequence[int] | Selection, *, programme: Programme, to: str, why: str, actor: Actor, at: datetime
) -> int:
    """Moves cases of one programme to a stage, with history; gives how many were moved.

    A list of ids is all-or-nothing: raises CannotMove if one of them may not go there. A Selection moves those of
    its cases that may, which makes a bulk step safe to run twice.
    """
    assert to in STAGES, f"unknown stage {to!r}"
    listed = not isinstance(cases, Selection)
    if listed and not cases:
        return 0
    with transaction.atomic():
        record = Move.objects.create(
            programme=programme, to_stage=to, why=why, actor_id=actor.id, actor_name=actor.name, at=at
        )
        moved = _stamp(cases, record, to, at)
        if listed and moved != len(set(cases)):
            raise CannotMove(
                f"{len(set(cases)) - moved}件の案件は「{stage_name(to)}」へ進められません。"
                "画面を更新して、現在の段階を確認してください。"
            )
        if moved == 0:
            record.delete()
        else:
            Move.objects.filter(pk=record.pk).update(count=moved)
    return moved


def _stamp(cases: Sequence[int] | Selection, record: Move, to: str, at: datetime) -> int:
    """Moves what may be moved and writes one event per case; gives the number of events."""
    if isinstance(cases, Selection):
        chosen, parameters = cases.sql, cases.parameters
    else:
        chosen, parameters = "select unnest(%s::bigint[])", [bigints(cases)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            with stamped as (
                update todoku_casestage s
                   set previous = s.stage, stage = %s, move_stamp = %s, since = %s
                  from ({chosen}) as q(case_id), todoku_case c
                 where s.case_id = q.case_id and c.id = s.case_id and c.programme_id = %s
                   and s.stage = any(%s)
             returning s.case_id, s.previous, s.stage, s.since
            )
            insert into todoku_caseevent (case_id, move_id, from_stage, to_stage, at)
            select case_id, %s, previous, stage, since from stamped
            """,
            [to, record.pk, at, *parameters, record.programme_id, list(sources(to)), record.pk],
        )
        return cursor.rowcount
