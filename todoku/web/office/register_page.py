"""What both doors show of 住基照会: the lists with how many are answered, and the questions of one list. Reads only.

Cases appear by number alone; no name, no address, and of people under 支援措置 the mark.
"""

from collections.abc import Sequence

from django.db.models import Count, Q
from django.utils.timezone import localtime

from todoku.letters.register_inquiry import ANSWERS, REASONS, Line
from todoku.letters.tables import RegisterInquiry
from todoku.programme.tables import Programme
from todoku.web.office.cells import case_cell
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table


def lists_table(programme: Programme, slug: str, place: str = "register/") -> Table:
    """Every list, newest first, with its counts."""
    found = (
        RegisterInquiry.objects.filter(undelivered__letter__case__programme=programme)
        .values("list_no", "asked_at", "asked_by")
        .annotate(asked=Count("id"), answered=Count("id", filter=~Q(answer="")))
        .order_by("-list_no")
    )
    rows = [
        Row(
            str(one["list_no"]),
            [
                Cell(f"一覧{one['list_no']}", href=f"/p/{slug}/{place}{one['list_no']}/"),
                Cell(f"{localtime(one['asked_at']):%m/%d %H:%M}"), Cell(one["asked_by"]), Cell(one["asked"]),
                Cell(one["answered"]),
                Cell("", badge=Badge("回答済", "ok") if one["asked"] == one["answered"] else Badge("回答待ち", "wait")),
            ],
            marked=one["asked"] != one["answered"],
        )
        for one in found
    ]  # fmt: skip
    return Table(
        caption="住基照会の一覧", total=len(rows), unit="一覧", per_page=max(len(rows), 1),
        columns=[
            Column("list", "一覧", fixed=True), Column("at", "照会", fixed=True), Column("by", "照会した人"),
            Column("asked", "件数", numeric=True), Column("answered", "回答", numeric=True), Column("state", "状態"),
        ],
        rows=rows,
        empty=Empty("住基照会の一覧はありません。", "届かずに戻った郵便から、事務局が一覧を作ると、ここに並びます。"),
    )  # fmt: skip


def questions_table(lines: Sequence[Line], slug: str, list_no: int, *, answers: bool = True) -> Table:
    """The questions of one list; with `answers`, each leads to where it is answered."""
    return Table(
        caption=f"一覧{list_no}の照会", total=len(lines), per_page=max(len(lines), 1),
        columns=[
            Column("number", "案件", fixed=True), Column("reason", "戻った理由"), Column("posted", "差出し", fixed=True),
            Column("returned", "戻った日", fixed=True), Column("answer", "回答"),
        ],
        rows=[_question(line, slug, list_no, answers) for line in lines],
    )  # fmt: skip


def _question(line: Line, slug: str, list_no: int, answers: bool) -> Row:
    said = ANSWERS.get(line.answer, "未回答")
    href = f"/p/{slug}/register/{list_no}/{line.inquiry}/" if answers and not line.answer else ""
    return Row(
        str(line.inquiry),
        [
            case_cell(line.case, slug), Cell(REASONS[line.reason]), Cell(f"{line.posted_on or ''}"),
            Cell(f"{line.returned_on}"),
            Cell(
                f"{said}を入力する" if href else "", href=href,
                badge=None if href else Badge(said, "ok" if line.answer else "wait"),
            ),
        ],
        marked=not line.answer,
    )  # fmt: skip
