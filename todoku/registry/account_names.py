"""Known accounts whose holder is by name somebody else (名義の違う既知口座): joined by a wrong key, they look like any other.

Takes the known accounts of a programme; gives the persons whose account is neither printed nor paid into unasked. Reads
only. Source of the rule: 16 of 26,325 forms of a city bore another person's account (Hiratsuka 2022).
"""

from django.db import connection

from todoku.formats import holder_name
from todoku.programme.tables import Programme
from todoku.registry.representative_kinds import holder_names

# One person's name in another spelling or order, cut by the bank's field, or another name that the register knows. T6 is
# the family name alone or another member of the household, T7 a stranger: whose account it is must be asked.
AGREES = frozenset(
    {holder_name.T0, holder_name.T1, holder_name.T2, holder_name.T3, holder_name.T4, holder_name.T5}
)
# Small kana, long vowels, spaces and marks aside: nearly everybody is told here, and is T0 … T2.
_SMALL, _LARGE, _LEFT_OUT = "ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ", "ー-・.() "
_PLAIN = f"translate(upper(normalize({{}}, NFKC)), '{_SMALL}{_LEFT_OUT}', '{_LARGE}')"
_UNLIKE = f"""
select k.person_id, k.holder_kana, v.kind, w.kana, p.kana, p.alias_kana, p.latin_name, p.alias
  from todoku_knownaccount k join todoku_person p on p.id = k.person_id
  left join todoku_representative v on v.ward_id = p.id and v.state = 'confirmed'
  left join todoku_person w on w.id = v.guardian_id
 where k.programme_id = %s and {_PLAIN.format("k.holder_kana")} <> {_PLAIN.format("p.kana")}
"""


def misnamed(programme: Programme) -> dict[int, str]:
    """Persons whose known account bears a name that is not theirs, with the tier of the comparison (T6, T7)."""
    with connection.cursor() as cursor:
        cursor.execute(_UNLIKE, [programme.pk])
        found = cursor.fetchall()
    tiers = (
        (
            person,
            holder_name.tier(holder, [*names, *(holder_names(names[0], kind, kana) if kind else ())]).code,
        )
        for person, holder, kind, kana, *names in found
    )
    return {person: tier for person, tier in tiers if tier not in AGREES}
