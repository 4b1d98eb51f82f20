"""The form check as both staff doors show it: each design's picture with its fields, and its deficiencies worst first.

Takes a programme; leaves context for shared/form_check.html. Counts alone, no person.
"""

from typing import Any

from django.utils.timezone import localtime

from todoku.criteria.form_check import Deficient, Design, form_check
from todoku.criteria.form_fields import PLACES, pages_of
from todoku.programme.tables import Programme
from todoku.review.codes import CODES
from todoku.web.shared.pieces import Cell, Column, Empty, Row, Table

EMPTY = Empty("まだ申請がありません。", "申請が届いて点検されると、欄ごとの不備がここに出ます。")


def form_check_context(programme: Programme) -> dict[str, Any]:
    """Every design with its pages and its table."""
    designs = form_check(programme)
    return {"designs": [_shown(one, number) for number, one in enumerate(designs, 1)], "nothing": EMPTY}


def _shown(design: Design, number: int) -> dict[str, Any]:
    worst = _by_field(design)
    return {
        "title": _title(design, number), "answered": design.answered, "finding": _finding(design),
        "pages": [
            {
                "number": page.page, "boxes": page.boxes,
                "fields": [(PLACES[field][0], place, worst[field]) for field, place in page.fields.items()],
            }
            for page in pages_of(design.boxes, worst)
        ],
        "table": _table(design, number),
    }  # fmt: skip


def _title(design: Design, number: int) -> str:
    if design.is_web:
        return "ウェブの申請画面"
    if design.made_at is None:
        return "印刷の記録のない申請書"
    return f"様式{number}（{localtime(design.made_at):%Y年%-m月%-d日}から印刷、文面 {design.digest[:8]}）"


def _finding(design: Design) -> str:
    """The worst of it in a sentence."""
    if not design.deficient:
        return f"申請{design.answered:,}件に、不備はありません。"
    one = design.deficient[0]
    return f"申請{design.answered:,}件のうち{one.count:,}件（{one.share:.1f}%）に「{CODES[one.code].name}」があります。"


def _by_field(design: Design) -> dict[str, str]:
    """Field → its shares in words, the worst deficiency first."""
    found: dict[str, str] = {}
    for one in design.deficient:
        if one.field in PLACES:
            found.setdefault(one.field, f"{one.share:.1f}%")
    return found


def _table(design: Design, number: int) -> Table:
    columns = [
        Column("field", "欄"), Column("code", "不備"), Column("count", "件数", numeric=True),
        Column("share", "割合", numeric=True),
    ]  # fmt: skip
    return Table(
        id=f"design-{number}", caption="欄ごとの不備", total=len(design.deficient), per_page=200, unit="種類",
        columns=columns, rows=[_row(one) for one in design.deficient], empty=Empty("不備はありません。"),
    )  # fmt: skip


def _row(one: Deficient) -> Row:
    place = PLACES.get(one.field, ("様式の外",))[0]
    return Row(
        f"{one.code}-{one.field}",
        [Cell(place), Cell(f"{one.code} {CODES[one.code].name}"), one.count, Cell(f"{one.share:.1f}%")],
    )
