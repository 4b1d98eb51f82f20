"""Makes a database ready: created, its three roles, migrated, privileges granted, marked with its purpose.

Comes in: DATABASE_URL, or nothing (the embedded server). Goes out: a database that the doors can open with their own
roles. Never drops a database: `./run demo` refuses one that is not marked as sample.
"""

import os
import re
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import psycopg
from psycopg import sql

from todoku.ground import postgres
from todoku.ground.one_at_a_time import alone
from todoku.ground.step import Refusal

ROLES = ("office", "public")
SUPPORTED = 150000
DEFAULT_NAME = "todoku"


class WrongDatabase(Refusal):
    """The database is not one that may be used for this."""


def open_address() -> str:
    """The owner's address of the database, as DATABASE_URL; starts the embedded server when no other is named.

    Raises WrongDatabase if the server is older than PostgreSQL 15.
    """
    # Two processes that set the same role's password at once would fail each other (tuple concurrently updated).
    with alone("databases"):
        return _open_address()


def _open_address() -> str:
    address = os.environ.get("DATABASE_URL")
    if not address:
        address = _embedded_address(os.environ.get("TODOKU_DATABASE", DEFAULT_NAME))
        os.environ["DATABASE_URL"] = address
    with psycopg.connect(address) as connection:
        if connection.info.server_version < SUPPORTED:
            raise WrongDatabase(
                f"PostgreSQL {connection.info.server_version // 10000} です。15以上のサーバーを DATABASE_URL に指定してください。"
            )
        make_roles(connection, database_name(address))
    return address


def database_name(address: str) -> str:
    return unquote(urlsplit(address).path.lstrip("/")) or DEFAULT_NAME


def _embedded_address(name: str) -> str:
    """Makes sure that the embedded server runs and holds the database with an owner of its own."""
    server = postgres.ensure()
    owner, password = f"{name}_owner", os.environ["TODOKU_OWNER_PASSWORD"]
    with server_connection(server) as connection:
        make_login(connection, owner, password, "createrole createdb")
        exists = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
        if not exists:
            connection.execute(
                sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(owner))
            )
    return f"postgresql://{quote(owner)}:{quote(password)}@/{quote(name)}?host={quote(server.host, safe='')}&port={server.port}"


def server_connection(server: "postgres.Server") -> psycopg.Connection[Any]:
    """A superuser's connection to the embedded server; used for nothing but making owners and databases."""
    return psycopg.connect(
        host=server.host, port=server.port, user=server.user, password=server.password,
        dbname="postgres", autocommit=True,
    )  # fmt: skip


def make_login(connection: psycopg.Connection[Any], role: str, password: str, attributes: str = "") -> None:
    """Creates a login role or sets its password; attributes are our own words, never input."""
    assert re.fullmatch(r"[a-z ]*", attributes)
    exists = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
    verb = "alter" if exists else "create"
    connection.execute(
        sql.SQL(f"{verb} role {{}} login {attributes} password {{}}").format(
            sql.Identifier(role), sql.Literal(password)
        )
    )


def make_roles(connection: psycopg.Connection[Any], name: str) -> None:
    """The office and public roles of one database; roles are cluster-wide, so their names carry the database's."""
    for role in ROLES:
        make_login(connection, f"{name}_{role}", os.environ[f"TODOKU_{role.upper()}_PASSWORD"])
    connection.commit()


def migrate(*, verbosity: int = 0) -> None:
    """Brings the tables up to date as the owner, then grants each role exactly what privileges.py names."""
    from django.core.management import call_command
    from django.db import connections, transaction

    call_command("migrate", database="owner", verbosity=verbosity, interactive=False)
    # In one transaction: doors that are open meanwhile never see the moment in which every right is taken.
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        grant(cursor, connections["owner"].settings_dict["NAME"])
    connections["owner"].close()


def grant(cursor: Any, role_prefix: str) -> None:
    """Takes every right from the two roles, then grants what privileges.py says."""
    from todoku import privileges

    office, public = (f'"{role_prefix}_{role}"' for role in ROLES)
    for role in (office, public):
        cursor.execute(f"revoke all on all tables in schema public from {role}")
        cursor.execute(f"grant usage on schema public to {role}")
        cursor.execute(f"grant usage on all sequences in schema public to {role}")
    cursor.execute("revoke create on schema public from public")
    cursor.execute("revoke execute on all functions in schema public from public")
    cursor.execute(f"grant execute on all functions in schema public to {office}")
    for function in privileges.PUBLIC_FUNCTIONS:
        cursor.execute(f"grant execute on function {function} to {public}")
    for role, table_rights in ((office, privileges.OFFICE), (public, privileges.PUBLIC)):
        for table, rights in table_rights.items():
            cursor.execute(f'grant {rights} on "{table}" to {role}')


SAMPLE_REMARK = "todoku sample: emptied by every ./run demo"


def empty_sample() -> None:
    """Empties a database that the demo marked as sample, or marks one without any table; refuses any other by name.

    The mark is the database's own comment, written before the first table: a demo killed half-way leaves it.
    """
    address = os.environ["DATABASE_URL"]
    name = database_name(address)
    with psycopg.connect(address) as connection:
        tables = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
        remark = connection.execute(
            "select shobj_description(oid, 'pg_database'), current_user from pg_database where datname = %s",
            [name],
        ).fetchone()
        assert tables and remark
        if tables[0] and remark[0] != SAMPLE_REMARK:
            raise WrongDatabase(
                f"データベース「{name}」は見本用ではないため、demo は何も変更しません。"
                "DATABASE_URL を外すか、空のデータベースを指定してください。"
            )
        connection.execute(
            sql.SQL("comment on database {} is {}").format(sql.Identifier(name), sql.Literal(SAMPLE_REMARK))
        )
        if tables[0]:
            connection.execute("drop schema public cascade")
            connection.execute(
                sql.SQL("create schema public authorization {}").format(sql.Identifier(remark[1]))
            )


def mark(purpose: str, *, at: Any, note: str = "") -> None:
    """Says once what this database is for; raises WrongDatabase if it already is for something else."""
    from todoku.ground.tables import DatabaseMark

    found = DatabaseMark.objects.first()
    if found is None:
        DatabaseMark.objects.create(purpose=purpose, created_at=at, note=note)
    elif found.purpose != purpose:
        raise WrongDatabase(
            f"データベース「{database_name(os.environ['DATABASE_URL'])}」は{found.purpose}用です。{purpose}用には別のデータベースを指定してください。"
        )
