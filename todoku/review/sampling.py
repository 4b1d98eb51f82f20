"""Pure. Which clean applications a person looks at all the same (抜取り): at random, yet the same on every
run.

The seed is drawn once per programme and kept secret from the public, so that nobody can choose a number
that is not looked at; with it, anybody can check afterwards that the sample was not chosen by hand.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b

_SPACE = 2**64


def is_sampled(number: str, *, seed: str, percent: float) -> bool:
    """Whether the case of this public number belongs to the sample of so many percent (0 to 100)."""
    return _place(number, _key(seed)) < _bound(percent)


def sampled(numbers: Iterable[str], *, seed: str, percent: float) -> Iterator[str]:
    """Those of the numbers that belong to the sample, in order."""
    key, bound = _key(seed), _bound(percent)
    return (number for number in numbers if _place(number, key) < bound)


def caught_by(number: str, *, seed: str, rates: Mapping[str, float]) -> str | None:
    """The first of the rates (percent by name, in their order) whose sample the case belongs to; None where none has it."""
    place = _place(number, _key(seed))
    return next((name for name, percent in rates.items() if place < _bound(percent)), None)


def _key(seed: str) -> bytes:
    key = seed.encode()
    assert 0 < len(key) <= 64, "a seed has 1 to 64 bytes"
    return key


def _bound(percent: float) -> int:
    assert 0 <= percent <= 100, "a share is between 0 and 100 percent"
    return int(_SPACE * percent / 100)


def _place(number: str, key: bytes) -> int:
    # A raised percentage only adds cases: each keeps its place, the bound moves.
    return int.from_bytes(blake2b(number.encode(), key=key, digest_size=8).digest(), "big")
