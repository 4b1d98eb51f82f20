"""Pure. A person's hand: text, digits in cells, ticks, corrections and a stamp, written into the picture of a page.

Takes a page in grey and boxes in millimetres; darkens pixels, returns nothing to read back. The same seed writes the
same strokes. Fonts imitate neat hands; slant, size, pressure and wobble are each writer's own.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from PIL import ImageFont

from todoku.sheets.form_layout import Box

Grey = NDArray[np.uint8]
MM_PER_INCH = 25.4

FONTS = ("KleeOne.ttf", "Yomogi.ttf")
TICKS = ("check", "cross", "filled", "circled", "faint", "struck")
PLAIN_TICKS = ("check", "cross", "filled")
"""What a machine may decide; a ring round the box, a trace and a tick crossed out are for a person."""

STAMP_GREY = 120
"""Red ink (朱肉) as a grey scanner sees it."""
CELL_SHARE = 0.74
LINE_SHARE = 0.62
"""Height of a digit in its cell, and of a letter on its line, as people write who want to be read."""


class Hand(NamedTuple):
    """One writer. `slant`: tangent; `size`, `wobble`: share of the usual height; `ink`: grey of the stroke; `rise`: degrees."""

    font: Path
    slant: float
    size: float
    ink: int
    weight: float
    wobble: float
    rise: float


class Paper(NamedTuple):
    """A page under the pen: its picture, which is written into, and how many pixels a millimetre has."""

    grey: Grey
    dots: float


def paper(grey: Grey, dpi: float) -> Paper:
    """The picture of an empty printed page, ready to be written on."""
    return Paper(grey, dpi / MM_PER_INCH)


def hand_of(rng: random.Random, hands: Path) -> Hand:
    """Draw a writer; `hands` is the folder of handwriting fonts (var/assets/hands)."""
    pencil = rng.random() < 0.06
    return Hand(
        hands / FONTS[rng.random() < 0.4],
        rng.gauss(0.03, 0.07),
        min(1.1, max(0.85, rng.gauss(1.0, 0.07))),
        (96 if pencil else 28) + int(rng.random() * 26),
        max(0.02, rng.gauss(0.13, 0.05)),
        0.008 + rng.random() * 0.02,
        rng.gauss(0.2, 0.5),
    )


def write(on: Paper, hand: Hand, rng: random.Random, box: Box, text: str, *, height: float = 0.0) -> None:
    """Write a line into a box from its left, smaller where it would run out; `height` (mm) over the usual one."""
    size = (height or min(6.0, box.h * LINE_SHARE)) * hand.size
    text = writable(text, hand.font)
    wide = sum(_advance(letter) for letter in text) * size * 1.02
    size *= min(1.0, (box.w - 3) / max(wide, 0.1))
    x, baseline = box.x + 1.2 + rng.random(), box.y + (box.h - size) / 2
    for letter in text:
        _letter(on, hand, rng, letter, x, baseline - (x - box.x) * hand.rise / 57.3, size)
        x += _advance(letter) * size * (0.99 + rng.random() * 0.08)


def write_cells(
    on: Paper,
    hand: Hand,
    rng: random.Random,
    box: Box,
    text: str,
    *,
    to_right: bool = False,
    above: bool = False,
) -> None:
    """Write one sign a cell, from the left or ending in the last cell; more signs than cells run on without them.

    `above`: small, over the cells' upper edge, as a correction stands over what was struck out.
    """
    assert box.cells, f"{box.name} has no cells"
    text = writable(text, hand.font)
    if len(text) > box.cells:
        write(on, hand, rng, box, text)
        return
    width = box.w / box.cells
    size = min(box.h * CELL_SHARE, width * 1.05) * hand.size * (0.6 if above else 1.0)
    first = box.cells - len(text) if to_right else 0
    for i, letter in enumerate(text, first):
        if letter in " 　":
            continue
        x = box.x + i * width + (width - _advance(letter) * size) / 2 + rng.gauss(0, 0.05) * width
        y = box.y + (box.h - size) / 2 + rng.gauss(0, 0.03) * box.h
        _letter(on, hand, rng, letter, x, box.y - size * 0.72 if above else y, size)


def strike(on: Paper, hand: Hand, rng: random.Random, box: Box, cells: Sequence[int] = ()) -> None:
    """A double line (二重線) through the whole box, or through the named cells (from 0)."""
    width = box.w / box.cells if box.cells else box.w
    for x in [box.x + i * width for i in cells] or [box.x + 1]:
        wide = width if cells else min(box.w - 2, 60)
        for share in (0.42, 0.58):
            y = box.y + box.h * share
            _stroke(on, hand, rng, [(x, y + rng.gauss(0, 0.2)), (x + wide, y + rng.gauss(0, 0.2))])


def tick(on: Paper, hand: Hand, rng: random.Random, box: Box, kind: str) -> None:
    """Mark a tick box in one of the ways of TICKS."""
    assert kind in TICKS, kind
    x, y, w = box.x, box.y, box.w
    if kind == "cross":
        _stroke(on, hand, rng, [(x + w * 0.15, y + w * 0.1), (x + w * 0.85, y + w * 0.9)])
        _stroke(on, hand, rng, [(x + w * 0.85, y + w * 0.12), (x + w * 0.12, y + w * 0.88)])
    elif kind == "circled":
        ring = np.linspace(0.4, 6.9, 28)
        reach = w * (0.86 + rng.random() * 0.08)  # well outside the frame, as people ring a word
        _stroke(
            on, hand, rng,
            [(x + w / 2 + reach * float(np.cos(a)), y + w / 2 + reach * float(np.sin(a))) for a in ring],
        )  # fmt: skip
    elif kind == "filled":
        for i in range(9):
            at = y + w * (0.06 + i * 0.11)
            _stroke(on, hand, rng, [(x + w * 0.05, at), (x + w * 0.95, at + w * 0.06)])
    else:
        thin = hand._replace(ink=205, weight=0.0) if kind == "faint" else hand
        _stroke(
            on,
            thin,
            rng,
            [(x + w * 0.12, y + w * 0.5), (x + w * 0.42, y + w * 0.88), (x + w * 1.12, y - w * 0.2)],
        )
        if kind == "struck":
            for share in (0.4, 0.62):
                _stroke(on, hand, rng, [(x - w * 0.35, y + w * share), (x + w * 1.35, y + w * share)])


def stamp(
    on: Paper, rng: random.Random, x: float, y: float, name: str, *, font: Path, size: float = 9.5
) -> None:
    """A round seal (印) of `size` mm with up to two characters of a name, middle at x, y, a little crooked and patchy."""
    dots, pixels = on.dots, round(size * on.dots)
    seal = np.zeros((pixels, pixels), np.uint8)
    middle = pixels // 2
    cv2.circle(seal, (middle, middle), middle - 2, 255, max(1, round(0.45 * dots)), cv2.LINE_AA)
    letters = name[:2] or "印"
    high = size * (0.62 if len(letters) == 1 else 0.42)
    for i, letter in enumerate(letters):
        cover = _glyph(str(font), letter, round(high * dots))
        top = round((size / 2 - high * len(letters) / 2 + high * i) * dots)
        left = round((size - high) / 2 * dots)
        _lay(seal, cover, left, top)
    turn = cv2.getRotationMatrix2D((middle, middle), rng.gauss(0, 9), 1.0)
    turned = np.asarray(cv2.warpAffine(seal, turn, (pixels, pixels)), dtype=np.uint8)
    patchy = (turned * _patches(rng, turned.shape, 0.45)).astype(np.uint8)
    _darken(on.grey, patchy, round((x - size / 2) * dots), round((y - size / 2) * dots), STAMP_GREY)


def writable(text: str, font: Path) -> str:
    """The text with 〓 for what the font cannot write: nobody's form is blank because a font is."""
    known = _characters(str(font))
    return "".join(letter if ord(letter) in known or letter in " 　" else "〓" for letter in text)


def can_write(text: str, font: Path) -> bool:
    """Whether every sign of a text is in the font."""
    return "〓" not in writable(text, font)


def _letter(on: Paper, hand: Hand, rng: random.Random, letter: str, x: float, y: float, size: float) -> None:
    """One sign of `size` mm at x, y (its upper left), slanted, wavering, thicker or thinner."""
    if letter in " 　":
        return
    pixels = max(8, round(size * on.dots * (0.96 + rng.random() * 0.08)))
    cover = _wavering(_glyph(str(hand.font), letter, pixels), hand, rng)
    weight = hand.weight * on.dots
    if weight > 0.5:  # a soft pen: strokes grow by up to a third of a pixel on either side
        grown = cv2.dilate(cover, np.ones((2, 2), np.uint8))
        cover = np.asarray(
            cv2.addWeighted(cover, 1 - min(1.0, weight), grown, min(1.0, weight), 0), dtype=np.uint8
        )
    margin = pixels // 8
    _darken(on.grey, cover, round(x * on.dots) - margin, round(y * on.dots) - margin, hand.ink)


def _wavering(cover: Grey, hand: Hand, rng: random.Random) -> Grey:
    """A sign bent as no two of a hand are alike: sheared, turned a little, its strokes moved by a smooth field."""
    height, width = cover.shape
    angle = (hand.rise * 0.5 + rng.gauss(0, 1.6)) / 57.3
    shear = hand.slant + rng.gauss(0, 0.02)
    field = np.array([[rng.gauss(0, 1) for _ in range(8)] for _ in range(4)], np.float32) * (
        hand.wobble * height
    )
    shift = cv2.resize(field.reshape(4, 4, 2), (width, height), interpolation=cv2.INTER_CUBIC)
    ys, xs = np.indices((height, width), dtype=np.float32)
    back_x = xs + (ys - height / 2) * (shear - angle) + shift[..., 0]
    back_y = ys + (xs - width / 2) * angle + shift[..., 1]
    return np.asarray(
        cv2.remap(cover, back_x.astype(np.float32), back_y.astype(np.float32), cv2.INTER_LINEAR),
        dtype=np.uint8,
    )


def _stroke(on: Paper, hand: Hand, rng: random.Random, points: Sequence[tuple[float, float]]) -> None:
    """A line of the pen through points in mm, about half a millimetre thick, wavering a little."""
    way = np.array(points, np.float64)
    lengths = np.r_[0, np.cumsum(np.hypot(*np.diff(way, axis=0).T))]
    steps = np.linspace(0, lengths[-1], max(4, int(lengths[-1] * 3)))
    waver = np.cumsum([rng.gauss(0, 0.035) for _ in steps])
    line = np.stack([np.interp(steps, lengths, way[:, axis]) for axis in (0, 1)], axis=1)
    line += np.stack([waver, waver[::-1]], axis=1)
    thick = max(1, round((0.3 + hand.weight) * on.dots))
    pad = thick + 2
    corner = np.floor(line.min(axis=0) * on.dots).astype(int) - pad
    size = np.ceil(line.max(axis=0) * on.dots).astype(int) + pad - corner
    cover = np.zeros((size[1], size[0]), np.uint8)
    pixels = np.round((line * on.dots - corner) * 16).astype(np.int32)  # 4 bits of a pixel's fraction
    cv2.polylines(cover, [pixels.reshape(-1, 1, 2)], False, 255, thick, cv2.LINE_AA, 4)
    _darken(on.grey, cover, int(corner[0]), int(corner[1]), hand.ink)


def _darken(grey: Grey, cover: Grey, x: int, y: int, ink: int) -> None:
    """Ink over paper and print: each pixel goes towards the ink by its cover; what leaves the page is lost."""
    top, left = max(0, y), max(0, x)
    bottom, right = min(grey.shape[0], y + cover.shape[0]), min(grey.shape[1], x + cover.shape[1])
    if bottom <= top or right <= left:
        return
    part = grey[top:bottom, left:right]
    share = cover[top - y : bottom - y, left - x : right - x].astype(np.uint16)
    inked = (255 * 255 - share * (255 - ink)) // 255
    np.minimum(part, inked.astype(np.uint8), out=part)


def _lay(seal: Grey, cover: Grey, x: int, y: int) -> None:
    height, width = min(cover.shape[0], seal.shape[0] - y), min(cover.shape[1], seal.shape[1] - x)
    part = seal[y : y + height, x : x + width]
    np.maximum(part, cover[:height, :width], out=part)


def _patches(rng: random.Random, shape: tuple[int, ...], strength: float) -> NDArray[np.float32]:
    """Smooth patches of 1 − strength … 1: where a seal took less ink."""
    field = np.array([rng.random() for _ in range(25)], np.float32).reshape(5, 5)
    return 1 - strength * np.asarray(cv2.resize(field, (shape[1], shape[0])), dtype=np.float32)


def _advance(letter: str) -> float:
    """How wide a sign is written, by its height."""
    if letter == "　" or ord(letter) > 0x2E80:
        return 1.0
    return 0.4 if letter in " -.1" else 0.6


@lru_cache(maxsize=4_096)
def _glyph(font: str, letter: str, pixels: int) -> Grey:
    """The cover of a sign in a square of its size with a margin of an eighth, so that a slant has room."""
    face = _face(font, pixels)
    margin = pixels // 8
    square = np.zeros((pixels + 2 * margin, pixels + 2 * margin), np.uint8)
    mask, (left, top) = face.getmask2(letter, mode="L", anchor="la")
    wide, high = mask.size
    if not wide or not high:
        return square
    picture = np.frombuffer(bytes(mask), np.uint8).reshape(high, wide)
    ascent = (pixels - (face.getmetrics()[0] + face.getmetrics()[1])) // 2
    x, y = max(0, margin + left), max(0, margin + top + ascent)
    part = square[y : y + high, x : x + wide]
    np.maximum(part, picture[: part.shape[0], : part.shape[1]], out=part)
    return square


@lru_cache(maxsize=256)
def _face(font: str, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font, pixels)


@lru_cache(maxsize=8)
def _characters(font: str) -> frozenset[int]:
    with TTFont(font, lazy=True) as face:
        return frozenset(face.getBestCmap())
