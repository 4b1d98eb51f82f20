"""`browser`: the distribution's Chromium, started once for a whole run.

One fixture for every test that needs it: Playwright's sync interface keeps a loop in its thread, and a second start there
is refused.
"""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from todoku.ground import assets, needs


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The distribution's Chromium; `./run test` has seen to it that there is one."""
    needs.ensure(browser=True)
    assets.collect()
    assets.compile_catalogues()
    # Playwright's sync interface keeps a loop in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        with playwright.chromium.launch(executable_path=needs.chromium(), args=["--no-sandbox"]) as started:
            yield started
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
