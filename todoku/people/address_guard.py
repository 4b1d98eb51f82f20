"""Pure. The one guard for addresses: who reads decides whether an address under 支援措置 is shown at all.

Takes an address, the mark of its household, and whether this reader opened it on purpose; gives what a page may show.
Violence and stalking victims have been found through a page that showed an address to whoever could open it.
"""

from todoku.people.access import may

HIDDEN = "非表示（支援措置）"


def shown_address(
    postal_code: str, address: str, building: str, *, protected: bool, roles: frozenset[str], opened: bool = False
) -> str:  # fmt: skip
    """The address in one line, or HIDDEN. `protected`: anybody of the household is under 支援措置; `opened`: the
    reader asked for it, gave a reason, and that look was recorded."""
    if protected and not (opened and may(roles, "case.view_protected")):
        return HIDDEN
    code = f"〒{postal_code[:3]}-{postal_code[3:]} " if len(postal_code) == 7 else ""
    return f"{code}{address} {building}".strip()
