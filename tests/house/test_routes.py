"""Every route of every door says who may open it."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from todoku.people.access import ACTIONS, OPEN_TO_ALL

DOORS = ("resident", "office", "municipality")


def routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        here = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, here)
        else:
            yield here, entry


@pytest.mark.parametrize("door", DOORS)
def test_every_route_says_who_may_open_it(door):
    found = list(routes(get_resolver(f"todoku.web.{door}.urls")))
    assert found
    silent = [route for route, entry in found if getattr(entry.callback, "asks", None) is None]
    assert silent == []


@pytest.mark.parametrize("door", ["office", "municipality"])
def test_staff_doors_are_open_to_all_only_at_the_entrance(door):
    public = [
        route
        for route, entry in routes(get_resolver(f"todoku.web.{door}.urls"))
        if entry.callback.asks in OPEN_TO_ALL
    ]
    assert set(public) <= {"login/", "logout/", "", "live/"}


def test_the_public_door_has_no_page_of_staff():
    asked = {entry.callback.asks for _route, entry in routes(get_resolver("todoku.web.resident.urls"))}
    assert asked == {"public"}


def test_every_action_that_a_route_asks_for_stands_in_the_access_table():
    asked = {
        entry.callback.asks
        for door in DOORS
        for _route, entry in routes(get_resolver(f"todoku.web.{door}.urls"))
    }
    assert asked <= set(ACTIONS) | OPEN_TO_ALL
