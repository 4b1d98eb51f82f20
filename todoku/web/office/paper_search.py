"""Finding whose paper it is by what else stands on it: an address, or a telephone number of an earlier application.

Reads only, as find.search does and in its shape: one query, at most LIMIT households.
"""

from typing import Any

from django.db import connection

from todoku.programme.tables import Programme
from todoku.registry.protected import PROTECTED
from todoku.registry.reached import REACHED
from todoku.web.office.find import LIMIT, Found, Search

LETTERS_MIN = 3  # of an address; fewer mean half the town
DIGITS_MIN = 9

_BY_CONTACT = """
select c.number, g.stage, h.name, h.kana, h.birth_date, h.birth_text,
       coalesce(y.postal_code, h.postal_code), coalesce(y.address, h.address), coalesce(y.building, h.building), null,
       {protected}
  from todoku_case c
  join todoku_casestage g on g.case_id = c.id
  join todoku_recipient r on r.id = c.recipient_id
  join todoku_person h on h.id = r.head_id
  left join {reached} y on y.recipient_id = r.id
 where c.programme_id = %(programme)s and {which}
 order by c.number
 limit %(limit)s
"""
_PROTECTED = PROTECTED.format(recipient="c.recipient_id")
# A protected address is no way to find anybody by, nor is the telephone of who lives there.
_ADDRESS = f"""not {_PROTECTED}
   and strpos(coalesce(y.address, h.address) || coalesce(y.building, h.building), %(typed)s) > 0"""
_PHONE = f"""not {_PROTECTED} and exists (select 1 from todoku_submission s
   where s.case_id = c.id and regexp_replace(s.phone, '[^0-9]', '', 'g') = %(typed)s)"""


def by_contact(programme: Programme, typed: str) -> Search:
    """Households at an address that holds these letters, or whose application names this telephone number; nobody
    under 支援措置 is found so."""
    digits = "".join(sign for sign in typed if sign.isdigit())
    by_phone = len(digits) >= DIGITS_MIN and not any(sign.isalpha() for sign in typed)
    if not by_phone and len(typed) < LETTERS_MIN:
        return Search("", [], False)
    values: dict[str, Any] = {
        "programme": programme.pk, "limit": LIMIT + 1, "typed": digits if by_phone else typed
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            _BY_CONTACT.format(which=_PHONE if by_phone else _ADDRESS, protected=_PROTECTED, reached=REACHED),
            values,
        )
        people = [Found(*row) for row in cursor.fetchall()]
    return Search("phone" if by_phone else "address", people[:LIMIT], len(people) > LIMIT)
