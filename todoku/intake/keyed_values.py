"""Pure. What is keyed of a scanned form: which fields its sheets have, in the order of the paper, and the form they make.

Typed values are strings by field name, as the desk hands them over and as a keying keeps them; "" is what is not written.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

from todoku.intake.forms import NO_PROOFS, PaperForm, Proofs

FORM, ACCOUNT_FORM, ATTACHMENTS, DECLINE, REPRESENTATIVE = 1, 5, 6, 7, 8
# Sheets that a person keys something of, the one that leads first.
KEYED_SHEETS = (FORM, ACCOUNT_FORM, DECLINE, REPRESENTATIVE, ATTACHMENTS)
# Sheets that are an application or a notice by themselves; the others only answer a letter.
STAND_ALONE = frozenset({FORM, ACCOUNT_FORM, DECLINE})

DATES = ("arrived_on", "postmark_on")
ACCOUNT = (
    "bank", "branch", "kind", "account_number", "yucho_symbol", "yucho_number", "holder_kana",
)  # fmt: skip
# Kind and day of the papers that show who applies (本人確認書類の種類と期限); two where one alone is not enough.
PAPERS = ("identity_kind", "identity_on", "second_kind", "second_on")
EVIDENCE = ("identity_evidence", *PAPERS, "account_evidence")
# What another person keys again: a wrong account loses the money, a wrong day lets an expired paper through.
AGAIN = (*ACCOUNT, *PAPERS)
# A kind that nobody can tell from the copy: it is kept as if none were named, and a reviewer reads it.
UNCLEAR = "unclear"
SIGNED = ("applied_on", "signed")
ORDER = (
    *DATES, "members_corrected", "declines", "rail", *ACCOUNT, *SIGNED, "applicant_is_recipient", "applicant_name", "phone",
    *EVIDENCE,
)  # fmt: skip
_OF_SHEET: dict[int, tuple[str, ...]] = {
    FORM: (
        "members_corrected", "rail", *ACCOUNT, *SIGNED, "applicant_is_recipient", "applicant_name", "phone", *EVIDENCE,
    ),
    ACCOUNT_FORM: (*ACCOUNT, *SIGNED, "phone", "account_evidence"),
    ATTACHMENTS: EVIDENCE,
    DECLINE: ("declines", *SIGNED, "phone"),
    REPRESENTATIVE: (*SIGNED, "applicant_name", "phone"),
}  # fmt: skip
# Where on the paper a field stands, by the names of its boxes; the first that a page has is shown.
BOXES: dict[str, tuple[str, ...]] = {
    "members_corrected": ("member_0_name", "total"),
    "bank": ("bank_name", "bank_code"),
    "branch": ("branch_name", "branch_code"),
    "kind": ("kind_ordinary", "kind_current"),
    "account_number": ("account_number",),
    "yucho_symbol": ("yucho_symbol",),
    "yucho_number": ("yucho_number",),
    "holder_kana": ("holder_kana",),
    "applied_on": ("applied_year", "applied_month", "applied_day"),
    "signed": ("signature",),
    "applicant_is_recipient": ("signature",),
    "applicant_name": ("proxy_name", "signature"),
    "phone": ("day_phone",),
    "declines": (
        "decline_person_1",
        "decline_person_2",
        "decline_person_3",
        "decline_person_4",
        "decline_amount",
    ),
    "identity_evidence": ("attach_identity",),
    **dict.fromkeys(PAPERS, ("attach_identity",)),
    "account_evidence": ("attach_account",),
}


# What a notice of declining says: nobody receives, or some of the household do not.
ALL, IN_PART = "1", "part"


class Dates(NamedTuple):
    """The days of an envelope, and its id where it was opened with us."""

    arrived_on: date
    postmark_on: date | None = None
    opened_on: date | None = None
    envelope: int | None = None


def fields_of(
    sheets: Mapping[int, Collection[str]], *, rails: Collection[str], dates_known: bool, papers: bool = True
) -> tuple[str, ...]:
    """The fields to key of these sheets (code → names of boxes on it), in the order of the paper.

    `dates_known`: the envelope was opened with us and says when it came. `papers`: the terms ask applications on paper for
    a paper that shows who applies; without it nobody types its kind. A sheet that has no box for an account asks for
    none: of a form's sheets there is one that asks for the signature alone. An account form asks for the way of receiving
    where it has boxes for it.
    """
    asked: set[str] = set() if dates_known else set(DATES)
    for sheet, boxes in sheets.items():
        has_account = "account_number" in boxes or sheet not in (FORM, ACCOUNT_FORM)
        asked |= {
            name
            for name in _OF_SHEET.get(sheet, ())
            if has_account or name in SIGNED or name in ("phone", *EVIDENCE)
        }
    if any(name.startswith("rail_") for name in sheets.get(ACCOUNT_FORM, ())):
        asked.add("rail")
    if len(rails) < 2:
        asked.discard("rail")
    if not papers:
        asked -= set(PAPERS)
    return tuple(name for name in ORDER if name in asked)


def twice(fields: Collection[str], typed: Mapping[str, str]) -> tuple[str, ...]:
    """Of these the fields that another person keys again; () where there is neither an account nor a paper named."""
    again = tuple(name for name in AGAIN if name in fields)
    return again if names_paper(typed) or any(name in ACCOUNT for name in again) else ()


def names_paper(typed: Mapping[str, str]) -> bool:
    """Whether a kind of paper was named, and not only that nobody can tell it."""
    return typed.get("identity_kind", "") not in ("", UNCLEAR)


def proofs_of(values: Mapping[str, str]) -> Proofs:
    """The papers that typed values name, by kind and day; none where no paper came or its kind could not be told."""
    first, second = values.get("identity_kind", ""), values.get("second_kind", "")
    if not names_paper(values) or values.get("identity_evidence") == "none":
        return NO_PROOFS
    days = [
        date.fromisoformat(day) if (day := values.get(name)) else None
        for name in ("identity_on", "second_on")
    ]
    if second in ("", UNCLEAR):
        return Proofs(first, days[0])
    return Proofs(first, days[0], second, days[1])


def form_of(
    values: Mapping[str, str], number: str, dates: Dates, *, sheets: Collection[int], key: str
) -> PaperForm:
    """The form that typed values make. What was not asked is left as if nothing were written there."""

    def told(name: str) -> str:
        return values.get(name, "").strip()

    return PaperForm(
        number=number,
        arrived_on=dates.arrived_on,
        postmark_on=dates.postmark_on,
        opened_on=dates.opened_on,
        envelope=dates.envelope,
        applied_on=date.fromisoformat(told("applied_on")) if told("applied_on") else None,
        applicant_is_recipient=told("applicant_is_recipient") != "0" and REPRESENTATIVE not in sheets,
        applicant_name=told("applicant_name"),
        phone=told("phone"),
        signed=told("signed") == "1",
        declines=told("declines") in (ALL, IN_PART),
        # Who declines for some of a household names other members than the form: nobody takes that for all of them.
        members_corrected=told("members_corrected") == "1" or told("declines") == IN_PART,
        identity_evidence=told("identity_evidence").replace("none", ""),
        account_evidence=told("account_evidence").replace("none", ""),
        proofs=proofs_of(values),
        bank=told("bank"),
        branch=told("branch"),
        kind=int(told("kind") or 1),
        account_number=told("account_number"),
        holder_kana=told("holder_kana"),
        yucho_symbol=told("yucho_symbol"),
        yucho_number=told("yucho_number"),
        rail=told("rail").replace("none", ""),
        key=key,
    )


def dates_of(values: Mapping[str, str], known: Dates) -> Dates:
    """The days that were keyed, where the envelope does not say them."""
    if known.envelope is not None or not values.get("arrived_on"):
        return known
    postmark = values.get("postmark_on", "")
    return Dates(
        date.fromisoformat(values["arrived_on"]),
        date.fromisoformat(postmark) if postmark else None,
        known.opened_on,
    )
