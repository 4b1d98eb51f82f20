"""Pure. What the terms themselves say of who is due, how much, and how it is reviewed: lines for the criteria sheet.

Takes Terms; leaves (label, value), each label once. What is left out of a Version and means nothing then has no line.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from todoku.formats.wareki import format_wareki
from todoku.programme import vocabulary as words
from todoku.programme.amounts import AMOUNT_RULES
from todoku.programme.contents import Amount, Cohort, Ground, Late
from todoku.programme.fact_words import PARAMETERS
from todoku.programme.predicates import EXCLUSIONS, PREDICATES
from todoku.programme.terms import Terms
from todoku.review.codes import CODES

Line = tuple[str, str]


def about_terms(terms: Terms) -> tuple[Line, ...]:
    """The lines, in the order in which a reviewer needs them."""
    return (
        *_whom(terms),
        *_grounds(terms),
        *_amounts(terms),
        *_late(terms),
        *_intake(terms),
        *_review(terms),
    )


def _whom(terms: Terms) -> Iterator[Line]:
    about, rules = terms.programme, terms.eligibility
    yield "単位・受給権者", f"{words.UNITS[about.unit]}ごと、{words.PAYEES[about.payee]}に支給"
    exceptions = ((terms.payees.in_facility, "施設に入所した方"), (terms.payees.evacuated, "避難している方"))
    for payee, who in exceptions:
        if payee:
            yield f"{who}の受給権者", words.PAYEES[payee]
    yield "法的な性質", words.LEGAL_BASES[about.legal_basis]
    yield "基準日", _days((about.base_date, *about.further_base_dates))
    yield (
        "対象となる条件",
        "、".join(
            [
                *(PREDICATES[name].label for name in rules.predicates),
                *(["次の事由のどれか"] if rules.grounds else []),
            ]
        ),
    )
    yield "対象としない場合", _labels(rules.exclusions, EXCLUSIONS) or "なし"
    if rules.income_limit_yen:
        yield "所得の上限", f"{rules.income_limit_yen:,}円"
    if rules.born_on_or_after or rules.born_on_or_before:
        yield "生年月日", _births(rules.born_on_or_after, rules.born_on_or_before)
    if rules.disabled_born_on_or_after:
        yield "障害のある児童の生年月日", _births(rules.disabled_born_on_or_after, None)
    yield from _snapshot(terms)


def _snapshot(terms: Terms) -> Iterator[Line]:
    one = terms.snapshot
    counted = [
        said
        for holds, said in (
            (one.registered_late, "基準日より前に消除され、後に初めて記録された方"),
            (one.child_reported_late, "基準日より前に生まれ、届出が後になった子"),
            (one.died_on_base_date, "基準日に亡くなった方"),
        )
        if holds
    ]
    if counted:
        yield "基準日の記録のほかに数える方", "、".join(counted)


def _grounds(terms: Terms) -> Iterator[Line]:
    for ground in terms.eligibility.grounds:
        yield f"事由「{ground.title}」", _ground(ground)


def _ground(ground: Ground) -> str:
    said = [_labels(ground.predicates, PREDICATES)]
    if ground.exclusions:
        said.append(f"除く：{_labels(ground.exclusions, EXCLUSIONS)}")
    if ground.base_dates:
        said.append(f"基準日：{_days(ground.base_dates)}")
    if ground.born_on_or_after or ground.born_on_or_before:
        said.append(f"生年月日：{_births(ground.born_on_or_after, ground.born_on_or_before)}")
    if ground.payee:
        said.append(f"受給権者：{words.PAYEES[ground.payee]}")
    return "。".join(one for one in said if one)


def _amounts(terms: Terms) -> Iterator[Line]:
    titles = {ground.name: ground.title for ground in terms.eligibility.grounds}
    if terms.voucher:
        one = terms.voucher
        yield "購入引換券", f"{one.rights}冊まで、1冊{one.price_yen:,}円で{one.notes * one.note_yen:,}円分"
    yield "支給額", _amount(terms.amount)
    for name, amount in terms.amount.by_ground.items():
        yield f"支給額（{titles.get(name, name)}）", _amount(amount)
    for payout in terms.payouts:
        follows = f"（第{payout.follows}回を受けた方）" if payout.follows else ""
        yield f"第{payout.number}回の支給「{payout.title}」", _amount(payout.amount) + follows


def _amount(amount: Amount) -> str:
    rule = AMOUNT_RULES[amount.rule]
    given = [
        f"{PARAMETERS.get(name, name)} {_value(amount.parameters[name])}"
        for name in rule.parameters
        if amount.parameters.get(name) is not None
    ]
    return f"{rule.label}。{'、'.join(given)}" if given else rule.label


def _value(value: Any) -> str:
    if isinstance(value, date):
        return format_wareki(value)
    return f"{value:,}円" if isinstance(value, int) else str(value)


def _late(terms: Terms) -> Iterator[Line]:
    for number in (1, *(payout.number for payout in terms.payouts)):
        own = "、".join(_cohort(one) for one in terms.cohorts if one.payout == number)
        yield "区分" if number == 1 else f"第{number}回の区分", own
    for late in terms.late:
        yield f"後から対象になる方「{late.title}」", _late_line(late)


def _cohort(cohort: Cohort) -> str:
    """A cohort with how it is invited; of a further payout its days too, which are not the programme's."""
    said = [words.MODES[cohort.mode]]
    if cohort.own_deadline:
        what = "申出" if cohort.mode == "push" else "申請"
        said.append(f"{what}は{format_wareki(cohort.own_deadline)}まで")
    return f"{cohort.title}（{'、'.join(said)}）"


def _late_line(late: Late) -> str:
    days = f"、遅いできごとはその日から{late.days_after}日以内" if late.days_after else ""
    papers = "、".join(words.LATE_EVIDENCE[one] for one in late.evidence)
    shown = f"。示すもの：{papers}" if papers else ""
    return f"{words.LATE_KINDS[late.kind]}。{format_wareki(late.until)}まで、申請は{format_wareki(late.closes)}まで{days}{shown}"


def _intake(terms: Terms) -> Iterator[Line]:
    intake = terms.intake
    by = {"postmark": "郵送は消印の日で見る", "arrival": "届いた日で見る"}[intake.deadline_by]
    yield "受付", f"{format_wareki(intake.opens)}から{format_wareki(intake.closes)}まで（{by}）"
    if "paper" in intake.channels and intake.deadline_by == "postmark":
        yield "消印が読めないとき", words.NO_POSTMARK[intake.no_postmark]
    for channel in intake.channels:
        asked = "、".join(words.EVIDENCE[one] for one in intake.evidence.get(channel, ()))
        yield f"{words.CHANNELS[channel]}で求めるもの", asked or "なし"
    if intake.without_letter:
        yield "申請書のない申請", "ウェブで受け付け、人が名簿と照合する"
    yield "二重の申請", words.COUNTS[intake.counts]
    yield "受取方法", "、".join(words.RAILS[rail] for rail in terms.payment.rails)
    yield "辞退の単位", words.DECLINE_UNITS[terms.decline.unit]
    yield "辞退の撤回", words.DECLINE_UNTIL[terms.decline.reversible_until]
    yield "申請がないとき", f"{format_wareki(terms.deemed_declined_on)}に辞退とみなす"


def _review(terms: Terms) -> Iterator[Line]:
    review, quality = terms.review, terms.review.quality
    for channel in terms.intake.channels:
        yield f"不備のない{words.CHANNELS[channel]}の申請", words.PASS_NAMES[review.passes[channel]]
    yield "二人目の審査", "一人目の判定を見ない" if review.blind_second else "一人目の判定を見る"
    yield "抜取り", f"人の審査を要しない申請の{review.sample_percent:g}%を人が見る"
    if quality.sample.channels or quality.sample.codes:
        yield "抜取りの内訳", _rates(quality.sample.channels, quality.sample.codes)
    sample = quality.sample
    yield (
        "抜取りを増やすとき",
        f"{sample.looked_least:,}件以上見て、誤りの率の上限が{sample.limit_percent:g}%を超えたとき、{sample.times:g}倍"
        f"（最大{sample.most_percent:g}%）",
    )
    if quality.training.required:
        yield "研修案件", f"{quality.training.cases}件に合格した人だけが審査する"
    if quality.seeded.percent:
        yield "埋め込んだ誤り", f"二人目の審査の{quality.seeded.percent:g}%"
    ruled = review.checks
    if ruled:
        said = (f"{code} {CODES[code].name}：{words.SEVERITIES[one]}" for code, one in sorted(ruled.items()))
        yield "点検の程度を変えたもの", "、".join(said)
    yield "返戻への回答", _returns(terms)


def _rates(channels: Mapping[str, float], codes: Mapping[str, float]) -> str:
    by_channel = [f"{words.CHANNELS.get(name, name)} {rate:g}%" for name, rate in channels.items()]
    return "、".join([*by_channel, *(f"{CODES[code].name} {rate:g}%" for code, rate in codes.items())])


def _returns(terms: Terms) -> str:
    one = terms.returns
    closing = f"{one.close_after_days}日で" if one.close_after_days else ""
    return f"{one.reply_days}日以内。回答がないときは{closing}{words.CLOSINGS[one.closing]}"


def _labels(names: Iterable[str], known: Mapping[str, Any]) -> str:
    return "、".join(known[name].label for name in names)


def _days(days: Iterable[date]) -> str:
    return "、".join(format_wareki(day) for day in days)


def _births(first: date | None, last: date | None) -> str:
    return "、".join(
        [
            *([f"{format_wareki(first)}以後"] if first else []),
            *([f"{format_wareki(last)}以前"] if last else []),
        ]
    )


def change_lines(terms: Terms) -> tuple[tuple[str, str, str, str], ...]:
    """What follows when somebody dies or moves after the base date: event, who, phase, outcome."""
    return tuple(
        (
            words.CHANGE_EVENTS[one.event], words.CHANGE_WHO[one.who], words.CHANGE_PHASES[one.phase],
            words.CHANGE_OUTCOMES[one.then],
        )
        for one in terms.eligibility.changes
    )  # fmt: skip
