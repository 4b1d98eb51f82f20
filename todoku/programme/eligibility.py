"""Pure. Who is due: predicates by name over flat facts of a household, and the reason when somebody is not.

Takes facts that the registry has counted, gives (eligible, reason). Also sorts recipients into cohorts and
says what the Version's table rules when somebody dies or moves after the base date. It computes no amount.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from todoku.programme.message import N_


class HouseholdFacts(NamedTuple):
    """What eligibility needs of one recipient (household, person or taxpayer), counted over its members.

    Taxed means 均等割 of the year of assessment. Yen are before any cut.
    """

    resident_members: int = 1  # registered on the base date, by the late rules of the programme too
    members_taxed: int = 0
    members_tax_unknown: int = 0  # 未申告, or taxed in another municipality that has not answered
    members_dependent_of_taxed: int = 0  # 課税者の扶養親族等
    total_income: int = 0  # 合計所得金額, taxpayer only
    income_tax: int = 0
    income_levy: int = 0
    paid_elsewhere: bool = False
    earlier_programme: bool = False  # was a target of the earlier programme, even if declined or not applied
    account_known: bool = False
    head_left: bool = False  # the head died or moved out after the base date, others stayed


class Outcome(NamedTuple):
    """Whether a recipient is due, and the reason code when not ("" when it is)."""

    eligible: bool
    reason: str


class Reason(NamedTuple):
    """Why not: the name for desks, the sentence for the letter, and whether more evidence could change it."""

    label: str
    sentence: str
    is_open: bool


REASONS: dict[str, Reason] = {
    "not_resident": Reason(
        "基準日に住民でない", N_("基準日に、この自治体の住民基本台帳に記録されていませんでした。"), False
    ),
    "taxed": Reason(
        "課税者がいる", N_("世帯の中に、住民税均等割が課税されている方がいらっしゃいます。"), False
    ),
    "tax_unknown": Reason(
        "課税状況が不明",
        N_("世帯の中に、住民税の課税状況を確認できない方がいらっしゃいます。税の申告などをお願いします。"),
        True,
    ),
    "only_dependants": Reason(
        "被扶養者だけの世帯",
        N_("住民税が課税されている方の扶養親族などだけで構成される世帯は、対象になりません。"),
        False,
    ),
    "income_over_limit": Reason(
        "所得の上限を超える", N_("合計所得金額が、対象となる上限を超えています。"), False
    ),
    "no_tax": Reason(
        "減税の対象となる税がない", N_("所得税と住民税所得割がどちらも0円のため、対象になりません。"), False
    ),
    "paid_elsewhere": Reason(
        "他の自治体で受給", N_("同じ趣旨の給付金を、他の自治体から受けていらっしゃいます。"), False
    ),
    "earlier_programme": Reason(
        "前の給付金の対象", N_("前回の給付金の対象となった世帯は、今回は対象になりません。"), False
    ),
}

# A test gives the reason against, or "" when the recipient meets it. The second argument is the income
# limit in yen.
Test = Callable[[HouseholdFacts, int], str]


class Predicate(NamedTuple):
    """One condition a Version may name, with its name in Japanese."""

    label: str
    test: Test


def _all_members_untaxed(facts: HouseholdFacts, limit: int) -> str:
    if facts.members_taxed:
        return "taxed"
    return "tax_unknown" if facts.members_tax_unknown else ""


def _not_only_dependants(facts: HouseholdFacts, limit: int) -> str:
    # A household of nobody is caught by residence, not here.
    only = 0 < facts.resident_members <= facts.members_dependent_of_taxed
    return "only_dependants" if only else ""


PREDICATES: dict[str, Predicate] = {
    "resident_on_base_date": Predicate(
        "基準日に住民基本台帳に記録されている",
        lambda facts, limit: "" if facts.resident_members else "not_resident",
    ),
    "all_members_untaxed": Predicate("世帯全員の住民税均等割が非課税", _all_members_untaxed),
    "not_only_dependants": Predicate("課税者の扶養親族等だけの世帯でない", _not_only_dependants),
    "income_within_limit": Predicate(
        "合計所得金額が上限以下",
        lambda facts, limit: "income_over_limit" if facts.total_income > limit else "",
    ),
    "has_tax_to_cut": Predicate(
        "所得税か住民税所得割がある",
        lambda facts, limit: "" if facts.income_tax or facts.income_levy else "no_tax",
    ),
}

EXCLUSIONS: dict[str, Predicate] = {
    "paid_elsewhere": Predicate(
        "同様の給付金を他の自治体で受給",
        lambda facts, limit: "paid_elsewhere" if facts.paid_elsewhere else "",
    ),
    "earlier_programme": Predicate(
        "前の給付金の対象（未申請・辞退を含む）",
        lambda facts, limit: "earlier_programme" if facts.earlier_programme else "",
    ),
}

# Predicates that mean nothing without a limit in the Version.
NEEDS_INCOME_LIMIT = frozenset({"income_within_limit"})


def judge_all(
    predicates: Sequence[str],
    exclusions: Sequence[str],
    households: Iterable[HouseholdFacts],
    *,
    income_limit_yen: int = 0,
) -> Iterator[Outcome]:
    """For each household in order: due or not, with the first reason in the Version's order.

    A reason that more evidence could change (unknown tax) gives way to one that nothing can change.
    """
    tests = [PREDICATES[name].test for name in predicates] + [EXCLUSIONS[name].test for name in exclusions]
    for facts in households:
        reasons = [reason for test in tests if (reason := test(facts, income_limit_yen))]
        final = [reason for reason in reasons if not REASONS[reason].is_open]
        yield Outcome(not reasons, (final or reasons or [""])[0])


def judge(
    predicates: Sequence[str],
    exclusions: Sequence[str],
    facts: HouseholdFacts,
    *,
    income_limit_yen: int = 0,
) -> Outcome:
    """The same for one household."""
    return next(judge_all(predicates, exclusions, [facts], income_limit_yen=income_limit_yen))


# Cohorts (対象の区分): the first whose condition holds takes the recipient.
CONDITIONS: dict[str, Callable[[HouseholdFacts], bool]] = {
    "known_account": lambda facts: (
        facts.account_known and not facts.members_tax_unknown and not facts.head_left
    ),
    "tax_confirmed": lambda facts: not facts.members_tax_unknown and not facts.head_left,
    "head_left": lambda facts: facts.head_left,
    "everyone": lambda facts: True,
}
CONDITION_LABELS = {
    "known_account": "振込先の口座が分かっている",
    "tax_confirmed": "課税状況が分かっている",
    "head_left": "世帯主が基準日の後に死亡・転出した",
    "everyone": "そのほかすべて",
}


class CohortRule(Protocol):
    """What sorting needs of a cohort of a Version."""

    @property
    def name(self) -> str: ...
    @property
    def condition(self) -> str: ...


def cohort_of(cohorts: Sequence[CohortRule], facts: HouseholdFacts) -> str:
    """The name of the cohort a recipient belongs to. The last cohort of a Version takes everyone who is
    left."""
    return next(cohort.name for cohort in cohorts if CONDITIONS[cohort.condition](facts))


class ChangeRule(Protocol):
    """What `after_change` needs of one line of a Version's table of changes."""

    @property
    def event(self) -> str: ...
    @property
    def who(self) -> str: ...
    @property
    def phase(self) -> str: ...
    @property
    def then(self) -> str: ...


def after_change(changes: Iterable[ChangeRule], event: str, who: str, phase: str) -> str:
    """What the Version rules for a death or a move after the base date; "ask" where it rules nothing."""
    for rule in changes:
        if (rule.event, rule.who, rule.phase) == (event, who, phase):
            return rule.then
    return "ask"
