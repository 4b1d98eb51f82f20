"""What a resident has shown at this door and filled in so far, kept in the session of the public door for half an hour.

Digests instead of number, birth date and key; the draft of an application; the receipt. One programme at a time: who
goes to another programme begins there anew.
"""

import secrets
from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from todoku.web.resident.steps import WITHOUT_LETTER

NAME = "visit"


class Visit:
    """The session's part that belongs to one programme."""

    def __init__(self, session: SessionBase, slug: str) -> None:
        self._session, self._slug = session, slug
        held = session.get(NAME)
        self._held: dict[str, Any] = held if isinstance(held, dict) and held.get("slug") == slug else {}

    @property
    def lookup_token(self) -> str:
        """The digest of number and birth date, or "" before the look-up."""
        return str(self._held.get("lookup", ""))

    @property
    def key_token(self) -> str:
        """The digest of the letter's key, or "" before it was shown."""
        return str(self._held.get("key", ""))

    @property
    def keyless(self) -> bool:
        """Whether somebody applies here who has no letter."""
        return bool(self._held.get("keyless"))

    @property
    def draft(self) -> dict[str, Any]:
        """The answers so far, by the names of steps.py."""
        return dict(self._held.get("draft", {}))

    @property
    def receipt(self) -> dict[str, str]:
        """The last receipt: number, at (ISO), declines, way (受取方法), keyless; empty before anything was sent."""
        return dict(self._held.get("receipt", {}))

    @property
    def idempotency_key(self) -> str:
        """One for each draft, made with it."""
        return str(self._held.get("idempotency", ""))

    @property
    def taken_back(self) -> bool:
        """Whether a decline was taken back in this visit: the page says so until the case has moved."""
        return bool(self._held.get("taken_back"))

    def open(self, lookup_token: str) -> None:
        """After the look-up: a new session key, and nothing left of an earlier visit."""
        self._session.cycle_key()
        self._keep({"slug": self._slug, "lookup": lookup_token})

    def begin_keyless(self) -> None:
        """Somebody without a letter begins: a new session key, and nothing left of an earlier visit."""
        self._session.cycle_key()
        self._keep({"slug": self._slug, "keyless": True})
        self.save({WITHOUT_LETTER: True, "who": "self"})

    def show_key(self, key_token: str) -> None:
        self._keep(self._held | {"key": key_token})

    def told(self, *, taken_back: bool) -> None:
        """The last word about declining in this visit: declined, or taken back."""
        self._keep(self._held | {"taken_back": taken_back})

    def save(self, draft: dict[str, Any]) -> None:
        """Keeps the draft."""
        key = self.idempotency_key or secrets.token_hex(16)
        self._keep(self._held | {"draft": draft, "idempotency": key})

    def sent(self, number: str, at: datetime, *, declines: bool = False, way: str = "bank") -> None:
        """The draft has gone; its receipt stays."""
        gone = ("draft", "idempotency", "keyless")
        kept = {name: value for name, value in self._held.items() if name not in gone}
        receipt = {
            "number": number,
            "at": at.isoformat(),
            "declines": declines,
            "way": way,
            "keyless": self.keyless,
        }
        self._keep(kept | {"receipt": receipt})

    def close(self) -> None:
        self._session.flush()

    def _keep(self, held: dict[str, Any]) -> None:
        self._held = held
        self._session[NAME] = held
