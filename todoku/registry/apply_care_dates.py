"""The days that a list of 成年後見 named come (就任日・終了日): who acts by law from today on, and who does no more.

Takes what the lists said (CareFact); leaves Representatives confirmed or ended, as the list itself would have on that day.
Whoever a person confirmed on a certificate or ended stays so. Safe to run twice.
"""

from datetime import datetime

from django.db import connection, transaction

from todoku.ground.step import Report
from todoku.programme.tables import Programme
from todoku.registry.list_statements import CARE_DATES


def apply_care_dates(*, programme: Programme, at: datetime) -> Report:
    """`done`: how many began or ended on or before the day of `at`."""
    done = 0
    with transaction.atomic(), connection.cursor() as cursor:
        # A list that is taken at this moment says the same: one after the other.
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        for _, statement in CARE_DATES:
            cursor.execute(statement, {"programme": programme.pk, "at": at})
            done += cursor.rowcount
    return Report(done=done)
