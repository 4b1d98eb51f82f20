"""What the pages of gift codes show: stock, batches, letters, lists, codes by their serial number. Reads only.

No code is opened here: serial numbers, values, days and states are all that a page ever shows.
"""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.timezone import localtime

from todoku.delivery.gift_stock import Stock
from todoku.delivery.tables import GiftCode, GiftList
from todoku.letters.print_files import run_label
from todoku.letters.tables import PrintRun
from todoku.payment.tables import Batch
from todoku.programme.tables import Programme
from todoku.web.office.cells import case_cell
from todoku.web.office.printing_page import STATES as RUN_STATES
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Table

STATES = {
    "stock": "wait", "assigned": "info", "delivered": "ok", "redeemed": "ok", "revoked": "stop", "expired": "warn",
}  # fmt: skip
BATCHES_SHOWN = 20


def stock_table(stock: Stock) -> Table:
    """Codes by value and last day, with what became of them."""
    names = [name for _, name in GiftCode.STATES]
    return Table(
        id="stock", caption="在庫", total=len(stock.rows), unit="種類", per_page=max(len(stock.rows), 1),
        columns=[
            Column("value", "額面（円）", numeric=True), Column("expires", "有効期限", fixed=True),
            *(Column(f"n{i}", name, numeric=True) for i, name in enumerate(names)),
        ],
        rows=[
            Row(
                f"{row.value_yen}-{row.expires_on}",
                [row.value_yen, f"{row.expires_on:%Y/%m/%d}", *row[2:]],
            )
            for row in stock.rows
        ],
        empty=Empty("ギフトコードの在庫はありません。", "発行元から受け取った一覧を、下で受け入れます。"),
    )  # fmt: skip


def batches_of(programme: Programme) -> list[dict[str, Any]]:
    """The newest batches of gift codes: how many payments, how many of them have their codes."""
    found = (
        Batch.objects.filter(programme=programme, rail="gift")
        .exclude(state="void")
        .annotate(
            covered=Count(
                "transfers", distinct=True,
                filter=Q(transfers__codes__state__in=["assigned", "delivered", "redeemed"]),
            )
        )
        .order_by("-pk")[:BATCHES_SHOWN]
    )  # fmt: skip
    return [
        {"batch": one, "covered": one.covered, "lacks": one.count - one.covered if one.state == "open" else 0}
        for one in found
    ]


def runs_table(programme: Programme, slug: str) -> Table:
    """The newest runs of gift letters."""
    runs = list(PrintRun.objects.filter(programme=programme, kind="gift").order_by("-pk")[:BATCHES_SHOWN])
    return Table(
        id="runs", caption="手紙の印刷ロット", total=len(runs), unit="ロット",
        columns=[
            Column("label", "ロット", fixed=True), Column("state", "状態"), Column("pieces", "通数", numeric=True),
            Column("made", "作成"), Column("released", "確認"),
        ],
        rows=[
            Row(
                str(run.pk),
                [
                    Cell(run_label(run), href=f"/p/{slug}/print/run/{run.pk}/"),
                    Cell("", badge=Badge(run.get_state_display(), RUN_STATES[run.state])),
                    run.pieces, f"{localtime(run.made_at):%m/%d %H:%M} {run.made_by}",
                    f"{localtime(run.released_at):%m/%d %H:%M} {run.released_by}" if run.released_at else "",
                ],
            )
            for run in runs
        ],
        empty=Empty("手紙はまだ印刷していません。", "支給開始の済んだ支払の手紙を、ここで印刷します。"),
    )  # fmt: skip


def lists_table(programme: Programme, slug: str) -> Table:
    """The lists taken, newest first."""
    lists = list(GiftList.objects.filter(programme=programme).select_related("taken_by").order_by("-pk"))
    return Table(
        id="lists", caption="受け入れた一覧", total=len(lists), unit="件", per_page=max(len(lists), 1),
        columns=[
            Column("order", "注文番号", fixed=True), Column("issuer", "発行元"), Column("count", "枚数", numeric=True),
            Column("yen", "合計（円）", numeric=True), Column("taken", "受入れ"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(one.order_number, href=f"/p/{slug}/payment/gift/list/{one.pk}/"), one.issuer, one.count,
                    one.total_yen, f"{localtime(one.taken_at):%Y/%m/%d %H:%M} {one.taken_by.name}",
                ],
            )
            for one in lists
        ],
        empty=Empty("受け入れた一覧はありません。"),
    )  # fmt: skip


def codes_table(
    found: "QuerySet[GiftCode]", slug: str, *, page: int, state: str, typed: str, per_page: int = 50
) -> Table:
    """Codes by serial number, of one list or all; filtered by state and by the start of the number."""
    if state:
        found = found.filter(state=state)
    if typed:
        found = found.filter(Q(serial__startswith=typed) | Q(transfer__case__number=typed.replace("-", "")))
    shown = found.select_related("transfer__case").order_by("serial", "pk")[
        (page - 1) * per_page : page * per_page
    ]
    return Table(
        id="codes", caption="コード（管理番号）", total=found.count(), page=page, unit="枚",
        filters=[
            Filter("q", "管理番号・案件番号", typed),
            Filter("state", "状態", state, [("", "すべて"), *GiftCode.STATES]),
        ],
        columns=[
            Column("serial", "管理番号", fixed=True), Column("value", "額面（円）", numeric=True),
            Column("expires", "有効期限", fixed=True),
            Column("state", "状態"), Column("case", "案件", fixed=True), Column("delivered", "送付"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(one.serial, href=f"/p/{slug}/payment/gift/code/{one.pk}/"), one.value_yen,
                    f"{one.expires_on:%Y/%m/%d}", Cell("", badge=Badge(one.get_state_display(), STATES[one.state])),
                    case_cell(one.transfer.case.number, slug) if one.transfer else "",
                    f"{localtime(one.delivered_at):%Y/%m/%d}" if one.delivered_at else "",
                ],
            )
            for one in shown
        ],
        empty=Empty("該当するコードはありません。"),
    )  # fmt: skip


def code_items(code: GiftCode) -> list[dict[str, str]]:
    """One code in words: its way so far, and who stopped it."""

    def day(moment: Any) -> str:
        return f"{localtime(moment):%Y年%m月%d日 %H:%M}" if moment else ""

    ways = {"letter": "手紙", "sms": "SMS", "line": "LINE"}
    items = [
        ("額面", f"{code.value_yen:,}円"), ("有効期限", f"{code.expires_on:%Y年%m月%d日}"),
        ("使えるところ", code.merchant_limit or "発行元の加盟店"),
        ("一覧", f"{code.gift_list.issuer} 注文番号 {code.gift_list.order_number}"),
        ("案件", code.transfer.case.printed_number if code.transfer else ""),
        ("割当", day(code.assigned_at)),
        ("送付", " ".join((day(code.delivered_at), ways.get(code.delivered_by_way, ""))).strip()),
        ("利用登録", day(code.redeemed_at)),
        ("失効の申請", f"{code.revoked_by.name}　{code.revoked_why}" if code.revoked_by else ""),
        ("失効の承認", f"{code.revoked_second.name} {day(code.revoked_at)}" if code.revoked_second else ""),
        ("再発行の元", code.replaces.serial if code.replaces else ""),
    ]  # fmt: skip
    return [{"label": label, "value": value} for label, value in items if value]
