"""The office's own checks on an application that has not been sent yet: the same functions, one row.

Takes the draft and what the database tells of the recipient's name; gives what stops the application, and what is
only worth a second look, each with the page where it is put right.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from todoku.formats.yucho import YuchoRefused, transfer_account
from todoku.intake.forms import WebForm, account_row
from todoku.intake.receive_web import OpenedCase
from todoku.programme.message import Message
from todoku.programme.terms import Terms
from todoku.review.asked import web_parts
from todoku.review.checks import check
from todoku.review.code_sentences import explain
from todoku.review.codes import CODES
from todoku.review.documents import Paper, kinds_of, paper
from todoku.review.findings import RETURN, Facts, Finding
from todoku.web.resident.papers import DAY_OF, proofs_of
from todoku.web.resident.steps import BY_BANK, steps_for, way_of


class Problem(NamedTuple):
    """One finding as the resident meets it: the page to put it right, the sentence, whether it stops the sending."""

    step: str
    sentence: Message
    stops: bool


# The page where a field of the checks is asked. What is not here is none of the resident's to put right.
_STEP_OF = {
    "phone": "phone",
    "applicant": "who",
    "proxy": "who",
    "yucho": "yucho",
    "holder_kana": "holder",
    "identity": "identity",
    "account_proof": "passbook",
}
_ACCOUNT_STEP = {
    "missing": "rail", "bank": "bank", "bank_merged": "bank",
    "branch": "branch", "branch_closed": "branch", "branch_moved": "branch",
}  # fmt: skip
# What is wrong with a paper is put right where its kind or its day was answered, or by another one beside it.
_PAPER_STEP = {
    "expired": "day",
    "too_old": "day",
    "ended": "kind",
    "not_counted": "kind",
    "one_of_two": "other",
}


def web_form(draft: Mapping[str, Any]) -> WebForm:
    """The draft as the application that would be sent; without an account where none is wanted."""
    way = way_of(draft)
    if way != BY_BANK:
        return WebForm(phone=draft.get("phone", ""), rail=way, proofs=proofs_of(draft))
    return WebForm(
        phone=draft.get("phone", ""),
        bank=draft.get("bank", ""),
        branch=draft.get("branch", ""),
        kind=int(draft.get("kind", 1)),
        account_number=draft.get("account_number", ""),
        holder_kana=draft.get("holder_kana", ""),
        yucho_symbol=draft.get("yucho_symbol", ""),
        yucho_number=draft.get("yucho_number", ""),
        proofs=proofs_of(draft),
    )


def facts_of(draft: Mapping[str, Any], case: OpenedCase, terms: Terms, today: date) -> Facts:
    """One flat row, as the screening will see it."""
    row = account_row(web_form(draft))
    needs = terms.intake.evidence.get("web", ())
    return Facts(
        channel="web",
        arrived_on=today,
        deadline=None if case.in_time else case.last_day(terms),
        deadline_by=terms.intake.deadline_by,
        # Who answers a return has applied before, and is not asked again.
        applicant_is_recipient=draft.get("who") == "self" or web_parts(case.return_codes) is not None,
        applied_on=today,
        phone=draft.get("phone", ""),
        rail=way_of(draft),
        account_known=way_of(draft) != BY_BANK,
        account=(row.bank, row.branch, row.kind, row.number) if row.bank and row.number else None,
        yucho_symbol=row.yucho_symbol,
        yucho_number=row.yucho_number,
        holder_kana=row.holder_kana,
        recipient_kana=case.recipient_kana,
        recipient_aliases=case.aliases,
        needs_identity="identity" in needs,
        # A paper is judged by its kind before its photo is taken; the page for the photo comes next.
        has_identity="identity" in draft or "paper" in draft,
        papers=_papers(draft, terms),
        needs_account_proof="account_proof" in needs,
        has_account_proof="account" in draft,
    )


def _papers(draft: Mapping[str, Any], terms: Terms) -> tuple[Paper, ...]:
    kinds, named = kinds_of(terms.criteria.evidence), proofs_of(draft)
    both = ((named.first, named.first_on), (named.second, named.second_on))
    return tuple(paper(kind, day, kinds) for kind, day in both if kind)


def problems(draft: Mapping[str, Any], case: OpenedCase, terms: Terms, today: date) -> list[Problem]:
    """What the checks find, in the order of the form; only what the resident can do something about, on these pages."""
    found = check(facts_of(draft, case, terms, today), terms.review.checks)
    seen = [problem for finding in found if (problem := _problem(finding, draft)) is not None]
    parts = web_parts(case.return_codes)
    if parts is None:
        return seen
    evidence = tuple(terms.intake.evidence.get("web", ()))
    asked = {
        step.name
        for step in steps_for(draft, evidence, terms.payment.rails, parts, kinds_of(terms.criteria.evidence))
    }
    return [problem for problem in seen if problem.step in asked]


def _step(finding: Finding, why: str, draft: Mapping[str, Any]) -> str | None:
    """The page where it is put right; of a paper the page of its kind or of its day, for the first or for the second."""
    if finding.field == "account":
        return _ACCOUNT_STEP.get(why, "number")
    if finding.field != "identity" or why not in _PAPER_STEP:
        return _STEP_OF.get(finding.field)
    asked = "second" if finding.evidence.get("kind") == draft.get("second") else "paper"
    return {"kind": asked, "day": DAY_OF[asked], "other": "second"}[_PAPER_STEP[why]]


def _problem(finding: Finding, draft: Mapping[str, Any]) -> Problem | None:
    why = str(finding.evidence.get("why", ""))
    step = _step(finding, why, draft)
    on_form = CODES[finding.code].on_form
    if step is None or (on_form == "silent" and finding.severity != RETURN):
        return None
    # A symbol and number that mean no account cannot be paid to: here it can still be put right.
    stops = finding.severity == RETURN or on_form == "stop" or (finding.code, why) == ("D14", "format")
    return Problem(step, explain(finding.code, finding.evidence), stops)


def meant_account(draft: Mapping[str, Any]) -> tuple[str, str, int, str] | None:
    """Bank, branch, kind and number that the draft means; None while it means none."""
    if draft.get("rail") == "yucho":
        try:
            bank, branch, kind, number = transfer_account(
                draft.get("yucho_symbol", ""), draft.get("yucho_number", "")
            )
        except YuchoRefused:
            return None
        return bank, branch, kind, number
    row = account_row(web_form(draft))
    return (row.bank, row.branch, row.kind, row.number) if row.bank and row.branch and row.number else None
