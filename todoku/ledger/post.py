"""The one writer of the books (記帳): deeds come in as rows, entries go out, in the transaction of the deed itself.

A city's transfers are one INSERT … SELECT; a deed that is booked already is passed over, so every step may run twice.
It judges nothing: whoever calls has decided, and says by whom and when.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from todoku.ledger.accounts import KINDS
from todoku.ledger.tables import LedgerEntry
from todoku.people.actor import Actor
from todoku.programme.tables import Programme


class Line(NamedTuple):
    """One deed to book: its number, its case, yen, and the fiscal year (会計年度) in whose books the money stands."""

    subject_id: int | None
    case_id: int | None
    amount_yen: int
    fiscal_year: int


class Rows(NamedTuple):
    """Deeds chosen by SQL: a query whose columns are those of Line, and its parameters."""

    sql: str
    parameters: Sequence[Any] = ()


class Posted(NamedTuple):
    """What was added to the books: entries and their yen."""

    entries: int
    yen: int


_POST = """
with added as (
    insert into todoku_ledgerentry (programme_id, fiscal_year, kind, debit, credit, amount_yen, case_id, subject_kind,
           subject_id, at, actor_id, actor_name, second_name, reason)
    select %s, q.fiscal_year, %s, %s, %s, q.amount_yen, q.case_id, %s, q.subject_id, %s, %s, %s, '', %s
      from ({rows}) as q(subject_id, case_id, amount_yen, fiscal_year)
        on conflict do nothing
 returning amount_yen
)
select count(*), coalesce(sum(amount_yen), 0)::bigint from added
"""
_LINES = "select * from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::smallint[])"
# Deeds are gathered before the first is booked: what asks the books whether it stands there already would otherwise look
# through the entries that this very statement adds, and a city's decisions took the square of their number.
_GATHER = (
    "create temporary table deeds_to_book on commit drop as"
    " select * from ({rows}) as q(subject_id, case_id, amount_yen, fiscal_year)"
)
_GATHERED = "select * from deeds_to_book"
_LET_GO = "drop table deeds_to_book"


def post(
    kind: str, lines: Rows | Sequence[Line], *, programme: Programme, subject_kind: str, actor: Actor, at: datetime,
    reason: str = "",
) -> Posted:  # fmt: skip
    """Books deeds of one kind (a key of KINDS but "reversal"); gives how many entries were added and their yen.

    A deed (`subject_kind` and number) of a kind that is booked once is passed over when it stands in the books. The
    accounts follow from the kind. Must run in the transaction of the work that it books.
    """
    assert kind in KINDS and kind != "reversal", f"no deed is booked as {kind!r}"
    assert connection.in_atomic_block, "the books are written in the transaction of the work"
    if not isinstance(lines, Rows) and not lines:
        return Posted(0, 0)
    booked = KINDS[kind]
    with connection.cursor() as cursor:
        if isinstance(lines, Rows):
            cursor.execute(_GATHER.format(rows=lines.sql), list(lines.parameters))
            rows, values = _GATHERED, []
        else:
            rows, values = _LINES, [list(column) for column in zip(*lines, strict=True)]
        cursor.execute(
            _POST.format(rows=rows),
            [
                programme.pk, kind, booked.debit, booked.credit, subject_kind, at, actor.id, actor.name, reason[:200],
                *values,
            ],
        )  # fmt: skip
        count, yen = cursor.fetchone()
        if isinstance(lines, Rows):
            cursor.execute(_LET_GO)
    return Posted(count, yen)


def post_reversal(
    entry: LedgerEntry, *, reason: str, first: Actor, second: Actor, at: datetime
) -> LedgerEntry:
    """Takes an entry back by its mirror (反対仕訳), under both names; the database refuses a second one."""
    assert first.id is not None and second.id is not None, "two persons correct the books"
    with transaction.atomic():
        return LedgerEntry.objects.create(
            programme_id=entry.programme_id, fiscal_year=entry.fiscal_year, kind="reversal", debit=entry.credit,
            credit=entry.debit, amount_yen=entry.amount_yen, case_id=entry.case_id, subject_kind=entry.subject_kind,
            subject_id=entry.subject_id, at=at, actor_id=first.id, actor_name=first.name, second_id=second.id,
            second_name=second.name, reason=reason[:200], reverses=entry,
        )  # fmt: skip
