"""Asks every invariant of everything that is there (不変条件の点検), and halts the programme where one is broken.

Takes a programme; leaves one SweepRun with every check and its count, and a Halt for each broken invariant of I-01 …
I-11. Changes no money. Each check is one query over sets, so that a city is swept before every seal.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from todoku.ledger.accounts import ACCOUNTS, KINDS
from todoku.payment.guards_standing import guards_fallen
from todoku.payment.halted import ask_not_halted
from todoku.payment.invariant_shape import Check
from todoku.payment.invariants import CHECKS
from todoku.payment.ledger_differences import Difference, ledger_differences
from todoku.payment.reread_files import changed_files, unproven_batches
from todoku.payment.side_tables import Halt, SweepRun
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme

# What a run keeps of the rows found: enough to work through, and to know again what two people have accepted.
KEPT_MAX = 1_000
SHOWN = 3
EVIDENCE_MAX = 300

# Not asked by SQL: the guards themselves, and the files.
GUARDS = Check(
    "I-07",
    "guards_stand",
    "データベースの守り（制約・トリガー）がすべて、作ったときの定義のまま立っている",
    "守り",
    "",
)
FILES = Check("I-08", "files_are_kept", "保管したファイルは、確定したときの内容のまま", "振込データ", "")
PROVEN = Check(
    "I-09", "files_are_proven", "ファイルの全行が、明細の行・支給決定と一対一で合っている（独立の検証）", "振込データ", ""
)  # fmt: skip
BOOKS = Check(
    "I-05", "books_say_what_rows_say", "帳簿の各勘定は、支払・決定・請求の行の合計と同じ", "勘定", ""
)
ALL_CHECKS: tuple[Check, ...] = (*CHECKS, GUARDS, FILES, PROVEN, BOOKS)

ASK = "select count(*), (array_agg(what order by what))[1:{most}] from ({sql}) found"
HALT = """
insert into todoku_halt (programme_id, invariant, evidence, sweep_id, at, release_reason)
select %s, x.invariant, x.evidence, %s, %s, '' from unnest(%s::text[], %s::text[]) as x(invariant, evidence)
 where not exists (select 1 from todoku_halt h where h.programme_id = %s and h.invariant = x.invariant
                    and h.released_at is null)
    on conflict do nothing returning id, invariant
"""


class Found(NamedTuple):
    """The answer to one check: how many rows break it, and the first KEPT_MAX of them in words."""

    check: Check
    rows: int
    what: list[str]

    @property
    def words(self) -> str:
        """The sentence broken, how often, and the first few: what a halt shows."""
        some = "、".join(self.what[:SHOWN]) + (" など" if self.rows > SHOWN else "")
        return f"「{self.check.sentence}」に反するもの{self.rows:,}件（{self.check.subject} {some}）"


def sweep(*, programme: Programme, occasion: str, actor: Actor, at: datetime) -> SweepRun:
    """Runs every check once. `occasion`: "seal", "night", "hand" or "release-<halt>"; by night every file is proven again.

    Violations that two people have released knowing them do not halt again; a new one does.
    """
    found = list(_ask(programme, deep=occasion != "seal"))
    with transaction.atomic():
        run = SweepRun.objects.create(
            programme=programme, occasion=occasion, at=at, actor_name=actor.name,
            violations=sum(one.rows for one in found), checks={one.check.key: _kept(one) for one in found},
        )  # fmt: skip
        record_look(
            actor=actor, action="sweep.run", subject_kind="sweep", subject_id=run.pk, at=at,
            programme_slug=programme.slug, reason=f"{occasion} 違反{run.violations}件",
        )  # fmt: skip
        _halt(run, _new(found, programme), programme, actor, at)
    return run


def ask_sweep(programme: Programme, *, occasion: str = "seal", actor: Actor, at: datetime) -> SweepRun | None:
    """Sweeps and raises Halted where the programme stands still, then or already. Call it outside the seal's transaction.

    Otherwise the halt would be undone with the seal that it refuses.
    """
    ask_not_halted(programme)
    run = sweep(programme=programme, occasion=occasion, actor=actor, at=at)
    ask_not_halted(programme)
    return run


def _ask(programme: Programme, *, deep: bool) -> Iterator[Found]:
    booked = list(KINDS.values())
    values: dict[str, Any] = {
        "programme": programme.pk, "base_date": programme.terms.programme.base_date,
        "kinds": [kind.code for kind in booked], "debits": [kind.debit for kind in booked],
        "credits": [kind.credit for kind in booked], "once": [kind.code for kind in booked if kind.once],
    }  # fmt: skip
    for check in CHECKS:
        with connection.cursor() as cursor:
            cursor.execute(ASK.format(most=KEPT_MAX, sql=check.sql), values)
            count, what = cursor.fetchone()
        yield Found(check, count, what or [])
    for check, what in (
        (GUARDS, guards_fallen()),
        (FILES, changed_files(programme)),
        (PROVEN, unproven_batches(programme, all_of_them=deep)),
        (BOOKS, [_off(one) for one in ledger_differences(programme)]),
    ):
        yield Found(check, len(what), what[:KEPT_MAX])


def _off(one: Difference) -> str:
    """With the yen: who accepts a difference accepts this one, not every later one of the account."""
    return f"{ACCOUNTS[one.account].name} {one.booked_yen - one.counted_yen:+,}円"


def _kept(one: Found) -> dict[str, Any]:
    return {"invariant": one.check.invariant, "found": one.rows, "what": one.what}


def _new(found: list[Found], programme: Programme) -> list[Found]:
    """What breaks a halting check, without what two people have accepted, row by row, when they released its halt."""
    broken = [one for one in found if one.rows and one.check.halts]
    if not broken:
        return []
    accepted = accepted_rows(programme)
    return [
        one for one in broken if one.rows > KEPT_MAX or set(one.what) - accepted.get(one.check.key, set())
    ]


def accepted_rows(programme: Programme) -> dict[str, set[str]]:
    """By check: what both persons still found of a halt's own invariant when they released it in spite of that.

    A guard that fell is never accepted: what it should refuse would come in unseen.
    """
    accepted: dict[str, set[str]] = {}
    for halt in Halt.objects.filter(programme=programme, released_at__isnull=False):
        runs = SweepRun.objects.filter(
            programme=programme,
            occasion=f"release-{halt.pk}",
            at__in=[halt.first_release_at, halt.released_at],
        )
        found = [
            {
                (key, what)
                for key, one in checks.items()
                if one["invariant"] == halt.invariant
                for what in one["what"]
            }
            for checks in runs.values_list("checks", flat=True)
        ]
        for key, what in set.intersection(*found) if found else ():
            if key != GUARDS.key:
                accepted.setdefault(key, set()).add(what)
    return accepted


def _halt(run: SweepRun, broken: list[Found], programme: Programme, actor: Actor, at: datetime) -> None:
    """One halt for each broken invariant that does not stand already, and one event for each halt."""
    words: dict[str, list[str]] = {}
    for one in broken:
        words.setdefault(one.check.invariant, []).append(one.words)
    if not words:
        return
    evidence = ["。".join(parts)[:EVIDENCE_MAX] for parts in words.values()]
    with connection.cursor() as cursor:
        cursor.execute(HALT, [programme.pk, run.pk, at, list(words), evidence, programme.pk])
        opened = cursor.fetchall()
    for halt, invariant in opened:
        record_look(
            actor=actor, action="halt.open", subject_kind="halt", subject_id=halt, at=at, programme_slug=programme.slug,
            reason=f"{invariant} 点検{run.pk}",
        )  # fmt: skip
