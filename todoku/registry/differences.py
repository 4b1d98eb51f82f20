"""Finds what a staged roll changes (差分) against the persons already taken; leaves RollDifference rows, all in SQL.

The first roll of a programme has nothing to be compared with and leaves none. For a change the names of the fields
are kept, never the values.
"""

from django.db import connection, transaction

from todoku.registry.tables import Person, RollColumns, RollDifference, RollImport, StagedPerson

COLUMNS = tuple(field.attname for field in RollColumns._meta.fields)
_COMPARED = tuple(column for column in COLUMNS if column != "number")

_ADDED = """
insert into todoku_rolldifference (roll_import_id, number, kind, fields)
select s.roll_import_id, s.number, 'added', '[]'::jsonb from todoku_stagedperson s
 where s.roll_import_id = %(roll)s and s.good
   and not exists (select 1 from todoku_person p where p.programme_id = %(programme)s and p.number = s.number)
"""

_CHANGED = f"""
insert into todoku_rolldifference (roll_import_id, number, kind, fields)
select s.roll_import_id, s.number, 'changed', to_jsonb(array_remove(array[
         case when not p.in_latest_roll then 'in_latest_roll' end,
         {", ".join(f"case when s.{c} is distinct from p.{c} then '{c}' end" for c in _COMPARED)}], null))
  from todoku_stagedperson s
  join todoku_person p on p.programme_id = %(programme)s and p.number = s.number
 where s.roll_import_id = %(roll)s and s.good
   and (not p.in_latest_roll
        or ({", ".join(f"s.{c}" for c in _COMPARED)}) is distinct from ({", ".join(f"p.{c}" for c in _COMPARED)}))
"""

_GONE = """
insert into todoku_rolldifference (roll_import_id, number, kind, fields)
select %(roll)s, p.number, 'gone', '[]'::jsonb from todoku_person p
 where p.programme_id = %(programme)s and p.in_latest_roll and not p.outside and %(complete)s
   and not exists (select 1 from todoku_stagedperson s where s.roll_import_id = %(roll)s and s.number = p.number)
"""

# Only what is new against the person as last taken: what a person has looked at once is not reported again.
_MEMBERS = """
with fixed as (
    select m.person_id, r.household_number, r.unit_number, r.head_id
      from todoku_member m join todoku_recipient r on r.id = m.recipient_id
      join todoku_fixedmembers f on f.recipient_id = r.id
     where m.programme_id = %(programme)s and m.superseded_by_order = ''
), changed as (
    select p.number, array_remove(array[
             case when x.unit_number = '' and s.household_number not in (p.household_number, x.household_number)
                  then 'household_number' end,
             case when x.unit_number = '' and s.is_head <> p.is_head and s.is_head <> (x.head_id = p.id) then 'is_head' end,
             case when s.left_reason not in ('', p.left_reason) then 'left_reason' end], null) as fields
      from todoku_stagedperson s
      join todoku_person p on p.programme_id = %(programme)s and p.number = s.number
      join fixed x on x.person_id = p.id
     where s.roll_import_id = %(roll)s
), joined as (
    select s.number, array['household_number'] as fields
      from todoku_stagedperson s
      join todoku_recipient r on r.programme_id = %(programme)s and r.household_number = s.household_number
                             and r.unit_number = ''
      join todoku_fixedmembers f on f.recipient_id = r.id
      left join todoku_person p on p.programme_id = %(programme)s and p.number = s.number
     where s.roll_import_id = %(roll)s and p.household_number is distinct from s.household_number
       and not exists (select 1 from fixed x where x.person_id = p.id)
), gone as (
    select p.number, array['in_latest_roll'] as fields
      from todoku_person p join fixed x on x.person_id = p.id
     where p.in_latest_roll and not p.outside and %(complete)s
       and not exists (select 1 from todoku_stagedperson s where s.roll_import_id = %(roll)s and s.number = p.number)
)
insert into todoku_rolldifference (roll_import_id, number, kind, fields)
select %(roll)s, number, 'members', to_jsonb(fields)
  from (select * from changed union all select * from joined union all select * from gone) as all_of_them
 where cardinality(fields) > 0
"""


def find_differences(roll_import: RollImport) -> int:
    """Writes the differences of a staged roll anew; gives how many there are."""
    with transaction.atomic():
        RollDifference.objects.filter(roll_import=roll_import).delete()
        if not Person.objects.filter(programme=roll_import.programme_id).exists():
            return 0
        values = {
            "roll": roll_import.pk,
            "programme": roll_import.programme_id,
            "complete": is_complete(roll_import),
        }
        found = 0
        with connection.cursor() as cursor:
            for statement in (_ADDED, _CHANGED, _GONE, _MEMBERS):
                cursor.execute(statement, values)
                found += cursor.rowcount
        return found


def is_complete(roll_import: RollImport) -> bool:
    """Whether every line was staged. A line with an error of its own is not: then nobody can be said to be gone."""
    return roll_import.rows_read == StagedPerson.objects.filter(roll_import=roll_import).count()
