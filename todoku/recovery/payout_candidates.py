"""Whom a further payout (後の支給回) is for: reads the recipients of the payout before, a chunk at a time, and judges each.

Takes a programme and a payout of its terms; gives one Candidate for each recipient of the payout before that has no case in
this one yet. Writes nothing: the trial counts what the opening then does, by the same rows.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from todoku.case.due import Due, judge
from todoku.case.members import members_of
from todoku.case.roll_member import RollMember, born_later
from todoku.formats import holder_name
from todoku.programme.contents import Payout
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms
from todoku.recovery.follow_rules import Stood, ended_by_change, left_for
from todoku.registry.account_names import AGREES, misnamed
from todoku.registry.account_rows import source_of

CHUNK_RECIPIENTS = 10_000  # as open_cases: about a second a chunk
PAID_BEFORE = "前の支給回の支給口座"

# The account that was paid into stands before one that was known earlier; a list that came after it stands before it.
_BEFORE = """
select r.id, c.id, h.kana, h.latin_name, h.name, h.birth_date, coalesce(g.stage, ''),
       exists (select 1 from todoku_claim x where x.case_id = c.id and x.state <> 'cancelled'
                  and x.reason in ('not_due', 'duplicate', 'fraud')),
       exists (select 1 from todoku_member m join todoku_member o on o.programme_id = m.programme_id
                   and o.payout = %(payout)s and o.person_id = m.person_id and o.superseded_by_order = ''
                where m.recipient_id = r.id and m.superseded_by_order = ''),
       t.bank, t.branch, t.kind, t.account_number, t.holder_kana, t.made_at, h.alias_kana, h.alias,
       case when h.id <> all(%(strangers)s) then k.source end, k.taken_at
  from todoku_recipient r
  join todoku_person h on h.id = r.head_id
  left join todoku_case c on c.programme_id = r.programme_id and c.payout = r.payout and c.recipient_id = r.id
  left join todoku_casestage g on g.case_id = c.id
  left join todoku_knownaccount k on k.programme_id = r.programme_id and k.person_id = h.id
  left join lateral (
    select * from todoku_transfer t where t.case_id = c.id and t.part = 1 and t.state = 'settled' and t.rail = 'bank'
     order by t.id desc limit 1) t on true
 where r.programme_id = %(programme)s and r.payout = %(before)s and r.id > %(after)s
   and not exists (select 1 from todoku_followingcase f where f.earlier_id = c.id and f.payout = %(payout)s)
   and not exists (select 1 from todoku_recipient n
                    where n.programme_id = r.programme_id and n.payout = %(payout)s
                      and n.household_number = r.household_number and n.unit_number = r.unit_number)
 order by r.id limit %(limit)s
"""
# Born since and in the household by the latest roll; of other units each child that came late has a case of its own.
_BORN = """
select r.id, p.id, p.birth_date, p.relation
  from todoku_recipient r
  join todoku_person p on p.programme_id = r.programme_id and p.household_number = r.household_number
 where r.id = any(%(recipients)s) and r.unit_number = '' and p.in_latest_roll and p.birth_date > %(base_date)s
   and p.left_reason = '' and not exists (
     select 1 from todoku_member m where m.programme_id = p.programme_id and m.payout in (%(before)s, %(payout)s)
        and m.person_id = p.id and m.superseded_by_order = '')
 order by r.id, p.id
"""


class Born(NamedTuple):
    """A child born after the base date who counts in the further payout."""

    person: int
    birth_date: date
    relation: str


class PaidInto(NamedTuple):
    """The account that the earlier payout reached."""

    bank: str
    branch: str
    kind: int
    number: str
    holder_kana: str


class Candidate(NamedTuple):
    """One recipient of the payout before: its case there, what its key needs, the account, the newborn, and what is due.

    `left`: a key of follow_rules.LEFT where no case is due, else "".
    """

    recipient: int
    case: int | None
    kana: str
    latin_name: str
    name: str
    birth_date: date | None
    paid_into: PaidInto | None
    account_source: str
    born: tuple[Born, ...]
    due: Due
    left: str


def candidates(
    programme: Programme, payout: Payout, *, after: int, limit: int = CHUNK_RECIPIENTS
) -> list[Candidate]:
    """The next recipients of the payout before, by id, judged."""
    terms, before = programme.terms, payout.follows or 1
    values: dict[str, Any] = {
        "programme": programme.pk, "payout": payout.number, "before": before, "after": after, "limit": limit,
        "strangers": list(misnamed(programme)), "base_date": terms.programme.base_date,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, values)
        rows = cursor.fetchall()
        cursor.execute(_BORN, {**values, "recipients": [row[0] for row in rows]})
        born: dict[int, list[Born]] = {}
        for recipient, *one in cursor.fetchall():
            born.setdefault(recipient, []).append(Born(*one))
    members = members_of([row[0] for row in rows])
    lines = [
        [line.rule for line in members.get(row[0], [])]
        + [born_later(one.birth_date) for one in born.get(row[0], [])]
        for row in rows
    ]
    read = [_account(row) for row in rows]
    dues = judge(
        zip(lines, [source for _, source in read], strict=True),
        terms,
        payout.number,
        paid_before=bool(payout.follows),
    )
    judged = zip(rows, read, lines, dues, strict=True)
    return [
        Candidate(
            row[0], row[1], row[2], row[3], row[4], row[5], paid_into, source, tuple(born.get(row[0], ())), due,
            _left(row, own, due, payout, terms),
        )
        for row, (paid_into, source), own, due in judged
    ]  # fmt: skip


def all_candidates(programme: Programme, payout: Payout) -> Iterator[list[Candidate]]:
    """Every candidate, a chunk at a time."""
    last = 0
    while chunk := candidates(programme, payout, after=last):
        yield chunk
        last = chunk[-1].recipient


def _left(row: tuple[Any, ...], members: Sequence[RollMember], due: Due, payout: Payout, terms: Terms) -> str:
    if payout.follows and (stood := left_for(Stood(*row[6:9]))):
        return stood
    if row[8]:
        return "counted"
    return ended_by_change(members, terms) or due.reason


def _account(row: tuple[Any, ...]) -> tuple[PaidInto | None, str]:
    """The account to be used and where it is known from: what was paid into, unless a later list names another one."""
    _, _, kana, latin, name, *_ = row
    bank, branch, kind, number, holder, made_at, alias_kana, alias, source, taken_at = row[9:]
    if bank is not None and not _newer(taken_at, made_at):
        # The holder may be somebody whom the reviewers accepted for that one payment: such a one is asked again.
        if holder_name.tier(holder, (kana, alias_kana, latin, alias)).code in AGREES:
            return PaidInto(bank, branch, kind, number, holder), source_of(PAID_BEFORE)
        return None, ""
    return None, source_of(source) if source is not None else ""


def _newer(taken_at: datetime | None, made_at: datetime) -> bool:
    return taken_at is not None and taken_at > made_at
