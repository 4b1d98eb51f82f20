"""What must hold is held by the database itself: roles, privileges and the arrows of the stages."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection

from todoku import privileges
from todoku.case.stages import ARROWS


def test_every_table_has_its_privileges_named():
    tables = {model._meta.db_table for model in apps.get_app_config("todoku").get_models()}
    assert tables <= set(privileges.OFFICE)


def test_tests_connect_as_the_office_and_not_as_a_superuser(database):
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_user, rolsuper, rolcreaterole from pg_roles where rolname = current_user"
        )
        name, superuser, creates = cursor.fetchone()
    assert name.endswith("_office")
    assert (superuser, creates) == (False, False)


@pytest.mark.parametrize(
    "table", ["todoku_person", "todoku_staff", "todoku_transfer", "todoku_officesession", "todoku_case"]
)
def test_the_public_role_cannot_read_what_is_not_its_own(database, as_public, table):
    with as_public(), connection.cursor() as cursor, pytest.raises(DatabaseError, match="permission denied"):
        cursor.execute(f"select 1 from {table} limit 1")
    assert connection.settings_dict["USER"].endswith("_office")


@pytest.mark.parametrize(
    "table", ["todoku_transfer", "todoku_batch", "todoku_caseevent", "todoku_auditevent", "todoku_approval"]
)
def test_the_office_cannot_delete_money_or_history(database, table):
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="permission denied"):
        cursor.execute(f"delete from {table}")
    connection.close()
    assert f"{table}" in privileges.OFFICE


def test_the_arrows_of_the_database_are_those_of_the_stages(database):
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_get_constraintdef(oid) from pg_constraint where conname = 'a_move_follows_an_arrow'"
        )
        text = cursor.fetchone()[0]
    assert all(f"'{arrow.source}>{arrow.target}'" in text for arrow in ARROWS)
    assert text.count(">") - text.count("=>") >= len(ARROWS)
