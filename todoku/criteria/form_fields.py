"""Pure. Where on the form (申請書) a finding's field stands: its name, and the boxes of the design that it covers.

Takes the boxes of a design as they were printed; leaves rectangles in mm. What concerns no field of the form has no place.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

# A finding's field → its name on the form, and the beginnings of its boxes' names.
PLACES: dict[str, tuple[str, tuple[str, ...]]] = {
    "applicant": ("申請者", ("name",)),
    "members": ("対象者の欄", ("member_", "listed_")),
    "applied_on": ("申請日", ("applied_",)),
    "signature": ("署名", ("signature",)),
    "phone": ("電話番号", ("day_phone",)),
    "proxy": ("代理人の欄", ("proxy",)),
    "decline": ("辞退の欄", ("decline",)),
    "rail": ("受取方法", ("rail_", "use_known_account")),
    "account": ("口座", ("bank_", "branch_", "kind_", "account_number")),
    "yucho": ("ゆうちょの記号・番号", ("yucho_",)),
    "holder_kana": ("口座名義（カナ）", ("holder_kana",)),
    "identity": ("本人確認書類", ("attach_identity",)),
    "account_proof": ("口座確認書類", ("attach_account",)),
}
# What a person set by hand carries no field: where each code usually stands.
FIELD_OF_CODE = {
    "D02": "signature", "D03": "signature", "D04": "phone", "D05": "applicant", "D06": "proxy", "D07": "rail",
    "D10": "account", "D11": "account", "D12": "holder_kana", "D13": "account", "D14": "yucho", "D20": "identity",
    "D21": "identity", "D22": "identity", "D23": "identity", "D24": "identity", "D25": "identity", "D26": "identity",
    "D27": "identity",
    "D30": "account_proof",
    "D31": "account_proof", "D50": "decline", "D51": "members",
}  # fmt: skip


class Place(NamedTuple):
    """One rectangle of a page, in mm."""

    page: int
    x: float
    y: float
    w: float
    h: float


class Drawn(NamedTuple):
    """A page of a design as it is drawn: the boxes to be filled in, and around which fields."""

    page: int
    boxes: tuple[Place, ...]
    fields: Mapping[str, Place]


def pages_of(rows: Iterable[Mapping[str, Any]], wanted: Iterable[str]) -> tuple[Drawn, ...]:
    """The pages of a design on which a wanted field or a box to be filled in stands; `rows` as kept with a print run."""
    fields, pages = tuple(wanted), []
    for number, row in enumerate(rows, 1):
        boxes = [(box["name"], _place(number, box), box["role"]) for box in row["boxes"]]
        entries = tuple(place for _, place, role in boxes if role == "entry")
        found = {field: place for field in fields if (place := _around(field, boxes))}
        if entries or found:
            pages.append(Drawn(number, entries, found))
    return tuple(pages)


def _place(page: int, box: Mapping[str, Any]) -> Place:
    return Place(page, round(box["x"], 2), round(box["y"], 2), round(box["w"], 2), round(box["h"], 2))


def _around(field: str, boxes: Iterable[tuple[str, Place, str]]) -> Place | None:
    """The rectangle around all boxes of a field on one page; None where it has none there."""
    starts = PLACES[field][1] if field in PLACES else ()
    found = [place for name, place, _ in boxes if starts and name.startswith(starts)]
    if not found:
        return None
    left, top = min(one.x for one in found), min(one.y for one in found)
    right, bottom = max(one.x + one.w for one in found), max(one.y + one.h for one in found)
    return Place(found[0].page, left, top, round(right - left, 2), round(bottom - top, 2))
