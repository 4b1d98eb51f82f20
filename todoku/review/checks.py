"""Pure. What the office looks for in one application, as functions over one flat row.

Takes `Facts` (one application, terms included); gives findings (不備). The web form runs it on one row before
sending, the screening on hundreds of thousands; neither has another rule. It never decides: findings go to
`screen`.
"""

from datetime import date
from typing import NamedTuple

RETURN = "return"  # the resident must send something: a letter goes out (返戻)
LOOK = "look"  # a person looks: the register, a telephone call or the municipality settles it
NOTE = "note"  # kept beside the application; holds nothing up


class Finding(NamedTuple):
    """One thing found in an application (不備). `evidence` is small and may hold the resident's values:
    never log it."""

    code: str
    field: str
    evidence: dict[str, object]
    severity: str


class Facts(NamedTuple):
    """Everything the checks need of one application, flat, in plain values.

    Kana may be full or half width, as entered. An account is (bank 4 digits, branch 3 digits, kind 1/2/4,
    number 7 digits). `None` means: not given. The defaults are what an empty web form holds.
    """

    # Where and when it came in, and what the terms say about time
    channel: str = "web"  # "paper" | "web"
    arrived_on: date | None = None  # the day the envelope or the web form arrived at the office
    postmark_on: date | None = None  # 消印: paper only; None when unreadable or not entered
    deadline: date | None = None  # last day of intake; None while the programme has none
    deadline_by: str = "arrival"  # "postmark" | "arrival"; a web application always counts by arrival
    # Who applies
    applicant_is_recipient: bool = True
    by_proxy: bool = False  # 代理申請: the proxy block is filled in
    has_proxy_evidence: bool = False
    needs_signature: bool = False  # by the terms and the channel
    signed: bool = False
    applied_on: date | None = None  # 申請日 as written; the web form fills it in
    phone: str = ""
    # The account as entered (payment to an account the office already knows: account_known=True, nothing is
    # checked)
    account_known: bool = False
    account: tuple[str, str, int, str] | None = None
    yucho_symbol: str = ""  # ゆうちょ 記号, as written; when given it is what counts
    yucho_number: str = ""
    holder_kana: str = ""
    recipient_kana: str = ""
    recipient_aliases: tuple[str, ...] = ()  # 旧氏, 通称名, 英字氏名 in kana or letters
    household_kanas: tuple[str, ...] = ()  # the other members
    # The account on the copy, when somebody has read it
    copy_account: tuple[str, str, int, str] | None = None
    # Documents
    needs_identity: bool = True  # by the terms and the channel
    has_identity: bool = False
    identity_expired: bool = False
    identity_clear: bool = True
    identity_differs: tuple[str, ...] = ()  # of "name", "birth_date", "address"
    needs_account_proof: bool = True
    has_account_proof: bool = False
    proof_quality: str = (
        "clear"  # "clear" | "unclear" | "cut_off" | "missing_side" (no kana name or branch to be seen)
    )
    # What the office already knows of the recipient
    earlier_valid: bool = False  # an earlier valid application of the same recipient, by any channel
    earlier_same_account: bool = True
    recipient_left_reason: str = ""  # "" | "died" | "moved_out" | "household_changed", after the base date
    # What the resident marked
    declines: bool = False  # 辞退欄: any box
    members_corrected: bool = False  # the printed list of members was altered
