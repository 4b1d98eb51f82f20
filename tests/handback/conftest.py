"""The busy town for these tests: everything has happened there that a bundle must tell."""

from tests.main_job_fixture import busy_database, busy_town  # noqa: F401
