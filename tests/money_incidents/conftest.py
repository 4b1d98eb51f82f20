"""`money`: twelve households for whom 支給 is decided, from the money room's own fixture."""

from tests.payment.conftest import decided_database, money  # noqa: F401
