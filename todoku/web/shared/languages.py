"""Languages by door: a resident reads in the language of their browser or choice, staff pages are Japanese.

Without this a clerk's browser that prefers English would get the few shared words of residents' pages in English.
"""

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

STAFF_DOORS = ("office", "municipality")


class DoorLocaleMiddleware(LocaleMiddleware):
    """Django's choice of a language where the door has one to choose; else the language of the settings."""

    def process_request(self, request: HttpRequest) -> None:
        if settings.DOOR not in STAFF_DOORS:
            super().process_request(request)
            return
        translation.activate(settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = settings.LANGUAGE_CODE
