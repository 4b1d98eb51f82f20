"""Pure. From the values of one application, as a query or a list gives them, to the Facts that the checks take.

What the terms say of it (evidence by channel, the last day and what counts) is filled in here, for the database's rows and
for a list without a database alike. Judges nothing.
"""

from collections import namedtuple
from collections.abc import Sequence
from datetime import date
from typing import Any

from todoku.case import stages
from todoku.intake.forms import BANK
from todoku.programme.terms import Terms
from todoku.registry.base_date import DEATH, MOVED
from todoku.registry.representative_kinds import holder_names
from todoku.review.documents import Paper, kinds_of, paper
from todoku.review.findings import Facts

# What the roll says of a recipient who left → the word of the checks.
_LEFT = {"": "", DEATH: "died", MOVED: "moved_out"}
# How a person at the keyboard judged the copy of the passbook → the word of the checks; passbooks do not expire.
_PROOF = {"clear": "clear", "unclear": "unclear", "cut": "missing_side", "expired": "clear"}
# What was taken at the counter is looked at like paper: the resident signed a form there. So is what was answered by
# telephone: the application behind it was on paper or is completed from one.
AS_CHANNEL = {"counter": "paper", "phone": "paper"}


# What a row of QUERY gives of one application, from the channel to what its last day hangs on; for a list without a
# database the same in the same order.
Values = namedtuple(
    "Values",
    (
        "channel", "arrived_on", "postmark_on", "applied_on", "is_recipient", "phone", "signed", "declines", "declined_on",
        "members_corrected", "identity", "proof", "rail", "marked", "counted_on", "keyless",
        "first", "first_on", "second", "second_on", "papers_on",
        "bank", "branch", "kind", "number", "holder", "symbol", "yucho_number",
        "kana", "alias_kana", "latin", "alias", "left_reason", "others", "guardian_kind", "guardian_kana", "of_others",
        "earlier", "same", "cohort", "late_kind", "late_on",
    ),
)  # fmt: skip


def facts_of(values: Sequence[Any], terms: Terms, *, came_from: str) -> Facts:
    """The Facts of one row of QUERY (its Values), with what the terms say of it.

    `came_from` is the stage before the application arrived: a correction answers a letter, so the day of the first
    application counts, and another account has a last day of its own (再振込期限).
    """
    one = Values(*values)
    needs = terms.intake.evidence.get(AS_CHANNEL.get(one.channel, one.channel), ())
    deadline, deadline_by = _deadline(terms, came_from, one.cohort, one.late_kind, one.late_on)
    return Facts(
        channel=one.channel,
        arrived_on=one.arrived_on,
        postmark_on=one.postmark_on,
        deadline=deadline,
        deadline_by=deadline_by,
        no_postmark=terms.intake.no_postmark,
        # Another account has a last day of its own, by arrival: the kept day is that of an application.
        counts_on=None if came_from == stages.FAILED else one.counted_on,
        applicant_is_recipient=one.is_recipient,
        needs_signature="signature" in needs,
        signed=one.signed,
        applied_on=one.applied_on,
        phone=one.phone,
        **_account(one),
        **_papers_sent(one, needs, terms),
        keyless=one.keyless,
        earlier_valid=one.earlier,
        earlier_same_account=one.same,
        recipient_left_reason=_LEFT[one.left_reason],
        declines=one.declines,
        declined_on=one.declined_on,
        # A mark in the box beside an account filled in is a contradiction, and is looked at as a whole.
        declines_all=one.declines and not (one.bank or one.number or one.holder or one.symbol),
        members_corrected=one.members_corrected,
    )


def _account(one: Values) -> dict[str, Any]:
    """Of the Facts: the way of receiving, the account as entered, and the names that it may be held in."""
    named = bool(one.bank or one.branch or one.number)
    written = named or bool(one.symbol or one.yucho_number)
    return {
        "rail": one.rail,
        "rail_marked": one.marked,
        # Who marked no way plainly and wrote no account is asked for the way first.
        "account_known": one.rail != BANK or one.marked != "one" and not written,
        "account": (one.bank, one.branch, one.kind, one.number) if named else None,
        "yucho_symbol": one.symbol or "",
        "yucho_number": one.yucho_number or "",
        "holder_kana": one.holder or "",
        "recipient_kana": one.kana,
        "recipient_aliases": tuple(name for name in (one.alias_kana, one.latin, one.alias) if name),
        "household_kanas": tuple(one.others),
        "guarded_kanas": holder_names(one.kana, one.guardian_kind, one.guardian_kana)
        if one.guardian_kind
        else (),
        "account_of_others": one.of_others,
    }


def _papers_sent(one: Values, needs: Sequence[str], terms: Terms) -> dict[str, Any]:
    """Of the Facts: the copies of papers, what a person saw of them, and which of them the terms ask for."""
    named = ((one.first, one.first_on), (one.second, one.second_on))
    return {
        "needs_identity": "identity" in needs,
        "has_identity": bool(one.identity),
        "identity_expired": one.identity == "expired",
        "identity_clear": one.identity in ("clear", "expired"),
        "identity_side_missing": one.identity == "cut",
        "papers": _papers(named, terms) if one.first else (),
        "papers_on": one.papers_on,
        "needs_account_proof": "account_proof" in needs,
        "has_account_proof": bool(one.proof),
        "proof_quality": _PROOF.get(one.proof, "clear"),
    }


def _deadline(
    terms: Terms, came_from: str, cohort: str, late_kind: str, late_on: date | None
) -> tuple[Any, str]:
    """The last day for an application that moved the case from there, and whether its postmark or its arrival counts."""
    if came_from == stages.FAILED:
        return terms.payment.repay_deadline, "arrival"
    if came_from in (stages.RETURNED, stages.LAPSED):
        return None, terms.intake.deadline_by
    return terms.deadline_for(late_kind, late_on, cohort), terms.intake.deadline_by


def _papers(named: Sequence[tuple[str | None, date | None]], terms: Terms) -> tuple[Paper, ...]:
    """The papers as they were named, by the kinds that the terms agree on."""
    kinds = kinds_of(terms.criteria.evidence)
    return tuple(paper(kind, day, kinds) for kind, day in named if kind)
