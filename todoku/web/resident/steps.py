"""Pure. The questions of the web form, in order, and where one stands in them.

Takes the answers so far; gives the pages that follow from them. An answer can change which pages there are: ゆうちょ is
asked for symbol and number, another bank for its name, branch and number; whoever wants no transfer, for no account.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from todoku.programme.message import N_
from todoku.review.documents import Kind

BY_BANK = "bank"
WITHOUT_LETTER = "without_letter"  # in the draft of somebody who has no letter and says who he is


class Step(NamedTuple):
    """One page: its name in the address, the part of the form it belongs to, and the answers it gives."""

    name: str
    part: str
    gives: tuple[str, ...]


NAME = Step("name", N_("お名前"), ("name", "kana"))
BIRTH = Step("birth", N_("生年月日"), ("born",))
HOME = Step("home", N_("住所"), ("postal_code", "address"))
WHO = Step("who", N_("申請する方"), ("who",))
PHONE = Step("phone", N_("電話番号"), ("phone",))
WAY = Step("way", N_("受取方法"), ("way",))
RAIL = Step("rail", N_("振込先の口座"), ("rail",))
YUCHO = Step("yucho", N_("振込先の口座"), ("yucho_symbol", "yucho_number"))
BANK = Step("bank", N_("振込先の口座"), ("bank",))
BRANCH = Step("branch", N_("振込先の口座"), ("branch",))
NUMBER = Step("number", N_("振込先の口座"), ("kind", "account_number"))
HOLDER = Step("holder", N_("振込先の口座"), ("holder_kana",))
PAPER = Step("paper", N_("本人確認書類"), ("paper",))
PAPER_DAY = Step("paper_day", N_("本人確認書類"), ("paper_day",))
IDENTITY = Step("identity", N_("本人確認書類"), ("identity",))
SECOND = Step("second", N_("本人確認書類"), ("second",))
SECOND_DAY = Step("second_day", N_("本人確認書類"), ("second_day",))
IDENTITY_SECOND = Step("identity_second", N_("本人確認書類"), ("identity2",))
PASSBOOK = Step("passbook", N_("口座の確認"), ("account",))
REVIEW = Step("review", N_("内容の確認"), ())

STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        NAME,
        BIRTH,
        HOME,
        WHO,
        PHONE,
        WAY,
        RAIL,
        YUCHO,
        BANK,
        BRANCH,
        NUMBER,
        HOLDER,
        PAPER,
        PAPER_DAY,
        IDENTITY,
        SECOND,
        SECOND_DAY,
        IDENTITY_SECOND,
        PASSBOOK,
        REVIEW,
    )
}
# Choosing anew takes back what only made sense with the earlier choice.
TAKES_BACK: dict[str, tuple[str, ...]] = {
    "way": (
        "rail",
        "bank",
        "branch",
        "kind",
        "account_number",
        "yucho_symbol",
        "yucho_number",
        "holder_kana",
        "account",
    ),
    "rail": ("bank", "branch", "kind", "account_number", "yucho_symbol", "yucho_number"),
    "bank": ("branch",),
    "paper": ("paper_day", "identity", "second", "second_day", "identity2"),
    "second": ("second_day", "identity2"),
}
# A day is asked for where every paper of the kind carries it; where only some do, the photo shows it.
DATED = ("expires", "issued")


class Place(NamedTuple):
    """ "3 / 6": the number of the part, how many there are, the part's name."""

    number: int
    total: int
    name: str


def steps_for(
    draft: Mapping[str, Any],
    evidence: tuple[str, ...],
    rails: tuple[str, ...] = (BY_BANK,),
    parts: Collection[str] | None = None,
    kinds: Mapping[str, Kind] | None = None,
) -> list[Step]:
    """The pages for these answers. `evidence`, `rails`: what the terms ask of a web application, and what they offer.

    `parts`: what alone is asked again of an application that was returned (review.asked.web_parts); None: all of it.
    `kinds`: the papers that show who somebody is.
    """
    papers = _papers(draft, kinds or {})
    if parts is not None:
        return _again(draft, rails, parts, papers)
    account = [YUCHO] if draft.get("rail") == "yucho" else [BANK, BRANCH, NUMBER]
    to_account = way_of(draft) == BY_BANK
    who = [NAME, BIRTH, HOME] if draft.get(WITHOUT_LETTER) else [WHO]
    asked = [*who, PHONE, *([WAY] if len(rails) > 1 else [])]
    if to_account:
        asked += [RAIL, *account, HOLDER]
    if "identity" in evidence:
        asked += papers
    if "account_proof" in evidence and to_account:
        asked.append(PASSBOOK)
    return [*asked, REVIEW]


def _papers(draft: Mapping[str, Any], kinds: Mapping[str, Kind]) -> list[Step]:
    """The pages for the identity papers: kind, its day where it has one, photo; of a kind that is half, another one."""
    first, second = kinds.get(draft.get("paper", "")), kinds.get(draft.get("second", ""))
    asked = [PAPER, *([PAPER_DAY] if first and first.dated in DATED else []), IDENTITY]
    if first and first.counts == "one_of_two":
        asked += [SECOND, *([SECOND_DAY] if second and second.dated in DATED else []), IDENTITY_SECOND]
    return asked


def _again(
    draft: Mapping[str, Any], rails: tuple[str, ...], parts: Collection[str], papers: list[Step]
) -> list[Step]:
    """The pages for what was missing. A signature is given by sending, so it has none of its own."""
    account = [YUCHO] if draft.get("rail") == "yucho" else [BANK, BRANCH, NUMBER]
    to_account = way_of(draft) == BY_BANK
    asked = [PHONE] if "phone" in parts else []
    if "way" in parts and len(rails) > 1:
        asked.append(WAY)
    if "account" in parts and to_account:
        asked += [RAIL, *account, HOLDER]
    if "identity" in parts:
        asked += papers
    if "account_proof" in parts and to_account:
        asked.append(PASSBOOK)
    return [*asked, REVIEW]


def way_of(draft: Mapping[str, Any]) -> str:
    """How the money is wanted (受取方法): by transfer until something else is chosen."""
    return str(draft.get("way") or BY_BANK)


def is_answered(step: Step, draft: Mapping[str, Any]) -> bool:
    """Whether every answer of the page is there."""
    return all(draft.get(name) for name in step.gives)


def first_open(steps: list[Step], draft: Mapping[str, Any]) -> Step:
    """The first page without its answers; the review page where all are there."""
    return next((step for step in steps if not is_answered(step, draft)), REVIEW)


def may_open(step: Step, steps: list[Step], draft: Mapping[str, Any]) -> bool:
    """A page opens when every page before it is answered."""
    return step in steps and steps.index(step) <= steps.index(first_open(steps, draft))


def before(step: Step, steps: list[Step]) -> Step | None:
    """The page before this one, None at the first."""
    at = steps.index(step)
    return steps[at - 1] if at else None


def place(step: Step, steps: list[Step]) -> Place:
    """Which part this page belongs to, and how many parts there are."""
    parts = list(dict.fromkeys(one.part for one in steps))
    return Place(parts.index(step.part) + 1, len(parts), step.part)


def answered(draft: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The draft with these answers; what a new choice takes back is gone."""
    gone = {
        name
        for choice, names in TAKES_BACK.items()
        if choice in answers and answers[choice] != draft.get(choice)
        for name in names
    }
    return {name: value for name, value in draft.items() if name not in gone} | dict(answers)
