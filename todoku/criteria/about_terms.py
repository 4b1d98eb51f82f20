"""Pure. What the terms themselves say of reviewing, in lines for the criteria sheet: intake, evidence, persons, changes."""

from todoku.formats.wareki import format_wareki
from todoku.programme import vocabulary as words
from todoku.programme.eligibility import EXCLUSIONS, PREDICATES
from todoku.programme.terms import Terms


def about_terms(terms: Terms) -> tuple[tuple[str, str], ...]:
    """(label, value) lines, in the order in which a reviewer needs them."""
    about, intake, rules = terms.programme, terms.intake, terms.eligibility
    return (
        ("単位・受給権者", f"{words.UNITS[about.unit]}ごと、{words.PAYEES[about.payee]}に支給"),
        ("基準日", format_wareki(about.base_date)),
        ("対象となる条件", "、".join(PREDICATES[name].label for name in rules.predicates)),
        ("対象としない場合", "、".join(EXCLUSIONS[name].label for name in rules.exclusions) or "なし"),
        ("区分", "、".join(f"{one.title}（{words.MODES[one.mode]}）" for one in terms.cohorts)),
        ("受付", f"{format_wareki(intake.opens)}から{terms.deadline_words}まで"),
        ("消印が読めないとき", words.NO_POSTMARK[intake.no_postmark]),
        *((f"{words.CHANNELS[channel]}で求めるもの", _asked(terms, channel)) for channel in intake.channels),
        *(
            (f"不備のない{words.CHANNELS[channel]}の申請", words.PASS_NAMES[terms.review.passes[channel]])
            for channel in intake.channels
        ),
        ("抜取り", f"人の審査を要しない申請の{terms.review.sample_percent:g}%を人が見る"),
        ("返戻への回答", _returns(terms)),
    )  # fmt: skip


def _asked(terms: Terms, channel: str) -> str:
    return "、".join(words.EVIDENCE[one] for one in terms.intake.evidence.get(channel, ())) or "なし"


def _returns(terms: Terms) -> str:
    one = terms.returns
    closing = f"{one.close_after_days}日で" if one.close_after_days else ""
    return f"{one.reply_days}日以内。回答がないときは{closing}{words.CLOSINGS[one.closing]}"


def change_lines(terms: Terms) -> tuple[tuple[str, str, str, str], ...]:
    """What follows when somebody dies or moves after the base date: event, who, phase, outcome."""
    return tuple(
        (
            words.CHANGE_EVENTS[one.event], words.CHANGE_WHO[one.who], words.CHANGE_PHASES[one.phase],
            words.CHANGE_OUTCOMES[one.then],
        )
        for one in terms.eligibility.changes
    )  # fmt: skip
