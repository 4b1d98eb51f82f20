"""A reviewer's browser without a network: asks the office door's own WSGI application, with all its middleware.

Signs a member of staff in; gives status, place and body of each page. Session, the guard against foreign forms, pool and
roles are the door's. Knows no page.
"""

import os
from functools import cache
from secrets import token_hex
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

DOOR = "office"


class Answer(NamedTuple):
    """What came back: the status, where it leads ("" where it is the page itself), and the page."""

    status: int
    place: str
    body: str


def set_up() -> None:
    """Makes this process the office's door, as `todoku up` starts it; before anything of Django is imported."""
    os.environ["TODOKU_DOOR"] = DOOR
    from benches.measure import _set_up

    _set_up()


@cache
def _application() -> Any:
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


class Browser:
    """One signed-in person at the door."""

    def __init__(self, staff: Any) -> None:
        from django.conf import settings
        from django.test import Client

        entered = Client()
        entered.force_login(staff)
        token = token_hex(16)
        cookies = {name: one.value for name, one in entered.cookies.items()} | {
            settings.CSRF_COOKIE_NAME: token
        }
        self._kept: dict[str, Any] = {
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in cookies.items()), "HTTP_X_CSRFTOKEN": token,
        }  # fmt: skip

    def get(self, address: str) -> Answer:
        return self._ask("GET", address, b"")

    def post(self, address: str, **fields: str) -> Answer:
        return self._ask("POST", address, urlencode(fields).encode())

    def _ask(self, method: str, address: str, sent: bytes) -> Answer:
        from django.test import RequestFactory

        asked = RequestFactory().generic(
            method, address, sent, "application/x-www-form-urlencoded", **self._kept
        )
        head: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            head.update(status=int(status.split()[0]), **{name.lower(): value for name, value in headers})

        response = _application()(asked.environ, start)
        # Closing ends the request: the connection goes back to its pool.
        body = b"".join(response)
        response.close()
        return Answer(head["status"], urlsplit(head.get("location", "")).path, body.decode())
