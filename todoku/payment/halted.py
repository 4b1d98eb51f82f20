"""Whether a programme's payments stand still (停止): asked before anything is sealed, approved or handed over.

The database refuses all three by itself; this says it beforehand, in a sentence that names what was found.
"""

from todoku.ground.step import Refusal
from todoku.payment.side_tables import Halt
from todoku.programme.tables import Programme


class Halted(Refusal):
    """A sweep found a broken invariant and nobody has released the programme yet."""


def open_halts(programme: Programme) -> list[Halt]:
    """The halts that stand, oldest first."""
    return list(Halt.objects.filter(programme=programme, released_at__isnull=True).order_by("pk"))


def ask_not_halted(programme: Programme) -> None:
    """Passes where no halt stands; raises Halted with the first one's evidence otherwise."""
    standing = open_halts(programme)
    if standing:
        first = standing[0]
        raise Halted(
            f"この事業の支払は停止しています（{first.invariant} {first.evidence}）。「不変条件の点検」の画面で内容を確かめ、"
            "直したうえで、二人（一人は自治体）で停止を解除してください。"
        )
