"""支給回 at the roll desk: a further payout is tried first, looked at, and then opened as it was shown.

Trying and opening are long work; this page starts them and shows counts alone: how many cases and yen in each cohort, who is
left out and why. It shows nobody's name.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from todoku.case.payout_tables import PayoutOpening
from todoku.formats.wareki import format_wareki
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.programme.contents import Payout
from todoku.programme.tables import Programme
from todoku.programme.vocabulary import MODES
from todoku.recovery.follow_rules import LEFT
from todoku.recovery.try_payout import ask_payout
from todoku.rounds.further_payout import last_trial
from todoku.web.office import works
from todoku.web.office.frame import frame, programme_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table

WORK_KINDS = ("payout.try", "payout.open")
ROWS_MAX = 50  # trials and openings of one programme that are listed


@require_GET
@asks("roll.view")
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Each further payout of the terms with what was shown of it last, and every trial and opening."""
    return _index(request, slug)


def _index(request: HttpRequest, slug: str, sentence: str = "") -> HttpResponse:
    programme, context = frame(request, slug, "roll", "支給回")
    found = list(PayoutOpening.objects.filter(programme=programme).order_by("-pk")[:ROWS_MAX])
    cards = works.latest(programme, kinds=WORK_KINDS, limit=1)
    context |= {
        "payouts": [_card(one, programme, found) for one in programme.terms.payouts],
        "may_open": may(actor_of(request).roles, "case.open"),
        "works": cards,
        "under_way": any(work.live for work in cards),
        "table": _openings(found),
        "errors": [{"target": "payouts", "sentence": sentence}] if sentence else [],
    }
    return render(request, "office/payouts.html", context, status=422 if sentence else 200)


def _card(payout: Payout, programme: Programme, found: list[PayoutOpening]) -> dict[str, Any]:
    """A payout and its last trial, unless it was opened or the terms have changed since."""
    own = [one for one in found if one.payout == payout.number]
    shown = own[0] if own and own[0].trial else None
    return {
        "number": payout.number,
        "title": payout.title,
        "follows": payout.follows,
        "opened": sum(one.cases for one in own if not one.trial),
        "shown": shown,
        "stale": shown is not None and shown.version_id != programme.version.pk,
        "cohorts": _cohorts(shown, programme) if shown else None,
        "left": _left(shown) if shown else None,
    }


def _cohorts(shown: PayoutOpening, programme: Programme) -> Table:
    known = {one.name: one for one in programme.terms.cohorts}
    rows = []
    for name, (cases, yen) in shown.tally["cohorts"].items():
        one = known.get(name)
        last = (one.opt_out_date or programme.terms.deadline_for("", None, name)) if one else None
        rows.append(
            Row(name, [
                Cell(one.title if one else name), Cell(MODES[one.mode] if one else "–"),
                Cell(format_wareki(last) if last else "–"), Cell(cases), Cell(yen),
            ])
        )  # fmt: skip
    return Table(
        id=f"cohorts-{shown.payout}", caption="作成する案件", total=len(rows), per_page=max(1, len(rows)), unit="区分",
        columns=[
            Column("cohort", "区分"), Column("mode", "送るもの"), Column("last", "答える期限", fixed=True),
            Column("cases", "件数", numeric=True), Column("yen", "支給予定額（円）", numeric=True),
        ],
        rows=rows, empty=Empty("作成する案件はありません。", "前の支給回を支給した後に、もう一度試算してください。"),
    )  # fmt: skip


def _left(shown: PayoutOpening) -> Table:
    left = shown.tally["left"]
    rows = [Row(key, [Cell(words), Cell(left[key])]) for key, words in LEFT.items() if key in left]
    return Table(
        id=f"left-{shown.payout}", caption="案件を作成しない方", total=len(rows), per_page=max(1, len(rows)), unit="理由",
        columns=[Column("why", "理由"), Column("count", "件数", numeric=True)], rows=rows,
        empty=Empty("案件を作成しない方はいません。", ""),
    )  # fmt: skip


def _openings(found: list[PayoutOpening]) -> Table:
    return Table(
        id="openings", caption="試算と開始の記録", total=len(found), per_page=ROWS_MAX,
        columns=[
            Column("at", "日時", fixed=True), Column("payout", "支給回"), Column("what", "試算・開始"),
            Column("cases", "件数", numeric=True), Column("yen", "支給予定額（円）", numeric=True), Column("by", "担当"),
        ],
        rows=[
            Row(str(one.pk), [
                Cell(f"{localtime(one.at):%Y/%m/%d %H:%M}"), Cell(f"第{one.payout}回"),
                Cell(badge=Badge("試算", "info") if one.trial else Badge("開始", "ok")), Cell(one.cases),
                Cell(one.total_yen), Cell(one.actor_name),
            ])
            for one in found
        ],
        empty=Empty("まだ試算していません。", "試算は何も変えません。何度でもできます。"),
    )  # fmt: skip


@require_POST
@asks("case.open")
def trial(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Starts a trial."""
    programme = programme_of(request, slug)
    try:
        payout = ask_payout(number, programme, actor_of(request))
    except Refusal as refusal:
        return _index(request, slug, refusal.sentence)
    works.begin(request, programme, "payout.try", f"第{number}回「{payout.title}」の試算", payout=number)
    messages.success(request, "試算を始めました。終わると、対象になる方の数と額がここに出ます。")
    return redirect("roll-payouts", slug=slug)


@require_POST
@asks("case.open")
def opening(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Starts the opening of what was shown: the digest is that of the trial on the page."""
    programme = programme_of(request, slug)
    shown = request.POST.get("shown", "")
    try:
        payout = ask_payout(number, programme, actor_of(request))
        last_trial(number, programme=programme)
    except Refusal as refusal:
        return _index(request, slug, refusal.sentence)
    works.begin(
        request, programme, "payout.open", f"第{number}回「{payout.title}」の開始", payout=number, shown=shown
    )
    messages.success(request, "案件の作成を始めました。試算から内容が変わっていたときは、何も作成しません。")
    return redirect("roll-payouts", slug=slug)


urlpatterns = [
    path("", index, name="roll-payouts"),
    path("<int:number>/try/", trial, name="roll-payout-try"),
    path("<int:number>/open/", opening, name="roll-payout-open"),
]
