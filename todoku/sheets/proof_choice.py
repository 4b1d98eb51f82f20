"""Pure. Which pieces of a run are shown as its proof (校正刷り): where something can look wrong, one of each.

Takes what is known of every piece, as counts and marks and never as words; gives piece numbers, each with why.
"""

from collections.abc import Sequence
from typing import NamedTuple

# So few that somebody reads every page of them.
PIECES_MAX = 20


class ProofPiece(NamedTuple):
    """One piece as the choice sees it: number in the run, lengths in characters, members, cohort, what needs hands."""

    piece_no: int
    name: int
    address: int
    members: int
    cohort: str
    hand_work: str
    protected: bool


class Chosen(NamedTuple):
    """A piece of the proof, and why it is in it."""

    piece_no: int
    why: str


_HANDS = (
    ("undrawable", "〓で印刷した字がある"),
    ("variant", "字形の違う字がある"),
    ("tight", "枠に合わせて詰めた"),
)


def choose(pieces: Sequence[ProofPiece]) -> list[Chosen]:
    """The proof of a run in the order of its pieces; nobody under 支援措置, whom a proof must not show."""
    rows = [one for one in pieces if not one.protected]
    if not rows:
        return []
    why: dict[int, list[str]] = {}

    def take(one: ProofPiece, reason: str) -> None:
        why.setdefault(one.piece_no, []).append(reason)

    take(rows[0], "最初の一通")
    take(rows[-1], "最後の一通")
    take(max(rows, key=lambda one: one.name), "氏名がいちばん長い")
    take(max(rows, key=lambda one: one.address), "住所がいちばん長い")
    take(max(rows, key=lambda one: one.members), "世帯員がいちばん多い")
    for word, reason in _HANDS:
        if found := next((one for one in rows if word in one.hand_work.split()), None):
            take(found, reason)
    for cohort in dict.fromkeys(one.cohort for one in rows):
        take(next(one for one in rows if one.cohort == cohort), f"区分「{cohort}」")
    return [Chosen(piece, "・".join(reasons)) for piece, reasons in sorted(why.items())][:PIECES_MAX]
