"""Pure. The bank (口座振込): a 総合振込 file that the municipality's treasurer hands over."""

from collections.abc import Iterable, Iterator

from todoku.formats import bank_master, zengin
from todoku.formats.payment_bundle import bank_file_name
from todoku.payment.rails.rail import FileOf, PayRow, Rail


def write(file: FileOf, rows: Iterable[PayRow]) -> bytes:
    """The file's bytes; raises formats.ZenginRefused naming line and field."""
    return zengin.general_transfer(file.header, _records(rows), file.profile)


def _records(rows: Iterable[PayRow]) -> Iterator[zengin.Row]:
    for row in rows:
        yield zengin.Row(
            bank=row.bank, bank_name=bank_kana_name(row.bank), branch=row.branch,
            branch_name=branch_kana_name(row.bank, row.branch), account_kind=row.kind,
            account_number=row.account_number, name=row.holder, amount=row.amount_yen, customer_code_1=row.number,
        )  # fmt: skip


def bank_kana_name(code: str) -> str:
    found = bank_master.bank(code)
    return found.kana if found else ""


def branch_kana_name(bank_code: str, branch_code: str) -> str:
    found = bank_master.branch(bank_code, branch_code)
    return found.kana if found else ""


RAIL = Rail("bank", "口座振込", True, True, False, bank_file_name, write)
