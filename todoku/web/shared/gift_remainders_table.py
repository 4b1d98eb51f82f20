"""The table of gifts used in part, the same at the office and at the municipality. Reads only; no code is opened."""

from collections.abc import Sequence

from todoku.delivery.gift_remainders import Remainder
from todoku.formats.codes import printed_number
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table

_SETTLED = {"lapsed": "失効として整理", "refunded": "発行元から返金"}


def remainders_table(found: Sequence[Remainder], *, settle_at: str = "") -> Table:
    """Payments with something left, those that wait first; `settle_at`: the address below which each is settled."""
    return Table(
        id="remainders", caption="残額のある支払", total=len(found), per_page=max(len(found), 1),
        columns=[
            Column("case", "案件", fixed=True), Column("number", "支払番号", fixed=True),
            Column("yen", "支給額（円）", numeric=True), Column("used", "利用額（円）", numeric=True),
            Column("left", "残額（円）", numeric=True), Column("day", "有効期限", fixed=True), Column("state", "状態"),
        ],
        rows=[
            Row(
                one.number,
                [
                    printed_number(one.case),
                    Cell(one.number, href=f"{settle_at}{one.number}/" if settle_at and not one.outcome else ""),
                    one.amount_yen, one.used_yen, one.left_yen, f"{one.last_day:%Y/%m/%d}", _state(one),
                ],
                name=one.number,
            )
            for one in found
        ],
        empty=Empty(
            "残額のある支払はありません。",
            "有効期限を過ぎ、一部だけ使われたデジタルギフトが、ここに並びます。残高は発行元の利用状況の一覧から取り込みます。",
        ),
    )  # fmt: skip


def _state(one: Remainder) -> Cell:
    if not one.outcome:
        return Cell("", badge=Badge("自治体の整理待ち", "wait"))
    yen = f" {one.refunded_yen:,}円" if one.refunded_yen else ""
    return Cell("", badge=Badge(_SETTLED[one.outcome], "ok"), note=f"{one.settled_by}{yen} {one.document}")
