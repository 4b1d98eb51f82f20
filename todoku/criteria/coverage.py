"""Pure. What of the criteria no example shows (例のない基準): named, so that an official sees what was agreed unseen.

Takes terms, agreed criteria and the judged examples; leaves one line for each thing without an example or without a rule.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from todoku.criteria.application_results import ApplicationResult
from todoku.formats.holder_name import TIERS
from todoku.programme import examples as recipients
from todoku.programme.changes import left_open
from todoku.programme.coverage import KINDS as OF_RECIPIENTS
from todoku.programme.criteria_tables import FIELDS, KINDS, CriteriaTables
from todoku.programme.terms import Terms
from todoku.review.checks import FOUND_BY_CHECKS
from todoku.review.codes import CODES

# Same name, or but for a space: no finding is made of them, so no example can show one.
UNSEEN_TIERS = ("T0", "T1")


class Uncovered(NamedTuple):
    """One thing that no example shows, by kind (対象者の条件, 審査基準, 訂正 …), and why that may be right."""

    kind: str
    name: str
    why: str


def uncovered(
    terms: Terms, agreed: CriteriaTables, applications: Iterable[ApplicationResult]
) -> tuple[Uncovered, ...]:
    """Everything without an example, in the order of the sheet."""
    results = tuple(applications)
    return (
        *(Uncovered(OF_RECIPIENTS[one.kind], one.label, "例がない") for one in recipients.uncovered(terms)),
        *(
            Uncovered(OF_RECIPIENTS["change"], one.label, "定めがない（自治体に照会する）")
            for one in left_open(terms)
        ),
        *_codes(terms, results),
        *_tiers(results),
        *_alterations(agreed),
    )


def _codes(terms: Terms, results: tuple[ApplicationResult, ...]) -> Iterator[Uncovered]:
    shown = {code for result in results for code in result.found}
    for code, master in CODES.items():
        if terms.review.checks.get(code) == "off":
            yield Uncovered("審査基準", f"{code} {master.name}", "この制度では確認しない")
        elif code not in FOUND_BY_CHECKS:
            yield Uncovered("審査基準", f"{code} {master.name}", "人が見て付けるため、例で試せない")
        elif code not in shown:
            yield Uncovered("審査基準", f"{code} {master.name}", "例がない")


def _tiers(results: tuple[ApplicationResult, ...]) -> Iterator[Uncovered]:
    shown = {tier for result in results for tier in result.tiers}
    for tier, name in TIERS.items():
        if tier not in shown and tier not in UNSEEN_TIERS:
            yield Uncovered("口座名義の一致", f"{tier} {name}", "例がない")


def _alterations(agreed: CriteriaTables) -> Iterator[Uncovered]:
    ruled = {(one.field, one.kind) for one in agreed.alterations}
    for field, field_name in FIELDS.items():
        for kind, kind_name in KINDS.items():
            if (field, kind) not in ruled:
                yield Uncovered("訂正", f"{field_name}の{kind_name}", "定めがない。自治体に照会する")
