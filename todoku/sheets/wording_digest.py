"""Pure. What the sheets of a run say, apart from whose they are, in one digest (文面の指紋).

Takes the kind of letter and its words; the day on which it is written does not count, nor how many are written. Two runs of
the same digest were printed with the same template and the same sentences: one approved proof (校了) holds for both.
"""

import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent / "templates"
# What differs from day to day without being another wording.
OF_THE_DAY = frozenset({"issued_on"})


def wording_digest(kind: str, words: Mapping[str, Any]) -> str:
    """SHA-256 over the templates and the words of this kind of letter."""
    said = {name: value for name, value in words.items() if name not in OF_THE_DAY}
    text = json.dumps([kind, said], ensure_ascii=False, sort_keys=True)
    return sha256(f"{_templates()}\n{text}".encode()).hexdigest()


@cache
def _templates() -> str:
    """One digest over every template: a change to a shared page asks for a new proof of each kind."""
    whole = sha256()
    for file in sorted(TEMPLATES.iterdir()):
        if file.suffix in (".typ", ".toml"):
            whole.update(file.name.encode() + b"\0" + file.read_bytes())
    return whole.hexdigest()
