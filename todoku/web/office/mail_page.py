"""What the pages of 郵便室 show: the day's bags, containers, carries, papers without an owner, valuables, differences.

Reads only. Codes, counts, days and names of staff; a resident only by the number of a case.
"""

from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.timezone import localdate, localtime

from todoku.incident.tables import Incident
from todoku.mailroom.tables import Bag, Carry, Container, Difference, Envelope, Sheet, UnplacedPaper, Valuable
from todoku.programme.tables import Programme
from todoku.progress.paper_hand_overs import paper_hand_overs
from todoku.web.office.cells import case_cell
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Strip, Table

PER_PAGE = 50
BAGS_SHOWN = 30
LATE_DAYS = 3
DIFFERENCE_STATES = {"open": "stop", "explained": "ok", "incident": "warn"}
PAPER_STATES = {
    "waiting": "wait", "proposed": "info", "matched": "ok", "sent_back": "none", "handed_on": "none", "void": "none",
}  # fmt: skip
NOT_VOID = Q(sheets__voided_at__isnull=True, sheets__isnull=False)
# A line that does not balance leads to where its difference is looked into.
LEADS = {"keyed": "paper/", "received": "intake/", "laid": "mail/containers/"}


def when(moment: datetime | None) -> str:
    """A moment as the desk writes it, "" where there is none."""
    return f"{localtime(moment):%m/%d %H:%M}" if moment else ""


def age(day: date, today: date) -> str:
    days = (today - day).days
    return "今日" if days <= 0 else f"{days}日"


def strips(programme: Programme, slug: str) -> list[Strip]:
    """The paper's way in counts; what does not balance is red and a link."""
    return [
        Strip(
            line.came_in, line.done, line.waiting, line.set_aside, line.name,
            f"/p/{slug}/{LEADS.get(line.key, 'mail/differences/')}", line.words, line.unit,
        )
        for line in paper_hand_overs(programme)
    ]  # fmt: skip


def bags(programme: Programme) -> list[Any]:
    """The newest bags, those that are not closed first."""
    return list(
        Bag.objects.filter(pickup__programme=programme)
        .select_related("pickup")
        .annotate(opened=Count("envelopes", filter=Q(envelopes__voided_at__isnull=True)))
        .order_by(F("closed_at").desc(nulls_first=True), "-pickup__on", "-pickup_id", "no")[:BAGS_SHOWN]
    )


def bags_table(programme: Programme, slug: str) -> Table:
    """Bags: slip, counted, opened, who; each leads to its page."""
    found = bags(programme)
    return Table(
        id="bags", caption="袋", total=len(found), per_page=max(len(found), 1), unit="袋",
        columns=[
            Column("bag", "袋", fixed=True), Column("on", "受取り"), Column("by", "受け取った二人"),
            Column("stated", "控え", numeric=True), Column("counted", "数えた封書", numeric=True),
            Column("opened", "開封", numeric=True), Column("state", "状態"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(f"{one.pickup_id}-{one.no}", href=f"/p/{slug}/mail/bag/{one.pk}/"),
                    f"{one.pickup.on:%m/%d} {one.pickup.place}", f"{one.pickup.first_name}・{one.pickup.second_name}",
                    Cell(one.pickup.stated if one.no == 1 else None), Cell(one.counted), one.opened,
                    Cell("", badge=bag_badge(one)),
                ],
            )
            for one in found
        ],
        empty=Empty("受け取った袋はありません。", "私書箱から受け取ったら、「受取りを記録」を押します。"),
    )  # fmt: skip


def bag_badge(bag: Bag) -> Badge:
    if bag.closed_at:
        return Badge("開封済", "ok")
    return Badge("開封中", "info") if bag.counted is not None else Badge("未計数", "wait")


def containers_table(programme: Programme, slug: str, *, page: int, station: str) -> Table:
    """Where every container stands, with the sheets in it."""
    found = Container.objects.filter(programme=programme)
    if station:
        found = found.filter(station=station)
    total = found.count()
    shown = (
        found.select_related("inside")
        .annotate(
            count=Count("sheets", filter=NOT_VOID),
            # Who takes it counts: until then the list does not say.
            waits=Exists(Carry.objects.filter(container=OuterRef("pk"), taken_id__isnull=True)),
        )
        .order_by("code")[(page - 1) * PER_PAGE : page * PER_PAGE]
    )
    return Table(
        id="containers", caption="入れ物", total=total, page=page, unit="個",
        filters=[Filter("station", "場所", station, Container._meta.get_field("station").choices)],  # type: ignore[arg-type]
        columns=[
            Column("code", "符号", fixed=True), Column("kind", "種類"), Column("station", "場所"),
            Column("sheets", "枚数", numeric=True), Column("state", "状態"),
        ],
        rows=[
            Row(
                one.code,
                [
                    Cell(one.code, href=f"/p/{slug}/mail/container/{one.code}/"), one.get_kind_display(),
                    one.get_station_display() + (f"（{one.inside.code} の中）" if one.inside else ""),
                    Cell(None if one.waits else one.count),
                    Cell("", badge=Badge("引渡し中", "wait")) if one.waits
                    else Cell("", badge=Badge("封印", "info")) if one.sealed_at else "",
                ],
            )
            for one in shown
        ],
        empty=Empty("入れ物はまだありません。", "トレーを作り、ラベルを印刷してから開封を始めます。"),
    )  # fmt: skip


def waiting_carries(programme: Programme) -> list[Carry]:
    """Given and not taken, oldest first."""
    return list(
        Carry.objects.filter(container__programme=programme, taken_id__isnull=True)
        .select_related("container")
        .order_by("at")
    )


def papers_table(programme: Programme, slug: str, *, page: int, state: str) -> Table:
    """Papers without an owner, the oldest first."""
    found = UnplacedPaper.objects.filter(programme=programme)
    found = found.filter(state=state) if state else found.filter(state__in=["waiting", "proposed"])
    total, today = found.count(), localdate()
    shown = found.select_related("envelope", "case").order_by("envelope__arrived_on", "pk")
    return Table(
        id="papers", caption="所属不明書類", total=total, page=page, unit="件",
        filters=[Filter("state", "状態", state, UnplacedPaper.STATES)],
        columns=[
            Column("paper", "書類", fixed=True), Column("age", "経過", fixed=True), Column("reason", "理由"),
            Column("arrived", "到着", fixed=True), Column("state", "状態"), Column("case", "案件", fixed=True),
            Column("by", "提案した人"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(f"書類{one.pk}", href=f"/p/{slug}/mail/papers/{one.pk}/"),
                    Cell(age(one.envelope.arrived_on, today)),
                    one.get_reason_display(), f"{one.envelope.arrived_on:%m/%d}",
                    Cell("", badge=Badge(one.get_state_display(), PAPER_STATES[one.state])),
                    case_cell(one.case.number, slug) if one.case else "", one.proposed_by,
                ],
                marked=(today - one.envelope.arrived_on).days > LATE_DAYS and one.state in ("waiting", "proposed"),
            )
            for one in shown[(page - 1) * PER_PAGE : page * PER_PAGE]
        ],
        empty=Empty("照合を待つ書類はありません。", "開封で番号のない書類が出ると、古い順にここに並びます。"),
    )  # fmt: skip


def valuables_table(programme: Programme, slug: str, *, page: int, returned: str) -> Table:
    """Originals and cash; those not returned yet first in line."""
    found = Valuable.objects.filter(programme=programme, returned_on__isnull=returned != "1")
    total, today = found.count(), localdate()
    return Table(
        id="valuables", caption="原本・現金", total=total, page=page,
        filters=[Filter("returned", "返送", returned, [("1", "返送済")])],
        columns=[
            Column("what", "内容"), Column("kind", "種類"), Column("age", "経過", fixed=True),
            Column("yen", "金額（円）", numeric=True), Column("case", "案件", fixed=True), Column("by", "記録した二人"),
            Column("back", "返送"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(one.what, href=f"/p/{slug}/mail/valuables/{one.pk}/"), one.get_kind_display(),
                    Cell(age(localdate(one.at), today)), Cell(one.amount_yen),
                    case_cell(one.case.number, slug) if one.case else "", f"{one.first_name}・{one.second_name}",
                    f"{one.returned_on:%m/%d} {one.returned_by}・{one.return_witness}" if one.returned_on else "",
                ],
            )
            for one in found.select_related("case").order_by("at")[(page - 1) * PER_PAGE : page * PER_PAGE]
        ],
        empty=Empty("預かっている原本・現金はありません。", "開封で見つけたら、その場で二人で記録します。"),
    )  # fmt: skip


def differences_table(programme: Programme, slug: str, *, page: int, state: str, leads: bool = True) -> Table:
    """Differences, those not explained first. `leads`: whether who looks may open them."""
    found: QuerySet[Difference] = Difference.objects.filter(programme=programme)
    found = found.filter(state=state) if state else found.exclude(state="explained")
    total, today = found.count(), localdate()
    return Table(
        id="differences", caption="差異", total=total, page=page,
        filters=[Filter("state", "状態", state, Difference.STATES)],
        columns=[
            Column("no", "差異", fixed=True), Column("between", "どの数とどの数"), Column("stated", "はじめの数", numeric=True),
            Column("found", "次の数", numeric=True), Column("owner", "担当"), Column("age", "経過", fixed=True),
            Column("state", "状態"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(f"差異{one.pk}", href=f"/p/{slug}/mail/differences/{one.pk}/" if leads else ""), one.between,
                    one.stated, one.found,
                    one.owner_name, Cell(age(localdate(one.opened_at), today)),
                    Cell("", badge=Badge(one.get_state_display(), DIFFERENCE_STATES[one.state])),
                ],
            )
            for one in found.order_by("opened_at")[(page - 1) * PER_PAGE : page * PER_PAGE]
        ],
        empty=Empty("説明を待つ差異はありません。", "数が合わないと、担当者のついた差異がここに出ます。"),
    )  # fmt: skip


def sheets_table(container: Container, slug: str, *, page: int) -> Table:
    """What lies in a container, in the order in which it lies."""
    found = Sheet.objects.filter(container=container, voided_at__isnull=True)
    return Table(
        id="sheets", caption="中の用紙", total=found.count(), page=page, unit="枚",
        columns=[
            Column("position", "連番", numeric=True), Column("kind", "種類"), Column("case", "案件", fixed=True),
            Column("envelope", "封書"), Column("household", "世帯", numeric=True),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    one.position, one.get_kind_display(),
                    case_cell(one.case.number, slug) if one.case else Cell("", badge=Badge("所属不明", "wait")),
                    Cell(
                        f"{one.envelope.arrived_on:%m/%d} {one.envelope.no}通目",
                        href=f"/p/{slug}/mail/envelope/{one.envelope_id}/",
                    ),
                    one.household,
                ],
            )
            for one in found.select_related("case", "envelope").order_by("position")[
                (page - 1) * PER_PAGE : page * PER_PAGE
            ]
        ],
        empty=Empty("用紙は入っていません。"),
    )  # fmt: skip


def mis_sent(programme: Programme) -> QuerySet[Any]:
    """Letters for somebody else that lay in a bag; `incident` is the number of theirs."""
    about = Incident.objects.filter(programme=programme, subject_kind="envelope", subject_id=OuterRef("pk"))
    return Envelope.objects.filter(programme=programme, mis_sent=True, voided_at__isnull=True).annotate(
        incident=Subquery(about.values("pk")[:1])
    )


def mis_sent_table(programme: Programme, slug: str, *, page: int) -> Table:
    """They, those without an incident first."""
    found = mis_sent(programme)
    return Table(
        id="mis-sent", caption="誤配達", total=found.count(), page=page, unit="通",
        columns=[
            Column("envelope", "封書"), Column("opened", "開封"), Column("sheets", "用紙", numeric=True),
            Column("incident", "事故"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(f"{one.arrived_on:%m/%d} {one.no}通目", href=f"/p/{slug}/mail/envelope/{one.pk}/"),
                    f"{when(one.opened_at)} {one.opened_by}", one.sheets,
                    Cell(f"事故{one.incident}", href=f"/p/{slug}/incidents/{one.incident}/") if one.incident
                    else Cell("事故を記録", href=f"/p/{slug}/incidents/new/?kind=other&envelope={one.pk}"),
                ],
            )
            for one in found.order_by(F("incident").asc(nulls_first=True), "-pk")[(page - 1) * PER_PAGE : page * PER_PAGE]
        ],
        empty=Empty("誤配達の郵便はありません。", "開封で「誤配達」に印を付けた封書が、ここに出ます。"),
    )  # fmt: skip


def figures(programme: Programme, base: str) -> list[dict[str, Any]]:
    """What waits at the desk, each with its way; one query a line."""
    waits = UnplacedPaper.objects.filter(programme=programme, state__in=["waiting", "proposed"])
    papers = waits.aggregate(count=Count("pk"), oldest=Min("envelope__arrived_on"))
    valuables = Valuable.objects.filter(programme=programme, returned_on__isnull=True)
    kept = valuables.aggregate(count=Count("pk"), since=Min("at"))
    oldest, since = papers["oldest"], kept["since"]
    today = localdate()
    return [
        {
            "label": "所属不明書類", "value": papers["count"], "href": f"{base}mail/papers/",
            "note": f"最も古いもの {age(oldest, today)}" if oldest else "待ちなし",
        },
        {
            "label": "原本・現金", "value": kept["count"], "href": f"{base}mail/valuables/",
            "note": f"最も古いもの {age(localdate(since), today)}" if since else "預かりなし",
        },
        {
            "label": "差異", "href": f"{base}mail/differences/", "note": "業務責任者が説明します",
            "value": Difference.objects.filter(programme=programme).exclude(state="explained").count(),
        },
        {
            "label": "誤配達", "href": f"{base}mail/mis-sent/", "note": "事故の記録を待つもの",
            "value": mis_sent(programme).filter(incident__isnull=True).count(),
        },
    ]  # fmt: skip
