"""`database`: starts, stops and looks at the embedded server; opens, dumps or restores the database in use.

A dump goes to standard output and a restore comes from standard input, so that where it is kept is the operator's.
"""

import argparse
import os
import sys
from typing import NoReturn

import psycopg
from psycopg.conninfo import conninfo_to_dict

from todoku.ground import databases, postgres, postgres_binaries, secrets
from todoku.ground.step import Refusal

HELP = (
    "Look at, start or stop the embedded PostgreSQL; open psql on the database in use, dump it or restore it."
)
# Owners and rights are left out: the restored rows belong to whoever restores, and `up` grants the rights anew.
DUMP = ("--format=custom", "--no-owner", "--no-privileges")
RESTORE = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
# libpq's names for what an address holds: in the environment no other user can read the password.
PSQL_ENVIRONMENT = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}


class CannotDump(Refusal):
    """There is nowhere for the dump to go, or no empty database for it to come back to."""


def arguments(parser: argparse.ArgumentParser) -> None:
    what = ("status", "start", "stop", "psql", "dump", "restore")
    parser.add_argument("what", choices=what, nargs="?", default="status")


def run(options: argparse.Namespace) -> int:
    if options.what in ("psql", "dump", "restore"):
        return {"psql": _psql, "dump": _dump, "restore": _restore}[options.what]()
    if options.what == "stop":
        print("stopped" if postgres.stop() else "was not running")
        return 0
    if options.what == "start":
        postgres.ensure()
    return _show(postgres.status())


def _show(status: postgres.Status) -> int:
    """Print where things lie; 0 when the server runs, 3 when not, as service managers expect of a status."""
    print("running" if status.running else "not running")
    print(f"  PostgreSQL {status.version} from {status.programs}")
    print(f"  data {status.data}, run by {status.run_by}")
    print(f"  socket {status.socket}")
    if os.environ.get("DATABASE_URL"):
        print("  not in use: DATABASE_URL names another server")
    return 0 if status.running else 3


def _psql() -> int:
    """Become psql, signed in as the owner of the database in use."""
    _become("psql", _address())


def _dump() -> int:
    """Become pg_dump on the database in use; it reads one moment of it while the doors stay open."""
    if sys.stdout.isatty():
        raise CannotDump(
            "書き出す先がありません。",
            remedy="./run todoku database dump > backup.dump のように、ファイルへ書き出してください。",
        )
    _become("pg_dump", _address(), *DUMP)


def _restore() -> int:
    """Become pg_restore into the database in use, which must be empty: nothing is ever restored over rows."""
    address = _address()
    with psycopg.connect(address) as connection:
        found = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
    assert found is not None
    if found[0]:
        raise CannotDump(
            f"データベース「{databases.database_name(address)}」は空ではないため、復元しません。",
            remedy="TODOKU_DATABASE か DATABASE_URL で、空のデータベースを指定してください。",
        )
    _become("pg_restore", address, *RESTORE, f"--dbname={databases.database_name(address)}")


def _address() -> str:
    secrets.load()
    return databases.open_address()


def _become(name: str, address: str, *words: str) -> NoReturn:
    """Turn this process into one of PostgreSQL's programs, signed in as the owner."""
    environment = {
        PSQL_ENVIRONMENT[key]: str(value)
        for key, value in conninfo_to_dict(address).items()
        if key in PSQL_ENVIRONMENT
    }
    program = postgres_binaries.find().program(name)
    os.execve(program, [program, *words], {**os.environ, **environment})
