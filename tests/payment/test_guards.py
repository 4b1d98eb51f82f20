"""The guards stand in the database as the list and the docs name them; no role of a door can take a row of money away."""

import ast
import re
from pathlib import Path

import pytest
from django.db import connection

from tests.payment.planted import plant
from todoku.commands.guards import digests_file
from todoku.payment.guard_digests import DIGESTS
from todoku.payment.guards import GUARDS
from todoku.payment.guards_standing import guards_fallen, standing
from todoku.privileges import APPEND_ONLY, OFFICE

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
    assert guards_fallen() == []


def test_the_digests_of_the_guards_are_those_that_the_migrations_make(database):
    assert (ROOT / "todoku/payment/guard_digests.py").read_text() == digests_file(), "run ./run todoku guards"
    assert set(standing()) >= set(DIGESTS)


EMPTIED = "create or replace function {} language plpgsql as $$ begin return new; end $$"
LIVE_INDEX = "create unique index one_live_transfer_per_recipient on todoku_transfer ({}) where state in ({})"
OF_RECIPIENT, LIVE = (
    "programme_id, payout, recipient_id, part",
    "'ready', 'sealed', 'sending', 'sent', 'settled'",
)
FALLEN = {
    "a trigger's function emptied": (
        (EMPTIED.format("transfers_move_lawfully() returns trigger"),),
        ["function transfers_move_lawfully()（定義が違う）"],
    ),
    "the function that keeps rows from being deleted, emptied": (
        (EMPTIED.format("rows_are_never_deleted() returns trigger"),),
        ["function rows_are_never_deleted()（定義が違う）"],
    ),
    "a function that triggers ask, made to say yes": (
        ("create or replace function holds_role(staff bigint, wanted text, programme bigint) returns boolean "
         "language sql stable as $$ select true $$",),
        ["function holds_role(staff bigint, wanted text, programme bigint)（定義が違う）"],
    ),
    "a check that says true": (
        ("alter table todoku_transfer drop constraint an_amount_fits_ten_digits, "
         "add constraint an_amount_fits_ten_digits check (true)",),
        ["transfer an_amount_fits_ten_digits（定義が違う）"],
    ),
    "a check that old rows need not pass": (
        ("alter table todoku_transfer drop constraint an_amount_fits_ten_digits, "
         "add constraint an_amount_fits_ten_digits check (amount_yen < 0) not valid",),
        ["transfer an_amount_fits_ten_digits"],
    ),
    "a foreign key without the amount": (
        ("alter table todoku_transfer drop constraint a_transfer_pays_its_entitlement, "
         "add constraint a_transfer_pays_its_entitlement foreign key (entitlement_id) references todoku_entitlement (id)",),
        ["transfer a_transfer_pays_its_entitlement（定義が違う）"],
    ),
    "an index over a column more": (
        ("drop index one_live_transfer_per_recipient", LIVE_INDEX.format(f"{OF_RECIPIENT}, rail", LIVE)),
        ["transfer one_live_transfer_per_recipient（定義が違う）"],
    ),
    "an index that looks at fewer rows": (
        ("drop index one_live_transfer_per_recipient", LIVE_INDEX.format(OF_RECIPIENT, "'ready'")),
        ["transfer one_live_transfer_per_recipient（定義が違う）"],
    ),
    "an index that is no longer unique": (
        ("drop index one_live_transfer_per_recipient",
         LIVE_INDEX.format(OF_RECIPIENT, LIVE).replace("unique ", "")),
        ["transfer one_live_transfer_per_recipient"],
    ),
    "a trigger that no longer fires on every change": (
        ("drop trigger no_delete_transfer on todoku_transfer",
         "create trigger no_delete_transfer before truncate on todoku_transfer for each statement "
         "execute function rows_are_never_deleted()"),
        ["transfer no_delete_transfer（定義が違う）"],
    ),
    "a trigger that does something else": (
        ("create function nothing_at_all() returns trigger language plpgsql as $$ begin return null; end $$",
         "drop trigger a_batch_is_what_it_says on todoku_batch",
         "create trigger a_batch_is_what_it_says before insert or update on todoku_batch for each row "
         "execute function nothing_at_all()"),
        ["batch a_batch_is_what_it_says（定義が違う）"],
    ),
    "a trigger dropped": (
        ("drop trigger transfers_begin_ready on todoku_transfer",), ["transfer transfers_begin_ready"]),
    "a trigger switched off": (
        ("alter table todoku_approval disable trigger an_approval_is_of_this_digest_by_another",),
        ["approval an_approval_is_of_this_digest_by_another"],
    ),
    "a trigger that fires only while replicating": (
        ("alter table todoku_approval enable replica trigger an_approval_is_of_this_digest_by_another",),
        ["approval an_approval_is_of_this_digest_by_another"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FALLEN)
def test_a_guard_that_fell_or_was_weakened_under_its_name_is_named(database, fault):
    statements, named = FALLEN[fault]
    plant(*statements)
    assert guards_fallen() == named


def test_a_guard_made_again_as_it_was_stands(database):
    plant("drop index one_live_transfer_per_recipient", LIVE_INDEX.format(OF_RECIPIENT, LIVE))
    assert guards_fallen() == []


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
    # Where privileges.py names single columns that may be set later, a trigger guards what else a row says.
    only_added = {f"todoku_{table}" for table in APPEND_ONLY if OFFICE[f"todoku_{table}"] == "select, insert"}
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
