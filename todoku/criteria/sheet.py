"""Pure. The criteria sheet (審査基準書): everything by which one Version is judged, as frozen values with one digest.

Takes the Version's text and number with the master of codes, the standard and the checks; leaves a Sheet whose canonical
bytes an official signs. Whatever changes in any of these gives another digest.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from todoku.criteria.about_terms import about_terms, change_lines
from todoku.criteria.application_results import ApplicationResult, judged
from todoku.criteria.coverage import Uncovered, uncovered
from todoku.criteria.recipient_results import RecipientResult, recipient_results
from todoku.programme import standard
from todoku.programme.criteria_tables import Alteration, CriteriaTables, Evidence, HolderTier, OtherHolder
from todoku.programme.terms import Terms, parse
from todoku.review.checks import FOUND_BY_CHECKS, RULES_VERSION
from todoku.review.codes import CODES, ENCLOSURES, HANDLINGS

FORMAT = 1  # of the canonical bytes


class Criterion(NamedTuple):
    """One criterion with all that the reviewers, the resident and the municipality go by. `severities` are what the examples
    showed under these terms; empty for what only a person finds."""

    code: str
    name: str
    criterion: str
    evidence: tuple[str, ...]
    validity: str
    fails: str
    told: str
    enclose: tuple[str, ...]
    handling: str
    severities: tuple[str, ...]
    found_by: str  # "checks" | "person" | "off"
    decides: str
    own: bool  # the Version itself says something of it


class Sheet(NamedTuple):
    """One criteria sheet. `text` is the Version's TOML, so that the digest covers every word agreed."""

    format: int
    municipality: str
    programme: str
    version: int
    text_sha256: str
    rules: int
    about: tuple[tuple[str, str], ...]
    changes: tuple[tuple[str, str, str, str], ...]
    criteria: tuple[Criterion, ...]
    evidence: tuple[Evidence, ...]
    alterations: tuple[Alteration, ...]
    holders: tuple[HolderTier, ...]
    others: tuple[OtherHolder, ...]
    applications: tuple[ApplicationResult, ...]
    recipients: tuple[RecipientResult, ...]
    uncovered: tuple[Uncovered, ...]
    text: str

    @property
    def failing(self) -> tuple[str, ...]:
        """The names of the examples that did not come out as written."""
        results: Iterable[ApplicationResult | RecipientResult] = (*self.recipients, *self.applications)
        return tuple(one.name for one in results if not one.came_out)


def build(text: str, *, municipality: str, version: int) -> Sheet:
    """The sheet of a Version's text. Raises TermsRefused for a faulty text."""
    terms = parse(text)
    agreed = standard.agreed(terms.criteria)
    own = [example.name for example in terms.applications]
    applications = judged(standard.examples(terms.applications), own, terms, agreed)
    return Sheet(
        format=FORMAT, municipality=municipality, programme=terms.programme.name, version=version,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(), rules=RULES_VERSION, about=about_terms(terms),
        changes=change_lines(terms), criteria=_criteria(terms, agreed, applications), evidence=agreed.evidence,
        alterations=agreed.alterations, holders=agreed.holders, others=agreed.others, applications=applications,
        recipients=recipient_results(terms), uncovered=uncovered(terms, agreed, applications), text=text,
    )  # fmt: skip


def _criteria(
    terms: Terms, agreed: CriteriaTables, applications: Iterable[ApplicationResult]
) -> tuple[Criterion, ...]:
    shown: dict[str, set[str]] = {}
    for result in applications:
        for code, severity in result.found.items():
            shown.setdefault(code, set()).add(severity)
    return tuple(_criterion(code, terms, agreed, sorted(shown.get(code, ()), reverse=True)) for code in CODES)


def _criterion(code: str, terms: Terms, agreed: CriteriaTables, severities: list[str]) -> Criterion:
    master, words = CODES[code], agreed.codes[code]
    off = terms.review.checks.get(code) == "off"
    found_by = "off" if off else "checks" if code in FOUND_BY_CHECKS else "person"
    return Criterion(
        code, master.name, words.criterion, words.evidence, words.validity, words.fails, master.sentence,
        tuple(ENCLOSURES[one] for one in master.enclose), HANDLINGS[master.handling], tuple(severities), found_by,
        words.decides, code in terms.criteria.codes,
    )  # fmt: skip


def plain(value: Any) -> Any:
    """A sheet or a part of it in JSON's kinds of value."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: plain(one) for name, one in zip(value._fields, value, strict=True)}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return value if value is None or isinstance(value, str | int | bool) else value.isoformat()


def canonical(sheet: Sheet) -> str:
    """The sheet as one text, the same for the same content whatever made it: what is signed and kept."""
    return json.dumps(plain(sheet), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    """The SHA-256 of a canonical text, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
