"""Pure. The one guard for addresses: who may see one, and how it stands on an envelope.

Pages ask `shown_address`, print runs ask `on_envelope`. The address of a person under 支援措置 is shown to nobody but
those whose role says so, and is printed only in a run made for protected persons alone.
"""

from typing import NamedTuple

from todoku.formats.post_barcode import has_barcode
from todoku.formats.postal import split_address
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.actor import Actor

WITHHELD = "住所は表示できません（支援措置）。業務責任者に確認してください。"


class AddressWithheld(Refusal):
    """The address of a protected person was asked for where it must not appear."""


class MailAddress(NamedTuple):
    """An address as it stands in the window: code of 7 digits or "", lines, and what the customer barcode carries."""

    postal_code: str
    lines: tuple[str, ...]
    barcode_rest: str


def may_see(reader: Actor, *, protected: bool) -> bool:
    """Whether this reader may see an address; those of protected persons need a role of their own."""
    return not protected or may(reader.roles, "case.view_protected")


def shown_address(postal_code: str, address: str, building: str, *, protected: bool, reader: Actor) -> str:
    """The address in one line for a page, or the sentence that stands in its place. The page records the look."""
    if not may_see(reader, protected=protected):
        return WITHHELD
    code = f"〒{postal_code[:3]}-{postal_code[3:]}　" if postal_code else ""
    return f"{code}{address}　{building}".rstrip("　")


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
