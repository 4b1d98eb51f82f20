"""What a decision list (支給決定伺い) holds: its rows in the order of the digest, its totals, and how a case leaves it.

Takes a list of proposals that is still open; leaves counts, total and digest that follow from its own rows, and for a
decided list the file that the verifier reads (支給決定一覧). Decides nothing.
"""

from collections.abc import Iterator, Sequence

from django.db import connection

from todoku.formats.payment_bundle import Decision as Row
from todoku.formats.payment_bundle import decision_lines, decisions_name, sha256
from todoku.review.tables import DecisionList

# The rows in the order and with the fields that the digest covers. An account stands where money goes to it.
ROWS = """
select c.number, d.part, d.outcome, d.reason, d.amount_yen, d.rail, coalesce(a.bank, ''), coalesce(a.branch, ''),
       coalesce(a.kind, 0), coalesce(a.number, ''), coalesce(a.holder_kana, '')
  from todoku_decision d
  join todoku_case c on c.id = d.case_id
  left join todoku_accountversion a on a.id = d.account_id and d.outcome = 'grant' and d.rail = 'bank'
 where d.decision_list_id = %s and d.outcome <> 'sent_back'
 order by c.number, d.part
"""
TOTALS = """
select count(*) filter (where outcome = 'grant'), count(*) filter (where outcome = 'refuse'),
       coalesce(sum(amount_yen) filter (where outcome = 'grant'), 0)
  from todoku_decision where decision_list_id = %s
"""
OPEN_LISTS = """
select id from todoku_decisionlist l
 where l.state = 'open' and exists (
   select 1 from todoku_decision d where d.decision_list_id = l.id and d.case_id = any(%s) and d.outcome <> 'sent_back')
 order by id
"""
HOLD_LISTS = OPEN_LISTS + " for update"
TAKE_OFF = """
update todoku_decision set outcome = 'sent_back', remark = %s
 where decision_list_id = any(%s) and case_id = any(%s) and outcome <> 'sent_back'
"""
FETCH_ROWS = 10_000


def rows_of(made: DecisionList) -> Iterator[Row]:
    """The list's rows as they stand now, a chunk in memory at a time."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [made.pk])
        while rows := cursor.fetchmany(FETCH_ROWS):
            yield from (Row(*row) for row in rows)


def list_bytes(made: DecisionList) -> bytes:
    """The decision list as a file: exactly what its digest covers."""
    programme = made.programme
    return decision_lines(programme.municipality_id, programme.slug, made.pk, rows_of(made))


def file_name(made: DecisionList) -> str:
    return decisions_name(made.pk)


def current_digest(made: DecisionList) -> str:
    """The digest of the list's rows as they stand now."""
    return sha256(list_bytes(made))


def count_again(made: DecisionList) -> None:
    """Writes counts, total and digest from the rows themselves; a list from which every case was taken is void."""
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, [made.pk])
        made.grants, made.refusals, made.total_yen = cursor.fetchone()
    made.sha256 = current_digest(made)
    if made.grants + made.refusals == 0:
        made.state = "void"
    made.save(update_fields=["grants", "refusals", "total_yen", "sha256", "state"])


def lists_of(cases: Sequence[int]) -> list[int]:
    """The open lists that hold the cases, as they stand at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN_LISTS, [list(cases)])
        return [row[0] for row in cursor.fetchall()]


def lock_lists_of(cases: Sequence[int]) -> list[int]:
    """The open lists that hold the cases, locked: before their stages, in the order of the decision itself."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD_LISTS, [list(cases)])
        return [row[0] for row in cursor.fetchall()]


def take_off(cases: Sequence[int], *, remark: str) -> list[DecisionList]:
    """Takes cases off every open list that holds them; gives the lists, counted again. Decided lists stay as they are."""
    held = lock_lists_of(cases)
    if not held:
        return []
    with connection.cursor() as cursor:
        cursor.execute(TAKE_OFF, [remark[:200], held, list(cases)])
    lists = list(DecisionList.objects.filter(pk__in=held).select_related("programme"))
    for made in lists:
        count_again(made)
    return lists
