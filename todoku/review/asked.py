"""Pure. What the codes of a returned application (返戻) ask of the resident, and by which ways each can be answered.

Takes deficiency codes; gives the sheets that are enclosed, what the web form asks again, and whether a telephone call is
enough. By telephone never an account, a payee or an identity: who calls cannot be seen.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from todoku.review.codes import CODES, ENCLOSURES

# Code → the parts of an application that it asks for; "whole" is all of it, () is nothing from the resident.
ASKS: dict[str, tuple[str, ...]] = {
    "D01": ("whole",), "D02": ("signature",), "D03": ("signature",), "D04": ("phone",), "D05": ("whole", "proxy"),
    "D06": ("proxy",), "D07": ("way", "account"), "D10": ("account", "account_proof"), "D11": ("account", "account_proof"),
    "D12": ("account", "account_proof"), "D13": ("account", "account_proof"), "D14": ("account", "account_proof"),
    "D15": ("account", "account_proof"), "D20": ("identity",), "D21": ("identity",), "D22": ("identity",),
    "D23": ("identity", "account_proof"), "D24": (), "D25": (), "D26": ("identity",), "D27": ("identity",),
    "D30": ("account_proof",), "D31": ("account_proof",), "D40": (),
    "D41": ("words",), "D42": ("words",), "D43": (), "D44": (), "D50": ("words",), "D51": ("words",),
}  # fmt: skip
assert ASKS.keys() == CODES.keys(), "every code says what it asks for"
# Parts that the web form can ask by themselves. Whatever else is asked, it asks the whole application.
ON_THE_WEB = frozenset({"signature", "phone", "way", "account", "account_proof", "identity"})
# Codes that a call settles; of D07 only where no transfer is wanted, since an account is never taken by telephone.
BY_PHONE = frozenset({"D04", "D07", "D41", "D42", "D50", "D51"})
PHONE_TOO = "お電話でもお答えいただけます。"
# What the letter says besides the code's sentence where a call settles all that it asks.
_BESIDES = {"D04": PHONE_TOO, "D07": "口座振込のほかの方法をご希望のときは、" + PHONE_TOO, "D41": PHONE_TOO}


class Answer(NamedTuple):
    """How a return is answered on paper: the sheets enclosed (keys of letter_sheets.BACK), and what is glued where."""

    sheets: tuple[str, ...]
    identity_papers: str
    account_papers: str


def parts_of(codes: Iterable[str]) -> frozenset[str]:
    """The parts of the application that these codes ask for."""
    return frozenset(part for code in codes for part in ASKS[code])


def web_parts(codes: Iterable[str]) -> frozenset[str] | None:
    """The parts that the web form asks again; None: the whole application."""
    asked = parts_of(codes)
    return asked if asked and asked <= ON_THE_WEB else None


def by_phone(codes: Sequence[str]) -> bool:
    """Whether a call can settle all of it."""
    return bool(codes) and BY_PHONE.issuperset(codes)


def on_paper(codes: Iterable[str]) -> Answer:
    """The sheets for an answer on paper: only what is needed, and each paper asked for in one place."""
    codes = list(codes)
    asked = parts_of(codes)
    whole = "whole" in asked
    sheets = []
    if whole or asked & {"signature", "phone"}:
        sheets.append("sign")  # which has places for the day and the telephone number
    if whole or "account" in asked:
        sheets.append(
            "account"
        )  # which has a place for the passbook's copy, and boxes for the ways that are offered
    if whole or asked & {"identity", "proxy"} or "account_proof" in asked and "account" not in sheets:
        sheets.append("attach")
    if "proxy" in asked:
        sheets.append("proxy")
    wanted = {paper for code in codes for paper in CODES[code].enclose} | (
        {"identity"} if whole or "identity" in asked else set()
    )
    identity = [ENCLOSURES[one] for one in ("identity",) if one in wanted]
    account = [
        ENCLOSURES[one]
        for one in ("account_proof", "proxy_evidence", "address_proof")
        if one in wanted and not (one == "account_proof" and "account" in sheets)
    ]
    return Answer(tuple(sheets), "、".join(identity), "、".join(account))


def sentences_of(codes: Iterable[str]) -> tuple[str, ...]:
    """The sentences of a letter for these codes, in their order, with the other ways in which each can be answered.

    A call is offered only where it settles all of them: whoever has to write all the same is not sent to the telephone.
    """
    codes = sorted(codes)
    besides = _BESIDES if by_phone(codes) else {}
    return tuple(CODES[code].sentence + besides.get(code, "") for code in codes)
