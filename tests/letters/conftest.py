"""Letters are tested on finished PDFs: written once per module, read back with libraries that did not draw them."""

from pathlib import Path

import pytest

from todoku.ground import assets
from todoku.ground.places import var


@pytest.fixture(scope="session")
def fonts_dir() -> Path:
    """The page font as set-up collects it."""
    assets.collect()
    return var("assets", "fonts")
