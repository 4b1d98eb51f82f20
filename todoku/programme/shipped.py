"""Pure. The Versions that come with the house, as texts: the starting point of a new programme and of the
demo."""

from importlib.resources import files

# By the year in which they ran.
SLUGS = (
    "rinji-fukushi-2015",
    "premium-shohinken-2019",
    "tokubetsu-teigaku-2020",
    "kosodate-rinji-2020",
    "kosodate-seikatsu-2021",
    "hikazei-rinji-2021",
    "kakaku-kinkyu-2022",
    "kakaku-juten-2023",
    "aratana-hikazei-2024",
    "chosei-kyufu-2024",
    "bukkadaka-2024",
    "fusokugaku-2025",
    "kosodate-oen-2025",
    "shokuryohin-2026",
)


def version_text(slug: str) -> str:
    """The TOML text of a shipped Version. An unknown slug is a bug of the caller (KeyError-like
    assertion)."""
    assert slug in SLUGS, f"no such shipped version: {slug!r}"
    return (files("todoku.programme") / "versions" / f"{slug}.toml").read_text("utf-8")
