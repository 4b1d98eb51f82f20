"""What the pages of cash show: who waits, where mail goes, released lists with where their yen are, a day's payments."""

from collections.abc import Sequence

from django.db.models import Q
from django.utils.timezone import localtime

from todoku.case.tables import Case
from todoku.delivery.cash_day import CashDay, CashList
from todoku.formats.codes import printed_number
from todoku.payment.rails import RAILS
from todoku.payment.tables import Transfer
from todoku.people.address_guard import shown_address
from todoku.programme.tables import Programme
from todoku.registry.reached import reached_of
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Table

PER_PAGE = 50


def waiting_table(programme: Programme, slug: str, *, page: int, typed: str, links: bool) -> Table:
    """Payments in cash that are released and have no end yet, by case number; found by its digits."""
    found = Transfer.objects.filter(
        programme=programme, rail__in=["cash", "registered_mail"], state="sent"
    ).select_related("case", "cash", "batch")
    digits = "".join(sign for sign in typed if sign.isdigit())
    if digits:
        found = found.filter(Q(case__number__contains=digits) | Q(number=digits))
    shown = found.order_by("case__number")[(page - 1) * PER_PAGE : page * PER_PAGE]
    return Table(
        id="waiting", caption="受取りを待つ支払", total=found.count(), page=page, per_page=PER_PAGE,
        filters=[Filter("q", "案件番号", typed)],
        columns=[
            Column("case", "案件", fixed=True), Column("yen", "金額（円）", numeric=True), Column("rail", "方法"),
            Column("list", "一覧", numeric=True), Column("state", "状態"),
        ],
        rows=[_row(one, slug if links else "") for one in shown],
        empty=Empty("受取りを待つ支払はありません。", "出納が支給を開始すると、ここに並びます。"),
    )  # fmt: skip


def _row(one: Transfer, slug: str) -> Row:
    posted = getattr(one, "cash", None)
    badge = Badge("配達の結果待ち", "wait") if posted else Badge("未払い", "info")
    return Row(
        one.number,
        [
            Cell(printed_number(one.case.number), href=f"/p/{slug}/cash/{one.number}/" if slug else ""), one.amount_yen,
            RAILS[one.rail].name, one.batch_id or "", Cell("", badge=badge, note=posted.mail_number if posted else ""),
        ],
        name=printed_number(one.case.number),
    )  # fmt: skip


def mail_address(case: Case, protected: bool, roles: frozenset[str], opened: bool) -> str:
    """Where registered mail to this case goes, as this reader may see it: by the roll, or as the municipality ordered."""
    at = reached_of(case.recipient)
    return shown_address(
        at.postal_code, at.address, at.building, protected=protected, roles=roles, opened=opened
    )


def day_lists(lists: Sequence[CashList]) -> Table:
    """Every released list: drawn = paid + on its way + back + waiting."""
    return Table(
        id="lists", caption="支給開始した一覧の残高", total=len(lists), per_page=max(len(lists), 1),
        columns=[
            Column("batch", "一覧", numeric=True), Column("rail", "方法"), Column("count", "件数", numeric=True),
            Column("drawn", "引き出した額（円）", numeric=True), Column("paid", "支給済（円）", numeric=True),
            Column("way", "配達中（円）", numeric=True), Column("back", "戻した額（円）", numeric=True),
            Column("waiting", "未払い（円）", numeric=True), Column("sum", "照合"),
        ],
        rows=[
            Row(
                str(one.batch),
                [
                    one.batch, RAILS[one.rail].name, one.payments, one.drawn_yen, one.paid_yen,
                    one.on_its_way_yen, one.back_yen, one.waiting_yen,
                    Cell("", badge=Badge("一致", "ok") if one.balances else Badge("不一致", "stop")),
                ],
            )
            for one in lists
        ],
        empty=Empty("支給を開始した現金の一覧はありません。"),
    )  # fmt: skip


def day_table(found: CashDay, slug: str) -> Table:
    """A day's payments with receipt and both officers."""
    return Table(
        id="paid", caption="この日の支給", total=len(found.paid), per_page=max(len(found.paid), 1),
        columns=[
            Column("at", "時刻", fixed=True), Column("case", "案件", fixed=True), Column("yen", "金額（円）", numeric=True),
            Column("receipt", "領収書", fixed=True), Column("seen", "確認"), Column("by", "支給"), Column("beside", "立会い"),
        ],
        rows=[
            Row(
                one.receipt_number,
                [
                    f"{localtime(one.at):%H:%M}", printed_number(one.number), one.amount_yen, one.receipt_number,
                    one.identity_seen or f"書留 {one.mail_number}", one.paid_by, one.witness,
                ],
            )
            for one in found.paid
        ],
        empty=Empty("この日の現金の支給はありません。"),
    )  # fmt: skip
