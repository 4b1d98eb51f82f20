"""Ground of the stories: a door served by a process of its own, as in production, and a real browser before it.

`served("resident")` gives the address of granian with that door's settings, cookies and database role, on this test's
database. `desktop` and `phone` are pages of a fresh browser; `sound` asks axe-core about a page.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page, expect

from tests.stories.desk import SCREEN, sign_in
from tests.stories.doors import Doors
from tests.stories.profiles import Profiles
from todoku.commands import pictures
from todoku.ground.places import var

# Of the run, whatever folder a test has of its own: assets and compiled catalogues.
CHECKOUT = var()
# Tests never assert times: a page may take long on a busy machine.
PAGE_MILLISECONDS = 60_000
expect.set_options(timeout=PAGE_MILLISECONDS)
# Large phones of 2026 are wider; what fits here fits them.
PHONE = {"width": 375, "height": 812}
DESK = {"width": 1440, "height": 900}
# WCAG 2.2 A and AA, which hold all of JIS X 8341-3:2016.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def doors(template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """The doors' processes, open until the run ends."""
    folder = tmp_path_factory.mktemp("doors")
    _share(folder)
    opened = Doors(folder)
    yield opened
    opened.close()


def _share(folder: Path) -> None:
    """Assets and catalogues are those of the checkout."""
    for shared in ("assets", "locale"):
        if not (folder / shared).exists():
            (folder / shared).symlink_to(CHECKOUT / shared, target_is_directory=True)


@pytest.fixture
def served(
    request: pytest.FixtureRequest, var_folder: Path, browser: Browser, doors: Doors
) -> Iterator[Callable[[str], str]]:
    """`served("resident")` gives the address of that door, serving this test.

    It serves the database of `town`, `push_town`, `busy_town` or `database`, whichever the test takes. State (uploads)
    lies in the test's own folder.
    """
    # Made first, so that the doors have left before their database goes.
    for name in ({"town", "push_town", "busy_town"} & set(request.fixturenames)) or {"database"}:
        request.getfixturevalue(name)
    if "clock" in request.fixturenames:
        request.getfixturevalue("clock")
    _share(var_folder)
    doors.stand_on(str(connections["default"].settings_dict["NAME"]), var_folder)
    yield doors.address
    doors.leave()


@pytest.fixture(scope="session")
def profiles(browser: Browser) -> Profiles:
    """The run's profiles of the browser; they go with it."""
    return Profiles(browser)


@contextmanager
def _page(profiles: Profiles, **options: Any) -> Iterator[Page]:
    """A page of a fresh profile. A script error or a refusal by the content policy ends the story."""
    errors: list[str] = []
    watch: dict[str, Callable[[Any], None]] = {
        "pageerror": lambda error: errors.append(str(error)),
        "console": lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None,
    }
    with profiles.page(watch, locale="ja-JP", timezone_id="Asia/Tokyo", **options) as page:
        page.set_default_timeout(PAGE_MILLISECONDS)
        yield page
        assert not errors, errors


@pytest.fixture
def phone(profiles: Profiles) -> Iterator[Page]:
    """A page on a phone: 375 × 812, touch."""
    with _page(profiles, viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True) as page:
        yield page


@pytest.fixture
def desktop(profiles: Profiles) -> Iterator[Page]:
    """A page on an office screen."""
    with _page(profiles, viewport=DESK) as page:
        yield page


@pytest.fixture
def new_page(profiles: Profiles) -> Iterator[Callable[..., Page]]:
    """`new_page()` opens another person's browser: their own cookies, an office screen unless told otherwise."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(_page(profiles, **({"viewport": DESK} | options)))


@pytest.fixture
def sound() -> Callable[[Page], list[str]]:
    """`sound(page)` gives what axe-core finds wrong with the page as it stands: nothing, on a page of ours."""
    axe = (CHECKOUT / "assets" / "axe.min.js").read_text(encoding="utf-8")

    def violations(page: Page) -> list[str]:
        # A page that is on its way has no main part yet and would be found wanting.
        page.wait_for_load_state("load")
        page.locator("main").first.wait_for()
        # Through the debugger, not a script element: the page's content policy stays as it is.
        if not page.evaluate("'axe' in window"):
            page.evaluate(axe)
        # Only what is wrong is described in full: naming every element that is right takes as long as looking.
        result = page.evaluate(
            "rules => axe.run({runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", RULES
        )
        return [
            f"{found['id']}: {found['help']} — {node['target']} {node['html'][:160]}"
            for found in result["violations"]
            for node in found["nodes"]
        ]

    return violations


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """`picture(page, "name")` keeps a screenshot under var/pictures, for the manual and for the eye, when TODOKU_PICTURES
    asks for it: drawing a whole page takes longer than most of what is asserted about it."""
    if not os.environ.get(pictures.WANTED):
        return lambda page, name: None
    folder = CHECKOUT / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return lambda page, name: page.screenshot(path=str(folder / f"{name}.png"), full_page=True) and None


@pytest.fixture
def at_desk(served: Callable[[str], str], new_page: Callable[..., Page]) -> Callable[[str, str], Page]:
    """`at_desk("office", "maker")`: that person's own browser, signed in, at the first page."""

    def sit(door: str, username: str) -> Page:
        page = new_page(viewport=SCREEN)
        sign_in(page, served(door), username)
        return page

    return sit
