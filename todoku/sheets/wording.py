"""Pure. The fixed words of a sheet: our defaults, under the programme's own wording.

Takes the programme's wording (any mapping of the keys in templates/wording.toml and the names below); leaves one
complete dict for a template. Refuses, by key, what is missing or unknown; never invents a name or an address.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from todoku.ground.step import Refusal

TEMPLATES = Path(__file__).parent / "templates"

# What only the programme can say. `documents` (form only) is a list of (what, which ones).
NAMES = ("programme", "municipality", "mayor", "office", "phone")
FORM_NAMES = ("documents",)
# May stand in braces in any sentence; `payer` is the name printed in passbooks (振込名義).
PLACEHOLDERS = (*NAMES, "payer")

KINDS = (
    "form", "push_notice", "return", "transfer_failed", "granted", "refused", "gift", "claim_notice", "claim_reminder",
    "claim_call", "claim_plan", "acknowledgement", "reminder", "return_reminder", "decline_form", "proxy_form",
    "account_form", "objection_answer", "return_dropped", "terms_changed",
)  # fmt: skip
# Kinds that may enclose the statement of a representative.
WITH_PROXY = ("proxy_form", "return", "return_reminder")


class WordingRefused(Refusal):
    """The programme's wording lacks a key or has one that no sheet knows."""


@cache
def defaults() -> dict[str, dict[str, Any]]:
    """Our wording by section: `common` and one section per kind of sheet."""
    return tomllib.loads((TEMPLATES / "wording.toml").read_text(encoding="utf-8"))


def complete(kind: str, wording: Mapping[str, Any]) -> dict[str, Any]:
    """All words of one kind of sheet, placeholders filled. Keys of other kinds are ignored; unknown ones refused."""
    assert kind in KINDS, f"no sheet is called {kind}"
    needed = NAMES + (FORM_NAMES if kind == "form" else ())
    missing = [name for name in needed if not wording.get(name)]
    if missing:
        raise WordingRefused(
            f"文言に次の項目がありません: {'、'.join(missing)}。制度の文言に書き加えてください。"
        )
    known = {key for section in defaults().values() for key in section} | set(NAMES + FORM_NAMES + ("payer",))
    unknown = sorted(set(wording) - known)
    if unknown:
        raise WordingRefused(
            f"文言に知らない項目があります: {'、'.join(unknown)}。項目名を確かめてください。"
        )
    proxy = defaults()["proxy"] if kind in WITH_PROXY else {}
    words = {**defaults()["common"], **defaults()["account"], **proxy, **defaults()[kind], **wording}
    named = {"{" + name + "}": str(words.get(name, "")) for name in PLACEHOLDERS}
    named["{title}"] = _filled(words["title"], named)
    return {key: _filled(value, named) for key, value in words.items()}


def _filled(value: Any, named: Mapping[str, str]) -> Any:
    """The same value with every placeholder replaced, in lists and tables too."""
    if isinstance(value, str):
        for mark, name in named.items():
            value = value.replace(mark, name)
        return value
    if isinstance(value, Mapping):
        return {key: _filled(part, named) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled(part, named) for part in value]
    return value
