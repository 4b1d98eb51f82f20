"""Pure. Whether the example recipients of a Version speak of what the Version has, and whether their facts can be true.

Takes `Contents` as read; gives problems. Whether an example comes out as written is said by `examples.py`, not here.
"""

from collections.abc import Iterator

from todoku.programme.contents import Contents
from todoku.programme.recipient_examples import DUE, RecipientExample
from todoku.programme.toml_table import Problem, meant


def examples(contents: Contents) -> Iterator[Problem]:
    """Every mistake in the examples, each in its own place."""
    names = [example.name for example in contents.examples]
    for number, example in enumerate(contents.examples, 1):
        table = f"example（{number}番目「{example.name}」）"
        if names.index(example.name) < number - 1:
            yield Problem(table, "name", "同じ名前の例があります。", "例ごとに別の名前にしてください。")
        if example.expect:
            yield from _names(contents, table, example)
            yield from _contradictions(contents, table, example)
        elif example.late is not None:
            yield from _known(table, "late", example.late.name, [late.name for late in contents.late])


def _names(contents: Contents, table: str, example: RecipientExample) -> Iterator[Problem]:
    grounds = [ground.name for ground in contents.eligibility.grounds]
    if example.ground:
        yield from _known(table, "ground", example.ground, grounds)
    elif grounds and example.expect == DUE:
        yield Problem(table, "ground", "どの事由で対象になるかが書かれていません。", meant("", grounds))
    if example.cohort:
        yield from _known(table, "cohort", example.cohort, [cohort.name for cohort in contents.cohorts])
    if example.payout != 1:
        numbers = [str(payout.number) for payout in contents.payouts]
        yield from _known(table, "payout", str(example.payout), numbers)
    if example.amount_yen is not None and example.expect != DUE:
        yield Problem(table, "amount_yen", "対象でない例に額が書かれています。", "この行を消してください。")


def _known(table: str, key: str, name: str, known: list[str]) -> Iterator[Problem]:
    if name not in known:
        remedy = meant(name, known) if known else "この行を消してください。"
        yield Problem(table, key, f"「{name}」という名前は、この制度にありません。", remedy)


def _contradictions(contents: Contents, table: str, example: RecipientExample) -> Iterator[Problem]:
    """Facts that cannot be true of one recipient together."""
    facts, here = example.recipient, sum(member.on_base_date for member in example.members)
    checks = (
        (
            facts.members_taxed + facts.members_tax_unknown > facts.resident_members,
            "members_taxed",
            "課税者と不明の方が、世帯員の数より多くなっています。",
        ),
        (
            facts.members_levy_only > facts.members_taxed,
            "members_levy_only",
            "均等割のみの方が、課税者より多くなっています。",
        ),
        (
            facts.members_dependent_of_taxed > facts.resident_members,
            "members_dependent_of_taxed",
            "扶養されている方が、世帯員の数より多くなっています。",
        ),
        (
            facts.earlier_programme_paid and not facts.earlier_programme,
            "earlier_programme_paid",
            "前の給付金の対象でないのに、受給したことになっています。",
        ),
        (
            bool(facts.account_from) and not facts.account_known,
            "account_from",
            "口座の情報源があるのに、口座が分かっていないことになっています。",
        ),
        (
            bool(example.members) and "resident_members" in example.facts and here != facts.resident_members,
            "resident_members",
            "基準日に登録のある members の数と合いません。",
        ),
        (
            contents.programme.unit != "household" and facts.resident_members > 1,
            "resident_members",
            "世帯でない制度の対象者は一人です。",
        ),
        (
            not set(facts.resident_on) <= set(contents.base_dates),
            "resident_on",
            "この制度の基準日でない日があります。",
        ),
        (
            facts.head_left and facts.resident_members < 2,
            "head_left",
            "世帯主のほかに残った方がいません。",
        ),
    )
    for wrong, key, what in checks:
        if wrong:
            yield Problem(table, key, what, "事実の組合せを直してください。")
