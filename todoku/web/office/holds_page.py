"""What the pages of holds show: the table with owner, age and due day, and one hold's facts. No names, no accounts."""

from typing import Any

from django.utils.timezone import localdate, localtime

from todoku.formats.codes import printed_number
from todoku.payment.hold_kinds import KINDS
from todoku.payment.side_tables import Hold
from todoku.people.access import ROLES
from todoku.programme.tables import Programme
from todoku.web.office.cells import case_cell
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Table

WAITS, CONFIRM, LATE, CLOSED = (
    Badge("保留中", "wait"), Badge("確認待ち", "warn"), Badge("期限超過", "stop"), Badge("解消", "none"),
)  # fmt: skip


def holds_table(programme: Programme, slug: str, *, state: str, kind: str, page: int) -> Table:
    """Holds by state and kind; what is open stands in the order of its due day."""
    found = Hold.objects.filter(programme=programme)
    if state in ("open", "closed"):
        found = found.filter(closed_at__isnull=state == "open")
    if kind in KINDS:
        found = found.filter(kind=kind)
    order = ("due_on", "pk") if state == "open" else ("-pk",)
    shown = found.select_related("case", "owner").order_by(*order)[(page - 1) * 50 : page * 50]
    return Table(
        id="holds", caption="保留", total=found.count(), page=page,
        columns=[
            Column("hold", "保留", fixed=True), Column("state", "状態"), Column("kind", "種類"),
            Column("case", "案件", fixed=True), Column("reason", "分かったこと"), Column("owner", "担当"),
            Column("age", "経過", numeric=True), Column("due", "期限", fixed=True),
        ],
        rows=[_row(one, slug) for one in shown],
        filters=[
            Filter("state", "状態", state, [("open", "保留中"), ("closed", "解消"), ("all", "すべて")]),
            Filter("kind", "種類", kind, [(code, one.name) for code, one in KINDS.items()]),
        ],
        empty=Empty(
            "保留はありません。",
            "決定の後に死亡・転出・辞退・口座の変更が分かると、振込の前にここへ出ます。案件の画面から保留にすることもできます。",
        ),
    )  # fmt: skip


def _row(one: Hold, slug: str) -> Row:
    badge = badge_of(one)
    days = ((localdate(one.closed_at) if one.closed_at else localdate()) - localdate(one.opened_at)).days
    return Row(
        key=str(one.pk),
        cells=[
            Cell(f"保留 {one.pk}", href=_address(slug, one)), Cell("", badge=badge), Cell(KINDS[one.kind].name),
            case_cell(one.case.number, slug), Cell(one.reason, note=one.outcome), Cell(owner_of(one)),
            Cell("今日" if days == 0 else f"{days}日"), Cell(f"{one.due_on:%m/%d}"),
        ],
        name=f"保留 {one.pk}",
        marked=badge is LATE,
    )  # fmt: skip


def _address(slug: str, one: Hold) -> str:
    """Below the list's own address, which differs between the doors: a relative link would lose the filters' slash."""
    return f"{one.pk}/"


def badge_of(one: Hold) -> Badge:
    """Where a hold stands, as a word."""
    if one.closed_at:
        return CLOSED
    if one.due_on < localdate():
        return LATE
    return CONFIRM if one.kind == "quarantine" and one.second_id is None else WAITS


def owner_of(one: Hold) -> str:
    """The person who took it on, or the role whose it is."""
    return one.owner.name if one.owner else ROLES[one.owner_role].name


def open_figures(programme: Programme) -> list[dict[str, Any]]:
    """How many are open, how many of them late, how many wait for the second person."""
    found = list(
        Hold.objects.filter(programme=programme, closed_at__isnull=True).only("kind", "due_on", "second_id")
    )
    today = localdate()
    return [
        {"label": "保留中", "value": len(found), "unit": "件"},
        {"label": "期限を過ぎたもの", "value": sum(one.due_on < today for one in found), "unit": "件"},
        {
            "label": "隔離の確認待ち", "value": sum(one.kind == "quarantine" and not one.second_id for one in found),
            "unit": "件",
        },
    ]  # fmt: skip


def hold_facts(one: Hold, slug: str) -> list[dict[str, Any]]:
    """One hold as a list of facts."""
    facts: list[dict[str, Any]] = [
        {"label": "案件", "value": printed_number(one.case.number)},
        {"label": "種類", "value": KINDS[one.kind].name},
        {"label": "分かったこと", "value": one.reason},
        {"label": "担当", "value": owner_of(one), "note": KINDS[one.kind].to_do},
        {"label": "期限", "value": f"{one.due_on:%Y年%m月%d日}"},
        {
            "label": "保留にした人", "value": one.opened_by.name if one.opened_by else "自動（決定後の事実の確認）",
            "note": f"{localtime(one.opened_at):%Y/%m/%d %H:%M}",
        },
    ]  # fmt: skip
    if one.second:
        facts.append({"label": "隔離を確認した人", "value": one.second.name})
    if one.closed_at and one.closed_by:
        closed = f"{localtime(one.closed_at):%Y/%m/%d %H:%M} {one.closed_by.name}"
        facts.append({"label": "結果", "value": one.outcome, "note": closed})
    return facts
