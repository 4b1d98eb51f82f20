"""The decided households of the payment tests, for what the bank says afterwards."""

from tests.payment.conftest import decided_database, money  # noqa: F401
