"""Says from the database what a run's file must read like, piece by piece: a query of its own, not the writer's rows.

Takes a run whose letters are reserved and the lines of its manifest; leaves `read_back.Expected` values in the run's
order. Prints nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from todoku.case import door_keys
from todoku.case.due import shares
from todoku.case.members import MemberLine, members_of
from todoku.letters.tables import PrintRun
from todoku.programme.terms import Terms
from todoku.registry.reached import REACHED
from todoku.sheets.mail_address import on_envelope
from todoku.sheets.read_back import Expected

CHUNK_PIECES = 2_000  # as many as are printed from one query


class _Row(NamedTuple):
    piece_no: int
    number: str
    issue: int
    recipient: int
    postal_code: str
    address: str
    building: str
    name: str


# Where a letter goes is where its recipient is reached, or else lives; to whom it is addressed is said here once more on
# purpose.
_QUERY = f"""
select l.piece_no, c.number, (select k.issue from todoku_doorkey k where k.case_id = c.id), r.id,
       coalesce(x.postal_code, p.postal_code), coalesce(x.address, p.address), coalesce(x.building, p.building),
       case when coalesce(x.addressee, '') <> '' then x.addressee
            when p.outside and p.facility <> '' then p.name || '　御中' else p.name end
  from todoku_person p
  join todoku_recipient r on r.head_id = p.id
  join todoku_case c on c.recipient_id = r.id
  join todoku_letter l on l.case_id = c.id and l.run_id = %s
  left join {REACHED} x on x.recipient_id = r.id
 where l.piece_no > %s
 order by l.piece_no limit %s
"""


def expected_of(run: PrintRun, manifest: Iterable[Mapping[str, str]]) -> Iterator[Expected]:
    """Every piece of the run; pages and hand work as the manifest's line for it says. The two must name the same pieces."""
    told, terms = iter(manifest), run.programme.terms
    first = run.letters.select_related("case").first()
    payout = first.case.payout if first else 1
    for rows in _rows_of(run):
        members = members_of([row.recipient for row in rows]) if run.kind == "form" else {}
        lines = list(islice(told, len(rows)))
        assert [(row.piece_no, row.number) for row in rows] == [
            (int(line["piece_no"]), line["number"]) for line in lines
        ], f"the manifest of run {run.pk} names other pieces than its letters"
        for row, line in zip(rows, lines, strict=True):
            yield _expected(row, line, _names(members.get(row.recipient, []), terms, payout))
    assert next(told, None) is None, f"the manifest of run {run.pk} goes on after its last letter"


def _rows_of(run: PrintRun) -> Iterator[list[_Row]]:
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_QUERY, [run.pk, last, CHUNK_PIECES])
            rows = [_Row(*row) for row in cursor.fetchall()]
        if not rows:
            return
        yield rows
        last = rows[-1].piece_no


def _expected(row: _Row, line: Mapping[str, str], names: tuple[str, ...]) -> Expected:
    # The guard of addresses was asked when the run was printed; nothing is shown here.
    to = on_envelope(row.postal_code, row.address, row.building, protected=False, protected_run=False)
    key = door_keys.letter_key(row.number, row.issue, letter_key_secret=settings.LETTER_KEY_SECRET)
    return Expected(
        row.piece_no, row.number, row.issue, row.postal_code, row.address + row.building, row.name, to.barcode_rest,
        int(line["pages"]), door_keys.shown_key(key), names, line["hand_work"],
    )  # fmt: skip


def _names(lines: list[MemberLine], terms: Terms, payout: int) -> tuple[str, ...]:
    """Whom a form lists: to whom something is due, or who counts."""
    yens = shares([line.rule for line in lines], terms, payout) if lines else []
    day = terms.programme.base_date
    return tuple(line.name for line, yen in zip(lines, yens, strict=True) if yen or line.rule.counts(day))
