"""Secrets that this installation makes for itself: one file each under var/secrets, for its owner alone.

Takes a name, gives the same text for ever after. Never logs or prints one.
"""

import os
import secrets

from todoku.ground.places import var

RANDOM_BYTES = 48  # 64 characters: Django warns below 50 of its SECRET_KEY


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
    """Put the file in place whole: two processes that start at once read the same text."""
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
