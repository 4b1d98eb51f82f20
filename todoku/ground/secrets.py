"""The installation's secrets: made once, kept in files that only the owner of the process may read.

Comes in: nothing, or variables of the environment, which win. Goes out: the same names set in the environment,
where settings.py and the doors read them. A secret is never logged and never has a default.
"""

import os
import secrets

from todoku.ground.places import var

NAMES = (
    "TODOKU_SECRET_KEY",
    "TODOKU_LOOKUP_SECRET",
    "TODOKU_LETTER_KEY_SECRET",
    "TODOKU_OWNER_PASSWORD",
    "TODOKU_OFFICE_PASSWORD",
    "TODOKU_PUBLIC_PASSWORD",
)
RANDOM_BYTES = 48  # Django warns below 50 characters of SECRET_KEY; 48 bytes are 64 characters


def load() -> None:
    """Puts every secret of NAMES into the environment, making the missing ones under var/secrets."""
    for name in NAMES:
        if not os.environ.get(name):
            os.environ[name] = secret(name.lower())


def secret(name: str) -> str:
    """The text of the secret file called `name`; made at random the first time it is asked for."""
    folder = var("secrets")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    path = folder / name
    if not path.exists():
        _make(str(path), secrets.token_urlsafe(RANDOM_BYTES))
    return path.read_text(encoding="ascii").strip()


def holds(name: str) -> bool:
    """Whether the secret has been made already."""
    return var("secrets", name).exists()


def _make(path: str, text: str) -> None:
    """Puts the file in place whole: of two processes that start at once, both read what the first one made."""
    making = f"{path}.{os.getpid()}"
    handle = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(making, path)
    except FileExistsError:
        assert os.path.getsize(path) > 0, f"{path} is empty: it was not made by this program"
    finally:
        os.unlink(making)
