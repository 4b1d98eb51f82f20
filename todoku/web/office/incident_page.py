"""What both doors show of incidents: the table, the story of one, and the way to what it is about. Reads only."""

from django.utils.timezone import localtime

from todoku.incident.tables import Incident
from todoku.programme.tables import Programme
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Moment, Row, Table

PER_PAGE = 50
BADGES = {
    "open": Badge("第一報前", "stop"),
    "reported": Badge("第一報済み", "warn"),
    "closed": Badge("完了", "ok"),
}
# What an incident may be about → where the office looks at it.
_PLACES = {"difference": "mail/differences/{}/", "bag": "mail/bag/{}/", "open_bag": "mail/bag/{}/",
           "carry": "mail/slip/{}/", "envelope": "mail/envelope/{}/"}  # fmt: skip


def incidents_table(
    programme: Programme, slug: str, *, page: int, state: str, reported_only: bool = False
) -> Table:
    """Incidents, those not closed first, the newest of them on top."""
    found = Incident.objects.filter(programme=programme)
    if reported_only:
        found = found.filter(reported_at__isnull=False)
    found = found.filter(state=state) if state else found
    shown = sorted(found.order_by("-pk")[: PER_PAGE * page], key=lambda one: one.state == "closed")
    return Table(
        id="incidents", caption="事故", total=found.count(), page=page,
        filters=[Filter("state", "状態", state, Incident.STATES[1 if reported_only else 0 :])],
        columns=[
            Column("no", "事故", fixed=True), Column("kind", "種類"), Column("what", "内容"),
            Column("found", "発覚", fixed=True), Column("reported", "第一報", fixed=True), Column("known", "自治体の受領"),
            Column("state", "状態"),
        ],
        rows=[_row(one, slug) for one in shown[(page - 1) * PER_PAGE :]],
        empty=Empty(
            "事故の記録はありません。",
            "" if reported_only else "誤送付や紛失に気づいたら「事故を記録」を押します。合わないまま一日を終えた数も出ます。",
        ),
    )  # fmt: skip


def _row(one: Incident, slug: str) -> Row:
    return Row(
        str(one.pk),
        [
            Cell(f"事故{one.pk}", href=f"/p/{slug}/incidents/{one.pk}/"), one.get_kind_display(), one.what[:60],
            f"{localtime(one.found_at):%m/%d %H:%M}",
            f"{localtime(one.reported_at):%m/%d %H:%M}" if one.reported_at else "",
            one.acknowledged_by if one.acknowledged_at else ("受領待ち" if one.reported_at else ""),
            Cell("", badge=BADGES[one.state]),
        ],
        marked=one.state != "closed" and not one.acknowledged_at,
    )  # fmt: skip


def moments(one: Incident) -> list[Moment]:
    """The story of an incident in order: found, opened, reported, acknowledged, each later word, closed."""
    story = [
        (one.found_at, Moment("発生・発覚", text=one.what)),
        (one.opened_at, Moment("記録", who=one.opened_by)),
        (one.reported_at, Moment("第一報を自治体に送付", who=one.reported_by)),
        (one.acknowledged_at, Moment("自治体が受領", who=one.acknowledged_by)),
        *(
            (note.at, Moment("経過・続報", text=note.text, who=note.actor_name))
            for note in one.notes.order_by("pk")
        ),
        (
            one.closed_at,
            Moment("完了", text=f"原因：{one.cause}\n再発防止：{one.measure}", who=one.closed_by),
        ),
    ]
    known = sorted(((at, moment) for at, moment in story if at), key=lambda pair: pair[0])
    return [
        Moment(moment.title, f"{localtime(at):%Y/%m/%d %H:%M}", moment.text, "done", moment.who)
        for at, moment in known
    ]


def where_url(one: Incident, slug: str) -> str:
    """Where the office looks at what the incident is about; "" where there is no such page."""
    place = _PLACES.get(one.subject_kind)
    return f"/p/{slug}/{place.format(one.subject_id)}" if place else ""
