"""Pure. The two codes of a sheet as PDF drawing: the QR that names the sheet, and the bars of the customer barcode.

QR payload, 17 digits: the case's number (13, the last is its check digit), the page of the piece (2), what kind of
sheet it is (1), and the last digit of the issue of the door key that the case had when it was printed (1). Digits
alone keep the symbol at its smallest size (21 modules) with the strongest error correction (H, 30 %): 17 are its limit.
"""

import re
from collections.abc import Callable
from enum import IntEnum
from operator import itemgetter
from typing import NamedTuple

import zint

PAGES_MAX = 99  # two digits of the payload
# A fixed mask: choosing the best of eight costs more than the rest of the page; readers accept any (a test decodes).
QR_MASK = 3
QR_MODULES = 21
QUIET_MODULES = 4  # ISO/IEC 18004: the light border around a symbol
_ROW_BYTES = 144  # how zint lays out encoded_data: 1152 modules a row, lowest bit first
_PICK = itemgetter(*(row * _ROW_BYTES + byte for row in range(QR_MODULES) for byte in range(3)))
_MIRROR = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))

# カスタマバーコード at a = 9 pt: the official sizes at 10 pt (long 3.6, timing 1.2, pitch 1.2, bar 0.6 mm) × 0.9.
BAR_SCALE = 0.9
BAR_PITCH, BAR_WIDTH, BAR_LONG, BAR_TIMING = (
    1.2 * BAR_SCALE,
    0.6 * BAR_SCALE,
    3.6 * BAR_SCALE,
    1.2 * BAR_SCALE,
)


class SheetKind(IntEnum):
    """What a sheet is, as its QR says it; 0 is never printed."""

    FORM = 1  # 申請書
    GUIDE = 2  # 控え, stays with the resident
    MEMBERS = 3  # further members of the form
    LETTER = 4  # a letter that stays with the resident
    ACCOUNT = 5  # 口座届
    ATTACHMENTS = 6  # 貼付台紙
    DECLINE = 7  # 辞退届
    REPRESENTATIVE = 8  # 代理手続申立書
    SLIP = 9  # 納付書


# Which kind of sheet each base page is: template and its page (from 1). A page that is not here cannot be printed.
SHEET_KINDS: dict[tuple[str, int], SheetKind] = {
    ("form", 1): SheetKind.FORM,
    ("form", 2): SheetKind.GUIDE,
    ("form", 3): SheetKind.MEMBERS,
    ("form", 4): SheetKind.ATTACHMENTS,
    ("letter", 1): SheetKind.LETTER,
    ("letter", 2): SheetKind.LETTER,
    ("letter", 3): SheetKind.ACCOUNT,
    ("letter", 4): SheetKind.ATTACHMENTS,
    ("letter", 5): SheetKind.SLIP,
    ("letter", 6): SheetKind.FORM,  # the signature that a form lacked
    ("letter", 7): SheetKind.DECLINE,
    ("letter", 8): SheetKind.REPRESENTATIVE,
    ("postcard", 1): SheetKind.LETTER,
    ("postcard", 2): SheetKind.LETTER,
    ("gift", 1): SheetKind.LETTER,
    ("gift", 2): SheetKind.LETTER,
}


class SheetCode(NamedTuple):
    """What the QR of a sheet says: whose, which page of the piece, which kind of sheet (1–9), the issue modulo 10."""

    number: str
    page: int
    sheet: int
    issue: int


def qr_payload(number: str, page: int, sheet: int, issue: int) -> str:
    """The digits that the QR of this page carries; of the issue its last digit."""
    assert len(number) == 13 and number.isdecimal() and number.isascii(), "a number has 13 digits"
    assert 1 <= page <= PAGES_MAX, f"page {page} has no place in the code"
    assert 1 <= sheet <= 9, f"{sheet} is no kind of sheet"
    return f"{number}{page:02d}{sheet}{issue % 10}"


def read_payload(text: str) -> SheetCode | None:
    """What a decoded QR says, or None if it is not one of ours (check the number's check digit besides)."""
    found = re.fullmatch(r"([0-9]{13})([0-9]{2})([1-9])([0-9])", text)
    if not found or not int(found[2]):
        return None
    return SheetCode(found[1], int(found[2]), int(found[3]), int(found[4]))


def qr_drawer() -> Callable[[str], str]:
    """A function from payload to an inline image of 1 × 1 unit: dark modules painted, light ones left alone.

    Hexadecimal data, because an inline image of raw bytes may contain its own end mark.
    """
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.QRCODE
    head = f"BI/W {QR_MODULES}/H {QR_MODULES}/BPC 1/IM true/D[1 0]/F/AHx ID "

    def draw(payload: str) -> str:
        symbol.clear()
        symbol.option_1 = 4  # H
        symbol.option_2 = 1  # version 1, 21 modules
        symbol.option_3 = (QR_MASK + 1) << 8
        symbol.encode(payload)
        rows = bytes(_PICK(bytes(symbol.encoded_data)))
        return f"{head}{rows.translate(_MIRROR).hex()}> EI"

    return draw


def code_drawer() -> Callable[[str], str]:
    """As qr_drawer for any text, in the size that it needs, with error correction M (15 %): a code beside white paper.

    A light border of four modules, which readers need, is part of the image.
    """
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.QRCODE

    def draw(payload: str) -> str:
        symbol.clear()
        symbol.option_1 = 2  # M
        symbol.encode(payload)
        size, modules = symbol.rows, bytes(symbol.encoded_data)
        side = size + 2 * QUIET_MODULES
        blank = bytes((side + 7) // 8)
        rows = [blank] * QUIET_MODULES
        for row in range(size):
            line = modules[row * _ROW_BYTES : (row + 1) * _ROW_BYTES].translate(_MIRROR)
            bits = int.from_bytes(line, "big") >> (8 * _ROW_BYTES - size)
            rows.append((bits << (8 * len(blank) - QUIET_MODULES - size)).to_bytes(len(blank), "big"))
        data = b"".join([*rows, *[blank] * QUIET_MODULES]).hex()
        return f"BI/W {side}/H {side}/BPC 1/IM true/D[1 0]/F/AHx ID {data}> EI"

    return draw


def bar_glyphs() -> dict[str, str]:
    """Type 3 glyph procedures by bar (1 long, 2 upper, 3 lower, 4 timing), in µm with the middle line at 0."""
    top, timing = BAR_LONG * 500, BAR_TIMING * 500
    spans = {"1": (-top, top), "2": (-timing, top), "3": (-top, timing), "4": (-timing, timing)}
    box = f"{BAR_PITCH * 1000:.0f} 0 0 {-top:.0f} {BAR_WIDTH * 1000:.0f} {top:.0f} d1"
    return {
        bar: f"{box} 0 {low:.0f} {BAR_WIDTH * 1000:.0f} {high - low:.0f} re f"
        for bar, (low, high) in spans.items()
    }
