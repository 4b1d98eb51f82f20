"""Pure. What the office looks for in one application, as functions over one flat row.

Takes `Facts` (one application, terms included); gives findings (不備). The web form runs it on one row before
sending, the screening on hundreds of thousands; neither has another rule. It never decides.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from todoku.review import account_checks
from todoku.review.documents import BY_DAY, MY_NUMBER_SIDE, wrong_with
from todoku.review.findings import LOOK, NOTE, RETURN, Facts, Finding, Look, counted_day

RULES_VERSION = 5  # kept beside every finding; count up when a check begins to judge otherwise
AFTER_DECLINE = "after_decline"


def _signature(f: Facts) -> Finding | None:
    if f.needs_signature and not f.signed:
        return Finding("D02", "signature", {}, RETURN)
    return None


def _applied_on(f: Facts) -> Finding | None:
    if f.applied_on is None:
        return Finding("D04", "applied_on", {"why": "applied_on"}, LOOK)
    return None


def _phone(f: Facts) -> Finding | None:
    if not f.phone:
        return Finding("D04", "phone", {"why": "phone"}, LOOK)
    return None


def _applicant(f: Facts) -> Finding | None:
    if f.applicant_is_recipient or f.by_proxy:
        return None
    return Finding("D05", "applicant", {}, RETURN)


def _proxy(f: Facts) -> Finding | None:
    if f.by_proxy and not f.has_proxy_evidence:
        return Finding("D06", "proxy", {}, RETURN)
    return None


def _identity(f: Facts) -> Finding | None:
    if not f.needs_identity or f.declines_all:
        return None
    if not f.has_identity:
        return Finding("D20", "identity", {}, RETURN)
    if f.identity_expired:
        return Finding("D21", "identity", {}, RETURN)
    counted = f.papers_on or counted_day(f)
    wrong = wrong_with(f.papers, counted or f.arrived_on or date.min)
    if wrong is None:
        return None
    # Without a legible postmark nobody knows the day: a person says whether the paper was still valid then.
    unsure = counted is None and wrong.why in BY_DAY
    return Finding(wrong.code, "identity", {"why": wrong.why, **wrong.beside}, LOOK if unsure else RETURN)


def _my_number_side(f: Facts) -> Finding | None:
    """The side with the My Number was sent: a person sees that it is painted over, whatever else is fine."""
    if any(one.kind == MY_NUMBER_SIDE for one in f.papers):
        return Finding("D24", "identity", {"why": "my_number_side"}, LOOK)
    return None


def _identity_differs(f: Facts) -> Finding | None:
    if f.identity_differs:
        return Finding("D22", "identity", {"differs": list(f.identity_differs)}, LOOK)
    return None


def _identity_unclear(f: Facts) -> Finding | None:
    if f.has_identity and not f.identity_clear:
        why = "identity_side" if f.identity_side_missing else "identity"
        return Finding("D23", "identity", {"why": why}, RETURN)
    return None


def _keyless(f: Facts) -> Finding | None:
    """Without the letter's key anybody could have sent it: a reviewer looks at the document, whatever else is clean."""
    return Finding("D25", "identity", {"why": "keyless"}, LOOK) if f.keyless else None


def second_application(f: Facts) -> Finding | None:
    if not f.earlier_valid:
        return None
    # The same account twice: the first stays, the office sets this one aside and tells the resident.
    if f.earlier_same_account:
        return Finding("D40", "duplicate", {"why": "same_account"}, NOTE)
    return Finding("D40", "duplicate", {"why": "other_account"}, LOOK)


def _deadline(f: Facts) -> Finding | None:
    if f.deadline is None or f.arrived_on is None or f.arrived_on <= f.deadline:
        return None
    day = counted_day(f)
    if day is None:
        return Finding("D42", "deadline", {"why": "postmark_unknown"}, LOOK)
    return None if day <= f.deadline else Finding("D42", "deadline", {"why": "late"}, LOOK)


def _same_person(f: Facts) -> Finding | None:
    """One person under two cases, or two of one name born on one day: the register tells which."""
    return (
        Finding("D44", "recipient", same_person_evidence(f.same_person_cases, f.same_person_decided), LOOK)
        if f.same_person_cases
        else None
    )


def same_person_evidence(cases: Sequence[str], decided: Sequence[str]) -> dict[str, object]:
    """What a finding of the same person says: the cases, and those that are decided or paid already."""
    return {"cases": list(cases), **({"decided": list(decided)} if decided else {})}


def _left(f: Facts) -> Finding | None:
    if f.recipient_left_reason:
        return Finding("D43", "recipient", {"why": f.recipient_left_reason}, LOOK)
    return None


def _declines(f: Facts) -> Finding | None:
    if f.declines or f.declines_all:
        return Finding("D50", "decline", {"all": f.declines_all}, LOOK)
    if f.declined_on:
        return Finding("D50", "decline", {"why": AFTER_DECLINE, "declined_on": f"{f.declined_on}"}, LOOK)
    return None


def _members(f: Facts) -> Finding | None:
    return Finding("D51", "members", {}, LOOK) if f.members_corrected else None


# In the order in which a person reads the form; findings come out in it.
CHECKS: tuple[tuple[tuple[str, ...], Look], ...] = (
    (("D05",), _applicant),
    (("D06",), _proxy),
    (("D04",), _applied_on),
    (("D04",), _phone),
    (("D02",), _signature),
    (("D51",), _members),
    (("D50",), _declines),
    (("D07",), account_checks.look_at_way_marked),
    (("D10",), account_checks.look_at_parts),
    (("D11",), account_checks.look_at_branch),
    (("D14",), account_checks.look_at_yucho_number),
    (("D10",), account_checks.look_at_holder_in_kana),
    (("D12",), account_checks.look_at_holder),
    (("D13",), account_checks.look_at_copy),
    (("D15",), account_checks.look_at_shared),
    (("D30", "D31", "D23"), account_checks.look_at_proof),
    (("D20", "D21", "D26", "D27"), _identity),
    (("D24",), _my_number_side),
    (("D23",), _identity_unclear),
    (("D22",), _identity_differs),
    (("D25",), _keyless),
    (("D42",), _deadline),
    (("D40",), second_application),
    (("D43",), _left),
    (("D44",), _same_person),
)
_LOOKS: tuple[Look, ...] = tuple(look for _, look in CHECKS)
FOUND_BY_CHECKS: frozenset[str] = frozenset(code for codes, _ in CHECKS for code in codes)


def check(facts: Facts, severities: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
    """All findings of one application, in the order of the form; () where nothing is found.

    `severities`: the Version's [review.checks], a code's severity instead of the check's own; "off" leaves it out. A decline
    that was confirmed stands whatever they say of notices: what comes after it is always looked at.
    """
    found = tuple(finding for look in _LOOKS if (finding := look(facts)) is not None)
    if not found or not severities:
        return found
    ruled = (
        finding
        if finding.evidence.get("why") == AFTER_DECLINE
        else finding._replace(severity=severities.get(finding.code, finding.severity))
        for finding in found
    )
    return tuple(finding for finding in ruled if finding.severity != "off")


def check_all(
    rows: Iterable[Facts], severities: Mapping[str, str] | None = None
) -> Iterator[tuple[Finding, ...]]:
    """The findings of each application, in order: the bulk way of `check`, by the same rules."""
    return (check(facts, severities) for facts in rows)
