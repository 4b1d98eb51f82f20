"""Pure. A number field of a desk: what a scanner or a hand typed in, the 13-digit case number out.

A scanner is a keyboard that ends with Enter; the QR of a sheet carries the number and what sheet it is.
"""

from todoku.formats.codes import plain_number
from todoku.sheets.sheet_codes import read_payload


def scanned_number(typed: str) -> str:
    """The case number of a scanned code or a typed number, in one width without hyphens; whatever else, as typed."""
    plain = plain_number(typed)
    code = read_payload(plain)
    return code.number if code else plain
