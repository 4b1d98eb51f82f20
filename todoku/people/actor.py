"""Pure. Who acts in a step: handed in by the page, the command line or the round, never read from a global."""

from typing import NamedTuple


class Actor(NamedTuple):
    """The acting person (実施者), or the system itself: id of the staff row or None, the name that records show."""

    id: int | None
    name: str
    roles: frozenset[str] = frozenset()
    organisation: str = "office"
    door: str = "work"
    address: str | None = None


SYSTEM = Actor(id=None, name="自動処理", roles=frozenset({"system"}), organisation="system")
RESIDENT = Actor(id=None, name="申請者", organisation="resident", door="resident")
