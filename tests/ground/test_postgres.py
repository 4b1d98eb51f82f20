"""The embedded server: made once, reached only with its password, back after every kind of death."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from todoku.ground import postgres, postgres_binaries
from todoku.ground.places import ROOT


def _ask(server: postgres.Server, question: str, database: str = "postgres") -> object:
    with psycopg.connect(server.url(database), autocommit=True) as connection:
        answer = connection.execute(question)  # type: ignore[call-overload]
        return answer.fetchone()[0] if answer.description else None


def _postmaster(data: Path) -> int:
    return int((data / "postmaster.pid").read_text().splitlines()[0])


def test_the_first_start_gives_a_server_that_only_its_password_opens(open_var: Path) -> None:
    server = postgres.ensure()
    assert _ask(server, "select 1") == 1
    assert _ask(server, "show listen_addresses") == ""
    assert _ask(server, "show data_checksums") == "on"
    assert _ask(server, "select count(*) from pg_hba_file_rules where auth_method <> 'scram-sha-256'") == 0
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(
            host=server.host, port=server.port, user=server.user, password="wrong", dbname="postgres"
        )


def test_the_password_is_shown_in_no_text_of_the_server(open_var: Path) -> None:
    server = postgres.ensure()
    assert server.password not in repr(server)
    assert server.password not in (postgres.status().data.parent / "server.log").read_text()


def test_names_in_kana_and_kanji_are_found_by_their_parts(open_var: Path) -> None:
    server = postgres.ensure()
    _ask(server, "create extension pg_trgm")
    assert _ask(server, "select cardinality(show_trgm('ヤマダタロウ'))") == 7
    assert _ask(server, "select '髙﨑' collate \"C\" < '𠮷' collate \"C\"") is True


def test_asking_twice_starts_one_server(open_var: Path) -> None:
    postgres.ensure()
    first = _postmaster(postgres.status().data)
    postgres.ensure()
    assert _postmaster(postgres.status().data) == first


def test_processes_that_ask_at_the_same_moment_get_one_server(open_var: Path) -> None:
    ask = (
        "import psycopg; from todoku.ground import postgres; "
        "print(psycopg.connect(postgres.ensure().url('postgres'))"
        ".execute('select pg_postmaster_start_time()').fetchone()[0])"
    )
    asking = [
        subprocess.Popen([sys.executable, "-c", ask], cwd=ROOT, env=os.environ.copy(), stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    heard = [process.communicate(timeout=120)[0] for process in asking]
    assert all(heard)
    assert len(set(heard)) == 1  # and the server outlived the process that started it


def test_a_stopped_server_says_so_and_starts_again_with_its_rows(open_var: Path) -> None:
    server = postgres.ensure()
    _ask(server, "create table kept as select 7 as number")
    assert postgres.status().running
    assert postgres.stop() is True
    assert not postgres.status().running
    assert postgres.stop() is False
    assert _ask(postgres.ensure(), "select number from kept") == 7


def test_a_server_killed_while_it_writes_comes_back_with_what_was_committed(open_var: Path) -> None:
    server = postgres.ensure()
    _ask(server, "create table paid (number integer primary key)")
    _ask(server, "insert into paid select generate_series(1, 1000)")
    busy = psycopg.connect(server.url("postgres"))  # an open transaction: its backend outlives the postmaster
    busy.execute("insert into paid select generate_series(1001, 2000)")
    killed = _postmaster(postgres.status().data)
    os.kill(killed, signal.SIGKILL)
    server = postgres.ensure()
    assert _postmaster(postgres.status().data) != killed
    assert _ask(server, "select count(*) from paid") == 1000
    with pytest.raises(psycopg.OperationalError):
        busy.execute("select 1")
    busy.close()


def test_a_lock_whose_number_belongs_to_another_program_does_not_keep_the_server_down(open_var: Path) -> None:
    postgres.ensure()
    data = postgres.status().data
    left = (data / "postmaster.pid").read_text().splitlines()
    postgres.stop()
    # As after a power cut, when the system gave the old server's number to something else: here, to this test.
    (data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *left[1:]]) + "\n")
    assert _ask(postgres.ensure(), "select 1") == 1


def test_an_interrupted_first_start_is_begun_anew(open_var: Path) -> None:
    making = open_var / "postgres" / "data-making"
    making.mkdir(parents=True)
    (making / "PG_VERSION").write_text("18\n")
    assert _ask(postgres.ensure(), "select 1") == 1
    assert not making.exists()


def test_a_deep_state_folder_gets_a_short_socket(open_var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = open_var / ("とても深い場所" * 5) / "var"
    deep.mkdir(parents=True)
    monkeypatch.setenv("TODOKU_VAR", str(deep))
    server = postgres.ensure()
    assert _ask(server, "select 1") == 1
    assert len(os.fsencode(f"{server.host}/.s.PGSQL.{server.port}")) <= 107
    assert Path(server.host).stat().st_mode & 0o777 == 0o700


def test_a_closed_checkout_gets_a_server_all_the_same(
    open_var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = open_var / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setenv("TODOKU_VAR", str(closed / "var"))
    assert _ask(postgres.ensure(), "select 1") == 1
    status = postgres.status()
    # Root's server runs as somebody who cannot enter: it lives outside, and a note in var/ says where.
    lives_outside = os.geteuid() == 0
    assert status.data.is_relative_to(closed) is not lives_outside
    assert (closed / "var" / "postgres-lies-at.txt").exists() is lives_outside


def test_data_whose_password_is_lost_is_refused_by_name(open_var: Path) -> None:
    postgres.ensure()
    postgres.stop()
    (open_var / "secrets" / "postgres-superuser").unlink()
    with pytest.raises(postgres.ServerRefused) as refused:
        postgres.ensure()
    assert "合言葉" in refused.value.sentence
    assert refused.value.remedy
    (open_var / "secrets" / "postgres-superuser").write_text("back\n")


def test_data_of_another_release_is_refused_before_anything_touches_it(open_var: Path) -> None:
    postgres.ensure()
    postgres.stop()
    (postgres.status().data / "PG_VERSION").write_text("14\n")
    with pytest.raises(postgres.ServerRefused) as refused:
        postgres.ensure()
    assert "PostgreSQL 14" in refused.value.sentence


def test_a_failed_statement_leaves_no_value_of_a_row_in_the_log(open_var: Path) -> None:
    server = postgres.ensure()
    _ask(server, "create table person (name text primary key)")
    _ask(server, "insert into person values ('試験花子')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        _ask(server, "insert into person values ('試験花子')")
    log = (postgres.status().data.parent / "server.log").read_text()
    assert "duplicate key" in log
    assert "試験花子" not in log


def test_a_named_folder_without_postgres_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TODOKU_PG_BIN", str(tmp_path))
    with pytest.raises(postgres_binaries.NoPostgres) as refused:
        postgres_binaries.find()
    assert str(tmp_path) in refused.value.sentence


def test_an_operators_own_server_is_the_one_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@db.example/town")
    assert postgres.database_url() == "postgresql://somebody@db.example/town"
