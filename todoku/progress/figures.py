# ruff: noqa: E501  the SQL of a figure stands on one line with its name
"""The figures of a programme: each has one definition, here; desks, reports, charts and the feed quote these alone.

Reads only. A figure is a name, a sentence that says what is counted, and one SQL expression; `at` makes it the state
at the end of a day, counted from the history, so that a frozen report and a later recount agree.
"""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from todoku.case.stages import STAGES
from todoku.programme.tables import Programme

JAPAN = ZoneInfo("Asia/Tokyo")


class Figure(NamedTuple):
    """One figure: its key, the name on pages, what it counts, and SQL with %(programme)s and %(until)s."""

    key: str
    name: str
    counts: str
    unit: str
    sql: str


_EVENTS = "from todoku_caseevent e join todoku_case c on c.id = e.case_id where c.programme_id = %(programme)s and e.at < %(until)s"
_SUBMISSIONS = "from todoku_submission s where s.programme_id = %(programme)s and s.registered_at < %(until)s"
_TRANSFERS = (
    "from todoku_transfer t join todoku_batch b on b.id = t.batch_id join todoku_batchfile f on f.batch_id = b.id and f.number = t.file_number join todoku_sendrecord r on r.file_id = f.id "
    "where t.programme_id = %(programme)s and r.at < %(until)s"
)

FIGURES: tuple[Figure, ...] = (
    Figure("cases", "案件", "作成した案件の数", "件", "select count(*) from todoku_case where programme_id = %(programme)s and opened_at < %(until)s"),
    Figure("entitled_yen", "支給予定額", "案件の支給予定額の合計", "円", "select coalesce(sum(e.amount_yen), 0) from todoku_entitlement e join todoku_case c on c.id = e.case_id where e.superseded_by_order = '' and c.programme_id = %(programme)s and c.opened_at < %(until)s"),
    Figure("dispatched", "発送", "申請書・お知らせを発送した案件の数", "件", f"select count(distinct e.case_id) {_EVENTS} and e.to_stage = 'invited'"),
    Figure("undelivered", "不着", "戻ってきた郵便物の数", "件", "select count(*) from todoku_undelivered u join todoku_letter l on l.id = u.letter_id join todoku_case c on c.id = l.case_id where c.programme_id = %(programme)s and u.at < %(until)s"),
    Figure("applied", "申請のあった案件", "申請が1回以上届いた案件の数（申請不要を除く）", "件", f"select count(distinct s.case_id) {_SUBMISSIONS} and s.channel <> 'push'"),
    Figure("arrived_paper", "郵送申請", "届いた郵送申請の数", "通", f"select count(*) {_SUBMISSIONS} and s.channel = 'paper'"),
    Figure("arrived_web", "オンライン申請", "届いたオンライン申請の数", "件", f"select count(*) {_SUBMISSIONS} and s.channel = 'web'"),
    Figure("duplicate", "重複申請", "先に届いた申請があるため数えない申請の数", "件", f"select count(*) {_SUBMISSIONS} and s.state = 'not_counted'"),
    Figure("returned", "返戻", "不備で返戻した回数", "件", f"select count(*) {_EVENTS} and e.to_stage = 'returned'"),
    Figure("referred", "疑義照会", "自治体へ照会した回数", "件", "select count(*) from todoku_question where programme_id = %(programme)s and forwarded_at < %(until)s"),
    Figure("passed", "審査終了", "審査を終えた回数", "件", f"select count(*) {_EVENTS} and e.to_stage = 'passed'"),
    Figure("decided", "支給決定", "支給を決定した案件の数", "件", f"select count(distinct e.case_id) {_EVENTS} and e.to_stage = 'decided'"),
    Figure("refused", "不支給決定", "不支給を決定した案件の数", "件", f"select count(distinct e.case_id) {_EVENTS} and e.to_stage = 'refused'"),
    Figure("sent", "振込依頼", "金融機関へ渡した振込の数", "件", f"select count(*) {_TRANSFERS}"),
    Figure("sent_yen", "振込依頼額", "金融機関へ渡した振込の合計額", "円", f"select coalesce(sum(t.amount_yen), 0) {_TRANSFERS}"),
    Figure("paid", "支給済", "振込が完了した案件の数", "件", f"select count(distinct e.case_id) {_EVENTS} and e.to_stage = 'paid'"),
    Figure("failed", "振込不能", "振込不能となった振込の数", "件", f"select count(*) {_EVENTS} and e.to_stage = 'failed'"),
)  # fmt: skip
BY_KEY = {figure.key: figure for figure in FIGURES}


def end_of(day: date) -> datetime:
    """The first moment after a day in Japan."""
    return datetime.combine(day + timedelta(days=1), time(), JAPAN)


def figures(programme: Programme, until: datetime) -> dict[str, int]:
    """Every figure counted up to (not including) a moment, in one query."""
    columns = ", ".join(f"({figure.sql})" for figure in FIGURES)
    with connection.cursor() as cursor:
        cursor.execute(f"select {columns}", {"programme": programme.pk, "until": until})
        row = cursor.fetchone()
    assert row is not None
    return {figure.key: int(value) for figure, value in zip(FIGURES, row, strict=True)}


def stages_at(programme: Programme, until: datetime) -> dict[str, int]:
    """How many cases stood at each stage at a moment, from the history; stages in journey order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select to_stage, count(*) from (
              select distinct on (e.case_id) e.to_stage from todoku_caseevent e join todoku_case c on c.id = e.case_id
               where c.programme_id = %s and e.at < %s order by e.case_id, e.id desc) last
             group by to_stage
            """,
            [programme.pk, until],
        )
        found = dict(cursor.fetchall())
    return {stage: int(found.get(stage, 0)) for stage in STAGES}


def stages_now(programme: Programme) -> dict[str, int]:
    """How many cases stand at each stage now; the sum is the number of cases."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select g.stage, count(*) from todoku_casestage g join todoku_case c on c.id = g.case_id "
            "where c.programme_id = %s group by g.stage",
            [programme.pk],
        )
        found = dict(cursor.fetchall())
    return {stage: int(found.get(stage, 0)) for stage in STAGES}


def flows_by_day(programme: Programme) -> list[tuple[date, str, int]]:
    """(day in Japan, stage entered, how many moves) over the whole history; the ground of the charts."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select (m.at at time zone 'Asia/Tokyo')::date, m.to_stage, sum(m.count)::bigint
              from todoku_move m where m.programme_id = %s group by 1, 2 order by 1, 2
            """,
            [programme.pk],
        )
        return list(cursor.fetchall())


def standing_by_day(programme: Programme) -> list[tuple[date, dict[str, int]]]:
    """Cases at each stage at the end of each day that had a move, from net flows; for the stacked chart."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select day, stage, sum(n)::bigint from (
              select (e.at at time zone 'Asia/Tokyo')::date as day, e.to_stage as stage, count(*) as n
                from todoku_caseevent e join todoku_case c on c.id = e.case_id
               where c.programme_id = %(p)s group by 1, 2
              union all
              select (e.at at time zone 'Asia/Tokyo')::date, e.from_stage, -count(*)
                from todoku_caseevent e join todoku_case c on c.id = e.case_id
               where c.programme_id = %(p)s and e.from_stage <> '' group by 1, 2) x
             group by day, stage order by day
            """,
            {"p": programme.pk},
        )
        rows = cursor.fetchall()
    standing = dict.fromkeys(STAGES, 0)
    days: dict[date, dict[str, int]] = {}
    for day, stage, change in rows:
        standing[stage] += change
        days[day] = dict(standing)
    return list(days.items())


def waiting_ages(programme: Programme, until: datetime) -> list[int]:
    """Days since arrival of every application that is not decided yet, oldest first; for the histogram of ages."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select (%s::timestamptz at time zone 'Asia/Tokyo')::date - min(s.arrived_on)
              from todoku_submission s join todoku_casestage g on g.case_id = s.case_id
             where s.programme_id = %s and g.stage in ('received', 'in_review', 'with_municipality', 'passed')
             group by s.case_id order by 1 desc
            """,
            [until, programme.pk],
        )
        return [int(row[0]) for row in cursor.fetchall()]


def deficiencies(programme: Programme) -> list[tuple[str, int]]:
    """How often each deficiency was a reason to send an application back, most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select q.code, count(*) from todoku_verdict v join todoku_task t on t.id = v.task_id
             cross join lateral jsonb_array_elements_text(v.codes) as q(code)
             where t.programme_id = %s and v.outcome = 'return' and v.undone_at is null
             group by q.code order by 2 desc, 1
            """,
            [programme.pk],
        )
        return [(code, int(count)) for code, count in cursor.fetchall()]
