"""The guards stand in the database as the list and the docs name them; no role of a door can take a row of money away."""

import ast
import re
from pathlib import Path

import pytest
from django.db import connection

from todoku.payment.guards import GUARDS
from todoku.payment.guards_standing import guards_missing
from todoku.privileges import APPEND_ONLY

ROOT = Path(__file__).resolve().parents[2]
DOC = (ROOT / "docs/why/constraints-in-the-database.md").read_text()
# Rooms that reckon with money, and the formats that write it.
MONEY_ROOMS = ("payment", "bank", "delivery", "ledger", "recovery")
MONEY_FORMATS = "zengin*.py", "bank_report.py", "payment_bundle.py", "bank_bundle.py"
# A chart or a share of a whole is no money: none of these files may have one.
MONEY_FILES = sorted(
    [path for room in MONEY_ROOMS for path in (ROOT / "todoku" / room).rglob("*.py")]
    + [path for name in MONEY_FORMATS for path in (ROOT / "todoku/formats").glob(name)]
    + list((ROOT / "todoku_verify").glob("*.py"))
)
STANDING = """
select c.relname, g.tgname from pg_trigger g join pg_class c on c.oid = g.tgrelid where not g.tgisinternal
union
select c.relname, k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid where k.contype in ('c', 'u')
union
select c.relname, x.relname from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
 where i.indisunique and not i.indisprimary
"""


def rows(sql: str, *values: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def test_every_guard_on_the_list_stands(database):
    assert guards_missing() == []


def test_every_guard_of_a_money_table_is_on_the_list(database):
    unnamed = [
        f"{table} {name}"
        for table, name in rows(STANDING)
        if (known := GUARDS.get(str(table).removeprefix("todoku_"))) is not None
        and name not in known
        and not str(name).endswith("_check")  # what a column's type says
    ]
    assert unnamed == [], (
        "name them in todoku/payment/guards.py and in docs/why/constraints-in-the-database.md"
    )


def test_the_docs_name_every_guard_but_the_plain_ones():
    named = set(re.findall(r"`([a-z0-9_]+)`", DOC))
    plain = re.compile(
        r"no_delete_|no_rewrite_|todoku_|.*_is_known$|.*_has_a_|.*_is_positive_yen$|.*_has_1\d_digits$"
    )
    guards = {name for names in GUARDS.values() for name in names}
    assert {name for name in guards - named if not plain.match(name)} == set()


@pytest.mark.parametrize("role", ["office", "public"])
def test_no_role_of_a_door_deletes_or_truncates_money_and_none_rewrites_what_is_only_added(database, role):
    with connection.cursor() as cursor:
        cursor.execute("select current_user")
        mine = str(cursor.fetchone()[0])
    money = {f"todoku_{table}" for table in GUARDS if table != "version"}
    may = rows(
        "select relname, has_table_privilege(%s, oid, 'delete'), has_table_privilege(%s, oid, 'truncate'), "
        "has_any_column_privilege(%s, oid, 'update') from pg_class where relname = any(%s)",
        *[mine.removesuffix("office") + role] * 3, sorted(money),
    )  # fmt: skip
    assert len(may) == len(money)
    assert [table for table, delete, truncate, _ in may if delete or truncate] == []
    only_added = {f"todoku_{table}" for table in APPEND_ONLY}
    rewritten = [table for table, _, _, update in may if update and (table in only_added or role == "public")]
    assert rewritten == []


def test_no_role_of_a_door_owns_a_table_or_stands_above_the_rules(database):
    above = rows(
        "select rolname from pg_roles where rolname = any(%s) and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)",
        [str(rows("select current_user")[0][0])],
    )
    assert above == []
    assert (
        rows("select tablename from pg_tables where schemaname = 'public' and tableowner = current_user")
        == []
    )


def test_every_column_of_money_is_a_whole_number_of_yen(database):
    columns = rows(
        "select table_name, column_name, data_type from information_schema.columns "
        "where table_schema = 'public' and table_name like 'todoku\\_%%' and column_name like '%%\\_yen'"
    )
    assert len(columns) >= 15
    assert [column for column in columns if column[2] != "bigint"] == []


@pytest.mark.parametrize("path", MONEY_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_money_is_reckoned_in_whole_yen_alone(path):
    tree = ast.parse(path.read_text())
    found = [
        f"line {node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
        or isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not _is_path(node)
        or isinstance(node, ast.Name) and node.id in ("float", "Decimal")
    ]  # fmt: skip
    assert found == []


def _is_path(node: ast.BinOp) -> bool:
    """A slash between parts of a path, not a division."""
    return any(
        isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (node.left, node.right)
    )
