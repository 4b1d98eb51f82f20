"""Pure. The rails over which money reaches a resident (支給手段): one file each, one line each in RAILS."""

from todoku.payment.rails import bank, cash, gift, registered_mail
from todoku.payment.rails.rail import FileOf, PayRow, Rail

__all__ = ["RAILS", "FileOf", "PayRow", "Rail"]

RAILS: dict[str, Rail] = {rail.code: rail for rail in (bank.RAIL, gift.RAIL, cash.RAIL, registered_mail.RAIL)}
