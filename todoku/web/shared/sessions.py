"""Sessions by door: each door keeps its own in its own table, so that the public role cannot read staff sessions."""

from typing import TYPE_CHECKING

from django.conf import settings
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


class DoorSessionMiddleware(SessionMiddleware):
    """Django's session middleware; named here so that the settings show where sessions come from."""

    def __init__(self, get_response: "Callable[[HttpRequest], HttpResponse]") -> None:
        super().__init__(get_response)
        self.SessionStore = SessionStore
