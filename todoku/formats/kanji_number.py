"""Pure. Numbers in kanji (漢数字) as addresses write them, to integers below a thousand and back."""

DIGITS = "〇一二三四五六七八九"


def to_int(kanji: str) -> int:
    """二十一 → 21, 百五 → 105, 一〇三 → 103. The text must consist of 〇–九, 十 and 百."""
    if not set(kanji) & {"十", "百"}:
        return int("".join(str(DIGITS.index(one)) for one in kanji))
    total, digit = 0, 0
    for one in kanji:
        if one in "十百":
            total += (digit or 1) * (10 if one == "十" else 100)
            digit = 0
        else:
            digit = DIGITS.index(one)
    return total + digit


def to_kanji(number: int) -> str:
    """21 → 二十一; numbers from a thousand are written digit by digit."""
    if not 0 < number < 1000:
        return "".join(DIGITS[int(digit)] for digit in str(number))
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    parts = (_unit(hundreds, "百"), _unit(tens, "十"), DIGITS[ones] if ones else "")
    return "".join(parts)


def _unit(count: int, unit: str) -> str:
    return (DIGITS[count] if count > 1 else "") + unit if count else ""
