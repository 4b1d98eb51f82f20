"""What the page 品質 draws, for the lead and (without names) for the municipality: chart and tables from plain figures."""

from collections.abc import Mapping, Sequence

from django.utils.timezone import localtime

from todoku.people.tables import Staff
from todoku.programme.contents import Review
from todoku.programme.quality import Fast
from todoku.programme.vocabulary import CHANNELS
from todoku.review.codes import CODES
from todoku.review.intervals import Interval
from todoku.review.quality_figures import Detection, Pace
from todoku.review.quality_tables import SampleRate
from todoku.review.queues import QUEUES
from todoku.review.sample_measure import Measured
from todoku.review.sample_rates import WHOLE, Key, Raised, agreed_percent, percent_of
from todoku.web.shared.chart_svg import Markup
from todoku.web.shared.interval_chart import Share, Shares, interval_chart, percent_words
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table


def key_words(key: Key) -> str:
    """A channel and criterion in words: ウェブ 全体, 郵送 D12 口座名義の不一致."""
    criterion = "全体" if key.criterion == WHOLE else f"{key.criterion} {CODES[key.criterion].name}"
    return f"{CHANNELS[key.channel]}　{criterion}"


def error_chart(found: Sequence[Measured], review: Review) -> Markup | None:
    """Error rates with their intervals against the agreed limit; None while nothing was looked at."""
    looked = [one for one in found if one.looked]
    if not looked:
        return None
    limit, least = review.quality.sample.limit_percent, review.quality.sample.looked_least
    enough = [one for one in looked if one.looked >= least]
    over = [one for one in enough if one.interval.high * 100 > limit]
    title = (
        f"{key_words(over[0].key)}など{len(over)}区分で、誤り率の上限が取決めの{limit:g}%を超えています"
        if len(over) > 1
        else f"{key_words(over[0].key)}で、誤り率の上限が取決めの{limit:g}%を超えています"
        if over
        else f"誤り率の上限が取決めの{limit:g}%を超えた区分はありません"
        if enough
        else f"確かめた数が{least}件に届かず、誤り率が取決めの{limit:g}%を超えたかは、まだ言えません"
    )
    return interval_chart(Shares("errors", title, [_share(one) for one in looked], limit=limit))


def _share(one: Measured) -> Share:
    share, low, high = (bound * 100 for bound in one.interval)
    return Share(key_words(one.key), share, low, high, one.wrong, one.looked)


def rates_table(found: Sequence[Measured], review: Review, raised: Raised) -> Table:
    """Every channel and criterion: what was looked at, the error rate, the rate as agreed and as it is now."""
    keys = {one.key: one for one in found}
    for channel, passes in review.passes.items():
        if passes == "straight":
            keys.setdefault(Key(channel), Measured(Key(channel), 0, 0, 0, 0, 0))
    rows = [_rate_row(keys[key], review, raised) for key in sorted(keys)]
    return Table(
        id="rates", caption="抜取りの結果と抜取り率", total=len(rows), unit="区分",
        columns=[
            Column("key", "方法・基準"), Column("looked", "確認", numeric=True), Column("wrong", "誤り", numeric=True),
            Column("waiting", "確認待ち", numeric=True), Column("rate", "誤り率", numeric=True),
            Column("interval", "95%の区間", fixed=True), Column("agreed", "取決め", numeric=True),
            Column("now", "いまの率", numeric=True),
        ],
        rows=rows,
        empty=Empty("この事業では、人の審査を要しない申請がないため、抜取りはありません。"),
    )  # fmt: skip


def _rate_row(one: Measured, review: Review, raised: Raised) -> Row:
    agreed, now = agreed_percent(review, one.key), percent_of(review, raised, one.key)
    return Row(
        f"{one.key.channel}-{one.key.criterion}",
        [
            Cell(key_words(one.key)), Cell(one.looked), Cell(one.wrong), Cell(one.waiting),
            *_rate_cells(one.interval, one.looked),
            Cell(f"{agreed:g}%"), Cell(f"{now:g}%", badge=Badge("引上げ", "warn") if now > agreed else None),
        ],
        name=key_words(one.key),
    )  # fmt: skip


def _rate_cells(found: Interval, of: int) -> tuple[Cell, Cell]:
    """A share and its interval; of nothing nothing is said."""
    if not of:
        return Cell("—"), Cell("—")
    share, low, high = (percent_words(bound * 100) for bound in found)
    return Cell(share), Cell(f"{low} 〜 {high}")


def acts_table(acts: Sequence[SampleRate], *, named: bool = True) -> Table:
    """How the rates changed, the last first; `named`: with who did it."""
    columns = [
        Column("at", "日時", fixed=True), Column("key", "方法・基準"), Column("change", "抜取り率", fixed=True),
        Column("counts", "誤り／確認", fixed=True), Column("why", "理由"),
    ]  # fmt: skip
    return Table(
        id="acts", caption="抜取り率の変更", total=len(acts), unit="件", per_page=max(len(acts), 1),
        columns=[*columns, Column("who", "担当")] if named else columns,
        rows=[Row(str(act.pk), [*_act_cells(act), *([Cell(act.actor_name)] if named else [])]) for act in reversed(acts)],
        empty=Empty("抜取り率は、取決めのままです。", "誤り率の上限が取決めを超えると、規則のとおりに上がり、ここに残ります。"),
    )  # fmt: skip


def _act_cells(act: SampleRate) -> list[Cell]:
    return [
        Cell(f"{localtime(act.at):%m/%d %H:%M}"), Cell(key_words(Key(act.channel, act.criterion))),
        Cell(f"{act.was_percent:g}% → {act.percent:g}%"), Cell(f"{act.wrong}／{act.looked}"), Cell(act.reason),
    ]  # fmt: skip


def detection_table(found: Sequence[Detection]) -> Table:
    """By person: how many of the seeded errors were found."""
    return Table(
        id="seeded", caption="二次審査が誤りを見つけた割合", total=len(found), unit="人", per_page=max(len(found), 1),
        columns=[
            Column("who", "担当"), Column("judged", "判定", numeric=True), Column("found", "見つけた", numeric=True),
            Column("rate", "発見率", numeric=True), Column("interval", "95%の区間", fixed=True),
            Column("waiting", "判定待ち", numeric=True),
        ],
        rows=[
            Row(
                str(one.staff),
                [
                    Cell(one.name), Cell(one.judged), Cell(one.found),
                    *_rate_cells(one.interval, one.judged),
                    Cell(one.placed - one.judged),
                ],
            )
            for one in found
        ],
        empty=Empty(
            "埋込みの判定はまだありません。",
            "制度の［review.seeded］で割合を取り決め、見本の案件を用意すると、二次審査に混ざります。",
        ),
    )  # fmt: skip


def pace_table(found: Sequence[Pace], rule: Fast) -> Table:
    """By person and queue: usual time, and the verdicts that were much quicker; a number, not a judgement."""
    return Table(
        id="pace", caption="判定にかかった時間", total=len(found), unit="行", per_page=max(len(found), 1),
        columns=[
            Column("who", "担当"), Column("queue", "列"), Column("verdicts", "判定", numeric=True),
            Column("usual", "ふだんの秒数", numeric=True), Column("least", "短いとみなす秒数", numeric=True),
            Column("fast", "とくに短い判定", numeric=True),
            Column("again", "もう一人が確認", numeric=True),
        ],
        rows=[
            Row(
                f"{one.staff}-{one.queue}",
                [
                    Cell(one.name), Cell(QUEUES[one.queue]), Cell(one.verdicts), Cell(round(one.usual_seconds)),
                    Cell(f"{one.least_seconds(rule):.1f}未満"), Cell(one.fast), Cell(one.again),
                ],
            )
            for one in found
        ],
        empty=Empty("判定はまだありません。", "判定が始まると、担当と列ごとの時間が並びます。"),
    )  # fmt: skip


def training_table(staff: Sequence[Staff], opened: Mapping[int, frozenset[str]]) -> Table:
    """Who may open which queue."""
    return Table(
        id="trained", caption="研修と担当", total=len(staff), unit="人", per_page=max(len(staff), 1),
        columns=[Column("who", "担当"), *(Column(queue, name) for queue, name in QUEUES.items())],
        rows=[
            Row(
                str(one.pk),
                [Cell(one.name), *(_open(queue in opened[one.pk]) for queue in QUEUES)],
                name=one.name,
            )
            for one in staff
        ],
        empty=Empty("審査の担当者がいません。", "職員を登録すると、ここに並びます。"),
    )  # fmt: skip


def _open(opened: bool) -> Cell:
    return Cell(badge=Badge("可", "ok") if opened else Badge("研修前", "wait"))
