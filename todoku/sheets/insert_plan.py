"""Pure. The plan for the inserting machine (封入計画): per piece what goes in, its weight and class, where it lies.

Takes the lines of a run's manifest and how it is enclosed; leaves one line per piece as CSV, and a head of counts. It
goes to the printer, so it carries numbers and codes, never a name or an address.
"""

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from todoku.formats.post_barcode import has_barcode
from todoku.formats.postage import Lot
from todoku.formats.postage_tariff import SIZES, size_of
from todoku.formats.postal_sort import TrayPlan
from todoku.ground.step import Refusal
from todoku.sheets.envelopes import OUTER, REPLY_FOR, Envelope, ReplyEnvelope, fits_unfolded
from todoku.sheets.manifest import ManifestLine

FORMAT = "todoku-insert-plan-1"
ENCODINGS = ("utf-8-sig", "cp932")
COLUMNS = (
    "連番", "照合コード", "トレー", "位置", "把束", "先頭ページ", "ページ数", "用紙枚数", "同封物", "重さg", "厚さmm",
    "封筒", "郵便種別", "手作業", "ロット",
)  # fmt: skip
# A4 copy paper of 64 g/m² weighs 4 g; bulk and air between sheets included it is a tenth of a millimetre.
SHEET_GRAMS, SHEET_MM = 4.0, 0.1
OUTER_MM, REPLY_MM = 0.3, 0.3  # two layers of envelope paper, and their seams


class InsertRefused(Refusal):
    """What was asked for cannot be enclosed."""


class Enclosure(NamedTuple):
    """Something that goes into every envelope besides the letter: name, weight (g), thickness (mm)."""

    name: str
    grams: float
    thickness_mm: float


class Setup(NamedTuple):
    """How a run is enclosed. Weights are of the paper as bought; a sample that was weighed is put in their place."""

    outer: Envelope
    reply: ReplyEnvelope | None = None
    enclosures: tuple[Enclosure, ...] = ()
    duplex: bool = False
    sheet_grams: float = SHEET_GRAMS
    sheet_mm: float = SHEET_MM


class InsertLine(NamedTuple):
    """One piece for the machine: `code` is what its camera reads on the first sheet, `size` one of postage_tariff.SIZES."""

    piece_no: int
    code: str
    tray: int
    position: int
    bundle: int
    first_page: int
    pages: int
    sheets: int
    enclosures: str
    grams: int
    thickness_mm: float
    envelope: str
    size: str
    hand_work: str


def setup_for(outer: str, *, reply: bool, leaflets: Sequence[Enclosure] = (), duplex: bool = False) -> Setup:
    """A setup by the code of the outer envelope, with the reply envelope that lies in it unfolded."""
    if outer not in OUTER:
        raise InsertRefused(f"封筒「{outer}」は知りません。使えるのは {'、'.join(OUTER)} です。")
    return Setup(OUTER[outer], REPLY_FOR[outer] if reply else None, tuple(leaflets), duplex)


def insert_plan(lines: Iterable[ManifestLine], trays: TrayPlan, setup: Setup) -> list[InsertLine]:
    """One line for each piece of the manifest, in its order. Raises InsertRefused for a reply envelope that would have
    to be folded and for a piece without a code; PostageRefused where the post does not carry a piece."""
    if setup.reply and not fits_unfolded(setup.outer, setup.reply):
        raise InsertRefused(
            f"返信用封筒（{setup.reply.name}）は、{setup.outer.name}に折らずに入りません。"
            "小さい返信用封筒か、大きい送付用封筒にしてください。"
        )
    names = "＋".join(
        [*([f"返信用封筒（{setup.reply.name}・折らない）"] if setup.reply else []), *(one.name for one in setup.enclosures)]
    )  # fmt: skip
    plan, classed = [], dict[int, tuple[int, float, str]]()
    for line in lines:
        if not line.code:
            raise InsertRefused(
                f"連番{line.piece_no}に照合コードがありません。この印刷ロットを作り直してください。"
            )
        sheets = math.ceil(line.pages / 2) if setup.duplex else line.pages
        if sheets not in classed:
            classed[sheets] = _weighed(sheets, setup)
        grams, thick, size = classed[sheets]
        place = trays.place(line.piece_no)
        plan.append(
            InsertLine(
                line.piece_no, line.code, place.tray, place.position, place.bundle, line.first_page, line.pages, sheets,
                names, grams, thick, setup.outer.name, size, line.hand_work,
            )
        )  # fmt: skip
    assert len(plan) == len(trays.pieces), "the plan and the trays hold the same pieces"
    return plan


def _weighed(sheets: int, setup: Setup) -> tuple[int, float, str]:
    """Grams (rounded up), thickness in mm and size of mail of an envelope with so many sheets."""
    grams = sheets * setup.sheet_grams + setup.outer.grams + sum(one.grams for one in setup.enclosures)
    thick = sheets * setup.outer.layers * setup.sheet_mm + OUTER_MM
    thick += sum(one.thickness_mm for one in setup.enclosures)
    if setup.reply:
        grams, thick = grams + setup.reply.grams, thick + REPLY_MM
    whole = math.ceil(grams)
    return whole, round(thick, 1), size_of(setup.outer.width, setup.outer.height, thick, whole)


def lots(plan: Sequence[InsertLine], codes: Mapping[int, str]) -> list[Lot]:
    """The pieces as lots for the postage estimate; `codes`: piece → postal code."""
    held: dict[tuple[str, int, float, bool], Counter[str]] = {}
    for line in plan:
        code = codes[line.piece_no]
        key = (line.size, line.grams, line.thickness_mm, has_barcode(code))
        held.setdefault(key, Counter())[code] += 1
    return [Lot(*key, counted) for key, counted in held.items()]


def as_csv(plan: Sequence[InsertLine], run_label: str, encoding: str = "utf-8-sig") -> bytes:
    """The plan as the machine's software reads it, in one of ENCODINGS."""
    assert encoding in ENCODINGS, f"a plan is not written in {encoding}"
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for line in plan:
        rows.writerow((*line._replace(size=SIZES[line.size]), run_label))
    return text.getvalue().encode(encoding)


def head(
    plan: Sequence[InsertLine], setup: Setup, run_label: str, data: bytes, encoding: str
) -> dict[str, Any]:
    """The counts by which the printer and the office check the plan, in JSON's kinds of value."""
    sizes = Counter(line.size for line in plan)
    sheets = Counter(line.sheets for line in plan)
    return {
        "format": FORMAT,
        "run": run_label,
        "pieces": len(plan),
        "pages": sum(line.pages for line in plan),
        "sheets": sum(line.sheets for line in plan),
        "pieces_by_sheets": {str(count): sheets[count] for count in sorted(sheets)},
        "pieces_by_size": {SIZES[size]: sizes[size] for size in sorted(sizes)},
        "hand_work": sum(bool(line.hand_work) for line in plan),
        "trays": max((line.tray for line in plan), default=0),
        "outer": setup.outer.name,
        "reply": setup.reply.name if setup.reply else "",
        "reply_unfolded": bool(setup.reply),
        "enclosures": [one.name for one in setup.enclosures],
        "duplex": setup.duplex,
        "encoding": encoding,
        "sha256": sha256(data).hexdigest(),
    }
