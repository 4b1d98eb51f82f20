"""In a served door: before each request it goes to the database, folder and clock that the story at hand names."""

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

from django.db import connections
from django.http import HttpRequest, HttpResponse

from tests import clock

FILE = "TODOKU_TEST_STANDS_ON"
_moving = threading.Lock()
_now_on: dict[str, str] = {}


class StandsOn:
    """The outermost middleware of a door in the tests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wanted = json.loads(Path(os.environ[FILE]).read_text(encoding="utf-8"))
        with _moving:
            if wanted != _now_on:
                _move(wanted)
        return self.get_response(request) if wanted else HttpResponse(status=503)


def _move(wanted: dict[str, str]) -> None:
    _now_on.clear()
    _now_on.update(wanted)
    for alias in connections:
        connections[alias].close()
        connections[alias].close_pool()
        # One dictionary for the wrappers of all threads.
        connections[alias].settings_dict["NAME"] = wanted.get("database", "none")
    os.environ.pop(clock.FILE, None)
    if wanted:
        os.environ["TODOKU_VAR"] = wanted["state"]
    if wanted.get("clock"):
        os.environ[clock.FILE] = wanted["clock"]
