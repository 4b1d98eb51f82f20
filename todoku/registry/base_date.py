"""Pure. Who counts on the base date (基準日): registered on that day, by what the roll says of coming and going.

The days are those of the register, not of the notification. The roll lists only people who were registered at some
time; whoever stands on it without a day of leaving was still registered when it was drawn.
"""

from datetime import date

DEATH, MOVED = "death", "moved"


def on_base_date(
    base_date: date,
    *,
    birth_date: date | None,
    moved_in_on: date | None,
    left_on: date | None,
    left_reason: str,
) -> bool:
    """Whether a person was on the register on the base date.

    In: the days as the roll has them (None where it has none). Not counted: born or moved in after the day, moved out
    on or before it, died before it. Whoever died on the day itself counts: the municipality's rules for such benefits
    say 基準日以降に亡くなった方は対象, while a move erases the registration with that day.
    """
    if birth_date is not None and birth_date > base_date:
        return False
    if moved_in_on is not None and moved_in_on > base_date:
        return False
    if left_on is None:
        return True
    return left_on >= base_date if left_reason == DEATH else left_on > base_date
