"""Compares the sides of a read lot (面の数え合わせ) with the paper: as counted before scanning, and as it lies in its container.

Takes a lot whose pages are all kept; leaves a difference for each count that does not agree, and each page on its sheet only
where counts and numbers say the same. What was scanned or sent twice counts once: it must not hide a sheet that is missing.
"""

from datetime import datetime
from typing import Any

from django.db import connection

from todoku.mailroom.held_in import held_in
from todoku.mailroom.open_difference import open_difference
from todoku.mailroom.tables import Sheet
from todoku.people.actor import Actor
from todoku.scan.read_before import read_before
from todoku.scan.sides_of import sides_of
from todoku.scan.tables import ScanLot

_COUNTED = "数えた用紙の面と読み取ったページ"
_HELD = "入れ物の用紙の面と読み取ったページ"
_ORDER = "用紙の番号と同じ位置のページの番号"
# Of the pairs of which both numbers are known: how many, and how many agree.
_PAIRS = """
select count(*), count(*) filter (where s.case_id = p.case_id)
  from unnest(%(sheets)s::bigint[]) with ordinality as o(id, place)
  join todoku_sheet s on s.id = o.id
  join todoku_scanpage p on p.lot_id = %(lot)s and (p.no - 1) / %(sides)s + 1 = o.place
 where s.case_id is not null and p.case_id is not null
"""
_LAY = """
update todoku_scanpage p set sheet_id = o.id from unnest(%(sheets)s::bigint[]) with ordinality as o(id, place)
 where p.lot_id = %(lot)s and (p.no - 1) / %(sides)s + 1 = o.place
"""


def compare_sides(lot: ScanLot, *, actor: Actor, at: datetime) -> None:
    """Opens what does not agree: with the count before scanning, and with what lies in the container.

    A container read once more brings no count of its own: what was lacking then is open already.
    """
    each = 2 if lot.both_sides else 1
    if lot.stated_sheets is not None:
        open_difference(
            programme=lot.programme, subject=("scan_lot", lot.pk), between=_COUNTED, stated=lot.stated_sheets * each,
            found=lot.sides, actor=actor, at=at,
        )  # fmt: skip
    if lot.container is not None and not read_before(lot):
        lots = ScanLot.objects.filter(container=lot.container).exclude(state__in=["refused", "void"])
        open_difference(
            programme=lot.programme, subject=("scan_tray", lot.pk), between=_HELD, stated=held_in(lot.container) * each,
            found=sides_of(*lots), actor=actor, at=at,
        )  # fmt: skip


def lay_on_sheets(lot: ScanLot, *, actor: Actor, at: datetime) -> None:
    """Each page on the sheet at its place in the container, where none is missing and no known number contradicts.

    Else the pages lie on no sheet, so that the dates are typed from the paper; a contradiction opens a difference.
    """
    if lot.container_id is None:
        return
    lying = Sheet.objects.filter(container_id=lot.container_id, voided_at__isnull=True).order_by("position")
    sheets, each = list(lying.values_list("pk", flat=True)), 2 if lot.both_sides else 1
    if lot.aside or len(sheets) * each != lot.pages:
        return
    values: dict[str, Any] = {"sheets": sheets, "lot": lot.pk, "sides": each}
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, values)
        known, agree = cursor.fetchone()
        if known == agree:
            cursor.execute(_LAY, values)
    open_difference(
        programme=lot.programme, subject=("scan_order", lot.pk), between=_ORDER, stated=known, found=agree, actor=actor,
        at=at,
    )  # fmt: skip
