"""Pure. The four charts of a programme's progress, from plain figures: their groups, their days, and what they find.

Takes what progress/figures.py and progress/plan.py count; gives drawn charts. Both staff doors show the same ones.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from todoku.case import stages as s
from todoku.web.shared.chart_svg import Markup
from todoku.web.shared.charts import (
    Bars,
    Bin,
    BurnUp,
    Histogram,
    Series,
    Stacked,
    age_histogram,
    burn_up,
    horizontal_bars,
    stacked_columns,
)

# Stages that are one thing to who asks "how far are we"; ends at the foot, so that what is done grows from the ground.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("支給済", (s.PAID,)),
    ("決定・振込中", (s.DECIDED, s.PAYING)),
    ("決定待ち", (s.PASSED,)),
    ("審査", (s.RECEIVED, s.IN_REVIEW, s.WITH_MUNICIPALITY)),
    ("不備・振込不能", (s.RETURNED, s.FAILED)),
    ("到着待ち", (s.INVITED,)),
    ("発送前", (s.LISTED,)),
    ("終了（支給なし）", (s.REFUSED, s.DECLINED, s.LAPSED)),
)
DAYS_SHOWN = 30
# The office looks within three days; after two weeks a resident telephones.
AGES: tuple[tuple[str, int, bool], ...] = (
    ("0〜2日", 2, False), ("3〜6日", 6, False), ("7〜13日", 13, False), ("14〜20日", 20, True), ("21日以上", 10**6, True),
)  # fmt: skip
DEFICIENCIES_SHOWN = 10


def days_until(today: date, shown: int = DAYS_SHOWN) -> list[date]:
    """So many days up to and with today."""
    return [today - timedelta(days=back) for back in range(shown - 1, -1, -1)]


def _at(days: Sequence[tuple[date, int]], day: date) -> int:
    """The last value known by a day, 0 before the first."""
    known = [value for when, value in days if when <= day]
    return known[-1] if known else 0


def stage_chart(standing: Sequence[tuple[date, Mapping[str, int]]], today: date) -> Markup | None:
    """Where the cases stood at the end of each of the last days; None before there are cases."""
    if not standing:
        return None
    first = standing[0][0]
    days = [day for day in days_until(today) if day >= first] or [today]
    by_day: list[Mapping[str, int]] = []
    for day in days:
        known = [stages for when, stages in standing if when <= day]
        by_day.append(known[-1] if known else {})
    series = [
        Series(name, [sum(stages.get(code, 0) for code in codes) for stages in by_day])
        for name, codes in GROUPS
    ]
    now = {one.name: one.values[-1] for one in series}
    total = sum(now.values())
    share = now["支給済"] * 100 // total if total else 0
    title = f"{total:,}件のうち支給済は{now['支給済']:,}件（{share}%）、審査に{now['審査']:,}件あります"
    return stacked_columns(Stacked("stages", title, days, series))


def paid_chart(
    promised: Sequence[tuple[date, int]], paid: Sequence[tuple[date, int]], total: int, opens: date, today: date
) -> Markup | None:  # fmt: skip
    """Paid against what the payment calendar promises; None before anything is promised or paid."""
    if not promised and not paid:
        return None
    last = max(today, promised[-1][0] if promised else today)
    days = [opens + timedelta(days=n) for n in range((last - opens).days + 1)]
    done = [_at(paid, day) for day in days if day <= today]
    plan = [_at(promised, day) for day in days]
    due = _at(promised, today)
    short = due - (done[-1] if done else 0)
    title = (
        f"支給カレンダーどおりなら{due:,}件のところ、{short:,}件が支給されていません"
        if short > 0
        else f"支給カレンダーどおり、{done[-1] if done else 0:,}件を支給しました"
    )
    chart = BurnUp(
        "paid", title, days, done, plan, max(total, plan[-1]), done_word="支給済", plan_word="カレンダー"
    )
    return burn_up(chart)


def age_chart(ages: Sequence[int]) -> Markup | None:
    """How long applications wait for a decision; None where none waits."""
    if not ages:
        return None
    bins, below = [], -1
    for label, most, late in AGES:
        bins.append(Bin(label, sum(below < age <= most for age in ages), late))
        below = most
    over = sum(one.count for one in bins if one.late)
    title = (
        f"14日以上待つ申請が{over:,}件あります"
        if over
        else f"決定を待つ{len(ages):,}件は、すべて14日以内です"
    )
    return age_histogram(Histogram("ages", title, bins))


def deficiency_chart(counts: Sequence[tuple[str, int]]) -> Markup | None:
    """What applications were sent back for, by name; None where none was."""
    if not counts:
        return None
    total, (name, most) = sum(count for _, count in counts), counts[0]
    title = f"返戻の理由で最も多いのは「{name}」で、{most * 100 // total}%です"
    return horizontal_bars(Bars("deficiencies", title, list(counts[:DEFICIENCIES_SHOWN]), head="不備"))
