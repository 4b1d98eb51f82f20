"""`database`: starts, stops and looks at the embedded server, or opens psql on the database in use."""

import argparse
import os

from psycopg.conninfo import conninfo_to_dict

from todoku.ground import databases, postgres, postgres_binaries, secrets

HELP = "Look at, start or stop the embedded PostgreSQL, or open psql on the database in use."
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


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("status", "start", "stop", "psql"), nargs="?", default="status")


def run(options: argparse.Namespace) -> int:
    if options.what == "psql":
        return _psql()
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
    secrets.load()
    address = conninfo_to_dict(databases.open_address())
    environment = {
        PSQL_ENVIRONMENT[key]: str(value) for key, value in address.items() if key in PSQL_ENVIRONMENT
    }
    psql = postgres_binaries.find().program("psql")
    os.execve(psql, [psql], {**os.environ, **environment})
