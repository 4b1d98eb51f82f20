"""Pure. What a rail says of itself (支給手段): plain values and one function that writes its file.

The rows of a batch go in, in the order of the file; bytes come out. A rail never looks at a database.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from todoku.formats.zengin_layout import Header, Profile


class PayRow(NamedTuple):
    """One payment as a file needs it: our 10-digit number, case number, part, yen; the account where the rail has one."""

    number: str
    case_number: str
    part: int
    amount_yen: int
    bank: str = ""
    branch: str = ""
    kind: int = 0
    account_number: str = ""
    holder: str = ""


class FileOf(NamedTuple):
    """What all rows of one file share: municipality code, programme slug, batch, file number, who pays and how."""

    municipality: str
    programme: str
    batch: int
    number: int
    header: Header
    profile: Profile


class Rail(NamedTuple):
    """A rail: code in the database, Japanese name, whether it needs an account, its file's name and writer.

    `proven`: its files are bank files that the independent verifier reads before they are sealed.
    `at_once`: what the municipality releases needs no answer from a bank; releasing is the confirmation.
    """

    code: str
    name: str
    needs_account: bool
    proven: bool
    at_once: bool
    file_name: Callable[[date, int, int], str]
    write: Callable[[FileOf, Iterable[PayRow]], bytes]
