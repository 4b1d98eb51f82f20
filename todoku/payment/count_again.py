"""Counts open batches again from their rows, whenever some join or leave them (件数・合計額の再計算)."""

from collections.abc import Sequence

from django.db import connection

from todoku.payment.tables import Batch

COUNT = """
update todoku_batch b set count = coalesce(x.n, 0), total_yen = coalesce(x.yen, 0)
  from unnest(%s::bigint[]) as chosen(id)
  left join (select batch_id, count(*) n, sum(amount_yen) yen from todoku_transfer
              where batch_id = any(%s) and state = 'ready' group by batch_id) x on x.batch_id = chosen.id
 where b.id = chosen.id
"""


def count_again(batch: Batch) -> None:
    """Writes an open batch's count and total from its rows."""
    count_all_again([batch.pk])


def count_all_again(batches: Sequence[int]) -> None:
    """The same for several open batches, by their ids, in one statement."""
    if not batches:
        return
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [list(batches), list(batches)])
