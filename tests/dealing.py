"""How the tests are dealt to processes: a file whole, so that what it fills is filled once; the longest files first.

Files that take copies of the busy town go to one process together: filling it takes longest of all.
"""

from functools import cache
from pathlib import Path
from typing import Any

from xdist.scheduler import LoadScopeScheduling

# Before a browser is started in its process, whose driver keeps a loop in the thread: these run a loop of their own.
LOOPS = "tests/rounds/test_sweep.py"
# Begun first, because a long file that is begun last keeps one process waiting for the other.
LONGEST = (
    LOOPS,
    "tests/handback/",
    "tests/stories/test_manual",
    "tests/stories/test_office_by",
    "tests/payment/test_crash.py",
    "tests/benches/",
    "tests/commands/test_demo.py",
    "tests/stories/",
    "tests/scan/",
    "tests/sampletown/",
    "tests/payment/",
    "tests/verify/",
    "tests/web/",
    "tests/letters/",
)
BUSY = "busy_town"
ROOT = Path(__file__).resolve().parents[1]


def longest_first(nodeid: str) -> int:
    """The place of a test among those to be begun; the rest keep their order behind."""
    return next((place for place, start in enumerate(LONGEST) if nodeid.startswith(start)), len(LONGEST))


@cache
def unit_of(file: str) -> str:
    """What is dealt together with a file: itself, or all that stand on the busy town."""
    return BUSY if BUSY in (ROOT / file).read_text(encoding="utf-8") else file


class ByFile(LoadScopeScheduling):
    """xdist's dealing by scope, where a scope is a file or the busy town."""

    def __init__(self, config: Any, log: Any) -> None:
        config.option.loadscopereorder = False  # ours is by time, not by number of tests
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid.split("::", 1)[0])
