"""The town that offers every rail, of the payment tests, for codes and cash on their way to the person."""

from tests.payment.conftest import (  # noqa: F401
    decided_database,
    money,
    rails,
    rails_by_sms,
    rails_database,
)
