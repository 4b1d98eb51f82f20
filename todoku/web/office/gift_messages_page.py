"""What the page of gift messages shows: the carrier's files with their counts, and what reached nobody. Reads only.

Numbers, serial numbers and counts are all that it shows: no code and no telephone.
"""

from typing import NamedTuple

from django.db.models import Count, Q
from django.utils.timezone import localtime

from todoku.custody.tables import Parcel
from todoku.delivery.gift_outbox import KIND
from todoku.delivery.tables import GiftMessage
from todoku.programme.tables import Programme
from todoku.programme.vocabulary import GIFT_DELIVERIES
from todoku.web.office.cells import case_cell
from todoku.web.office.gifts_page import STATES
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table

FILES_SHOWN, PER_PAGE = 20, 50


class File(NamedTuple):
    """A carrier's file: its parcel, way, who took it last and when, and its messages by what became of them."""

    parcel: Parcel
    way: str
    way_name: str
    handed: str
    sent: int
    failed: int
    waiting: int


def file_of(parcel: Parcel) -> File:
    """One file with its counts."""
    counts = parcel.messages.aggregate(
        sent=Count("pk", filter=Q(outcome="sent")), failed=Count("pk", filter=Q(outcome="undeliverable")),
        waiting=Count("pk", filter=Q(outcome="")),
    )  # fmt: skip
    # The first hand-over is the making; the file's own name tells its way (gift-sms-…).
    given = parcel.hand_overs.order_by("pk")[1:].values_list("to_party", "at", "actor_name")
    handed = "、".join(f"{localtime(at):%m/%d %H:%M} {to}（{by}）" for to, at, by in given)
    way = parcel.name.split("-")[1]
    return File(parcel, way, GIFT_DELIVERIES[way], handed, **counts)


def _files(programme: Programme) -> list[File]:
    found = Parcel.objects.filter(kind=KIND, scope=programme.slug).order_by("-pk")[:FILES_SHOWN]
    return [file_of(parcel) for parcel in found]


def open_file(programme: Programme) -> list[File]:
    """The files whose answer is awaited: at most one for each way."""
    waiting = GiftMessage.objects.filter(
        outcome="", parcel__scope=programme.slug, parcel__kind=KIND
    ).values_list("parcel_id", flat=True)
    return [file_of(parcel) for parcel in Parcel.objects.filter(pk__in=waiting.distinct()).order_by("pk")]


def files_table(programme: Programme) -> Table:
    """The newest files."""
    files = _files(programme)
    return Table(
        id="files", caption="配信データ", total=len(files), unit="件", per_page=max(len(files), 1),
        columns=[
            Column("name", "データ", fixed=True), Column("way", "方法"), Column("made", "作成"),
            Column("handed", "渡した相手"), Column("count", "件数", numeric=True), Column("sent", "送信済", numeric=True),
            Column("failed", "不達", numeric=True), Column("waiting", "回答待ち", numeric=True),
        ],
        rows=[
            Row(
                str(one.parcel.pk),
                [
                    one.parcel.name, one.way_name, f"{localtime(one.parcel.received_at):%m/%d %H:%M} {one.parcel.received_by}",
                    one.handed or "まだ渡していません", one.parcel.record_count or 0, one.sent, one.failed, one.waiting,
                ],
            )
            for one in files
        ],
        empty=Empty("配信データはまだありません。", "メッセージで届けるコードがあれば、上で作ります。"),
    )  # fmt: skip


def failed_table(programme: Programme, slug: str, *, page: int) -> Table:
    """Codes whose message reached nobody, with where they stand now."""
    found = GiftMessage.objects.filter(
        parcel__scope=programme.slug, parcel__kind=KIND, outcome="undeliverable"
    )
    shown = (
        found.select_related("code__transfer__case")
        .defer("code__sealed_url")
        .order_by("-pk")[(page - 1) * PER_PAGE : page * PER_PAGE]
    )
    return Table(
        id="failed", caption="届かなかったメッセージ", total=found.count(), page=page, per_page=PER_PAGE, unit="件",
        columns=[
            Column("serial", "管理番号", fixed=True), Column("case", "案件", fixed=True),
            Column("yen", "額面（円）", numeric=True), Column("why", "配信事業者の回答"), Column("at", "取込み"),
            Column("state", "今の状態"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(one.code.serial, href=f"/p/{slug}/payment/gift/code/{one.code_id}/"),
                    case_cell(one.code.transfer.case.number, slug) if one.code.transfer else "", one.code.value_yen,
                    one.reason or "不達", f"{localtime(one.answered_at):%m/%d %H:%M}" if one.answered_at else "",
                    Cell("", badge=_standing(one)),
                ],
            )
            for one in shown
        ],
        empty=Empty("届かなかったメッセージはありません。"),
    )  # fmt: skip


def _standing(one: GiftMessage) -> Badge:
    if one.code.state == "assigned":
        return Badge("手紙で送ります", "wait")
    return Badge(one.code.get_state_display(), STATES[one.code.state])
