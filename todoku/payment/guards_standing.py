"""Whether the database's guards of the money stand (制約・トリガーの点検): there, valid, switched on, and as they were made.

Reads the catalogue alone. Every definition, as PostgreSQL itself tells it, is held against the digest that the
migrations gave (guard_digests.py): an emptied function, a check that says `true`, an index without its condition keep
their names and are found here. A guard that fell breaks nothing yet; the sweep finds it before something does.
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache

from django.db import connection

from todoku.payment.guard_digests import DIGESTS
from todoku.payment.guards import GUARDS

# Half of a SHA-256: nobody finds another definition with the same 128 bits.
DIGEST_CHARACTERS = 32
CHANGED = "（定義が違う）"
# The text is read from the catalogue at every look; what it digests to is worked out once a process, since a sweep looks at
# 2,800 of them and hardly one is another than an hour ago. Room for a few versions of each.
KNOWN_MAX = 10_000

# One row a guard, "table name" with its definition. A foreign key is kept up by internal triggers: switched off, it does
# not stand. With a replication role other than origin no trigger fires at all.
STANDING = """
with of_tables as (
    select c.relname, g.tgname as name, pg_get_triggerdef(g.oid) as text
      from pg_trigger g join pg_class c on c.oid = g.tgrelid
     where not g.tgisinternal and g.tgenabled in ('O', 'A')
    union all
    select c.relname, k.conname, pg_get_constraintdef(k.oid)
      from pg_constraint k join pg_class c on c.oid = k.conrelid
     where k.convalidated
       and not exists (select 1 from pg_trigger g where g.tgconstraint = k.oid and g.tgenabled not in ('O', 'A'))
    union all
    select c.relname, x.relname, pg_get_indexdef(x.oid)
      from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
     where i.indisunique and i.indisvalid
)
select substr(relname, 8) || ' ' || name, string_agg(text, ' ' order by text) from of_tables
 where relname like 'todoku\\_%' group by 1
union all
select 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', pg_get_functiondef(p.oid)
  from pg_proc p
 where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' and p.proname not like 'procrastinate\\_%'
   and not exists (select 1 from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
union all
select 'setting session_replication_role', current_setting('session_replication_role')
"""


def standing() -> dict[str, str]:
    """What stands in the database, as "table name" with the digest of its definition; functions as "function …"."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        return {name: digest_of(text) for name, text in cursor.fetchall()}


@lru_cache(maxsize=KNOWN_MAX)
def digest_of(text: str) -> str:
    """The digest of a definition; white space does not count."""
    plain = " ".join(text.split()).replace(" public.", " ")
    return hashlib.sha256(plain.encode()).hexdigest()[:DIGEST_CHARACTERS]


def listed() -> set[str]:
    """Every guard on the list, as "table name"."""
    return {f"{table} {name}" for table, names in GUARDS.items() for name in names}


def guards_fallen(made: Mapping[str, str] = DIGESTS) -> list[str]:
    """The guards that do not stand: missing or switched off by name, redefined by name with a word that says so."""
    there = standing()
    return [
        name if name not in there else name + CHANGED
        for name in sorted(listed() | set(made))
        if name not in there or there[name] != made.get(name)
    ]
