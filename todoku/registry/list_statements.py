"""Pure. The SQL by which staged lines of a list become facts, in order, for each kind of list.

Takes the names of values (%(programme)s, %(import)s, %(roll)s, %(municipality)s, %(at)s); gives statements. The counts of
those in CHANGED_BY are the facts that are new or changed.
"""

from typing import NamedTuple


class Statement(NamedTuple):
    """One statement and the name of what it makes."""

    name: str
    sql: str


CHANGED_BY = frozenset({"fact"})
TABLES = {
    "tax": ("todoku_taxfact",),
    "allowance": ("todoku_allowancefact", "todoku_person", "todoku_knownaccount"),
    "earlier": ("todoku_earlierfact",),
    "care": ("todoku_carefact", "todoku_person", "todoku_representative"),
}
_FROM = "from todoku_stagedfact s where s.fact_import_id = %(import)s and s.good"
_PERSON = "join todoku_person p on p.programme_id = %(programme)s and p.number = s.number"


def _upsert(table: str, columns: dict[str, str], key: str, source: str) -> str:
    """Adds or replaces facts; one that is the same keeps its delivery."""
    names = [*columns]
    told = [name for name in names if name not in key.split(", ")]
    return (
        f"insert into {table} (programme_id, fact_import_id, {', '.join(names)})\n"
        f"select %(programme)s, %(import)s, {', '.join(columns.values())}\n{source}\n"
        f"on conflict (programme_id, {key}) do update set fact_import_id = excluded.fact_import_id, "
        + ", ".join(f"{name} = excluded.{name}" for name in told)
        + f"\n where ({', '.join(f'{table}.{name}' for name in told)})"
        f" is distinct from ({', '.join(f'excluded.{name}' for name in told)})"
    )


def _text(field: str) -> str:
    return f"coalesce(s.values->>'{field}', '')"


def _as(field: str, kind: str) -> str:
    return f"(s.values->>'{field}')::{kind}"


def _outside(
    number: str, name: str, kana: str, birth_date: str, head: str, place: dict[str, str], where: str
) -> str:
    """People that a list names and no roll knows, each a household of his own; who is known keeps what is known of him,
    but where letters reach somebody outside the roll is always what the last list says."""
    columns = {
        "number": number, "head_number": head, "household_number": number, "is_head": "true", "relation": "''",
        "name": name, "kana": kana, "latin_name": "''", "alias": "''", "alias_kana": "''", "birth_date": birth_date,
        "birth_text": "''", "sex": "''", "phone": "''", "postal_code": "''", "address": "''", "building": "''",
        "tax_class": "''", "dependant_of": "''", "left_reason": "''", "protected": "false", "facility": "''",
        "has_gaiji": "false", "mail_to_head": "true",
    } | place  # fmt: skip
    return (
        f"insert into todoku_person ({', '.join(columns)}, programme_id, municipality_code, search_key,"
        " roll_import_id, in_latest_roll, outside)\n"
        f"select distinct on ({number}) {', '.join(columns.values())}, %(programme)s, %(municipality)s,"
        f" left(replace({name} || ' ' || {kana}, '　', ''), 500), %(roll)s, true, true\n"
        f"{_FROM} and {where}\n order by {number}, s.line\n"
        "on conflict (programme_id, number) do update set name = excluded.name, kana = excluded.kana,"
        " phone = excluded.phone, postal_code = excluded.postal_code, address = excluded.address,"
        " building = excluded.building, search_key = excluded.search_key where todoku_person.outside"
    )


_TAX = _upsert(
    "todoku_taxfact",
    {
        "person_id": "p.id",
        "tax_class": _text("tax_class"),
        **{
            name: _as(name, "bigint")
            for name in ("total_income", "income_tax", "actual_income_tax", "income_levy", "equal_levy", "granted_yen")
        },
        "persons": _as("persons", "smallint"),
        "dependant_of": _text("dependant_of"),
        "family_employee": _as("family_employee", "boolean"),
        "abroad": _as("abroad", "boolean"),
    },
    "person_id",
    f"from todoku_stagedfact s {_PERSON} where s.fact_import_id = %(import)s and s.good",
)  # fmt: skip

_CHILDREN = _outside(
    "s.number", _text("name"), "''", _as("birth_date", "date"), "''", {"relation": "'子'", "is_head": "false"},
    "s.values->>'name' <> '' and s.values->>'birth_date' is not null",
)  # fmt: skip
_ALLOWANCE = _upsert(
    "todoku_allowancefact",
    {
        "person_id": "p.id", "receiver_id": "q.id", "allowance": _text("allowance"), "month": _as("month", "date"),
        "public_servant": _as("public_servant", "boolean"), "disabled": _as("disabled", "boolean"),
    },
    "person_id, allowance",
    f"from todoku_stagedfact s {_PERSON}\n"
    "  left join todoku_person q on q.programme_id = %(programme)s and q.number = nullif(s.values->>'receiver', '')\n"
    " where s.fact_import_id = %(import)s and s.good",
)  # fmt: skip
# One account for each receiver; where he stands in several lines, the first. An account that another list brought stays:
# the municipality said itself which one it wants to be used.
_ACCOUNTS = f"""
insert into todoku_knownaccount (programme_id, person_id, bank, branch, kind, number, holder_kana, source, taken_at)
select distinct on (q.id) %(programme)s, q.id, s.values->>'bank', s.values->>'branch',
       {_as("account_kind", "smallint")}, s.values->>'account', s.values->>'holder',
       case s.values->>'allowance' when 'single_parent' then '児童扶養手当' else '児童手当' end, %(at)s
  from todoku_stagedfact s
  join todoku_person q on q.programme_id = %(programme)s and q.number = nullif(s.values->>'receiver', '')
 where s.fact_import_id = %(import)s and s.good and s.values->>'account' <> ''
 order by q.id, s.line
on conflict (programme_id, person_id) do update
   set bank = excluded.bank, branch = excluded.branch, kind = excluded.kind, number = excluded.number,
       holder_kana = excluded.holder_kana, source = excluded.source, taken_at = excluded.taken_at
 where todoku_knownaccount.source in ('児童手当', '児童扶養手当')
   and (todoku_knownaccount.bank, todoku_knownaccount.branch, todoku_knownaccount.kind, todoku_knownaccount.number,
        todoku_knownaccount.holder_kana, todoku_knownaccount.source)
       is distinct from (excluded.bank, excluded.branch, excluded.kind, excluded.number, excluded.holder_kana,
                         excluded.source)
"""

_EARLIER = _upsert(
    "todoku_earlierfact",
    {
        "number": "s.number", "household_number": _text("household_number"), "benefit": _text("benefit"),
        "outcome": _text("outcome"), "elsewhere": _as("elsewhere", "boolean"), "amount_yen": _as("amount_yen", "bigint"),
    },
    "number, household_number, benefit",
    f"{_FROM} and (exists (select 1 from todoku_person p where p.programme_id = %(programme)s"
    " and p.number = nullif(s.number, '')) or exists (select 1 from todoku_person p where"
    " p.programme_id = %(programme)s and p.household_number = nullif(s.values->>'household_number', '')))",
)  # fmt: skip

# A facility takes care of many and is one payee: without a number of its own it is known by name and place.
_PAYEE_NUMBER = (
    "coalesce(nullif(s.values->>'payee_number', ''), case s.values->>'care' when 'facility' then '施-' else '後-' end ||"
    " left(encode(sha256(convert_to((s.values->>'payee_name') || '|' || (s.values->>'address'), 'UTF8')), 'hex'), 13))"
)
_PAYEES = _outside(
    _PAYEE_NUMBER, _text("payee_name"), _text("payee_kana"), "null::date", "''",
    {name: _text(name) for name in ("postal_code", "address", "building", "phone")}
    | {"facility": "case s.values->>'care' when 'facility' then left(s.values->>'payee_name', 60) else '' end"},
    "s.values->>'care' <> 'public_assistance' and s.values->>'payee_name' <> ''",
)  # fmt: skip
_CARE = _upsert(
    "todoku_carefact",
    {
        "person_id": "p.id", "care": _text("care"), "payee_id": "q.id", "since": _as("since", "date"),
        "until": _as("until", "date"),
    },
    "person_id, care",
    f"from todoku_stagedfact s {_PERSON}\n"
    f"  left join todoku_person q on q.programme_id = %(programme)s and q.number = {_PAYEE_NUMBER}\n"
    "   and s.values->>'care' <> 'public_assistance'\n where s.fact_import_id = %(import)s and s.good",
)  # fmt: skip

# Of an adult with a guardian the list is the municipality's own word: it confirms (representative_tables.py), from the day on
# which he is in office and until the last one. Who was named before by a list ends as soon as another is in office; whoever
# was confirmed on a certificate stays until a person ends it.
_TODAY = "(%(at)s::timestamptz at time zone 'Asia/Tokyo')::date"
_STANDS = "c.care in ('adult_guardian', 'curator', 'assistant') and c.payee_id is not null"
_HOLDS = f"(c.since is null or c.since <= {_TODAY}) and (c.until is null or c.until >= {_TODAY})"
_SAME = "(v.guardian_id, v.kind) is not distinct from (c.payee_id, c.care)"
_END = f"""
update todoku_representative v set state = 'ended', ended_at = %(at)s
  from todoku_carefact c
 where c.programme_id = %(programme)s and c.person_id = v.ward_id and {_STANDS}
   and v.programme_id = %(programme)s and v.state = 'confirmed' and v.fact_import_id is not null
"""
_CONFIRM = f"""
insert into todoku_representative (programme_id, ward_id, guardian_id, kind, state, fact_import_id, evidence, proposed_at,
                                   answered_at, why)
select distinct on (c.person_id) c.programme_id, c.person_id, c.payee_id, c.care, 'confirmed', c.fact_import_id,
       '自治体の一覧（受領 ' || c.fact_import_id || '）', %(at)s, %(at)s, ''
  from todoku_carefact c join todoku_factimport i on i.id = c.fact_import_id
 where c.programme_id = %(programme)s and {_STANDS} and {_HOLDS} and c.payee_id <> c.person_id
"""
_ONCE = " on conflict (programme_id, ward_id) where state = 'confirmed' do nothing"
_REPLACED = (
    _END + f"   and c.fact_import_id = %(import)s and case when {_SAME} then not ({_HOLDS}) else {_HOLDS} end"
)
_CONFIRMED = _CONFIRM + "   and c.fact_import_id = %(import)s\n order by c.person_id, c.care\n" + _ONCE
# The days that a list named come after it: each fact begins once, and whoever it replaces was confirmed before that day.
_RUN_OUT = _END + (
    f"   and case when {_SAME} then c.until < {_TODAY}"
    f" else {_HOLDS} and c.since > (v.answered_at at time zone 'Asia/Tokyo')::date end"
)
_BEGUN = _CONFIRM + (
    "   and c.since > (i.staged_at at time zone 'Asia/Tokyo')::date\n"
    "   and not exists (select 1 from todoku_representative v where v.ward_id = c.person_id and v.guardian_id = c.payee_id\n"
    "                    and v.kind = c.care and v.fact_import_id = c.fact_import_id)\n"
    " order by c.person_id, c.since desc, c.care\n" + _ONCE
)
# Run by the day, whichever lists came (apply_care_dates.py): values %(programme)s and %(at)s alone.
CARE_DATES = (Statement("ended", _RUN_OUT), Statement("begun", _BEGUN))

STATEMENTS: dict[str, tuple[Statement, ...]] = {
    "tax": (Statement("fact", _TAX),),
    "allowance": (
        Statement("person", _CHILDREN), Statement("fact", _ALLOWANCE), Statement("account", _ACCOUNTS),
    ),
    "earlier": (Statement("fact", _EARLIER),),
    "care": (
        Statement("person", _PAYEES), Statement("fact", _CARE), Statement("replaced", _REPLACED),
        Statement("representative", _CONFIRMED),
    ),
}  # fmt: skip
