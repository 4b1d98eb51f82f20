"""Where things lie: the checkout, and the one folder that holds all state.

Reads one variable, TODOKU_VAR; writes nothing.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def var(*parts: str) -> Path:
    """A path under the state folder: `var/` of the checkout, or the folder named by TODOKU_VAR."""
    chosen = os.environ.get("TODOKU_VAR")
    base = Path(chosen).resolve() if chosen else ROOT / "var"
    return base.joinpath(*parts)
