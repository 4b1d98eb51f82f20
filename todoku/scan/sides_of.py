"""Counts the sides of paper that came in lots (読み取った面): pages and what was set aside, each side once. Reads only."""

from django.db import connection
from django.db.models import Sum

from todoku.scan.tables import ScanFile, ScanLot

# A page of which another scan was asked for counts when that comes; a sheet counts once, whichever lot it was scanned in.
_SIDES = """
select count(*) from todoku_scanpage p
 where p.lot_id = any(%(lots)s) and p.state not in ('duplicate', 'rescan')
   and not (p.state = 'void' and exists (select 1 from todoku_pageact a where a.page_id = p.id and a.from_state = 'rescan'
                                            and a.to_state = 'void'))
   and not exists (
     select 1 from todoku_scanpage o
      where o.lot_id = any(%(lots)s) and o.id < p.id and p.number <> '' and o.state not in ('void', 'duplicate', 'rescan')
        and (o.number, o.page_no, o.sheet_code, o.issue) = (p.number, p.page_no, p.sheet_code, p.issue))
"""


def sides_of(*lots: ScanLot) -> int:
    """The sides of paper that came in these lots: pages and what was set aside, without what was scanned or sent twice."""
    with connection.cursor() as cursor:
        cursor.execute(_SIDES, {"lots": [lot.pk for lot in lots]})
        pages = int(cursor.fetchone()[0])
    files = ScanFile.objects.filter(lot__in=lots).exclude(problem="duplicate")
    return pages + (files.aggregate(n=Sum("aside"))["n"] or 0)
