"""Writes down why a case was opened after the others (後からの案件作成). Takes what was just judged; leaves one row per case.

Two things make a case late without any order: somebody for whom nothing was due before is due now, since a later roll or
list says otherwise, and somebody was born after the base date.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from django.db import connection

from todoku.case.due import NOT_DUE, Due
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

# Reasons of the tax office: what comes after them is a corrected tax (修正申告など).
TAX_REASONS = frozenset(
    {
        "taxed", "tax_unknown", "income_levied", "all_untaxed", "only_dependants", "self_taxed", "self_tax_unknown",
        "dependent_of_taxed", "income_over_limit", "no_tax", "has_tax", "could_be_dependant", "nothing_due",
    }
)  # fmt: skip
CORRECTED_TAX, CORRECTED_ROLL = "corrected_tax", "corrected_roll"

_WRITE = """
insert into todoku_lateopening (case_id, programme_id, kind, happened_on, earlier_reason, why, "order", actor_name, at)
select c.id, c.programme_id, q.kind,
       -- Days after a birth run from the birth of the youngest; what a later list alone tells begins when the case is opened.
       coalesce(case q.kind when 'newborn' then (
         select max(p.birth_date) from todoku_member m join todoku_person p on p.id = m.person_id
          where m.recipient_id = c.recipient_id and m.superseded_by_order = '') end,
         (%(at)s::timestamptz at time zone 'Asia/Tokyo')::date),
       q.reason, q.why, '', %(actor)s, %(at)s
  from unnest(%(recipients)s::bigint[], %(kinds)s::text[], %(reasons)s::text[], %(whys)s::text[])
       as q(recipient_id, kind, reason, why)
  join todoku_case c on c.programme_id = %(programme)s and c.payout = %(payout)s and c.recipient_id = q.recipient_id
on conflict (case_id) do nothing
"""


class Judged(Protocol):
    """What is needed of one who was judged."""

    @property
    def recipient(self) -> int: ...


def kind_of(due: Due, earlier: str | None) -> str:
    """How a case that is being opened came late: a key of LATE_KINDS, "corrected_roll", or "" for one in time."""
    if due.late:
        return due.late
    if earlier is None:
        return ""
    return CORRECTED_TAX if earlier in TAX_REASONS else CORRECTED_ROLL


def note_late(
    judged: Sequence[Judged], dues: Sequence[Due], earlier: Mapping[int, str], programme: Programme, payout: int, *,
    actor: Actor, at: datetime,
) -> int:  # fmt: skip
    """Writes the reasons of those that came late, in the caller's transaction; `earlier`: why nothing was due before."""
    rows = []
    for one, due in zip(judged, dues, strict=True):
        before = earlier.get(one.recipient)
        kind = "" if due.reason else kind_of(due, before)
        if kind:
            why = f"前の判定: {NOT_DUE[before]}" if before else ""
            rows.append((one.recipient, kind, before or "", why))
    if not rows:
        return 0
    recipients, kinds, reasons, whys = map(list, zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            {
                "recipients": recipients, "kinds": kinds, "reasons": reasons, "whys": whys, "programme": programme.pk,
                "payout": payout, "actor": actor.name, "at": at,
            },
        )  # fmt: skip
        return cursor.rowcount
