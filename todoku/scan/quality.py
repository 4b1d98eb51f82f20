"""Pure. Whether the picture of a page is good enough: dark, faint, blurred, cut, too long (two sheets), crooked, blank.

Takes pixels and, if there is one, the registration; leaves codes with Japanese sentences. Decides nothing about the case.
"""

from collections.abc import Mapping

import cv2
import numpy as np

from todoku.scan.crop import patch, to_pixels
from todoku.scan.levels import levels
from todoku.scan.reading import MM_PER_INCH, PAPER_MM, Grey, PageProblem, Registration
from todoku.sheets.form_layout import Box

# Limits, each parted by tests/scan/test_quality.py from what it must let pass.
PAPER_DARK, PRINT_FAINT = (
    120,
    60,
)  # of 255: level of the paper; difference between paper and the darkest print
BLUR_MM = (
    0.32  # of the step from paper to ink; a sharp scan at 150 dpi has 0.15; from 0.36 on ticks were misread
)
BLUR_SCALE = 8.0  # pixels a millimetre
SKEW_DEGREES = 4.0
LONGER_MM, SHORTER_MM = 18.0, 25.0  # a long page is two sheets that were drawn in as one
CUT_MM = 1.0  # how far a mark's outer corner may lie outside the picture
BLANK_INK_MM2 = 3.0  # on the whole page: less than three letters
BLEEDING = 30  # of 255: print of the other side shines through by 10 to 25; a faint pencil has 40
INK_DPI = 75
EDGE_MM = 6.0  # shadows of the edge, punch holes and staples do not make a page written on
SENTENCES = {
    "too_dark": "画像が暗すぎます。読取機の濃さを下げて読み直してください。",
    "too_faint": "印刷や文字がうすすぎます。読取機の濃さを上げて読み直してください。",
    "blurred": "画像がぼやけています。読取機のガラスを拭いて読み直してください。",
    "cut": "紙の端が切れています。紙をそろえて読み直してください。",
    "too_short": "紙が途中で切れています（A4より短い）。紙を確かめて読み直してください。",
    "two_sheets": "2枚が重なって送られたようです。紙を1枚ずつにして読み直してください。",
    "crooked": "紙が大きく傾いています。読み直してください。",
    "no_marks": "四隅の印が足りません。記入欄の位置が確かでないため、原本を見て確かめてください。",
    "three_marks": "四隅の印が1つ見つかりません。記入欄の位置は残りの3つで合わせました。",
    "two_codes": "1ページに2通の番号があります。紙を1枚ずつにして読み直してください。",
    "unknown_sheet": "この様式の記入欄の位置が登録されていません。",
    "my_number": "マイナンバーと思われる12桁を塗りつぶしました。原本の番号も隠してください。",
    "my_number_doubtful": "マイナンバーかもしれない数字を塗りつぶしました。原本を見て確かめてください。",
    "my_number_unread": "マイナンバーかもしれない数字を、線や印のため読み取れずに塗りつぶしました。原本を見て確かめてください。",
}


def problem(code: str) -> PageProblem:
    """The problem of this code with its sentence."""
    return PageProblem(code, SENTENCES[code])


def paper_and_ink(grey: Grey) -> tuple[float, float]:
    """The grey of the paper, and of the darkest hundredth of a square centimetre of a page, from every 25th pixel."""
    paper, ink = levels(np.ascontiguousarray(grey[::5, ::5]), 70, 0.03)
    return paper, ink


def ink_on_page(grey: Grey, dpi: float, paper: float) -> float:
    """Ink in mm² on the whole page but for its edge, at 75 dpi: what is fainter than bleeding through does not count."""
    scale = dpi / MM_PER_INCH
    edge = round(EDGE_MM * scale)
    inner = grey[edge:-edge, edge:-edge]
    step = max(1, round(dpi / INK_DPI))  # a whole number: the mean of whole blocks is quick
    high, wide = (length // step for length in inner.shape)
    if min(high, wide) == 0:
        return 0.0
    small = cv2.resize(inner[: high * step, : wide * step], (wide, high), interpolation=cv2.INTER_AREA)
    ink = cv2.threshold(small, paper - BLEEDING, 1, cv2.THRESH_BINARY_INV)[1]
    return float(cv2.countNonZero(ink)) * (step / scale) ** 2


def blur_mm(grey: Grey, place: Registration, boxes: Mapping[str, Box]) -> float:
    """How wide the step from paper to ink is at the corner marks, in mm: where it is between a quarter and three.

    The marks are squares of known size, so the width is the area of the half-dark pixels by the length of the edges;
    noise does not change it much, as it would the steepest step. 0 where no mark can be seen.
    """
    widths = []
    for box in [one for one in boxes.values() if one.role == "mark"][
        ::3
    ]:  # two corners across from each other
        around = box.w * 0.4
        part = patch(
            grey,
            place.matrix,
            box.x - around,
            box.y - around,
            box.w + 2 * around,
            box.h + 2 * around,
            BLUR_SCALE,
        )
        calm = np.asarray(cv2.medianBlur(part, 3), dtype=np.uint8)
        paper, ink = levels(calm, 85, 5)
        if paper - ink < PRINT_FAINT:
            continue
        quarter = (paper - ink) / 4
        between = float(((calm > ink + quarter) & (calm < paper - quarter)).sum())
        widths.append(between / BLUR_SCALE**2 / (2 * (box.w + box.h)))
    return min(widths, default=0.0)


def of_any_page(grey: Grey, dpi: float, paper: float, ink: float) -> list[PageProblem]:
    """What can be said without a registration: levels and the size of the paper."""
    found = []
    if paper < PAPER_DARK:
        found.append(problem("too_dark"))
    elif paper - ink < PRINT_FAINT:
        found.append(problem("too_faint"))
    length = max(grey.shape) / dpi * MM_PER_INCH
    if length > PAPER_MM[1] + LONGER_MM:
        found.append(problem("two_sheets"))
    return found


def of_our_page(grey: Grey, dpi: float, place: Registration, boxes: Mapping[str, Box]) -> list[PageProblem]:
    """What the registration shows: cut edges, skew, missing marks, blur of the marks."""
    found = []
    if place.by != "four_marks":
        found.append(problem("three_marks" if place.by == "three_marks" else "no_marks"))
    if abs(place.skew) > SKEW_DEGREES:
        found.append(problem("crooked"))
    height, width = grey.shape
    if _outside(place, boxes, width, height):
        short = max(height, width) / dpi * MM_PER_INCH < PAPER_MM[1] - SHORTER_MM
        found.append(problem("too_short" if short else "cut"))
    if blur_mm(grey, place, boxes) > BLUR_MM:
        found.append(problem("blurred"))
    return found


def _outside(place: Registration, boxes: Mapping[str, Box], width: int, height: int) -> bool:
    """Whether any mark's corner lies outside the picture: the paper was cut, or lay outside the scanner."""
    slack = CUT_MM * abs(complex(place.matrix[0], place.matrix[3]))
    for box in boxes.values():
        if box.role != "mark":
            continue
        for x in (box.x, box.x + box.w):
            for y in (box.y, box.y + box.h):
                px, py = to_pixels(place.matrix, x, y)
                if not (-slack <= px <= width + slack and -slack <= py <= height + slack):
                    return True
    return False
