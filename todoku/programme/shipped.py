"""Pure. The Versions that come with the house, as texts: the starting point of a new programme and of the
demo."""

from importlib.resources import files

SLUGS = ("tokubetsu-teigaku-2020", "bukkadaka-2024", "chosei-kyufu-2024")


def version_text(slug: str) -> str:
    """The TOML text of a shipped Version. An unknown slug is a bug of the caller (KeyError-like
    assertion)."""
    assert slug in SLUGS, f"no such shipped version: {slug!r}"
    return (files("todoku.programme") / "versions" / f"{slug}.toml").read_text("utf-8")
