"""Papers with a My Number, and papers full of other numbers, as residents send them in: drawn, seeded, with the truth.

The numbers are made from digits that count on, by their check digit alone; they are nobody's.
"""

import random
from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.scan.paper_fixture import Bend, scanned, white, words
from todoku.formats.codes import case_number, check_digit, my_number_valid, printed_number
from todoku.ground.places import var
from todoku.scan.reading import Grey

DPI = 200
MM = DPI / 25.4


class Paper(NamedTuple):
    """A scanned page, the name of what was done to it, where the number stands (mm: left, top, right, bottom) or None."""

    kind: str
    grey: Grey
    at: tuple[float, float, float, float] | None


def invented(rng: random.Random) -> str:
    eleven = "".join(rng.choice("0123456789") for _ in range(11))
    return next(eleven + last for last in "0123456789" if my_number_valid(eleven + last))


def grouped(number: str, part: str = " ") -> str:
    return part.join((number[:4], number[4:8], number[8:]))


def card(
    rng: random.Random, number: str, points: float = 12, label: str = "個人番号"
) -> tuple[Grey, tuple[float, ...]]:
    """A copy of the back of a card or of a resident's record: other lines around the number. And where the number stands."""
    page = white(DPI)
    x, y = 25 + rng.random() * 60, 30 + rng.random() * 150
    lines = (
        "氏名 見本 太郎",
        "平成元年3月31日生",
        "横浜市見本区見本町1-2-3",
        f"{label}　{grouped(number)}",
        "見本市長",
    )
    for i, line in enumerate(lines):
        words(page, DPI, x, y + i * points * 0.75, line, points)
    top, size = y + 3 * points * 0.75, points * 25.4 / 72
    left = x + (len(label) + 1) * size
    return page, (left, top, left + 14 * size / 2, top + size * 1.1)


def by_hand(rng: random.Random, number: str) -> tuple[Grey, tuple[float, ...]]:
    """A note on plain paper in somebody's hand."""
    page = white(DPI)
    files = sorted(path for path in var("assets", "hands").iterdir() if path.suffix in (".ttf", ".otf"))
    font = ImageFont.truetype(str(rng.choice(files)), round(5.5 * MM))
    x, y = 30 + rng.random() * 40, 60 + rng.random() * 120
    picture = Image.fromarray(page)
    pen = ImageDraw.Draw(picture)
    pen.text((x * MM, (y - 12) * MM), "マイナンバーは次のとおりです", fill=50, font=font)
    pen.text((x * MM, y * MM), grouped(number), fill=50, font=font)
    box = pen.textbbox((x * MM, y * MM), grouped(number), font=font)
    page[:] = np.asarray(picture)
    return page, tuple(value / MM for value in box)


def _line(page: Grey, at: tuple[float, ...], rng: random.Random, tone: int, slope: float) -> None:
    """A stroke along the digits, through their middle."""
    left, top, right, bottom = at
    y, rise = (top + bottom) / 2 + rng.uniform(-0.3, 0.3), slope * (right - left) / 2
    ends = [
        (round((left - 3) * MM), round((y - rise) * MM)),
        (round((right + 3) * MM), round((y + rise) * MM)),
    ]
    cv2.line(page, ends[0], ends[1], (tone,), max(2, round(0.5 * MM)), cv2.LINE_AA)


def _stamp(page: Grey, at: tuple[float, ...], rng: random.Random) -> None:
    """A round seal over the middle of the digits."""
    left, top, right, bottom = at
    x, y = left + (right - left) * rng.uniform(0.3, 0.7), (top + bottom) / 2
    cv2.circle(page, (round(x * MM), round(y * MM)), round(5 * MM), (110,), round(0.6 * MM), cv2.LINE_AA)
    for off in (-2.0, 0.0, 2.0):
        _seal_stroke(page, (x - 3, y + off), (x + 3, y + off))
    _seal_stroke(page, (x, y - 4), (x, y + 4))


def _seal_stroke(page: Grey, start: tuple[float, float], end: tuple[float, float]) -> None:
    ends = [(round(x * MM), round(y * MM)) for x, y in (start, end)]
    cv2.line(page, ends[0], ends[1], (110,), round(0.5 * MM))


WAYS = (
    "clean",
    "rotated",
    "small",
    "line",
    "faint_line",
    "sloping_line",
    "stamp",
    "noisy",
    "by_hand",
    "word",
)


def with_a_number(kind: str, seed: int) -> Paper:
    """A paper of WAYS."""
    rng = random.Random(f"{kind} {seed}")
    number = invented(rng)
    points = 7.5 if kind == "small" else rng.choice((10, 12, 14))
    label = "マイナンバー" if kind == "word" else "個人番号"
    page, at = by_hand(rng, number) if kind == "by_hand" else card(rng, number, points, label)
    if kind.endswith("line"):
        _line(
            page,
            at,
            rng,
            150 if kind == "faint_line" else 30,
            0.04 if kind == "sloping_line" else rng.uniform(-0.01, 0.01),
        )
    if kind == "stamp":
        _stamp(page, at, rng)
    bend = Bend(skew=rng.uniform(-1.5, 1.5), noise=9 if kind == "noisy" else 4)
    grey = scanned(page, DPI, bend, seed)
    left, top, right, bottom = at
    if kind == "rotated":
        grey = np.ascontiguousarray(np.rot90(grey, 1 + seed % 3))
        return Paper(kind, grey, None)
    return Paper(kind, grey, (left, top, right, bottom))


def full_of_other_numbers(seed: int) -> Paper:
    """Telephone numbers, accounts, dates, amounts and our case numbers, none of which is a My Number."""
    rng = random.Random(f"others {seed}")
    page = white(DPI)
    for i, line in enumerate(_other_lines(rng)):
        words(page, DPI, 20 + rng.random() * 20, 20 + i * 11, line, rng.choice((9, 10.5, 12, 14)))
    return Paper("others", scanned(page, DPI, Bend(skew=rng.uniform(-1.5, 1.5)), seed), None)


def _other_lines(rng: random.Random) -> Iterator[str]:
    def some(count: int) -> str:
        return "".join(rng.choice("0123456789") for _ in range(count))

    for _ in range(3):
        twelve = "2" + some(11)
        ours = case_number(twelve) or "200000000001" + check_digit("200000000001")
        yield f"受付番号 {printed_number(ours)}"
        yield f"電話 0{rng.randrange(1, 10)}0-{some(4)}-{some(4)}"
        yield f"電話 045-{some(3)}-{some(4)}　FAX 0120-{some(3)}-{some(3)}"
        yield f"普通預金　店番 {some(3)}　口座番号 {some(7)}"
        yield f"記号 1{some(4)}　番号 {some(8)}"
        day = f"令和{rng.randrange(1, 9)}年{rng.randrange(1, 13)}月{rng.randrange(1, 29)}日"
        yield f"{day}　金 {rng.randrange(10, 99)},{some(3)}円"
        yield f"{rng.randrange(1930, 2020)}/0{rng.randrange(1, 10)}/{rng.randrange(10, 29)} 残高 1,{some(3)},{some(3)}"
        yield f"被保険者 記号 {some(8)} 番号 {some(6)}"
