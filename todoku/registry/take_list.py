"""Takes a staged list of facts (一覧の取込み): staged lines in, facts of people out, each statement once over all lines.

A line replaces what an earlier list said of the same person; whoever a later list leaves out keeps what is known. Who
is named and lives elsewhere, a facility or a guardian becomes a person outside the roll (名簿外).
"""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from todoku.ground.copy_rows import refresh_statistics
from todoku.ground.step import Refusal, Report
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.registry.list_statements import CHANGED_BY, STATEMENTS, TABLES
from todoku.registry.list_tables import FactImport
from todoku.registry.match_list import match_list
from todoku.registry.tables import RollImport


class CannotTakeList(Refusal):
    """This delivery of a list cannot be taken as asked."""


def take_list(fact_import: FactImport, *, only_good: bool, actor: Actor, at: datetime) -> Report:
    """Takes over the staged lines; with `only_good`, those without an error. Safe to run twice.

    Report: `done` facts new or changed, `waiting` lines left because of an error or of nobody on the roll. Raises
    CannotTakeList for a file with errors unless only_good, one that was refused or declined, and before any roll.
    """
    with transaction.atomic():
        Programme.objects.select_for_update().get(pk=fact_import.programme_id)
        fact_import.refresh_from_db()
        if fact_import.state in ("taken", "taken_good"):
            return Report(note="この一覧は取込済みです。何も変更していません。")
        roll = _admit(fact_import)
        match_list(fact_import)
        _ask_clean(fact_import, only_good)
        fact_import.changed = _take_over(fact_import, roll)
        fact_import.state = "taken_good" if fact_import.errors else "taken"
        fact_import.taken_at, fact_import.taken_by = at, actor.name
        fact_import.save()
    refresh_statistics(*TABLES[fact_import.kind])
    return Report(
        done=fact_import.changed,
        waiting=fact_import.rows_read - fact_import.rows_good,
        note=_note(fact_import),
    )


def _admit(fact_import: FactImport) -> RollImport:
    """The roll behind which people outside it are filed."""
    if fact_import.state == "refused":
        raise CannotTakeList(fact_import.refusal)
    if fact_import.state == "reading":
        raise CannotTakeList("一覧の読込みが終わっていません。もう一度、一覧の読込みを実行してください。")
    if fact_import.state == "replaced":
        raise CannotTakeList("この一覧は取り込まないことにしたものです。必要なら受け取り直してください。")
    newer = FactImport.objects.filter(
        programme=fact_import.programme_id, kind=fact_import.kind, state__in=["taken", "taken_good"],
        staged_at__gt=fact_import.staged_at,
    )  # fmt: skip
    if newer.exists():
        raise CannotTakeList(
            "この一覧より後に受け取った一覧が、すでに取り込まれています。新しい一覧を受け取り直してください。"
        )
    taken = RollImport.objects.filter(programme=fact_import.programme_id, state__in=["taken", "taken_good"])
    roll = taken.order_by("-taken_at", "-pk").first()
    if roll is None:
        raise CannotTakeList("名簿がまだ取り込まれていません。先に名簿を取り込んでください。")
    return roll


def _ask_clean(fact_import: FactImport, only_good: bool) -> None:
    if fact_import.errors and not only_good:
        raise CannotTakeList(
            f"一覧に{fact_import.errors:,}件の誤りがあります。直した一覧を受け取り直すか、"
            "「正しい行のみ取り込む」を選んでください。"
        )
    if not fact_import.rows_good:
        raise CannotTakeList("取り込める行がありません。名簿の宛名番号と、一覧の番号を確かめてください。")


def _take_over(fact_import: FactImport, roll: RollImport) -> int:
    """Every statement of this kind in order; gives how many facts are new or changed."""
    values: dict[str, Any] = {
        "import": fact_import.pk, "programme": fact_import.programme_id, "roll": roll.pk,
        "municipality": fact_import.programme.municipality_id, "at": fact_import.staged_at,
    }  # fmt: skip
    changed = 0
    with connection.cursor() as cursor:
        for name, statement in STATEMENTS[fact_import.kind]:
            cursor.execute(statement, values)
            changed += cursor.rowcount if name in CHANGED_BY else 0
    return changed


def _note(fact_import: FactImport) -> str:
    same = fact_import.rows_good - fact_import.changed
    words = f"{fact_import.get_kind_display()}の一覧から{fact_import.changed:,}件を取り込みました。"
    if same > 0:
        words += f"{same:,}件は前と同じです。"
    if fact_import.unmatched:
        words += f"名簿にない{fact_import.unmatched:,}行は取り込んでいません。"
    if fact_import.unlisted:
        words += f"名簿の{fact_import.unlisted:,}人は、この一覧にありません。"
    return words
