"""Pure. The envelopes that mail goes out in and comes back in: sizes, what fits unfolded, where the window stands.

Sizes in mm as they are held to be read, width × height. A window is matched with the one of sheet.typ; how far the
enclosed sheet may move in its envelope is compared with what the sheet's address block allows.
"""

from typing import NamedTuple

# The window over sheet.typ's address block, from the sheet's upper left corner, and how far the sheet may move until
# less than the 2 mm are clear that the post asks around the barcode.
WINDOW_X, WINDOW_Y, WINDOW_WIDTH, WINDOW_HEIGHT = 20.0, 12.0, 90.0, 45.0
MOVES_X, MOVES_Y = 4.0, 3.0
SHEET_WIDTH, SHEET_HEIGHT = 210.0, 297.0
PLAY = 4.0  # what an enclosure must be smaller than its envelope, all in all, to be put in by a machine


class Envelope(NamedTuple):
    """A kind of envelope: its own size, the A4 sheet folded as it lies in it, its weight as bought (g)."""

    code: str
    name: str
    width: float
    height: float
    folded_height: float  # of an A4 sheet in it
    layers: int  # of one sheet
    grams: float

    @property
    def window(self) -> tuple[float, float, float, float]:
        """The window's left, top, width, height on the envelope, the sheet lying in its middle."""
        left, top = (self.width - SHEET_WIDTH) / 2, (self.height - self.folded_height) / 2
        return WINDOW_X + left, WINDOW_Y + top, WINDOW_WIDTH, WINDOW_HEIGHT

    @property
    def play(self) -> tuple[float, float]:
        """How far the sheet can move from the middle, sideways and up or down."""
        return (self.width - SHEET_WIDTH) / 2, (self.height - self.folded_height) / 2

    @property
    def holds_the_window(self) -> bool:
        """Whether the address stays in the window wherever the sheet lies, without stops (のり止め) inside."""
        sideways, upright = self.play
        return sideways <= MOVES_X and upright <= MOVES_Y


KAKU2 = Envelope("kaku2", "角形2号", 240, 332, 297, 1, 18)
NAGA3 = Envelope("naga3", "長形3号", 235, 120, 99, 3, 5)
OUTER = {one.code: one for one in (KAKU2, NAGA3)}


class ReplyEnvelope(NamedTuple):
    """A reply envelope, upright: size, weight, how often the resident folds an A4 sheet for it."""

    code: str
    name: str
    width: float
    height: float
    layers: int
    grams: float
    bar_scale: float  # of the customer barcode: 0.8–1.15 of the size at 10 points


REPLY_NAGA3 = ReplyEnvelope("naga3", "長形3号", 120, 235, 3, 5, 0.9)
REPLY_NAGA40 = ReplyEnvelope("naga40", "長形40号", 90, 225, 4, 4, 0.8)
REPLY = {one.code: one for one in (REPLY_NAGA3, REPLY_NAGA40)}
# The largest reply envelope that lies unfolded in the outer one.
REPLY_FOR = {"kaku2": REPLY_NAGA3, "naga3": REPLY_NAGA40}


def fits_unfolded(outer: Envelope, reply: ReplyEnvelope) -> bool:
    """Whether the reply envelope lies flat in the outer one, turned if need be, with room for the machine."""
    room = sorted((outer.width, outer.height))
    return all(
        side + PLAY <= space for side, space in zip(sorted((reply.width, reply.height)), room, strict=True)
    )
