"""Counts an open batch again from its rows, whenever some join or leave it (件数・合計額の再計算)."""

from django.db import connection

from todoku.payment.tables import Batch

COUNT = """
update todoku_batch set count = x.n, total_yen = x.yen
  from (select count(*) n, coalesce(sum(amount_yen), 0) yen from todoku_transfer where batch_id = %s and state = 'ready') x
 where id = %s
"""


def count_again(batch: Batch) -> None:
    """Writes an open batch's count and total from its rows."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [batch.pk, batch.pk])
