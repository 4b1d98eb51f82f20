"""Small things that every desk's table needs: the page asked for, a case as a link, one row of counts."""

from typing import Any

from django.http import HttpRequest

from todoku.formats.codes import printed_number
from todoku.web.shared.pieces import Cell


def page_number(request: HttpRequest) -> int:
    """The page asked for in the address, from 1."""
    asked = request.GET.get("page") or "1"
    return max(int(asked), 1) if asked.isdecimal() and len(asked) < 8 else 1


def case_cell(number: str, slug: str) -> Cell:
    """A case as the link to its page: the printed number, never a name."""
    return Cell(printed_number(number), href=f"/p/{slug}/case/{number}/")


def one_row(cursor: Any) -> tuple[Any, ...]:
    """The one row of a query of counts."""
    row = cursor.fetchone()
    assert row is not None, "a query of counts has a row"
    return tuple(row)
