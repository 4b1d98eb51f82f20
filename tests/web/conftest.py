"""Pages are read in the languages of the checkout's own catalogues: compiled before the first page is drawn."""

from tests.money_fixture import day, day_database, signed_in  # noqa: F401
from tests.recovery.orders_ground import orders, orders_database  # noqa: F401
from todoku.ground.assets import compile_catalogues

compile_catalogues()
