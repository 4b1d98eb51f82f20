"""Lets one process at a time do a piece of set-up; the others wait and then find the work done."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from todoku.ground.places import var


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Hold the lock called `name` of this installation; the system releases it when its holder dies."""
    var().mkdir(mode=0o711, parents=True, exist_ok=True)
    with open(var(f"{name}.lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
