"""Pure. What the checks take and give: the flat facts of one application in, findings (不備) out.

checks.py and account_checks.py judge; who judges nothing (lists, letters, pages) needs only this.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from todoku.programme.counts_on import counts_on
from todoku.review.documents import Paper

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
    declined_on: date | None = None  # a decline stood confirmed since then when this application came
    members_corrected: bool = False  # the printed list of members was altered


AccountTuple = tuple[str, str, int, str]
Look = Callable[[Facts], Finding | None]


def counted_day(f: Facts) -> date | None:
    """The day on which the application counts, by the terms; None where only a person can say."""
    if f.counts_on or f.arrived_on is None:
        return f.counts_on
    return counts_on(
        deadline_by=f.deadline_by, no_postmark=f.no_postmark, channel=f.channel, postmark_on=f.postmark_on,
        arrived_on=f.arrived_on,
    )  # fmt: skip


def is_clean(findings: Iterable[Finding]) -> bool:
    """Whether nothing found holds the application up: notes do not."""
    return all(finding.severity == NOTE for finding in findings)
