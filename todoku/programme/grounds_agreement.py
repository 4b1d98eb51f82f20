"""Pure. Whether what a Version says of grounds, cohorts, late cohorts, payouts and vouchers fits together.

Takes `Contents` as read; gives problems. Called by agreement.py like every other look at a Version.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from todoku.programme.amounts import AMOUNT_RULES
from todoku.programme.cohorts import late_cohort
from todoku.programme.contents import Amount, Contents
from todoku.programme.toml_table import NO_DAY, Problem, meant
from todoku.programme.vocabulary import PAYEES, UNITS


def all_amounts(contents: Contents) -> list[tuple[str, Amount]]:
    """Every amount of a Version with the table it stands in: the general one, those of grounds, those of payouts."""
    found = [("amount", contents.amount)]
    found += [(f"amount.ground（{name}）", one) for name, one in contents.amount.by_ground.items()]
    for payout in contents.payouts:
        table = f"payout（{payout.number}）.amount"
        found += [(table, payout.amount)]
        found += [(f"{table}.ground（{name}）", one) for name, one in payout.amount.by_ground.items()]
    return found


def grounds(contents: Contents) -> Iterator[Problem]:
    """Names of grounds are unique, whoever quotes one quotes one that is there, and their payees are the unit's."""
    yield from payees(contents)
    known = [ground.name for ground in contents.eligibility.grounds]
    first = [cohort for cohort in contents.cohorts if cohort.payout == 1]
    yield from _twice("eligibility.ground", known)
    for table, one in all_amounts(contents):
        for name in one.by_ground:
            yield from _unknown(f"{table}.ground", "ground", name, known)
    for cohort in contents.cohorts:
        for name in cohort.grounds:
            yield from _unknown(f"cohort（{cohort.name}）", "grounds", name, known)
        if cohort.account_sources and cohort.condition != "known_account":
            yield Problem(
                f"cohort（{cohort.name}）",
                "account_sources",
                "口座の情報源は、口座が分かっている区分（known_account）だけに書きます。",
                "この行を消すか、condition を直してください。",
            )
    if first and first[-1].grounds:
        yield Problem(
            "cohort",
            "grounds",
            "最後の区分が一部の事由に限られています。",
            "最後の区分はすべての方を受けるようにしてください。",
        )


# Whom the recipients of a unit can have as their payee, and whom only where somebody is placed or shelters: what no list and
# no roll can tell is no payee. The recipient of a household is made from the roll with its head.
PAYEES_OF_UNIT: dict[str, tuple[str, ...]] = {
    "household": ("head",), "person": ("self", "head", "guardian", "facility"), "taxpayer": ("taxpayer", "self"),
    "child": ("guardian", "head", "self", "facility"),
}  # fmt: skip
APART = {"household": ("head", "self", "facility")}


def payees(contents: Contents) -> Iterator[Problem]:
    """Whoever is named as a payee is one that the unit's recipients can have."""
    unit = contents.programme.unit
    usual = PAYEES_OF_UNIT.get(unit, tuple(PAYEES))
    apart = APART.get(unit, usual)
    named = [("programme", "payee", contents.programme.payee, usual)]
    named += [
        (f"eligibility.ground（{one.name}）", "payee", one.payee, usual)
        for one in contents.eligibility.grounds
    ]
    named += [("payee", key, getattr(contents.payees, key), apart) for key in ("in_facility", "evacuated")]
    for table, key, word, allowed in named:
        if word in PAYEES and word not in allowed:
            fit = "、".join(f"{one}（{PAYEES[one]}）" for one in allowed)
            what = f"支給の単位 {unit} で「{PAYEES[word]}」を受け取る方にはできません。"
            yield Problem(table, key, what, f"{fit} のどれかにしてください。")


def births(contents: Contents) -> Iterator[Problem]:
    """A range of births runs forward, and no limit of an age falls on 1 April (that child is of the school year before)."""
    rules = contents.eligibility
    ranges = [("eligibility", rules.born_on_or_after, rules.born_on_or_before)]
    ranges += [
        (f"eligibility.ground（{one.name}）", one.born_on_or_after, one.born_on_or_before)
        for one in rules.grounds
    ]
    for table, first, last in ranges:
        if first and last and last < first:
            yield Problem(
                table, "born_on_or_before", "生まれた日の範囲が逆です。", "日付を入れ替えてください。"
            )
    limits = [(table, first) for table, first, _ in ranges if first]
    limits += [("eligibility", rules.disabled_born_on_or_after)] if rules.disabled_born_on_or_after else []
    for table, one in all_amounts(contents):
        day = one.parameters.get("child_born_on_or_after")
        limits += [(f"{table}.parameters", day)] if isinstance(day, date) else []
    for table, day in limits:
        # A limit of the last year is one of newborns, not of an age.
        if (day.month, day.day) == (4, 1) and day.year < contents.programme.base_date.year - 1:
            yield Problem(
                table,
                "",
                f"{day} に生まれた方は、学年では前の年度に入ります（年齢は誕生日の前日に加わります）。",
                f"{day.replace(day=2)} にしてください。",
            )


def late_cohorts(contents: Contents) -> Iterator[Problem]:
    """Late cohorts name a cohort that is there and close no earlier than what opens them can happen."""
    yield from _twice("late", [late.name for late in contents.late])
    known = [cohort.name for cohort in contents.cohorts]
    for late in contents.late:
        table = f"late（{late.name}）"
        yield from _unknown(table, "cohort", late.cohort, known)
        if NO_DAY not in (late.until, late.closes) and late.closes < late.until and not late.days_after:
            yield Problem(
                table,
                "closes",
                f"期限が、対象となる最後の日（{late.until}）より前です。",
                "期限を延ばすか、days_after = 15 のように日数を書いてください。",
            )
        if late.cohort != late_cohort(contents.late, late.kind):
            yield Problem(
                table,
                "cohort",
                "同じ種類（kind）の遅れて対象になる方が、二つの区分に分かれています。",
                "どちらも同じ区分にしてください。",
            )


def payouts(contents: Contents) -> Iterator[Problem]:
    """Payouts are numbered from 2 without a gap and follow an earlier one; amounts fit the unit."""
    numbers = [payout.number for payout in contents.payouts]
    if numbers != list(range(2, len(numbers) + 2)):
        yield Problem("payout", "number", "支給回の番号が続いていません。", "2 から順に書いてください。")
    for payout in contents.payouts:
        if payout.follows >= payout.number:
            yield Problem(
                f"payout（{payout.number}）",
                "follows",
                "後の支給回を指しています。",
                "前の支給回の番号を書いてください。",
            )
        yield from _cohorts_of(contents, payout.number)
    for cohort in contents.cohorts:
        if cohort.payout > 1 and cohort.payout not in numbers:
            yield from _unknown(
                f"cohort（{cohort.name}）", "payout", str(cohort.payout), [str(one) for one in numbers]
            )
    for table, one in all_amounts(contents):
        rule = AMOUNT_RULES.get(one.rule)
        if rule and contents.programme.unit in UNITS and contents.programme.unit not in rule.units:
            fit = "、".join(rule.units)
            what = f"支給の単位 {contents.programme.unit} には使えません。"
            yield Problem(table, "rule", what, f"unit は {fit} です。")


def _cohorts_of(contents: Contents, payout: int) -> Iterator[Problem]:
    """A further payout invites whom it is for by cohorts of its own: with letters and days of its own."""
    own = [cohort for cohort in contents.cohorts if cohort.payout == payout]
    if not own or own[-1].condition != "everyone" or own[-1].grounds:
        yield Problem(
            f"payout（{payout}）",
            "",
            "この支給回の対象者を、すべて受ける区分がありません。",
            f'[[cohort]] に payout = {payout} と condition = "everyone" の区分を加えてください。',
        )


def vouchers(contents: Contents) -> Iterator[Problem]:
    """A right to buy is worth more than its price, and the amount is what the public purse adds."""
    voucher = contents.voucher
    if voucher is None:
        return
    if NO_DAY not in (voucher.sold_until, voucher.usable_until) and voucher.usable_until < voucher.sold_until:
        yield Problem(
            "voucher", "usable_until", "販売の最後の日より前です。", "どちらかの日付を直してください。"
        )
    if voucher.premium_yen <= 0:
        yield Problem("voucher", "price_yen", "券面の額より安くありません。", "販売額を確かめてください。")
    elif contents.amount.rule != "constant" or contents.amount.parameters.get("yen") != voucher.premium_yen:
        yield Problem(
            "amount",
            "yen",
            "券面の合計と販売額の差（上乗せ額）になっていません。",
            f'rule = "constant"、yen = {voucher.premium_yen} にしてください。',
        )


def _twice(table: str, names: list[str]) -> Iterator[Problem]:
    if len(set(names)) < len(names):
        yield Problem(table, "name", "同じ名前が二つあります。", "一つずつ別の名前にしてください。")


def _unknown(table: str, key: str, name: str, known: Iterable[str]) -> Iterator[Problem]:
    known = list(known)
    if name not in known:
        remedy = meant(name, known) if known else "この行を消してください。"
        yield Problem(table, key, f"「{name}」という名前は、この制度にありません。", remedy)
