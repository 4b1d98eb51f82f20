"""`browser`: the distribution's Chromium (its shell without a window where there is one), started once for a whole run.

One fixture for every test that needs it: Playwright's sync interface keeps a loop in its thread, and a second start there
is refused.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from todoku.ground import assets, needs
from todoku.ground.places import var

# As on a resident's phone and an office's machine, the page font lies on the device: without it every fresh profile would
# fetch and read nine megabytes.
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The distribution's Chromium; `./run test` has seen to it that there is one."""
    needs.ensure(browser=True)
    assets.collect()
    assets.compile_catalogues()
    # Playwright's sync interface keeps a loop in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    device = {**os.environ, "FONTCONFIG_FILE": str(_device_fonts(tmp_path_factory.mktemp("device")))}
    with sync_playwright() as playwright:
        with playwright.chromium.launch(
            executable_path=needs.chromium(), args=["--no-sandbox"], env=device
        ) as started:
            yield started
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def _device_fonts(folder: Path) -> Path:
    """A configuration of fonts that has those of the machine and the page font."""
    config = folder / "fonts.conf"
    config.write_text(FONTS.format(fonts=var("assets", "fonts"), cache=folder / "cache"), encoding="utf-8")
    return config
