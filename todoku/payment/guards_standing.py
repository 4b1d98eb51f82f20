"""Whether the database's guards of the money stand (制約・トリガーの点検): named, valid and switched on.

Reads the catalogue alone. A guard that is gone breaks nothing yet; the sweep finds it before something does.
"""

from django.db import connection

from todoku.payment.guards import GUARDS

STANDING = """
select c.relname, g.tgname from pg_trigger g join pg_class c on c.oid = g.tgrelid
 where not g.tgisinternal and g.tgenabled in ('O', 'A')
union
select c.relname, k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid where k.convalidated
union
select c.relname, x.relname from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
 where i.indisunique and i.indisvalid
"""


def guards_missing() -> list[str]:
    """The guards that should stand and do not, as table and name."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        standing = set(cursor.fetchall())
    return [
        f"{table} {name}"
        for table, names in GUARDS.items()
        for name in names
        if (f"todoku_{table}", name) not in standing
    ]
