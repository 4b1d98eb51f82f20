"""Pure. Whose a scanned page is: by its own code, else by the page with a code that it was scanned behind.

Takes readings in the order of the lot; gives for each its state and the page that it follows. A page whose code cannot be
read parts the households as well as a readable one does, so nobody's papers fall to the household before.
"""

from typing import NamedTuple

from todoku.scan import reading
from todoku.scan.reading import PageReading

# Problems that a person must look at even where the code was read.
ASKS_A_LOOK = frozenset({"my_number_doubtful", "my_number_unread", "unknown_sheet"})


class Place(NamedTuple):
    """Where a page stands: its state (ScanPage.STATES), the id of the page that it is behind, and whose case it is."""

    state: str
    behind: int | None
    case: int | None


class Household:
    """The page that the next ones belong to: None at the start of a lot and after a gap in it."""

    def __init__(self, page: int | None = None, foreign: bool = False, case: int | None = None) -> None:
        self.page, self.foreign, self.case = page, foreign, case

    def forget(self) -> None:
        """Something is missing here: what follows belongs to nobody that we know."""
        self.page, self.foreign, self.case = None, False, None

    def place(self, page: int, one: PageReading, *, case: int | None, seen: bool, twice: bool) -> Place:
        """The place of the next page, whose row has this id.

        `case`: that its number means in this programme. `seen`: the same pixels were delivered before. `twice`: the same sheet
        was scanned before, as another picture.
        """
        if one.state == reading.BLANK:
            return Place("blank", self.page, self.case)
        if seen:
            return Place("duplicate", None, case)
        if one.code is not None:
            self.page, self.foreign, self.case = page, case is None, case
            if case is None:
                return Place("foreign", None, None)
            good = one.state == reading.READ and not twice and not _asks_look(one)
            return Place("read" if good else "look", None, case)
        if one.state == reading.UNREADABLE:
            self.page, self.foreign, self.case = page, False, None
            return Place("look", None, None)
        if self.page is None:
            return Place("unplaced", None, None)
        if self.foreign:
            return Place("foreign", self.page, None)
        return Place("look" if _asks_look(one) else "attached", self.page, self.case)


def _asks_look(one: PageReading) -> bool:
    return any(problem.code in ASKS_A_LOOK for problem in one.problems)
