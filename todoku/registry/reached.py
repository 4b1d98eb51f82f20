"""How a recipient is reached (送付先): by the roll's own lines of the payee, through whoever represents or lodges him, or as
the municipality ordered.

The one place that chooses among them, for a page (`reached_of`) and for every query of letters (`REACHED`). A row of another
payee's time does not count: who died lived elsewhere than his heir.
"""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from todoku.registry.tables import ReachedAt, Recipient

# To whom the letter is addressed where it is not the payee's own name, from a representative `v` with his person `g`.
_TITLES = "case v.kind when 'adult_guardian' then '成年後見人' when 'curator' then '保佐人' else '補助人' end"
# One row for each recipient `recipient_id` who is not reached by his own lines on the roll. What was said last holds: an
# order of the municipality, or a representative's confirmation; where neither was said, the facility that passes letters on.
REACHED = f"""(
  select distinct on (recipient_id) * from (
    select x.recipient_id, x.postal_code, x.address, x.building, x.phone, x.protected, '' as addressee, x.at as since
      from todoku_reachedat x join todoku_recipient t on t.id = x.recipient_id and t.head_id = x.payee_id
    union all
    select t.id, g.postal_code, g.address, g.building, g.phone, g.protected,
           w.name || '　' || {_TITLES} || '　' || g.name, v.answered_at
      from todoku_representative v join todoku_person w on w.id = v.ward_id join todoku_person g on g.id = v.guardian_id
      join todoku_recipient t on t.head_id = v.ward_id
     where v.state = 'confirmed' and g.address <> ''
    union all
    select t.id, g.postal_code, g.address, concat_ws('　', nullif(g.building, ''), g.name || '　気付'), g.phone, g.protected,
           '', '-infinity'
      from todoku_recipient t join todoku_person g on g.id = t.care_of_id
     where t.care_of_id is not null and g.address <> '' and exists (
       select 1 from todoku_carefact a where a.programme_id = t.programme_id and a.person_id = t.head_id
          and a.care = 'facility' and a.payee_id = t.care_of_id)
  ) said order by recipient_id, since desc)"""
# The name in the window: a facility is written to as a body.
ADDRESSEE = """coalesce(nullif(x.addressee, ''),
                case when h.outside and h.facility <> '' then h.name || '　御中' else h.name end)"""


class Reached(NamedTuple):
    """An address with its telephone; `protected` keeps it off every page and ordinary letter, as 支援措置 does."""

    postal_code: str
    address: str
    building: str
    phone: str
    protected: bool


def reached_of(recipient: Recipient) -> Reached:
    """Where this recipient is reached, as his letters are.

    `protected` says what the order says; whether a member is under 支援措置 is the caller's to add.
    """
    return reached_by_name(recipient)[0]


def reached_by_name(recipient: Recipient) -> tuple[Reached, str]:
    """The same, and to whom letters are addressed in the place of the payee (本人 成年後見人 後見人); "" for his own name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select postal_code, address, building, phone, protected, addressee"
            f" from {REACHED} x where x.recipient_id = %s",
            [recipient.pk],
        )
        found = cursor.fetchone()
    if found is not None:
        return Reached(*found[:5]), str(found[5])
    head = recipient.head
    return Reached(head.postal_code, head.address, head.building, head.phone, head.protected), ""


def reach(recipient: Recipient, reached: Reached, *, order: str, at: datetime) -> None:
    """From now on letters to this recipient's payee go there, whatever a roll says."""
    ReachedAt.objects.update_or_create(
        recipient=recipient,
        defaults={**reached._asdict(), "payee_id": recipient.head_id, "order": order, "at": at},
    )
