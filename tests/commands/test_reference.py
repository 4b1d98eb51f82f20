"""The reference pages made from data hold what the code holds."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from todoku.commands.tables_reference import tables_page
from todoku.commands.terms_reference import terms_page
from todoku.programme.shipped import SLUGS, version_text
from todoku.programme.vocabulary import CHECK_CODES


def _keys(value: Any) -> Iterator[str]:
    """Every key of a TOML document, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _keys(inner)
    if isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_key_of_a_shipped_version_stands_in_the_reference(slug: str) -> None:
    page = terms_page()
    # Channels and letters are words, and the names of tables stand in headings; codes of checks have a page of their own.
    named = {key for key in _keys(tomllib.loads(version_text(slug))) if key != "format"} - CHECK_CODES
    assert sorted(key for key in named if key not in page) == []


def test_every_constraint_of_the_tables_stands_in_the_reference() -> None:
    page = tables_page()
    assert "`a_day_is_closed_once_per_edition`" in page
    assert page.count("\n### ") > 40
