"""Pure. The pieces of a run in their order in, trays and bundles for the post office out (郵便区番号ごとの区分).

The run's piece numbers are the truth: a tray (郵袋・トレー) is a range of them, a bundle (把束) a stretch of one tray
with one district (郵便区). Nothing is re-ordered: a run is printed by postal code, so that its districts lie together.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from todoku.formats.postal import old_codes
from todoku.formats.refused import FormatRefused

PIECES_IN_TRAY = 250  # letters of two sheets in a letter tray of 35 cm
PIECES_IN_BUNDLE = 100
NO_CODE = ""
# At what a new tray begins besides the count: never, a new first three digits, a new district.
NEVER, AREA, DISTRICT = "never", "area", "district"


class SortRefused(FormatRefused):
    """Pieces that cannot be laid into trays as they come."""


class District(NamedTuple):
    """The district (郵便区番号) of a postal code: 3 or 5 digits, and whether the post's table tells which."""

    code: str
    known: bool


class Bundle(NamedTuple):
    """A stretch of one tray that goes to one district; `no` counts from 1 within the tray."""

    no: int
    district: str
    first_piece: int
    last_piece: int
    held: int


class Tray(NamedTuple):
    """A tray: its number from 1, its range of pieces, the postal codes it begins and ends with, its bundles."""

    no: int
    first_piece: int
    last_piece: int
    held: int
    first_code: str
    last_code: str
    bundles: tuple[Bundle, ...]


class Place(NamedTuple):
    """Where one piece lies: tray, its place in the tray from 1, bundle."""

    tray: int
    position: int
    bundle: int


class TrayPlan(NamedTuple):
    """Trays in the order of the pieces; `unknown` are pieces whose district the post's table does not tell."""

    trays: tuple[Tray, ...]
    pieces: tuple[int, ...]
    places: tuple[Place, ...]
    unknown: int

    def place(self, piece_no: int) -> Place:
        """The place of a piece; a piece that is not of this plan is an error of the caller."""
        at = bisect_right(self.pieces, piece_no) - 1
        assert at >= 0 and self.pieces[at] == piece_no, f"piece {piece_no} is not of this plan"
        return self.places[at]


def district(postal_code: str) -> District:
    """The district of a 7-digit code.

    A delivering office has a code of 3 or of 5 digits, to which the 7 digits of 1998 were added; the post's table still
    holds it for each code. Where the table lacks the code, or the town has passed to another office since, the first
    five digits are taken: five digits never reach over two districts, so sorted by them nothing is mixed.
    """
    if len(postal_code) != 7:
        return District(NO_CODE, False)
    old = old_codes(postal_code[:3]).get(postal_code, "")
    if old and postal_code.startswith(old):
        return District(old, True)
    return District(postal_code[:5], False)


def lay(
    pieces: Iterable[tuple[int, str]],
    *,
    tray_size: int = PIECES_IN_TRAY,
    bundle_size: int = PIECES_IN_BUNDLE,
    new_tray_at: str = NEVER,
) -> TrayPlan:
    """The trays for (piece number, postal code) pairs in the order of the run; "" is a piece without a code.

    Every piece gets one place. Raises SortRefused where the numbers do not rise or a size is no count of pieces.
    """
    if tray_size < 1 or bundle_size < 1:
        raise SortRefused("トレーと把束の通数は、1以上を指定してください。")
    assert new_tray_at in (NEVER, AREA, DISTRICT), f"no tray begins at {new_tray_at}"
    rows = list(pieces)
    _refuse_disorder([number for number, _ in rows])
    known = {code: district(code) for code in {code for _, code in rows}}
    trays: list[Tray] = []
    places: list[Place] = []
    for held in _filled(rows, tray_size, new_tray_at, known):
        tray = _tray(len(trays) + 1, held, bundle_size, known)
        trays.append(tray)
        ends = [bundle.last_piece for bundle in tray.bundles]
        at = 0
        for position, (number, _) in enumerate(held, 1):
            at += number > ends[at]
            places.append(Place(tray.no, position, tray.bundles[at].no))
    unknown = sum(not known[code].known for _, code in rows)
    return TrayPlan(tuple(trays), tuple(number for number, _ in rows), tuple(places), unknown)


def by_district(codes: Iterable[str]) -> dict[str, int]:
    """How many pieces go to each district, in the order of the codes."""
    counted: dict[str, int] = {}
    for code in sorted(codes):
        name = district(code).code
        counted[name] = counted.get(name, 0) + 1
    return counted


def _refuse_disorder(numbers: Sequence[int]) -> None:
    for before, after in zip(numbers, numbers[1:], strict=False):
        if after <= before:
            raise SortRefused(f"連番{after}が連番{before}の後に来ています。連番の順に並べ直してください。")


def _filled(
    rows: Sequence[tuple[int, str]], size: int, new_tray_at: str, known: dict[str, District]
) -> Iterator[Sequence[tuple[int, str]]]:
    """Stretches of the rows, each one tray."""

    def mark(code: str) -> str:
        if new_tray_at == NEVER:
            return ""
        return code[:3] if new_tray_at == AREA else known[code].code

    start = 0
    for at in range(1, len(rows) + 1):
        if at == len(rows) or at - start == size or mark(rows[at][1]) != mark(rows[start][1]):
            yield rows[start:at]
            start = at


def _tray(no: int, held: Sequence[tuple[int, str]], size: int, known: dict[str, District]) -> Tray:
    bundles: list[Bundle] = []
    start = 0
    for at in range(1, len(held) + 1):
        name = known[held[start][1]].code
        if at == len(held) or at - start == size or known[held[at][1]].code != name:
            bundles.append(Bundle(len(bundles) + 1, name, held[start][0], held[at - 1][0], at - start))
            start = at
    return Tray(no, held[0][0], held[-1][0], len(held), held[0][1], held[-1][1], tuple(bundles))
