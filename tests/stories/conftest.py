"""Ground of the stories: a door served by a process of its own, as in production, and a real browser before it.

`served("resident")` starts granian with that door's settings, cookies and database role on this test's database and
gives its address. `desktop` and `phone` are pages of a fresh browser; `sound` asks axe-core about a page.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page

from tests.stories.desk import SCREEN
from todoku.ground.places import ROOT, var
from todoku.ground.secrets import NOT_FOR_RESIDENT_DOOR
from todoku.sampletown.staff import sample_password

ROLE = {"resident": "public", "office": "office", "municipality": "office"}
HOST = {"resident": "todoku.localhost", "office": "office.localhost", "municipality": "city.localhost"}
# Of the run, whatever folder a test has of its own: assets and compiled catalogues.
CHECKOUT = var()
START_SECONDS = 60
# Tests never assert times: a page may take long on a busy machine.
PAGE_MILLISECONDS = 60_000
STOP_SECONDS = 10
# Large phones of 2026 are wider; what fits here fits them.
PHONE = {"width": 375, "height": 812}
DESK = {"width": 1440, "height": 900}
# WCAG 2.2 A and AA, which hold all of JIS X 8341-3:2016.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _environment(door: str, database: str, state: str) -> dict[str, str]:
    """What the door's process knows: its own secrets, this test's database and folder, the role of its template."""
    template = os.environ["DATABASE_URL"]
    hidden = NOT_FOR_RESIDENT_DOOR if door == "resident" else ()
    return {name: value for name, value in os.environ.items() if name not in hidden} | {
        "TODOKU_DOOR": door,
        "TODOKU_VAR": state,
        "DATABASE_URL": urlunsplit(urlsplit(template)._replace(path=f"/{database}")),
        "TODOKU_TEST_USER": f"{urlsplit(template).path.lstrip('/')}_{ROLE[door]}",
        "DJANGO_SETTINGS_MODULE": "tests.stories.door_settings",
        "PYTHONPATH": str(ROOT),
    }


@contextmanager
def _process(door: str, database: str, state: str) -> Iterator[str]:
    port = _free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--blocking-threads", "4", "--no-ws", "todoku.wsgi:application",
    ]  # fmt: skip
    log = Path(state) / f"{door}.log"
    with log.open("wb") as output:
        running = subprocess.Popen(
            command, cwd=ROOT, env=_environment(door, database, state), stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            _await(HOST[door], port, running, log)
            yield f"http://{HOST[door]}:{port}"
        finally:
            os.killpg(running.pid, signal.SIGTERM)
            try:
                running.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)
                running.wait()


def _await(host: str, port: int, running: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert running.poll() is None, f"the door ended at once:\n{log.read_text()}"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as asked:
                asked.sendall(f"HEAD /static/shared/todoku.svg HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
                if asked.recv(1):
                    return
        except OSError:  # not listening yet
            time.sleep(0.05)
    raise AssertionError(f"the door did not answer within {START_SECONDS} seconds:\n{log.read_text()}")


@pytest.fixture
def served(
    request: pytest.FixtureRequest, var_folder: Path, browser: Browser
) -> Iterator[Callable[[str], str]]:
    """`served("resident")` gives the address of that door, served for this test; each door is started once.

    It serves the database of `town`, `push_town`, `busy_town` or `database`, whichever the test takes. State (uploads,
    logs) lies in the test's own folder; assets and catalogues are those of the checkout.
    """
    # Made first, so that the doors are closed before their database goes.
    for name in ({"town", "push_town", "busy_town"} & set(request.fixturenames)) or {"database"}:
        request.getfixturevalue(name)
    database = str(connections["default"].settings_dict["NAME"])
    for shared in ("assets", "locale"):
        if not (var_folder / shared).exists():
            (var_folder / shared).symlink_to(CHECKOUT / shared, target_is_directory=True)
    open_doors: dict[str, str] = {}
    with ExitStack() as stack:

        def serve(door: str) -> str:
            if door not in open_doors:
                open_doors[door] = stack.enter_context(_process(door, database, str(var_folder)))
            return open_doors[door]

        yield serve


@contextmanager
def _page(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page of a fresh profile. A script error or a refusal by the content policy ends the story."""
    context = browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo", **options)
    page = context.new_page()
    page.set_default_timeout(PAGE_MILLISECONDS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None
    )
    try:
        yield page
        assert not errors, errors
    finally:
        context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page on a phone: 375 × 812, touch."""
    with _page(browser, viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True) as page:
        yield page


@pytest.fixture
def desktop(browser: Browser) -> Iterator[Page]:
    """A page on an office screen."""
    with _page(browser, viewport=DESK) as page:
        yield page


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`new_page()` opens another person's browser: their own cookies, an office screen unless told otherwise."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(_page(browser, **({"viewport": DESK} | options)))


@pytest.fixture
def sound() -> Callable[[Page], list[str]]:
    """`sound(page)` gives what axe-core finds wrong with the page as it stands: nothing, on a page of ours."""
    axe = (CHECKOUT / "assets" / "axe.min.js").read_text(encoding="utf-8")

    def violations(page: Page) -> list[str]:
        # Through the debugger, not a script element: the page's content policy stays as it is.
        page.evaluate(axe)
        result = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES)
        return [
            f"{found['id']}: {found['help']} — {node['target']} {node['html'][:160]}"
            for found in result["violations"]
            for node in found["nodes"]
        ]

    return violations


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """`picture(page, "name")` keeps a screenshot under var/pictures, for the manual and for the eye."""
    folder = CHECKOUT / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return lambda page, name: page.screenshot(path=str(folder / f"{name}.png"), full_page=True) and None


@pytest.fixture
def at_desk(served: Callable[[str], str], new_page: Callable[..., Page]) -> Callable[[str, str], Page]:
    """`at_desk("office", "maker")`: that person's own browser, signed in, at the first page."""

    def sit(door: str, username: str) -> Page:
        page = new_page(viewport=SCREEN)
        page.goto(served(door) + "/login/")
        page.get_by_label("利用者ID").fill(username)
        page.get_by_label("パスワード").fill(sample_password())
        page.get_by_role("button", name="ログイン").click()
        page.wait_for_url("**/p/sample/")
        return page

    return sit
