"""The bytes of a batch's bank file (総合振込), rendered from its rows: the same rows give the same bytes, always."""

from todoku.formats import bank_master, zengin
from todoku.payment.tables import Batch, Transfer

# Order of the records: by bank and branch as banks like it, then by our own number, so that it never depends on time.
ORDER = ("bank", "branch", "number")
HEADER_LINES = 1


def header_of(batch: Batch) -> zengin.Header:
    """Who pays, from which account, on which day, under the name that passbooks will show."""
    payer = batch.programme.municipality
    return zengin.Header(
        client_code=payer.requester_code,
        client_name=batch.programme.terms.passbook_kana,
        value_date=zengin.mmdd(batch.value_date),
        bank=payer.bank_code,
        bank_name=bank_kana_name(payer.bank_code),
        branch=payer.branch_code,
        branch_name=branch_kana_name(payer.bank_code, payer.branch_code),
        account_kind=payer.account_kind,
        account_number=payer.account_number,
    )


def rows_of(batch: Batch) -> list[zengin.Row]:
    """One record for each transfer of the batch that is not void, in the order of the file."""
    transfers = (
        Transfer.objects.filter(batch=batch)
        .exclude(state="void")
        .order_by(*ORDER)
        .values_list("number", "bank", "branch", "kind", "account_number", "holder_kana", "amount_yen")
    )
    return [
        zengin.Row(
            bank=bank, bank_name=bank_kana_name(bank), branch=branch, branch_name=branch_kana_name(bank, branch),
            account_kind=kind, account_number=account, name=holder, amount=amount, customer_code_1=number,
        )
        for number, bank, branch, kind, account, holder, amount in transfers
    ]  # fmt: skip


def profile_of(batch: Batch) -> zengin.Profile:
    """What the contract with the municipality's paying bank settles about the file."""
    return zengin.PROFILES[batch.programme.municipality.bank_profile]


def render(batch: Batch) -> tuple[bytes, dict[int, str]]:
    """The file and which transfer number stands on which line (the header is line 1). Raises formats.ZenginRefused."""
    rows = rows_of(batch)
    return zengin.general_transfer(header_of(batch), rows, profile_of(batch)), numbers_by_line(rows)


def numbers_by_line(rows: list[zengin.Row]) -> dict[int, str]:
    return {line: row.customer_code_1 for line, row in enumerate(rows, HEADER_LINES + 1)}


def bank_kana_name(code: str) -> str:
    found = bank_master.bank(code)
    return found.kana if found else ""


def branch_kana_name(bank_code: str, branch_code: str) -> str:
    found = bank_master.branch(bank_code, branch_code)
    return found.kana if found else ""
