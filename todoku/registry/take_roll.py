"""Takes a staged roll (名簿の取込み): staged lines in, persons, recipients and their members out. Never deletes one.

All in SQL, in ranges of staged lines, each a transaction of its own; killed work is run again and ends the same.
Members of a recipient whose case is open are left as they are: the differences say what a person must look at.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min

from todoku.ground.copy_rows import refresh_statistics
from todoku.ground.step import Refusal, Report
from todoku.people.actor import Actor
from todoku.registry.differences import COLUMNS, find_differences, is_complete
from todoku.registry.tables import RollImport, StagedPerson

# Lines per transaction: about half a second each, so that progress moves.
CHUNK_LINES = 20_000

Progress = Callable[[int, int | None], None]


class CannotTakeRoll(Refusal):
    """This delivery of the roll cannot be taken as asked."""


_VALUES = ", ".join(f"s.{column}" for column in COLUMNS)
_PERSONS = f"""
insert into todoku_person ({", ".join(COLUMNS)}, programme_id, municipality_code, search_key, roll_import_id,
                           in_latest_roll)
select {_VALUES}, %(programme)s, %(municipality)s, s.search_key, s.roll_import_id, true
  from todoku_stagedperson s
 where s.roll_import_id = %(roll)s and s.good and s.id between %(first)s and %(last)s
on conflict (programme_id, number) do update
   set {", ".join(f"{column} = excluded.{column}" for column in (*COLUMNS[1:], "search_key"))},
       roll_import_id = excluded.roll_import_id, in_latest_roll = true, outside = false
 where not todoku_person.in_latest_roll
    or ({", ".join(f"todoku_person.{column}" for column in COLUMNS)})
       is distinct from ({", ".join(f"excluded.{column}" for column in COLUMNS)})
"""

_RECIPIENTS = """
insert into todoku_recipient (programme_id, payout, municipality_code, household_number, unit_number, head_id)
select p.programme_id, %(payout)s, p.municipality_code, p.household_number, '', p.id
  from todoku_stagedperson s join todoku_person p on p.programme_id = %(programme)s and p.number = s.number
 where s.roll_import_id = %(roll)s and s.good and s.is_head and s.id between %(first)s and %(last)s
on conflict (programme_id, payout, household_number, unit_number) do update set head_id = excluded.head_id
 where todoku_recipient.head_id <> excluded.head_id
   and not exists (select 1 from todoku_fixedmembers f where f.recipient_id = todoku_recipient.id)
"""

_MEMBERS = """
insert into todoku_member (programme_id, payout, recipient_id, person_id, relation, superseded_by_order)
select p.programme_id, %(payout)s, r.id, p.id, p.relation, ''
  from todoku_stagedperson s
  join todoku_person p on p.programme_id = %(programme)s and p.number = s.number
  join todoku_recipient r on r.programme_id = %(programme)s and r.payout = %(payout)s
                         and r.household_number = p.household_number and r.unit_number = ''
 where s.roll_import_id = %(roll)s and s.good and s.id between %(first)s and %(last)s
   and not exists (select 1 from todoku_fixedmembers f where f.recipient_id = r.id)
on conflict (programme_id, payout, person_id) where superseded_by_order = '' do update
   set recipient_id = excluded.recipient_id, relation = excluded.relation
 where (todoku_member.recipient_id, todoku_member.relation) is distinct from (excluded.recipient_id, excluded.relation)
   and not exists (select 1 from todoku_fixedmembers f where f.recipient_id = todoku_member.recipient_id)
"""

_GONE = """
update todoku_person p set in_latest_roll = false
 where p.programme_id = %(programme)s and p.in_latest_roll and not p.outside
   and not exists (select 1 from todoku_stagedperson s where s.roll_import_id = %(roll)s and s.number = p.number)
"""

_PASSES = (("todoku_person", _PERSONS), ("todoku_recipient", _RECIPIENTS), ("todoku_member", _MEMBERS))
# Where it is not households that are due, the lists say who is: make_recipients.py, when cases are opened.
_PERSONS_ALONE = _PASSES[:1]

# Who counts is who has a row without an order. The roll itself is the municipality's order here: it stands beside the
# row of a member whom a later roll, before any case, does not list or lists in another household.
_SUPERSEDED = """
update todoku_member m set superseded_by_order = '名簿（受領 ' || %(roll)s || '）'
  from todoku_person p, todoku_recipient r
 where m.programme_id = %(programme)s and m.payout = %(payout)s and m.superseded_by_order = ''
   and p.id = m.person_id and r.id = m.recipient_id
   and (not p.in_latest_roll or r.unit_number = '' and p.household_number <> r.household_number)
   and not exists (select 1 from todoku_fixedmembers f where f.recipient_id = r.id)
"""


def take_roll(
    roll_import: RollImport, *, only_good: bool, actor: Actor, at: datetime, payout: int = 1,
    progress: Progress | None = None,
) -> Report:  # fmt: skip
    """Takes over the staged lines; with `only_good`, those of households without an error. Safe to run twice.

    Report: `done` lines taken, `waiting` lines left because of an error in their household. Raises CannotTakeRoll for
    a file with errors unless only_good, for a refused or replaced one, and when a later roll was taken already.
    """
    roll_import.refresh_from_db()
    if roll_import.state in ("taken", "taken_good"):
        return Report(note="この名簿は取込済みです。何も変更していません。")
    _admit(roll_import, only_good)
    RollImport.objects.filter(pk=roll_import.pk).update(state="taking")
    _take_over(roll_import, payout, progress)
    note = _finish(roll_import, only_good, payout, actor, at)
    left = roll_import.rows_read - roll_import.rows_good
    return Report(done=roll_import.rows_good, waiting=left, note=note)


def _admit(roll_import: RollImport, only_good: bool) -> None:
    if roll_import.state == "refused":
        raise CannotTakeRoll(roll_import.refusal)
    if roll_import.state == "reading":
        raise CannotTakeRoll("名簿の読込みが終わっていません。もう一度、名簿の読込みを実行してください。")
    if roll_import.state == "replaced":
        raise CannotTakeRoll(
            "この名簿は、後から届いた名簿に差し替えられました。新しい方を取り込んでください。"
        )
    if roll_import.errors and not only_good:
        raise CannotTakeRoll(
            f"名簿に{roll_import.errors:,}件の誤りがあります。直した名簿を受け取り直すか、"
            "「正しい行のみ取り込む」を選んでください。"
        )
    if not roll_import.rows_good:
        raise CannotTakeRoll("取り込める行がありません。直した名簿を受け取り直してください。")
    newer = RollImport.objects.filter(
        programme=roll_import.programme_id,
        state__in=["taken", "taken_good"],
        staged_at__gt=roll_import.staged_at,
    )
    if newer.exists():
        raise CannotTakeRoll(
            "この名簿より後に受け取った名簿が、すでに取り込まれています。新しい名簿を受け取り直してください。"
        )


def _take_over(roll_import: RollImport, payout: int, progress: Progress | None) -> None:
    """Persons, then households by their heads, then members; each over all ranges of lines."""
    lines = StagedPerson.objects.filter(roll_import=roll_import)
    ends = lines.aggregate(first=Min("id"), last=Max("id"))
    starts = range(ends["first"], ends["last"] + 1, CHUNK_LINES)
    values: dict[str, Any] = {
        "roll": roll_import.pk, "programme": roll_import.programme_id, "payout": payout,
        "municipality": roll_import.programme.municipality_id,
    }  # fmt: skip
    household = roll_import.programme.terms.programme.unit == "household"
    passes = _PASSES if household else _PERSONS_ALONE
    done, total = 0, len(passes) * len(starts)
    for table, statement in passes:
        for start in starts:
            with connection.cursor() as cursor:
                cursor.execute(statement, {**values, "first": start, "last": start + CHUNK_LINES - 1})
            done += 1
            if progress:
                progress(roll_import.rows_good * done // total, roll_import.rows_good)
        refresh_statistics(table)


def _finish(roll_import: RollImport, only_good: bool, payout: int, actor: Actor, at: datetime) -> str:
    """Marks who is no longer listed, closes this delivery, and puts the other waiting ones behind it."""
    waiting = RollImport.objects.filter(programme=roll_import.programme_id, state="staged")
    complete = is_complete(roll_import)
    with transaction.atomic():
        gone = 0
        values = {"roll": roll_import.pk, "programme": roll_import.programme_id, "payout": payout}
        with connection.cursor() as cursor:
            if complete:
                cursor.execute(_GONE, values)
                gone = cursor.rowcount
            cursor.execute(_SUPERSEDED, values)
        _check(roll_import)
        roll_import.state = "taken_good" if only_good and roll_import.errors else "taken"
        roll_import.taken_at, roll_import.taken_by = at, actor.name
        roll_import.save(update_fields=["state", "taken_at", "taken_by"])
        waiting.filter(staged_at__lte=roll_import.staged_at).update(state="replaced")
        for later in waiting.filter(staged_at__gt=roll_import.staged_at):
            find_differences(later)
    note = f"{roll_import.rows_good:,}人・{roll_import.households:,}世帯の名簿を取り込みました。"
    if gone:
        note += f"前の名簿にいて今回いない{gone:,}人は、行を残したまま「記載なし」としました。"
    if not complete:
        note += "読めない行があるため、前の名簿にいて今回いない人の確認はしていません。"
    return note


def _check(roll_import: RollImport) -> None:
    """Both ends of the hand-over agree: every good line is a person of the latest roll."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from todoku_stagedperson s join todoku_person p"
            " on p.programme_id = %s and p.number = s.number and p.in_latest_roll"
            " where s.roll_import_id = %s and s.good",
            [roll_import.programme_id, roll_import.pk],
        )
        (taken,) = cursor.fetchone()
    assert taken == roll_import.rows_good, f"{roll_import.rows_good} good lines, {taken} persons"
