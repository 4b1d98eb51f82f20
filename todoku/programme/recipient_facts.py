"""Pure. What the registry says of one recipient, as flat facts: the only thing that eligibility, cohorts and payees look at.

Comes in: counted over a recipient's members by the registry, or written in an example. It decides nothing. Whoever fills
it for a real recipient fills every fact that the Version's words ask for; what a unit has no use for keeps its default.
"""

from datetime import date
from typing import NamedTuple


class RecipientFacts(NamedTuple):
    """One recipient: a household, a person, a child or a taxpayer (a business, 事業者, may follow). Yen are before any cut.

    For a household the counts go over its members; for every other unit the recipient is its own only member, so each
    count is 0 or 1. Taxed means 均等割 of the year of assessment, levy-only a part of it.
    """

    # Every unit. Registered on a base date of the programme (any of `Terms.base_dates`), by the late rules ([snapshot])
    # too: erased and registered again, reported late, sheltering here (DV) though registered elsewhere.
    resident_members: int = 1
    members_taxed: int = 0
    members_tax_unknown: int = 0  # 未申告, or taxed in another municipality that has not answered
    members_dependent_of_taxed: int = 0  # 課税者の扶養親族等
    # The person's own (taxpayer, person); 0 for households.
    total_income: int = 0  # 合計所得金額
    income_tax: int = 0
    income_levy: int = 0
    # From lists of this and of other municipalities, and what the applicant declares.
    paid_elsewhere: bool = False
    earlier_programme: bool = False  # was a target of the earlier programme, even if declined or not applied
    account_known: bool = False  # from any of `account_from`
    head_left: bool = False  # the head died or moved out after the base date, others stayed
    # Of members_taxed, those who pay 均等割 and no 所得割 (均等割のみ課税).
    members_levy_only: int = 0
    # Which of `Terms.base_dates` saw somebody of this recipient on the register. Needed where a ground has base dates of
    # its own; without such a ground it may stay empty.
    resident_on: tuple[date, ...] = ()
    sudden_income_drop: bool = False  # 家計急変: declared with an estimate of income, and found right
    public_assistance: bool = False  # 生活保護 on the base date
    earlier_programme_paid: bool = (
        False  # the earlier programme paid this recipient (so it was a target of it, too)
    )
    # A key of CHILD_ALLOWANCES, "" where none is paid for the child (unit child) in the month that counts.
    child_allowance: str = ""
    single_parent_allowance: bool = False  # 児童扶養手当 is paid for the child
    public_pension: bool = False  # a pension stands in place of 児童扶養手当
    disabled_child: bool = False  # 障害の状態にある児童 (特別児童扶養手当): counts to a higher age
    birth_date: date | None = None  # the child's or the person's own; None for 不詳 and for households
    family_employee: bool = False  # 事業専従者: nobody's dependant by law
    in_facility: bool = False  # placed in a facility or with foster parents by 措置
    guardian_known: bool = True  # unit child: who brings the child up (the allowance's receiver) is known
    # Keys of ACCOUNT_SOURCES from which an account of the payee is known, in any order.
    account_from: tuple[str, ...] = ()
    late_entry: str = ""  # a key of LATE_KINDS: came in after the list was drawn (newborn, moved in, DV …)
