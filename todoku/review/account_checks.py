"""Pure. What the office looks for in the account of one application: its parts, its branch, its holder, its copy.

Part of checks.py, which says in which order they are asked; the tiers of a holder's name are formats/holder_name.py.
"""

import re
from datetime import date
from functools import lru_cache

from todoku.formats import bank_changes, bank_master, holder_name, yucho
from todoku.formats.kana import KanaRefused, bank_kana
from todoku.review.findings import LOOK, NOTE, RETURN, AccountTuple, Facts, Finding, counted_day


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


def look_at_way_marked(f: Facts) -> Finding | None:
    """A way of receiving (受取方法) that was not marked plainly. An account that is written speaks for itself to a person."""
    if f.rail_marked == "one" or f.declines_all:
        return None
    speaks = f.rail_marked == "none" and bool(f.account or f.yucho_symbol or f.yucho_number)
    return Finding("D07", "rail", {"why": f.rail_marked}, LOOK if speaks else RETURN)


def look_at_parts(f: Facts) -> Finding | None:
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


def look_at_holder_in_kana(f: Facts) -> Finding | None:
    if f.account_known or f.declines_all:
        return None
    if not f.holder_kana.strip():
        return Finding("D10", "holder_kana", {"why": "holder_missing"}, RETURN)
    if _PLAIN.fullmatch(f.holder_kana) or (refused := _half(f.holder_kana)[1]) is None:
        return None
    where = {"why": "holder_kana", "position": refused.position + 1, "character": refused.character}
    return Finding("D10", "holder_kana", where, RETURN)


def look_at_branch(f: Facts) -> Finding | None:
    if f.account_known or f.account is None or f.yucho_symbol or f.yucho_number:
        return None
    bank, branch = f.account[0], f.account[1]
    stands = bank_changes.standing(bank, branch, counted_day(f) or f.arrived_on or date.min)
    if stands.state == "open" or look_at_parts(f) is not None:
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


def look_at_holder(f: Facts) -> Finding | None:
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


def look_at_copy(f: Facts) -> Finding | None:
    if f.copy_account is None or f.account_known:
        return None
    account = paid_to(f)
    if account is None or tuple(account) == tuple(f.copy_account):
        return None
    return Finding("D13", "account", {}, RETURN)


def shared_evidence(households: int, decided: int, cases: tuple[str, ...]) -> dict[str, object]:
    """What stands beside D15: how many other households, how many of them decided already, some case numbers."""
    return {"households": households, "decided": decided, "cases": list(cases)}


def look_at_shared(f: Facts) -> Finding | None:
    """One account for several households: 463 were once paid to one person. A facility or guardian has it approved, for
    those whom the municipality's list knows there."""
    explained = f.account_approved and not f.account_of_others
    if f.account_known or f.declines_all or explained or not f.account_households:
        return None
    evidence = shared_evidence(f.account_households, f.account_decided, f.account_cases)
    return Finding("D15", "account", evidence, LOOK)


def look_at_yucho_number(f: Facts) -> Finding | None:
    if f.account_known or f.declines_all or not (f.yucho_symbol or f.yucho_number):
        return None
    account, agrees = _from_yucho(f.yucho_symbol, f.yucho_number)
    if account is None:
        return Finding("D14", "yucho", {"why": "format"}, LOOK)
    return None if agrees else Finding("D14", "yucho", {"why": "check_digit"}, LOOK)


def look_at_proof(f: Facts) -> Finding | None:
    if not f.needs_account_proof or f.account_known or f.declines_all:
        return None
    if not f.has_account_proof:
        return Finding("D30", "account_proof", {}, RETURN)
    if f.proof_quality == "clear":
        return None
    if f.proof_quality == "missing_side":
        return Finding("D31", "account_proof", {}, RETURN)
    return Finding("D23", "account_proof", {"why": "account_proof"}, RETURN)


def unpayable(account: AccountTuple | None, holder_kana: str) -> Finding | None:
    """What keeps any bank file from carrying this account, whoever approves it: a field missing, a name it cannot write."""
    facts = Facts(account=account, holder_kana=holder_kana)
    return look_at_parts(facts) or look_at_holder_in_kana(facts)
