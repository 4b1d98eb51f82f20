"""Pure. The 21 × 21 modules of a QR code in, its digits out; no library is asked, so that it is quick and strict.

Reads what a sheet bears and nothing else: version 1, error correction H, numeric. Every module must be right: a printer
may spoil 30 % of a code and it is still read, so what leaves the house must not have used up any of that.
Source: ISO/IEC 18004 (figures of version 1; generator polynomial of 17 codewords).
"""

from operator import itemgetter

SIDE = 21
DATA, CORRECTION = 9, 17  # codewords of version 1-H
_LEVEL_H = 0b10
_ALPHA_OF_GENERATOR = (0, 43, 139, 206, 78, 43, 239, 123, 206, 214, 147, 24, 99, 150, 39, 243, 163, 136)
_MASKS = (
    lambda row, col: (row + col) % 2 == 0,
    lambda row, col: row % 2 == 0,
    lambda row, col: col % 3 == 0,
    lambda row, col: (row + col) % 3 == 0,
    lambda row, col: (row // 2 + col // 3) % 2 == 0,
    lambda row, col: row * col % 2 + row * col % 3 == 0,
    lambda row, col: (row * col % 2 + row * col % 3) % 2 == 0,
    lambda row, col: ((row + col) % 2 + row * col % 3) % 2 == 0,
)


def _fixed() -> dict[tuple[int, int], int]:
    """Finders with their light borders, timing lines and the dark module: what every symbol has."""
    modules: dict[tuple[int, int], int] = {}
    for top, left in ((0, 0), (0, SIDE - 7), (SIDE - 7, 0)):
        for row in range(-1, 8):
            for col in range(-1, 8):
                ring = max(abs(row - 3), abs(col - 3))
                at = (top + row, left + col)
                if 0 <= at[0] < SIDE and 0 <= at[1] < SIDE:
                    modules[at] = int(ring in (0, 1, 3))
    for place in range(8, SIDE - 8):
        modules[6, place] = modules[place, 6] = int(place % 2 == 0)
    modules[SIDE - 8, 8] = 1
    return modules


def _format_places() -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The two places of the 15 format bits, highest first."""
    first = [(8, col) for col in (0, 1, 2, 3, 4, 5, 7, 8)] + [(row, 8) for row in (7, 5, 4, 3, 2, 1, 0)]
    second = [(SIDE - 1 - i, 8) for i in range(7)] + [(8, SIDE - 8 + i) for i in range(8)]
    return first, second


def _format_bits(mask: int) -> int:
    """Level and mask with their BCH(15,5) bits, under the fixed pattern."""
    value = (_LEVEL_H << 3 | mask) << 10
    rest = value
    for shift in range(4, -1, -1):
        if rest >> (shift + 10) & 1:
            rest ^= 0b10100110111 << shift
    return (value | rest) ^ 0b101010000010010


_FIXED = _fixed()
_FORMAT = _format_places()
_FUNCTION = sorted({*_FIXED, *_FORMAT[0], *_FORMAT[1]})


def _data_places() -> list[tuple[int, int]]:
    """Where the bits of the codewords lie: two columns at a time from the right, up and down in turn."""
    taken, places, upward = set(_FUNCTION), [], True
    for right in (*range(SIDE - 1, 6, -2), 5, 3, 1):
        rows = range(SIDE - 1, -1, -1) if upward else range(SIDE)
        places += [(row, col) for row in rows for col in (right, right - 1) if (row, col) not in taken]
        upward = not upward
    return places


_DATA = _data_places()
assert len(_DATA) == 8 * (DATA + CORRECTION)
_PICK_FUNCTION = itemgetter(*(row * SIDE + col for row, col in _FUNCTION))
_PICK_DATA = itemgetter(*(row * SIDE + col for row, col in _DATA))
_DATA_BITS = len(_DATA)


def _function_of(mask: int) -> str:
    modules, bits = dict(_FIXED), _format_bits(mask)
    for places in _FORMAT:
        modules.update((at, bits >> (14 - i) & 1) for i, at in enumerate(places))
    return "".join(str(modules[at]) for at in _FUNCTION)


_MASK_OF = {_function_of(mask): mask for mask in range(8)}
_MASK_BITS = [int("".join(str(int(rule(*at))) for at in _DATA), 2) for rule in _MASKS]


def _powers() -> tuple[list[int], list[int]]:
    power, log, value = [0] * 512, [0] * 256, 1
    for i in range(255):
        power[i] = power[i + 255] = value
        log[value] = i
        value = value << 1 ^ (0x11D if value & 0x80 else 0)
    return power, log


def _correction_tables() -> list[list[int]]:
    """For each data codeword and value, what it adds to the 17 codewords of correction (they add up bit by bit)."""
    power, log = _powers()
    tables = []
    for place in range(DATA):
        table = [0]
        for value in range(1, 256):
            rest = [0] * place + [value] + [0] * (DATA - 1 - place + CORRECTION)
            for at in range(place, DATA):
                if lead := rest[at]:
                    for i, exponent in enumerate(_ALPHA_OF_GENERATOR):
                        rest[at + i] ^= power[log[lead] + exponent]
            table.append(int.from_bytes(bytes(rest[DATA:]), "big"))
        tables.append(table)
    return tables


_CORRECTION = _correction_tables()


def digits_of(modules: str) -> str | None:
    """The digits that 441 modules ("1" dark, row by row) say, or None if any of them is not as it must be."""
    mask = _MASK_OF.get("".join(_PICK_FUNCTION(modules)))
    if mask is None:
        return None
    words = (int("".join(_PICK_DATA(modules)), 2) ^ _MASK_BITS[mask]).to_bytes(DATA + CORRECTION, "big")
    correction = 0
    for table, word in zip(_CORRECTION, words[:DATA], strict=True):
        correction ^= table[word]
    if correction != int.from_bytes(words[DATA:], "big"):
        return None
    return _numeric(int.from_bytes(words[:DATA], "big"), 8 * DATA)


def modules_of(hexed: str) -> str:
    """441 modules from an image of one bit a module, whose rows are padded to whole bytes."""
    row_bits = (SIDE + 7) // 8 * 8
    bits = f"{int(hexed, 16):0{row_bits * SIDE}b}"
    return "".join([bits[row : row + SIDE] for row in range(0, row_bits * SIDE, row_bits)])


def _numeric(bits: int, left: int) -> str | None:
    """Mode 0001, a count in 10 bits, then three digits in ten bits, two in seven, one in four."""
    left -= 14
    head = bits >> left
    if head >> 10 != 0b0001:
        return None
    count, digits = head & 0x3FF, ""
    while count:
        size = min(3, count)
        left -= (4, 7, 10)[size - 1]
        if left < 0:
            return None
        value = bits >> left & (1 << (4, 7, 10)[size - 1]) - 1
        if value >= 10**size:
            return None
        digits += f"{value:0{size}d}"
        count -= size
    return digits
