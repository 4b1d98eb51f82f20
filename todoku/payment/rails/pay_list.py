"""Pure. The list that is released where no bank is asked (支払一覧): who gets how much, by number; no code, no name."""

from collections.abc import Callable, Iterable
from datetime import date

from todoku.payment.rails.rail import FileOf, PayRow


def write(file: FileOf, rows: Iterable[PayRow]) -> bytes:
    """UTF-8 lines, values between tabs: our number, case number, part, yen. The first line says of what it is the list."""
    lines = [f"todoku-pay-list\t1\t{file.municipality}\t{file.programme}\t{file.batch}\t{file.number}"]
    lines += [f"{row.number}\t{row.case_number}\t{row.part}\t{row.amount_yen}" for row in rows]
    return ("\n".join(lines) + "\n").encode()


def named(word: str) -> Callable[[date, int, int], str]:
    """A function that names such a list's file: what, value date, batch and file number."""

    def file_name(value_date: date, batch: int, number: int) -> str:
        return f"{word}-{value_date:%Y%m%d}-{batch}-{number}.tsv"

    return file_name
