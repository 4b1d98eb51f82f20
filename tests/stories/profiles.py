"""Profiles of the browser, each with its page, that are lent to one story after the other.

Making one takes longer than reading most pages: a window, a process that draws, and the page font in it. A profile comes
back without cookies, without what its pages kept, without routes: whoever borrows it next is as unknown to the doors as in
a new one. Only what the browser itself may keep of style sheets and scripts stays.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

NOWHERE = "about:blank"


class Profiles:
    """Those of one run, by what was asked of them (screen, script, touch)."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[Page]] = defaultdict(list)

    @contextmanager
    def page(self, watch: dict[str, Callable[[Any], None]], **options: Any) -> Iterator[Page]:
        """A page of a profile in which nobody has been yet. `watch`: who is told of which of its events."""
        like = repr(sorted(item for item in options.items() if item[0] != "viewport"))
        page = self._free[like].pop() if self._free[like] else self._browser.new_context(**options).new_page()
        page.set_viewport_size(options["viewport"])
        places = set[str]()
        told = {**watch, "framenavigated": lambda frame: places.add(frame.url)}
        for event, who in told.items():
            page.on(event, who)  # type: ignore[call-overload]
        try:
            yield page
        except BaseException:
            page.context.close()  # whatever state the story fell over in is nobody else's
            raise
        for event, who in told.items():
            page.remove_listener(event, who)
        visited = {f"{at.scheme}://{at.netloc}" for at in map(urlsplit, places) if at.netloc}
        if _forgets(page, visited, options):
            self._free[like].append(page)


def _forgets(page: Page, visited: set[str], options: dict[str, Any]) -> bool:
    """Empties a profile; False if it went as a whole, because its page has been at several doors."""
    profile = page.context
    if len(visited) > 1 or page.is_closed():
        profile.close()
        return False
    page.unroute_all(behavior="ignoreErrors")
    for other in profile.pages:
        if other is not page:
            other.close()
    if visited and options.get("java_script_enabled", True):
        page.evaluate("sessionStorage.clear()")
    page.goto(NOWHERE)
    profile.clear_cookies()
    asked = profile.new_cdp_session(page)
    for origin in visited:
        asked.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    asked.detach()
    page.mouse.move(0, 0)
    return True
