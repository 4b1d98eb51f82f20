"""Pure. A scanner: sides of sheets go in, files of a lot come out, with the faults that scanning has, and the truth.

Every page is a little crooked, shifted, grey and noisy; faults beyond that are planted by name and stand in the rows
that are returned, so that whoever reads the lot can be compared with what was put in. One page is in memory at a time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from todoku.sampletown.filled_form import Written
from todoku.sampletown.scan_files import LotFolder
from todoku.sheets.sheet_codes import SheetCode

Grey = NDArray[np.uint8]
Fault = Callable[[Grey, float, random.Random], Grey]

SKEW_USUAL, SKEW_MAX = 0.5, 3.0  # degrees: standard deviation of a tended feeder; what a lot may hold
SHIFT_MM = 1.2
QUALITY = (60, 85)
LONGEST_MM = (390, 216)  # two sheets that were drawn in as one
_NOISE_ROOM = 64


class Side(NamedTuple):
    """One side of a sheet before it is scanned. `code`: what its QR says, None where it has none of ours."""

    grey: Grey
    code: SheetCode | None = None
    written: Written | None = None
    what: str = "form"  # "form", "copy", "note", "blank", "other_programme"


class TruePage(NamedTuple):
    """What one page of the lot truly is.

    `page` counts from 1 in its file; `turned` in degrees clockwise; `planted`: names of FAULTS and of HANDLING;
    `sides`: how many sides of sheets are in the picture (two where the feeder drew in two).
    """

    file: str
    page: int
    what: str
    code: SheetCode | None
    turned: int
    planted: tuple[str, ...]
    ticks: Mapping[str, str]
    my_numbers: tuple[str, ...]
    sides: int = 1


class Scanned(NamedTuple):
    """A lot: its pages in order, and the codes of the sheets that never reached the scanner."""

    pages: tuple[TruePage, ...]
    missing: tuple[SheetCode, ...]


class Scanner(NamedTuple):
    """Settings of one machine: `form` is "jpeg", "tiff" (black and white) or "pdf"."""

    dpi: int = 200
    form: str = "jpeg"


def scan(
    sides: Iterable[Side],
    folder: Path,
    *,
    by: Scanner,
    seed: str,
    planted: Mapping[int, Sequence[str]] | None = None,
) -> Scanned:
    """Scan sides into files of `folder`; `planted`: position of a side (from 0) → names of FAULTS or HANDLING.

    The sides must have been drawn at the scanner's dpi.
    """
    rng = random.Random(f"{seed}:scanner")
    noise = _noise(seed, by.dpi)
    pages: list[TruePage] = []
    missing: list[SheetCode] = []
    with LotFolder(folder, by.dpi, by.form) as out:
        for fed in _fed(sides, planted or {}, missing, by.dpi):
            picture = _seen(fed, by.dpi, rng, noise)
            file, page = out.add(picture, rng.randint(*QUALITY))
            pages.append(_truth(fed, file, page))
    return Scanned(tuple(pages), tuple(missing))


class _Fed(NamedTuple):
    """What passes the scanner's eye at once."""

    side: Side
    faults: tuple[str, ...]
    sides: int = 1


def _fed(
    sides: Iterable[Side], planted: Mapping[int, Sequence[str]], missing: list[SheetCode], dpi: int
) -> Iterator[_Fed]:
    """The sides in the order in which they pass, with what the handling of paper does to that order."""
    waiting = iter(enumerate(sides))
    for at, side in waiting:
        faults = tuple(planted.get(at, ()))
        assert set(faults) <= set(FAULTS) | set(HANDLING), faults
        if "missing" in faults:
            assert side.code, "only a sheet with a code can be missed"
            missing.append(side.code)
            continue
        if "two_sheets" in faults:
            below = next(waiting, None)
            if below is not None:
                yield _Fed(side._replace(grey=_drawn_in_together(side.grey, below[1].grey, dpi)), faults, 2)
                if below[1].code:
                    missing.append(below[1].code)
                continue
        yield _Fed(side, faults)
        if "twice" in faults:
            yield _Fed(side, ("twice",))
        if "blank_side" in faults:
            yield _Fed(Side(np.full_like(side.grey, 252), what="blank"), ())


HANDLING = ("missing", "twice", "two_sheets", "blank_side", "upside_down", "skewed")
"""What happens to sheets rather than to pictures."""


def _seen(fed: _Fed, dpi: int, rng: random.Random, noise: Grey) -> Grey:
    """The picture of one pass: faults of the paper, then place and tone, then faults of the optics."""
    grey = fed.side.grey.copy()
    for name in fed.faults:
        if name in PAPER_FAULTS:
            grey = PAPER_FAULTS[name](grey, dpi / 25.4, rng)
    skew = max(-SKEW_MAX, min(SKEW_MAX, rng.gauss(0, SKEW_USUAL)))
    if "skewed" in fed.faults:
        skew = rng.choice((-1, 1)) * (2.0 + rng.random())
    grey = _placed(grey, dpi / 25.4, skew, rng)
    tone = 232 + rng.randrange(16)
    grey = np.asarray(cv2.LUT(grey, _tone(tone)), dtype=np.uint8)
    for name in fed.faults:
        if name in OPTICAL_FAULTS:
            grey = OPTICAL_FAULTS[name](grey, dpi / 25.4, rng)
    grey = _noisy(grey, noise, rng)
    if "upside_down" in fed.faults:
        grey = np.ascontiguousarray(grey[::-1, ::-1])
    return grey


def _truth(fed: _Fed, file: str, page: int) -> TruePage:
    written = fed.side.written
    return TruePage(
        file, page, fed.side.what, fed.side.code, 180 if "upside_down" in fed.faults else 0, fed.faults,
        written.ticks if written else {}, written.my_numbers if written else (), fed.sides,
    )  # fmt: skip


def _placed(grey: Grey, dots: float, skew: float, rng: random.Random) -> Grey:
    """Turned about the middle and shifted, on the light ground of the scanner's lid; the size stays."""
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0)
    turn[0, 2] += rng.gauss(0, SHIFT_MM / 2) * dots
    turn[1, 2] += rng.gauss(0, SHIFT_MM / 2) * dots
    return np.asarray(
        cv2.warpAffine(
            grey,
            turn,
            (width, height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(248,),
        ),
        dtype=np.uint8,
    )


def _tone(white: int) -> Grey:
    """Paper is not white and ink is not black in a picture of a scanner."""
    return np.linspace(18, white, 256).astype(np.uint8)


def _noise(seed: str, dpi: int) -> Grey:
    """Noise of a sensor (σ = 5), drawn once for a lot and laid over its pages at changing places."""
    source = np.random.default_rng(random.Random(seed).getrandbits(60))
    size = tuple(round(mm / 25.4 * dpi) + 2 * _NOISE_ROOM for mm in LONGEST_MM)
    noise = source.standard_normal(size, dtype=np.float32) * 5 + 128
    return np.clip(noise, 0, 255).astype(np.uint8)


def _noisy(grey: Grey, noise: Grey, rng: random.Random) -> Grey:
    height, width = grey.shape
    assert height <= noise.shape[0] - _NOISE_ROOM and width <= noise.shape[1] - _NOISE_ROOM, (
        "no paper is larger"
    )
    top, left = rng.randrange(_NOISE_ROOM), rng.randrange(_NOISE_ROOM)
    part = noise[top : top + height, left : left + width]
    return np.asarray(cv2.addWeighted(grey, 1.0, part, 1.0, -128.0), dtype=np.uint8)


def _drawn_in_together(upper: Grey, lower: Grey, dpi: int) -> Grey:
    """Two sheets overlapping: one long picture, the second sheet's lower part below the first."""
    below = round((60 + 25) / 25.4 * dpi)
    wide = min(upper.shape[1], lower.shape[1])
    return np.ascontiguousarray(np.vstack([upper[:, :wide], lower[-below:, :wide]]))


# ---- faults of the paper, in the picture before it is scanned -----------------------------------------------------


def _stained(grey: Grey, dots: float, rng: random.Random) -> Grey:
    """A ring of coffee, away from the code."""
    x, y, radius = (rng.uniform(30, 120) * dots, rng.uniform(90, 250) * dots, rng.uniform(12, 28) * dots)
    stain = np.full_like(grey, 255)
    cv2.circle(stain, (int(x), int(y)), int(radius), 214, -1, cv2.LINE_AA)
    cv2.circle(stain, (int(x), int(y)), int(radius), 176, max(2, int(1.4 * dots)), cv2.LINE_AA)
    return np.asarray(cv2.multiply(grey, cv2.blur(stain, (9, 9)), scale=1 / 255), dtype=np.uint8)


def _folded(grey: Grey, dots: float, rng: random.Random) -> Grey:
    """Folded in three for the envelope: two shadows across."""
    for share in (1 / 3, 2 / 3):
        y = int(grey.shape[0] * share + rng.gauss(0, 2) * dots)
        band = grey[y : y + max(2, int(0.5 * dots))]
        band[:] = (band * 0.8).astype(np.uint8)
        light = grey[y - max(2, int(0.4 * dots)) : y]
        light[:] = np.minimum(255, light.astype(np.uint16) + 8).astype(np.uint8)
    return grey


def _punched(grey: Grey, dots: float, rng: random.Random) -> Grey:
    """Two holes at the left edge, 80 mm apart (ISO 838), dark as the scanner's roller."""
    middle = grey.shape[0] / 2 + rng.gauss(0, 3) * dots
    for off in (-40, 40):
        cv2.circle(grey, (int(6.5 * dots), int(middle + off * dots)), int(3 * dots), 60, -1, cv2.LINE_AA)
    return grey


def _code_gone(grey: Grey, dots: float, rng: random.Random) -> Grey:
    """A label or a torn corner over half of the code: nobody's machine reads it."""
    x, y = rng.uniform(162, 168), rng.uniform(17, 22)
    cv2.rectangle(grey, (int(x * dots), int(y * dots)), (int((x + 26) * dots), int((y + 15) * dots)), 250, -1)
    return grey


def _cut(grey: Grey, dots: float, rng: random.Random) -> Grey:
    """The right edge outside the scanner: 16–20 mm are gone, and marks and part of the code with them or beside it."""
    keep = grey.shape[1] - int(rng.uniform(16, 20) * dots)
    return np.ascontiguousarray(grey[:, :keep])


# ---- faults of the optics ---------------------------------------------------------------------------------------


def _blurred(grey: Grey, dots: float, rng: random.Random) -> Grey:
    """A dirty glass or a sheet that did not lie flat: edges smeared over most of a millimetre."""
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.40, 0.46) * dots), dtype=np.uint8)


def _faint(grey: Grey, dots: float, rng: random.Random) -> Grey:
    """Far too light a setting."""
    return np.asarray(cv2.addWeighted(grey, 0.19, grey, 0, 200.0), dtype=np.uint8)


def _dark(grey: Grey, dots: float, rng: random.Random) -> Grey:
    """Far too dark a setting."""
    return np.asarray(cv2.addWeighted(grey, 0.36, grey, 0, 2.0), dtype=np.uint8)


def _grainy(grey: Grey, dots: float, rng: random.Random) -> Grey:
    """An old sensor: noise of σ = 22."""
    grain = np.random.default_rng(rng.getrandbits(32)).normal(0, 22, grey.shape).astype(np.int16)
    return np.clip(grey.astype(np.int16) + grain, 0, 255).astype(np.uint8)


def _striped(grey: Grey, dots: float, rng: random.Random) -> Grey:
    """Dust on the glass: a dark line down the page, away from the code."""
    x = int(rng.uniform(25, 100) * dots)
    grey[:, x : x + max(1, int(0.15 * dots))] = 120
    return grey


PAPER_FAULTS: Mapping[str, Fault] = {
    "stained": _stained, "folded": _folded, "punched": _punched, "code_gone": _code_gone, "cut": _cut,
}  # fmt: skip
OPTICAL_FAULTS: Mapping[str, Fault] = {
    "blurred": _blurred, "too_faint": _faint, "too_dark": _dark, "grainy": _grainy, "striped": _striped,
}  # fmt: skip
FAULTS: Mapping[str, Fault] = {**PAPER_FAULTS, **OPTICAL_FAULTS}
HARMLESS = ("stained", "folded", "punched", "grainy", "striped", "upside_down", "skewed")
"""With these a page is still to be read without a person."""
