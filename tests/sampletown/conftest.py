"""Two towns, written once for all tests of this room: the smallest that has every kind, and the demo's size."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from todoku.sampletown.write import Manifest, write_town

BASE_DATE = date(2026, 10, 1)  # Thursday
OPENED_ON = date(2026, 11, 2)  # Monday
SEED = 20260427


class Written(NamedTuple):
    """A folder and what its manifest says."""

    folder: Path
    manifest: Manifest


@pytest.fixture(scope="session", params=[300, 3_000])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    folder = tmp_path_factory.mktemp(f"town{request.param}")
    manifest = write_town(
        folder, seed=SEED, households=request.param, base_date=BASE_DATE, opened_on=OPENED_ON
    )
    yield Written(folder, manifest)
