"""受付 desk: what arrived on paper and by web, what of it counts, and the checks at one press.

Shows numbers and states, no person; a number opens its case, where the look is recorded.
"""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.intake.claim_match import Waiting, waiting_matches
from todoku.intake.tables import Submission
from todoku.people.access import may
from todoku.programme.tables import Programme
from todoku.web.office import works
from todoku.web.office.cells import case_cell, one_row, page_number
from todoku.web.office.frame import frame, programme_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Strip, Table

STATES = {"sent": "wait", "received": "wait", "screened": "ok", "superseded": "none", "not_counted": "warn"}
NONE_WAITS = Waiting()
STATE_NAMES = dict(Submission.STATES)
CHANNELS = dict(Submission.CHANNELS)
RESULTS = {
    "clean": Badge("不備なし", "ok"),
    "look": Badge("確認あり", "warn"),
    "return": Badge("不備あり", "warn"),
}


@require_GET
@asks("intake.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Applications by day, newest first, with the counts of the desk."""
    programme, context = frame(request, slug, "intake", "受付")
    context |= counts(programme)
    context |= {
        "table": submissions_table(request, programme, slug),
        "works": works.latest(programme, kinds=("screen",), limit=1),
        "may_screen": may(actor_of(request).roles, "intake.screen"),
        "may_key": may(actor_of(request).roles, "paper.key"),
        "may_match": may(actor_of(request).roles, "match.work"),
        "matches": waiting_matches(programme, actor_of(request)).get("waiting", NONE_WAITS).number,
    }
    return render(request, "office/intake.html", context)


def counts(programme: Programme) -> dict[str, Any]:
    """The strip of the desk, and what arrived today by which way."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select count(*), count(*) filter (where state = 'screened'),
                   count(*) filter (where state in ('sent', 'received')),
                   count(*) filter (where state in ('not_counted', 'superseded')),
                   count(*) filter (where state = 'not_counted'),
                   count(*) filter (where channel in ('paper', 'counter') and registered_at >= %(today)s),
                   count(*) filter (where channel = 'web' and registered_at >= %(today)s)
              from todoku_submission where programme_id = %(p)s
            """,
            {"p": programme.pk, "today": localtime().replace(hour=0, minute=0, second=0, microsecond=0)},
        )
        came, screened, waiting, aside, twice, paper, web = one_row(cursor)
    words = ("到着", "点検済", "点検待ち", "重複・差し替え")
    return {
        "strip": Strip(came, screened, waiting, aside, "到着 → 点検", "", words),
        "waiting": waiting,
        "figures": [
            {"label": "今日の郵送", "value": paper, "unit": "通", "href": f"?channel=paper&day={localdate():%Y-%m-%d}"},
            {"label": "今日のオンライン", "value": web, "href": f"?channel=web&day={localdate():%Y-%m-%d}"},
            {"label": "点検待ち", "value": waiting, "href": "?state=received"},
            {"label": "重複（先着優先で対象外）", "value": twice, "href": "?state=not_counted"},
        ],
    }  # fmt: skip


def _filtered(request: HttpRequest, found: QuerySet[Submission]) -> tuple[QuerySet[Submission], list[Filter]]:
    channel, state = request.GET.get("channel", ""), request.GET.get("state", "")
    day = _day(request.GET.get("day", ""))
    if channel in CHANNELS:
        found = found.filter(channel=channel)
    if state in STATE_NAMES:
        found = found.filter(state=state)
    if day:
        found = found.filter(arrived_on=day)
    return found, [
        Filter("channel", "方法", channel if channel in CHANNELS else "", list(CHANNELS.items())),
        Filter("state", "状態", state if state in STATE_NAMES else "", list(STATE_NAMES.items())),
        Filter("day", "到着日", f"{day:%Y-%m-%d}" if day else "", kind="date"),
    ]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def submissions_table(request: HttpRequest, programme: Programme, slug: str) -> Table:
    """Applications that the filters match."""
    found, filters = _filtered(request, Submission.objects.filter(programme=programme))
    page = page_number(request)
    shown = found.select_related("case", "screening").order_by("-arrived_on", "-id")[
        (page - 1) * 50 : page * 50
    ]
    return Table(
        caption="届いた申請", total=found.count(), page=page, filters=filters,
        columns=[
            Column("on", "到着日", fixed=True), Column("receipt", "受付番号", fixed=True),
            Column("number", "番号", fixed=True), Column("channel", "方法"), Column("state", "状態"),
            Column("result", "点検"), Column("at", "登録"), Column("by", "担当"),
        ],
        rows=[_row(one, slug) for one in shown],
        empty=Empty("該当する申請はありません。", "郵送の申請書は「入力」で番号を読み取ると、ここに並びます。"),
    )  # fmt: skip


def _row(one: Submission, slug: str) -> Row:
    screening = getattr(one, "screening", None)
    return Row(
        key=str(one.pk),
        cells=[
            Cell(f"{one.arrived_on:%m/%d}"), Cell(one.receipt_number), case_cell(one.case.number, slug),
            Cell(one.get_channel_display()), Cell("", badge=Badge(one.get_state_display(), STATES[one.state])),
            Cell("", badge=RESULTS[screening.outcome]) if screening else Cell(""),
            Cell(f"{localtime(one.registered_at):%m/%d %H:%M}"), Cell(one.actor_name),
        ],
        name=one.receipt_number,
    )  # fmt: skip


@require_GET
@asks("intake.view")
def duplicates(request: HttpRequest, slug: str) -> HttpResponse:
    """Cases with more than one application, and whether the accounts differ: what a person may have to look at."""
    programme, context = frame(request, slug, "intake", "重複申請")
    page = page_number(request)
    with connection.cursor() as cursor:
        cursor.execute(_DUPLICATES, {"p": programme.pk, "skip": (page - 1) * 50})
        rows = cursor.fetchall()
    context["table"] = Table(
        caption="二つ以上届いた案件", total=rows[0][0] if rows else 0, page=page,
        columns=[
            Column("number", "番号", fixed=True), Column("first", "先に届いた申請"), Column("second", "後に届いた申請"),
            Column("account", "口座"), Column("days", "間", numeric=True),
        ],
        rows=[
            Row(
                number,
                [
                    case_cell(number, slug), Cell(f"{first:%m/%d} {CHANNELS[first_by]}"),
                    Cell(f"{second:%m/%d} {CHANNELS[second_by]}"),
                    Cell("", badge=Badge("同じ", "ok") if same else Badge("異なる", "warn")),
                    Cell((second - first) // timedelta(days=1)),
                ],
            )
            for _, number, first, first_by, second, second_by, same in rows
        ],
        empty=Empty("重複した申請はありません。", "同じ案件の申請が二つ届くと、先に届いたものを数え、後のものをここに並べます。"),
    )  # fmt: skip
    return render(request, "office/intake_duplicates.html", context)


_DUPLICATES = """
with latest as (
  select distinct on (a.submission_id) a.submission_id, a.bank, a.branch, a.kind, a.number
    from todoku_accountversion a join todoku_submission s on s.id = a.submission_id
   where s.programme_id = %(p)s order by a.submission_id, a.version desc
)
select count(*) over (), c.number, f.arrived_on, f.channel, l.arrived_on, l.channel,
       (x.bank, x.branch, x.kind, x.number) is not distinct from (y.bank, y.branch, y.kind, y.number)
  from todoku_submission l
  join todoku_case c on c.id = l.case_id
  join lateral (select * from todoku_submission s where s.case_id = l.case_id and s.id <> l.id
                   and s.state in ('received', 'screened') order by s.arrived_on, s.id limit 1) f on true
  left join latest x on x.submission_id = f.id
  left join latest y on y.submission_id = l.id
 where l.programme_id = %(p)s and l.state = 'not_counted'
 order by l.arrived_on desc, l.id desc offset %(skip)s limit 50
"""


@require_POST
@asks("intake.screen")
def screen_now(request: HttpRequest, slug: str) -> HttpResponse:
    """Starts the checks on whatever waits."""
    programme = programme_of(request, slug)
    works.begin(request, programme, "screen", "申請の点検")
    messages.success(request, "点検を始めました。不備のある申請は審査に並びます。")
    return redirect("intake", slug=slug)


urlpatterns = [
    path("", index, name="intake"),
    path("duplicates/", duplicates, name="intake-duplicates"),
    path("screen/", screen_now, name="intake-screen"),
]
