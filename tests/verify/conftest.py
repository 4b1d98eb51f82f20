"""Two bundles for all tests of the verifier: a small one in three files, and a line file of 100,000 payments."""

import pytest

from todoku.sampletown.bundle import Bundle, bundle


@pytest.fixture(scope="session")
def small() -> Bundle:
    """300 payments of three lists in three files of at most 120."""
    made = bundle(300, most=120)
    assert [name[-5:] for name, _ in made.banks] == ["1.txt", "2.txt", "3.txt"]
    return made


@pytest.fixture(scope="session")
def city() -> Bundle:
    """100,000 payments in one file, as most banks take them."""
    return bundle(100_000)
