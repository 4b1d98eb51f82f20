"""The bank, as a folder beside the town: whatever is handed in lies there, and it answers by digest.

It does what a bank's counter does: it takes a file as often as it is brought, and can be asked whether it has it.
"""

import hashlib
import os
from pathlib import Path


class BankHouse:
    """`brought` holds every file handed in, one entry each time; a process that dies half way has handed in nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, data: bytes) -> str:
        """A file is handed over; gives the receipt number."""
        digest = hashlib.sha256(data).hexdigest()
        place = self.folder / f"{digest}-{len(list(self.folder.iterdir())) + 1}"
        partial = place.with_suffix(".part")
        partial.write_bytes(data)
        os.replace(partial, place)
        return f"R-{digest[:12]}"

    def has(self, sha256: str) -> bool:
        return any(one.name.startswith(sha256) for one in self.folder.iterdir())

    def brought(self) -> list[bytes]:
        return [one.read_bytes() for one in sorted(self.folder.iterdir()) if one.suffix != ".part"]
