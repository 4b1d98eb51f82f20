"""What a decision list (支給決定伺い) holds: its rows in the order of the digest, its totals, and how a case leaves it.

Takes a list of proposals that is still open; leaves counts, total and digest that follow from its own rows. Decides
nothing.
"""

import hashlib
from collections.abc import Iterable, Sequence

from django.db import connection

from todoku.review.tables import DecisionList

# The rows in the order and with the fields that the digest covers.
ROWS = """
select c.number, d.outcome, d.reason, d.amount_yen, coalesce(a.bank, ''), coalesce(a.branch, ''),
       coalesce(a.kind, 0), coalesce(a.number, ''), coalesce(a.holder_kana, '')
  from todoku_decision d
  join todoku_case c on c.id = d.case_id
  left join todoku_accountversion a on a.id = d.account_id
 where d.decision_list_id = %s and d.outcome <> 'sent_back'
 order by c.number
"""
TOTALS = """
select count(*) filter (where outcome = 'grant'), count(*) filter (where outcome = 'refuse'),
       coalesce(sum(amount_yen) filter (where outcome = 'grant'), 0)
  from todoku_decision where decision_list_id = %s
"""
HOLD_LISTS = """
select id from todoku_decisionlist l
 where l.state = 'open' and exists (
   select 1 from todoku_decision d where d.decision_list_id = l.id and d.case_id = any(%s) and d.outcome <> 'sent_back')
 order by id for update
"""
TAKE_OFF = """
update todoku_decision set outcome = 'sent_back', remark = %s
 where decision_list_id = any(%s) and case_id = any(%s) and outcome <> 'sent_back'
"""


def digest_of(rows: Iterable[tuple[object, ...]]) -> str:
    """SHA-256 over the rows, one line each, fields by tabulator: what an official's decision covers."""
    text = "".join("\t".join(str(field) for field in row) + "\n" for row in rows)
    return hashlib.sha256(text.encode()).hexdigest()


def current_digest(made: DecisionList) -> str:
    """The digest of the list's rows as they stand now."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [made.pk])
        return digest_of(cursor.fetchall())


def count_again(made: DecisionList) -> None:
    """Writes counts, total and digest from the rows themselves; a list from which every case was taken is void."""
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, [made.pk])
        made.grants, made.refusals, made.total_yen = cursor.fetchone()
    made.sha256 = current_digest(made)
    if made.grants + made.refusals == 0:
        made.state = "void"
    made.save(update_fields=["grants", "refusals", "total_yen", "sha256", "state"])


def take_off(cases: Sequence[int], *, remark: str) -> list[DecisionList]:
    """Takes cases off every open list that holds them; gives the lists, counted again. Decided lists stay as they are."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD_LISTS, [list(cases)])
        held = [row[0] for row in cursor.fetchall()]
        if not held:
            return []
        cursor.execute(TAKE_OFF, [remark[:200], held, list(cases)])
    lists = list(DecisionList.objects.filter(pk__in=held).select_related("programme"))
    for made in lists:
        count_again(made)
    return lists
