"""Who is under 支援措置, as one expression for every query that deals work or shows papers.

Gives SQL over `r`, a todoku_recipient, or the answer for one. One address gives away all who live there, so one person of the
household is enough.
"""

from django.db import connection

PROTECTED = """exists (
    select 1 from todoku_recipient r
      join todoku_person h on h.id = r.head_id
      left join todoku_reachedat y on y.recipient_id = r.id
     where r.id = {recipient}
       and (h.protected or coalesce(y.protected, false) or exists (
            select 1 from todoku_representative v join todoku_person g on g.id = v.guardian_id
             where v.ward_id = r.head_id and v.state = 'confirmed' and g.protected) or exists (
            select 1 from todoku_member m join todoku_person p on p.id = m.person_id
             where m.recipient_id = r.id and m.superseded_by_order = '' and p.protected)))"""


def is_under_protection(recipient: int) -> bool:
    """The same for one recipient by its id."""
    with connection.cursor() as cursor:
        cursor.execute(f"select {PROTECTED.format(recipient='%s')}", [recipient])
        return bool(cursor.fetchone()[0])
