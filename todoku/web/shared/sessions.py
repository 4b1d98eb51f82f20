"""Sessions by door: each door keeps its own in its own table, so that the public role cannot read staff sessions."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse

from todoku.people.tables import MunicipalitySession, OfficeSession, ResidentSession

if TYPE_CHECKING:
    from collections.abc import Callable

TABLES: dict[str, type[AbstractBaseSession]] = {
    "resident": ResidentSession,
    "office": OfficeSession,
    "municipality": MunicipalitySession,
    "work": OfficeSession,
}


class SessionStore(DatabaseStore):
    """Django's database session in the table of this process's door."""

    @classmethod
    def get_model_class(cls) -> type[AbstractBaseSession]:
        return TABLES[settings.DOOR]

    def save(self, must_create: bool = False) -> None:
        """As Django's; but a request that changed nothing prolongs the session and leaves what it holds alone.

        The web form asks about a box while its page is being sent: written back whole, the older copy of the question
        would take the answer away again.
        """
        if must_create or self.modified or self.session_key is None:
            super().save(must_create=must_create)
            return
        kept = self.get_model_class().objects.filter(session_key=self.session_key)
        if not kept.update(expire_date=self.get_expiry_date()):
            raise UpdateError


class DoorSessionMiddleware(SessionMiddleware):
    """Django's session middleware; named here so that the settings show where sessions come from."""

    def __init__(self, get_response: "Callable[[HttpRequest], HttpResponse]") -> None:
        super().__init__(get_response)
        self.SessionStore = SessionStore
