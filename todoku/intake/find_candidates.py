"""Looks on the roll for whoever sent an application without number and key (照合候補の検索); many at once, by two indexes.

Takes applications that nobody has settled and that were not looked for since the last roll; leaves their candidates with
the parts of the score. Confirms nobody. Safe to run twice, or twice at once.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from todoku.formats.names import search_key
from todoku.ground.copy_rows import copy_rows
from todoku.ground.step import Report
from todoku.intake.match_roll import Candidate, OnRoll, Typed, digits_of, rank, slips
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

CHUNK_ROWS = 1_000  # of each a few persons are compared; a stop loses some seconds of work

_HOLD = """
select id, name, kana, birth_date, postal_code, address, building, phone
  from todoku_unmatchedapplication u
 where u.programme_id = %(programme)s and u.state in ('waiting', 'asked') and u.id > %(after)s
   and (u.looked_up_at is null or exists (
        select 1 from todoku_rollimport i where i.programme_id = u.programme_id and i.taken_at > u.looked_up_at))
 order by u.id limit %(limit)s for update skip locked
"""
# Born that day, or on a day that one slip makes of it, with a name or a home in common; or at that postal code with the
# name or the telephone in common. A name's keys stand one after the other in the search key. Each way is one join of all that
# are wanted, not a look for each: for one the planner takes the index, for a thousand it reads the roll once instead of some
# nine hundred people of a postal code for every one.
SEARCH = """
select f.application, p.id, p.name, p.kana, p.latin_name, p.alias, p.alias_kana, p.birth_date, p.postal_code, p.address,
       p.building, p.phone, c.id, r.head_id = p.id
  from (
    select w.application, q.id from wanted w
      join todoku_person q on q.programme_id = %(programme)s and q.birth_date = w.birth_date and not q.outside
     where q.search_key like any (w.words) or q.postal_code = w.postal_code
    union
    select w.application, q.id from wanted w
      join todoku_person q on q.programme_id = %(programme)s and q.birth_date = any (w.slips) and not q.outside
     where q.search_key like any (w.wholes) or q.postal_code = w.postal_code and q.search_key like any (w.words)
    union
    select w.application, q.id from wanted w
      join todoku_person q on q.programme_id = %(programme)s and q.postal_code = w.postal_code and not q.outside
     where q.search_key like any (w.wholes) or w.phone <> '' and regexp_replace(q.phone, '[^0-9]', '', 'g') = w.phone
  ) f
  join todoku_person p on p.id = f.id
  left join lateral (
    select x.id, x.head_id from todoku_recipient x where x.head_id = p.id
    union
    select x.id, x.head_id from todoku_member m join todoku_recipient x on x.id = m.recipient_id
     where m.person_id = p.id and m.superseded_by_order = ''
  ) r on true
  left join todoku_case c on c.recipient_id = r.id and c.programme_id = %(programme)s
"""
WANTED = """
create temporary table wanted (application bigint, birth_date date, slips date[], postal_code text, phone text,
                               words text[], wholes text[]) on commit drop
"""
_DONE = "update todoku_unmatchedapplication set looked_up_at = %s where id = any(%s)"


def find_candidates(*, programme: Programme, actor: Actor, at: datetime, most: int | None = None) -> Report:
    """Finds candidates for all that wait, or for so many of the oldest at the `most`, where a person waits for it.

    Report: done = with one exact candidate, waiting = with none or several.
    """
    exact = others = after = 0
    while True:
        limit = CHUNK_ROWS if most is None else min(CHUNK_ROWS, most - exact - others)
        with transaction.atomic():
            typed = _hold(programme, after, limit) if limit else {}
            if not typed:
                return Report(done=exact, waiting=others)
            after = max(typed)
            found = {number: rank(one, people) for number, one, people in _with_people(programme, typed)}
            _keep(found, at)
        clear = sum(1 for candidates in found.values() if candidates and candidates[0].exact)
        exact, others = exact + clear, others + len(found) - clear


def _hold(programme: Programme, after: int, limit: int) -> dict[int, Typed]:
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, {"programme": programme.pk, "after": after, "limit": limit})
        return {number: Typed(*values) for number, *values in cursor.fetchall()}


def _with_people(programme: Programme, typed: dict[int, Typed]) -> list[tuple[int, Typed, list[OnRoll]]]:
    """Each application with the people of the roll who share enough with it to be compared."""
    found: dict[int, list[OnRoll]] = defaultdict(list)
    with connection.cursor() as cursor:
        say_wanted(cursor, typed)
        cursor.execute(SEARCH, {"programme": programme.pk})
        for application, person, *values, case, is_head in cursor.fetchall():
            found[application].append(OnRoll(person, case, bool(is_head), *values))
        cursor.execute("drop table wanted")
    return [(number, one, found[number]) for number, one in typed.items()]


def say_wanted(cursor: Any, typed: dict[int, Typed]) -> None:
    """Lays what is looked for into a table of this transaction's own, from which SEARCH reads."""
    cursor.execute(WANTED)
    with cursor.copy("copy wanted from stdin") as copy:
        for number, one in typed.items():
            copy.write_row((number, one.birth_date, sorted(slips(one.birth_date)), one.postal_code, digits_of(one.phone),
                            _words(one), _wholes(one)))  # fmt: skip
    cursor.execute("analyze wanted")


def _words(one: Typed) -> list[str]:
    """Patterns for a surname or given name in writing or in kana, anywhere in the search key."""
    return _patterns([*one.name.split(), *one.kana.split()])


def _wholes(one: Typed) -> list[str]:
    """Patterns for the whole name."""
    return _patterns([one.name, one.kana])


def _patterns(names: Sequence[str]) -> list[str]:
    keys = {search_key(name) for name in names}
    return [f"%{_plain(key)}%" for key in sorted(keys) if key]


def _plain(text: str) -> str:
    """Text without the signs that LIKE reads as its own."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _keep(found: dict[int, tuple[Candidate, ...]], at: datetime) -> None:
    """The candidates in place of those of an earlier roll."""
    with connection.cursor() as cursor:
        cursor.execute("delete from todoku_matchcandidate where application_id = any(%s)", [list(found)])
        copy_rows(
            "todoku_matchcandidate",
            ("application_id", "rank", "person_id", "case_id", "score", "exact", "is_head", "parts"),
            (_row(number, place, one) for number, all_ in found.items() for place, one in enumerate(all_, 1)),
        )
        cursor.execute(_DONE, [at, list(found)])


def _row(application: int, place: int, one: Candidate) -> tuple[Any, ...]:
    parts = json.dumps([list(part) for part in one.parts])
    return (application, place, one.person, one.case, one.score, one.exact, one.is_head, parts)
