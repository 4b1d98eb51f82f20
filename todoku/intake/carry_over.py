"""Pure. A correction (補正) often holds only what was missing: the rest is taken over from the application before it.

Takes the new form and what the returned application held; gives the form as it now stands. Nothing that was bad
is taken over, and after a failed transfer no account is.
"""

from dataclasses import replace
from datetime import date
from typing import NamedTuple

from todoku.intake.forms import (
    BANK,
    NO_PROOFS,
    AccountForm,
    AccountRow,
    PaperForm,
    Proofs,
    account_row,
    is_blank,
)


class Before(NamedTuple):
    """The application that was returned, as far as a correction may lean on it."""

    phone: str
    signed: bool
    identity_evidence: str
    account_evidence: str
    account: AccountRow | None
    rail: str = BANK
    # The papers that showed who applied, and the day that counts for them.
    proofs: Proofs = NO_PROOFS
    counted_on: date | None = None


def completed(form: PaperForm, before: Before, *, account_failed: bool) -> PaperForm:
    """The form with its blanks filled from before. `account_failed`: the money came back from there.

    An account that is written says that it is wanted there; without one the way chosen before (受取方法) still holds,
    unless the money came back from it.
    """
    if not form.identity_evidence and before.identity_evidence == "clear":
        form = replace(form, proofs=before.proofs, proofs_counted_on=before.counted_on)
    filled = replace(
        form,
        phone=form.phone or before.phone,
        signed=form.signed or before.signed,
        identity_evidence=form.identity_evidence or _good(before.identity_evidence),
    )
    if not is_blank(account_row(form)) or account_failed:
        return filled
    filled = replace(filled, rail=form.rail or before.rail)
    if before.account is None or filled.rail != BANK:
        return filled
    bank, branch, kind, number, holder, symbol, yucho_number = before.account
    account = AccountForm(bank, branch, kind, number, holder, symbol, yucho_number)
    evidence = form.account_evidence or _good(before.account_evidence)
    return replace(filled, **vars(account), account_evidence=evidence)


def _good(evidence: str) -> str:
    return evidence if evidence == "clear" else ""
