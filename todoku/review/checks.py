"""Pure. What the office looks for in one application, as functions over one flat row.

Takes `Facts` (one application, terms included); gives findings (不備). The web form runs it on one row before
sending, the screening on hundreds of thousands; neither has another rule. It never decides.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from todoku.formats import bank_changes, bank_master, holder_name, yucho
from todoku.formats.kana import KanaRefused, bank_kana
from todoku.programme.counts_on import counts_on
from todoku.review.documents import BY_DAY, MY_NUMBER_SIDE, Paper, wrong_with

RULES_VERSION = 4  # kept beside every finding; count up when a check begins to judge otherwise

RETURN = "return"  # the resident must send something: a letter goes out (返戻)
LOOK = "look"  # a person looks: the register, a telephone call or the municipality settles it
NOTE = "note"  # kept beside the application; holds nothing up


class Finding(NamedTuple):
    """One thing found in an application (不備). `evidence` is small and may hold values of people: never log it."""

    code: str
    field: str
    evidence: dict[str, object]
    severity: str


class Facts(NamedTuple):
    """Everything the checks need of one application, flat, in plain values; None: not given. Defaults: an empty web form.

    Kana in either width, as entered. An account is (bank 4 digits, branch 3 digits, kind 1/2/4, number 7 digits).
    """

    # Where and when it came in, and what the terms say about time
    channel: str = "web"  # "paper" | "web"
    arrived_on: date | None = None  # the day the envelope or the web form arrived at the office
    postmark_on: date | None = None  # 消印: paper only; None when unreadable or not entered
    deadline: date | None = None  # last day of intake; None while the programme has none
    deadline_by: str = "arrival"  # "postmark" | "arrival"; a web application always counts by arrival
    no_postmark: str = "look"  # without a legible postmark: "look" | "arrival" | "day_before_arrival"
    counts_on: date | None = None  # 判定日 as kept at intake; None: found by the three above
    # Who applies
    applicant_is_recipient: bool = True
    by_proxy: bool = False  # 代理申請: the proxy block is filled in
    has_proxy_evidence: bool = False
    needs_signature: bool = False  # by the terms and the channel
    signed: bool = False
    applied_on: date | None = None  # 申請日 as written; the web form fills it in
    phone: str = ""
    # The account as entered; to one that the office knows, or over another rail: account_known=True, nothing is checked
    rail: str = "bank"
    rail_marked: str = "one"  # "one" | "none" | "several" boxes of 受取方法; not plain: rail is "bank"
    account_known: bool = False
    account: tuple[str, str, int, str] | None = None
    yucho_symbol: str = ""  # ゆうちょ 記号, as written; when given it is what counts
    yucho_number: str = ""
    holder_kana: str = ""
    recipient_kana: str = ""
    recipient_aliases: tuple[str, ...] = ()  # 旧氏, 通称名, 英字氏名 in kana or letters
    household_kanas: tuple[str, ...] = ()  # the other members
    guarded_kanas: tuple[
        str, ...
    ] = ()  # names of accounts that a confirmed representative keeps for the recipient
    # The account on the copy, when somebody has read it
    copy_account: tuple[str, str, int, str] | None = None
    # Other households of the programme whose application names the same account (口座の共用)
    account_households: int = 0
    account_decided: int = 0  # of them decided or paid already
    account_cases: tuple[str, ...] = ()  # some of their case numbers, for the reviewers
    account_approved: bool = False  # 代理受領口座: the municipality lets it receive for many
    account_of_others: bool = False  # it does so for a facility or guardian that this recipient has not
    # Documents
    needs_identity: bool = True  # by the terms and the channel
    has_identity: bool = False
    identity_expired: bool = False
    identity_clear: bool = True
    identity_side_missing: bool = False
    papers: tuple[Paper, ...] = ()  # by kind and day, where these were keyed, chosen or read
    papers_on: date | None = (
        None  # the day on which they counted, where they came with an earlier application
    )
    identity_differs: tuple[str, ...] = ()  # of "name", "birth_date", "address"
    keyless: bool = False  # came without number and key; a person matched it to the roll
    needs_account_proof: bool = True
    has_account_proof: bool = False
    proof_quality: str = "clear"  # "unclear" | "cut_off" | "missing_side": no kana name or branch to be seen
    # What the office already knows of the recipient
    earlier_valid: bool = False  # an earlier valid application of the same recipient, by any channel
    earlier_same_account: bool = True
    same_person_cases: tuple[
        str, ...
    ] = ()  # this case and others in which somebody of the same name and birth date applied
    same_person_decided: tuple[str, ...] = ()  # those of the others that are decided or paid
    recipient_left_reason: str = ""  # "" | "died" | "moved_out" | "household_changed", after the base date
    # What the resident marked
    declines: bool = False  # 辞退届
    declines_all: bool = False  # the whole sum is declined: neither account nor documents are asked for
    members_corrected: bool = False  # the printed list of members was altered


def _counted_day(f: Facts) -> date | None:
    """The day on which the application counts, by the terms; None where only a person can say."""
    if f.counts_on or f.arrived_on is None:
        return f.counts_on
    return counts_on(
        deadline_by=f.deadline_by, no_postmark=f.no_postmark, channel=f.channel, postmark_on=f.postmark_on,
        arrived_on=f.arrived_on,
    )  # fmt: skip


AccountTuple = tuple[str, str, int, str]
Look = Callable[[Facts], Finding | None]


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


@lru_cache(maxsize=64)
def _from_yucho(symbol: str, number: str) -> tuple[AccountTuple | None, bool]:
    """The account that a ゆうちょ symbol and number mean (None: they mean none); whether the check digit agrees.

    Several checks ask in turn about the same application, hence the small cache.
    """
    try:
        return yucho.transfer_account(symbol, number), yucho.check_digit_agrees(symbol, number)
    except yucho.YuchoRefused:
        return None, False


def paid_to(f: Facts) -> AccountTuple | None:
    """The account that would be paid to: by symbol and number where they are given, else as entered."""
    if f.yucho_symbol or f.yucho_number:
        return _from_yucho(f.yucho_symbol, f.yucho_number)[0]
    return f.account


def _way_marked(f: Facts) -> Finding | None:
    """A way of receiving (受取方法) that was not marked plainly. An account that is written speaks for itself to a person."""
    if f.rail_marked == "one" or f.declines_all:
        return None
    speaks = f.rail_marked == "none" and bool(f.account or f.yucho_symbol or f.yucho_number)
    return Finding("D07", "rail", {"why": f.rail_marked}, LOOK if speaks else RETURN)


def _account(f: Facts) -> Finding | None:
    if f.account_known or f.declines_all or f.yucho_symbol or f.yucho_number:
        return None
    if f.account is None:
        return Finding("D10", "account", {"why": "missing"}, RETURN)
    bank, branch, kind, number = f.account
    if not (len(bank) == 4 and bank.isascii() and bank.isdigit()):
        return Finding("D10", "account", {"why": "bank"}, RETURN)
    if not (len(branch) == 3 and branch.isascii() and branch.isdigit()):
        return Finding("D10", "account", {"why": "branch"}, RETURN)
    if kind not in (1, 2, 4):
        return Finding("D10", "account", {"why": "kind"}, RETURN)
    if not (len(number) == 7 and number.isascii() and number.isdigit()):
        return Finding("D10", "account", {"why": "number"}, RETURN)
    return None


# Katakana in full width: the bank can write all of it, so nearly every name needs no conversion to tell.
_PLAIN = re.compile("[ァ-ヶー　]+")


@lru_cache(maxsize=64)
def _half(name: str) -> tuple[str, KanaRefused | None]:
    """A name as the bank writes it, without spaces; or the reason why the bank cannot carry it."""
    try:
        return bank_kana(name).replace(" ", ""), None
    except KanaRefused as refused:
        return "", refused


def _holder_kana(f: Facts) -> Finding | None:
    if f.account_known or f.declines_all:
        return None
    if not f.holder_kana.strip():
        return Finding("D10", "holder_kana", {"why": "holder_missing"}, RETURN)
    if _PLAIN.fullmatch(f.holder_kana) or (refused := _half(f.holder_kana)[1]) is None:
        return None
    where = {"why": "holder_kana", "position": refused.position + 1, "character": refused.character}
    return Finding("D10", "holder_kana", where, RETURN)


def _branch(f: Facts) -> Finding | None:
    if f.account_known or f.account is None or f.yucho_symbol or f.yucho_number:
        return None
    bank, branch = f.account[0], f.account[1]
    stands = bank_changes.standing(bank, branch, _counted_day(f) or f.arrived_on or date.min)
    if stands.state == "open" or _account(f) is not None:
        return None
    if stands.state == "closed":
        return Finding("D11", "account", where_it_went(bank, branch, stands), LOOK)
    if bank_master.bank(bank) is None:
        return Finding("D11", "account", {"why": "bank", "bank": bank}, LOOK)
    return Finding("D11", "account", {"why": "branch", "bank": bank, "branch": branch}, LOOK)


def where_it_went(bank: str, branch: str, stands: bank_changes.Standing) -> dict[str, object]:
    """What stands beside a branch that is no more: what it was called, since when, and its successor where it is known."""
    went = "branch_moved" if stands.to_branch else "bank_merged" if stands.to_bank else "branch_closed"
    return {
        "why": went, "bank": bank, "branch": branch, "name": stands.name, "since": f"{stands.since}",
        "to_bank": stands.to_bank, "to_branch": stands.to_branch, "was_open": stands.was_open,
        "to": bank_changes.words(stands.to_bank, stands.to_branch),
    }  # fmt: skip


# T0 and T1 are the same name; T5 is the same name cut by the bank's field; T4 is another name of the same
# person that the register knows. Everything else needs eyes, T6 and T7 usually the municipality's.
_TIER_SEVERITY = {"T0": "", "T1": "", "T2": LOOK, "T3": LOOK, "T4": NOTE, "T5": NOTE, "T6": LOOK, "T7": LOOK}
# How near an account's name must come to that of one kept by a representative: the same but for spaces, sound or length.
_KEPT = frozenset({holder_name.T0, holder_name.T1, holder_name.T2, holder_name.T4, holder_name.T5})


def _holder(f: Facts) -> Finding | None:
    if f.account_known or f.declines_all:
        return None
    holder, recipient = f.holder_kana, f.recipient_kana
    if holder == recipient or not (half := _half(holder)[0]):
        return None
    # Nearly everybody else: T0 or T1, told without the full comparison, which is some ten times dearer.
    if half == _half(recipient)[0]:
        return None
    if not recipient and not f.recipient_aliases:
        return Finding("D12", "holder_kana", {"why": "no_roll_kana"}, LOOK)
    if f.guarded_kanas and holder_name.tier(holder, f.guarded_kanas).code in _KEPT:
        return Finding("D12", "holder_kana", {"why": "representative"}, NOTE)
    tier = holder_name.tier(holder, (recipient, *f.recipient_aliases), f.household_kanas)
    severity = _TIER_SEVERITY[tier.code]
    return Finding("D12", "holder_kana", {"tier": tier.code}, severity) if severity else None


def _copy_account(f: Facts) -> Finding | None:
    if f.copy_account is None or f.account_known:
        return None
    account = paid_to(f)
    if account is None or tuple(account) == tuple(f.copy_account):
        return None
    return Finding("D13", "account", {}, RETURN)


def shared_evidence(households: int, decided: int, cases: tuple[str, ...]) -> dict[str, object]:
    """What stands beside D15: how many other households, how many of them decided already, some case numbers."""
    return {"households": households, "decided": decided, "cases": list(cases)}


def _shared_account(f: Facts) -> Finding | None:
    """One account for several households: 463 were once paid to one person. A facility or guardian has it approved, for
    those whom the municipality's list knows there."""
    explained = f.account_approved and not f.account_of_others
    if f.account_known or f.declines_all or explained or not f.account_households:
        return None
    evidence = shared_evidence(f.account_households, f.account_decided, f.account_cases)
    return Finding("D15", "account", evidence, LOOK)


def _yucho(f: Facts) -> Finding | None:
    if f.account_known or f.declines_all or not (f.yucho_symbol or f.yucho_number):
        return None
    account, agrees = _from_yucho(f.yucho_symbol, f.yucho_number)
    if account is None:
        return Finding("D14", "yucho", {"why": "format"}, LOOK)
    return None if agrees else Finding("D14", "yucho", {"why": "check_digit"}, LOOK)


def _identity(f: Facts) -> Finding | None:
    if not f.needs_identity or f.declines_all:
        return None
    if not f.has_identity:
        return Finding("D20", "identity", {}, RETURN)
    if f.identity_expired:
        return Finding("D21", "identity", {}, RETURN)
    counted = f.papers_on or _counted_day(f)
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


def _account_proof(f: Facts) -> Finding | None:
    if not f.needs_account_proof or f.account_known or f.declines_all:
        return None
    if not f.has_account_proof:
        return Finding("D30", "account_proof", {}, RETURN)
    if f.proof_quality == "clear":
        return None
    if f.proof_quality == "missing_side":
        return Finding("D31", "account_proof", {}, RETURN)
    return Finding("D23", "account_proof", {"why": "account_proof"}, RETURN)


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
    day = _counted_day(f)
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
    (("D07",), _way_marked),
    (("D10",), _account),
    (("D11",), _branch),
    (("D14",), _yucho),
    (("D10",), _holder_kana),
    (("D12",), _holder),
    (("D13",), _copy_account),
    (("D15",), _shared_account),
    (("D30", "D31", "D23"), _account_proof),
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

    `severities`: the Version's [review.checks], a code's severity instead of the check's own; "off" leaves it out.
    """
    found = tuple(finding for look in _LOOKS if (finding := look(facts)) is not None)
    if not found or not severities:
        return found
    ruled = (finding._replace(severity=severities.get(finding.code, finding.severity)) for finding in found)
    return tuple(finding for finding in ruled if finding.severity != "off")


def check_all(
    rows: Iterable[Facts], severities: Mapping[str, str] | None = None
) -> Iterator[tuple[Finding, ...]]:
    """The findings of each application, in order: the bulk way of `check`, by the same rules."""
    return (check(facts, severities) for facts in rows)


def is_clean(findings: Iterable[Finding]) -> bool:
    """Whether nothing found holds the application up: notes do not."""
    return all(finding.severity == NOTE for finding in findings)


def unpayable(account: AccountTuple | None, holder_kana: str) -> Finding | None:
    """What keeps any bank file from carrying this account, whoever approves it: a field missing, a name it cannot write."""
    facts = Facts(account=account, holder_kana=holder_kana)
    return _account(facts) or _holder_kana(facts)
