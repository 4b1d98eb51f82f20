"""Pure. How an address stands on an envelope, and the guard of every print run: 支援措置 never in an ordinary one.

Pages ask `people.address_guard`; whatever is printed asks `on_envelope`. It shows nothing and records nothing.
"""

from typing import NamedTuple

from todoku.formats.post_barcode import has_barcode
from todoku.formats.postal import split_address
from todoku.ground.step import Refusal


class AddressWithheld(Refusal):
    """The address of a protected person was asked for where it must not appear."""


class MailAddress(NamedTuple):
    """An address as it stands in the window: code of 7 digits or "", lines, and what the customer barcode carries."""

    postal_code: str
    lines: tuple[str, ...]
    barcode_rest: str


def on_envelope(
    postal_code: str, address: str, building: str, *, protected: bool, protected_run: bool
) -> MailAddress:
    """The address for a printed piece. Raises AddressWithheld for a protected person in an ordinary run."""
    if protected and not protected_run:
        raise AddressWithheld(
            "支援措置の方の宛先は、通常の印刷には使えません。支援措置の方だけの印刷を作成してください。"
        )
    _, rest = split_address(postal_code, address) if has_barcode(postal_code) else ("", "")
    lines = tuple(line for line in (address, building) if line)
    return MailAddress(postal_code, lines, f"{rest}　{building}".strip("　"))
