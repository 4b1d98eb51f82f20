"""Looks a staged list up on the roll (名簿との突合): says of which lines nobody on the roll is meant, and who is not listed.

Takes staged lines; leaves problems and counts on the import, all in SQL. Runs when a list is read, and again before it
is taken, since a later roll may know more.
"""

from django.db import connection

from todoku.formats.csv_list import ERROR, WARNING, Kind
from todoku.registry.list_tables import FactImport, FactProblem, StagedFact

NOT_ON_ROLL = Kind("名簿にない宛名番号です", "この行は取り込みません。番号を確かめてください。", WARNING)
UNKNOWN_CHILD = Kind(
    "名簿にない児童です",
    "別居の児童なら、児童氏名と児童生年月日の列を入れてください。この行は取り込みません。",
    WARNING,
)
LIVES_APART = Kind(
    "名簿にない児童です（別居）", "氏名と生年月日で取り込みます。監護の状況を確かめてください。", WARNING
)
UNKNOWN_RECEIVER = Kind(
    "受給者が名簿にいません", "受給者の分からない児童として取り込みます。申請で確かめてください。", WARNING
)
TWO_GUARDIANS = Kind(
    "同じ方に後見人・保佐人・補助人が二人います", "いまの方だけを残すか、終了日を入れてください。", ERROR
)
UNKNOWN_PAYEE = Kind("後見人等が名簿にいません", "名称・住所の列を入れるか、番号を確かめてください。", ERROR)

_ON_ROLL = "exists (select 1 from todoku_person p where p.programme_id = %(programme)s and p.number = {})"
_APART = "s.values->>'name' <> '' and s.values->>'birth_date' is not null"

# Of each kind of list: who is meant by no line of the roll, as a condition on the staged line `s`.
UNMATCHED = {
    "tax": f"not {_ON_ROLL.format('s.number')}",
    "allowance": f"not {_ON_ROLL.format('s.number')} and not ({_APART})",
    "earlier": f"""not {_ON_ROLL.format("nullif(s.number, '')")} and not exists (
        select 1 from todoku_person p where p.programme_id = %(programme)s
           and p.household_number = nullif(s.values->>'household_number', ''))""",
    "care": f"not {_ON_ROLL.format('s.number')}",
}
# Nobody has two who act for him: the account and the letters would be two persons'.
_SECOND_GUARDIAN = """s.values->>'care' in ('adult_guardian', 'curator', 'assistant') and s.values->>'until' is null
   and exists (select 1 from todoku_stagedfact o where o.fact_import_id = s.fact_import_id and o.number = s.number
                  and o.line <> s.line and o.values->>'until' is null
                  and o.values->>'care' in ('adult_guardian', 'curator', 'assistant'))"""
_PROBLEMS: dict[str, tuple[tuple[str, str, Kind], ...]] = {
    "tax": (("宛名番号", UNMATCHED["tax"], NOT_ON_ROLL),),
    "allowance": (
        ("児童宛名番号", UNMATCHED["allowance"], UNKNOWN_CHILD),
        ("児童宛名番号", f"not {_ON_ROLL.format('s.number')} and ({_APART})", LIVES_APART),
        (
            "受給者宛名番号",
            f"s.values->>'receiver' <> '' and not {_ON_ROLL.format('''s.values->>'receiver' ''')}",
            UNKNOWN_RECEIVER,
        ),
    ),
    "earlier": (("宛名番号", UNMATCHED["earlier"], NOT_ON_ROLL),),
    "care": (
        ("宛名番号", UNMATCHED["care"], NOT_ON_ROLL),
        (
            "後見人等宛名番号",
            f"s.values->>'payee_number' <> '' and s.values->>'payee_name' = ''"
            f" and not {_ON_ROLL.format('''s.values->>'payee_number' ''')}",
            UNKNOWN_PAYEE,
        ),
        ("区分", _SECOND_GUARDIAN, TWO_GUARDIANS),
    ),
}  # fmt: skip
_WRITE = """
insert into todoku_factproblem (fact_import_id, line, "column", kind, remedy, severity)
select s.fact_import_id, s.line, %(column)s, %(kind)s, %(remedy)s, %(severity)s
  from todoku_stagedfact s where s.fact_import_id = %(import)s and s.good and {condition}
"""
_SPOILT = """
update todoku_stagedfact s set good = false
 where s.fact_import_id = %(import)s and s.good and {condition}
"""
# What only an earlier matching spoilt is looked at anew: the roll may know by now whom a line means.
_ANEW = """
update todoku_stagedfact s set good = true
 where s.fact_import_id = %(import)s and not s.good
   and exists (select 1 from todoku_factproblem f where f.fact_import_id = %(import)s and f.line = s.line
                  and f.severity = 'error' and f.kind = any(%(matched)s))
   and not exists (select 1 from todoku_factproblem f where f.fact_import_id = %(import)s and f.line = s.line
                      and f.severity = 'error' and f.kind <> all(%(matched)s))
"""
_MATCHED = tuple({kind.name for problems in _PROBLEMS.values() for _, _, kind in problems})
# A list of taxes should speak of every adult; the others name only whom they concern.
_UNLISTED = """
select count(*) from todoku_person p
 where p.programme_id = %(programme)s and p.in_latest_roll and not p.outside
   and not exists (select 1 from todoku_stagedfact s where s.fact_import_id = %(import)s and s.number = p.number)
"""


def match_list(fact_import: FactImport) -> None:
    """Writes the problems of matching anew and sets the import's counts; the caller saves it."""
    values = {"import": fact_import.pk, "programme": fact_import.programme_id}
    with connection.cursor() as cursor:
        cursor.execute(_ANEW, {**values, "matched": list(_MATCHED)})
        FactProblem.objects.filter(fact_import=fact_import, kind__in=_MATCHED).delete()
        for column, condition, kind in _PROBLEMS[fact_import.kind]:
            said = {"column": column, "kind": kind.name, "remedy": kind.remedy, "severity": kind.severity}
            cursor.execute(_WRITE.format(condition=condition), {**values, **said})
            if kind.severity == ERROR:
                cursor.execute(_SPOILT.format(condition=condition), values)
        cursor.execute(
            "select count(*) from todoku_stagedfact s where s.fact_import_id = %(import)s and s.good and "
            + UNMATCHED[fact_import.kind],
            values,
        )
        (fact_import.unmatched,) = cursor.fetchone()
        fact_import.unlisted = 0
        if fact_import.kind == "tax":
            cursor.execute(_UNLISTED, values)
            (fact_import.unlisted,) = cursor.fetchone()
    good = StagedFact.objects.filter(fact_import=fact_import, good=True).count()
    fact_import.rows_good = good - fact_import.unmatched
    problems = FactProblem.objects.filter(fact_import=fact_import)
    fact_import.errors = problems.filter(severity=ERROR).count()
    fact_import.warnings = problems.filter(severity=WARNING).count()
