"""Reads the members of many recipients at once, as flat lines for the rules and for a form. Writes nothing.

Who counts is who has a Member row without an order; the facts are the person's as the latest roll has them, and what the
lists beside it add. A programme without lists is read by the roll alone.
"""

from collections.abc import Collection, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection

from todoku.case.roll_member import RollMember


class MemberLine(NamedTuple):
    """One member of a recipient: what the rules need, and what a form prints."""

    rule: RollMember
    name: str
    birth_date: date | None
    birth_text: str
    relation: str


# Head first, then as numbered: the order in which a form lists them.
_QUERY = """
select m.recipient_id, p.name, p.birth_text, m.relation,
       p.id = r.head_id, p.birth_date, p.moved_in_on, p.left_on, p.left_reason, {tax_class},
       coalesce({supporter_class} = any(array['taxed', 'levy_only']), false){columns}
  from {members}
  {joins}
 where m.recipient_id = any(%s) and m.superseded_by_order = ''
 order by m.recipient_id, (p.id = r.head_id) desc, p.id
"""
_COUNTED = """todoku_member m
  join todoku_recipient r on r.id = m.recipient_id
  join todoku_person p on p.id = m.person_id"""
# The same of a person by himself, as if he were a recipient and its only member.
_ALONE = """(select id as recipient_id, id as person_id, relation, '' as superseded_by_order from todoku_person) m
  join todoku_person p on p.id = m.person_id
  cross join lateral (select p.id as head_id, p.number as unit_number, p.programme_id) r"""
_SUPPORTER = (
    "left join todoku_person s on s.programme_id = p.programme_id and s.number = {number} and {number} <> ''"
)
_TAX_NUMBER = "coalesce(nullif(t.dependant_of, ''), p.dependant_of)"


class _Piece(NamedTuple):
    """What one kind of list adds: its joins, its columns in the order of RollMember, and the columns where there is none."""

    joins: str
    columns: tuple[str, ...]
    without: tuple[str, ...]


_PIECES: dict[str, _Piece] = {
    "tax": _Piece(
        "left join todoku_taxfact u on u.programme_id = p.programme_id and u.person_id = s.id",
        (
            "coalesce(t.total_income, 0)", "coalesce(t.actual_income_tax, t.income_tax, 0)", "coalesce(t.income_levy, 0)",
            "coalesce(t.persons, 0)", "coalesce(t.granted_yen, 0)", "coalesce(t.abroad, false)",
            "coalesce(t.family_employee, false)",
        ),
        ("0", "0", "0", "0", "0", "false", "false"),
    ),
    # By the person's own number where the person is the recipient or its head: who moved into a household since does not
    # bring what another household had. By the household's number for everybody who still lives in it.
    "earlier": _Piece(
        """left join lateral (
             select bool_or(e.outcome = 'paid') as paid, bool_or(e.elsewhere and e.outcome = 'paid') as elsewhere
               from todoku_earlierfact e
              where e.programme_id = p.programme_id
                and (e.number = p.number and (r.unit_number <> '' or p.id = r.head_id)
                     or e.household_number <> '' and e.household_number = p.household_number)) e on true""",
        ("e.paid is not null", "coalesce(e.paid, false)", "coalesce(e.elsewhere, false)"),
        ("false", "false", "false"),
    ),
    "care": _Piece(
        """left join todoku_carefact a on a.programme_id = p.programme_id and a.person_id = p.id
                                  and a.care = 'public_assistance'
  left join todoku_carefact f on f.programme_id = p.programme_id and f.person_id = p.id and f.care = 'facility'""",
        (
            "a.id is not null", "a.since", "a.until", "f.id is not null", "f.since", "f.until",
        ),
        ("false", "null::date", "null::date", "false", "null::date", "null::date"),
    ),
    "allowance": _Piece(
        """left join lateral (
             select coalesce(min(w.allowance) filter (where w.allowance in ('regular', 'employer')),
                             max(w.allowance) filter (where w.allowance = 'reduced'), '') as allowance,
                    bool_or(w.allowance = 'single_parent') as single_parent,
                    bool_or(w.allowance = 'public_pension') as pension,
                    bool_or(w.disabled or w.allowance = 'disabled') as disabled, bool_or(w.receiver_id is not null) as known
               from todoku_allowancefact w where w.programme_id = p.programme_id and w.person_id = p.id) w on true""",
        (
            "w.allowance", "coalesce(w.single_parent, false)", "coalesce(w.pension, false)", "coalesce(w.disabled, false)",
            "coalesce(w.known, false)",
        ),
        ("''", "false", "false", "false", "false"),
    ),
}  # fmt: skip
_TAKEN = """
select distinct i.kind from todoku_factimport i join {whose} r on r.programme_id = i.programme_id
 where r.id = %s and i.state in ('taken', 'taken_good')
"""


def members_of(recipients: Sequence[int]) -> dict[int, list[MemberLine]]:
    """The members of each recipient by its id; a recipient without members is not in the answer. All of one programme."""
    return _read(recipients, _COUNTED, "todoku_recipient")


def persons_alone(persons: Sequence[int]) -> dict[int, MemberLine]:
    """Each person by its id, as the only member of a recipient of its own. All of one programme."""
    return {person: line for person, (line,) in _read(persons, _ALONE, "todoku_person").items()}


def _read(ids: Sequence[int], members: str, whose: str) -> dict[int, list[MemberLine]]:
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN.format(whose=whose), [ids[0] if ids else 0])
        lists = {kind for (kind,) in cursor.fetchall()}
        cursor.execute(_query(lists, members), [list(ids)])
        return {
            one: [_line(row, bool(lists)) for row in rows]
            for one, rows in groupby(cursor.fetchall(), key=itemgetter(0))
        }


def _query(lists: Collection[str], members: str) -> str:
    """The one query for a programme for which these kinds of list were taken."""
    taxed = "tax" in lists
    joins = [_SUPPORTER.format(number=_TAX_NUMBER if taxed else "p.dependant_of")]
    if taxed:
        joins.insert(
            0, "left join todoku_taxfact t on t.programme_id = p.programme_id and t.person_id = p.id"
        )
    joins += [piece.joins for kind, piece in _PIECES.items() if kind in lists]
    columns = [
        column
        for kind, piece in _PIECES.items()
        for column in (piece.columns if kind in lists else piece.without)
    ]
    return _QUERY.format(
        members=members,
        tax_class="coalesce(nullif(t.tax_class, ''), p.tax_class)" if taxed else "p.tax_class",
        supporter_class="coalesce(nullif(u.tax_class, ''), s.tax_class)" if taxed else "s.tax_class",
        columns="".join(f", {column}" for column in columns) if lists else "",
        joins="\n  ".join(joins),
    )


# Where the two periods of care stand among the columns of a row with lists: 生活保護, then 施設入所.
_CARE = 4 + RollMember._fields.index("assisted")


def _line(row: tuple[Any, ...], with_lists: bool) -> MemberLine:
    values = row[4:]
    if with_lists:
        assisted, placed = row[_CARE : _CARE + 3], row[_CARE + 3 : _CARE + 6]
        periods = (one[1:] if one[0] else None for one in (assisted, placed))
        values = (*row[4:_CARE], *periods, *row[_CARE + 6 :])
    return MemberLine(RollMember(*values), row[1], row[5], row[2], row[3])
