"""Which cases wait for a letter, in what order, and which are set aside for a person. Reads only, one query each.

Set aside and never printed with the others: people under 支援措置, and letters that could not arrive or that would say
something wrong. A case stays on the list as long as the reason stands.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection

from todoku.case.due import judge
from todoku.case.members import members_of
from todoku.programme.tables import Programme
from todoku.registry.account_names import misnamed
from todoku.registry.reached import REACHED

SET_ASIDE = {
    "protected": "支援措置（通常の印刷に含めない）",
    "head_died": "世帯主が死亡（受け取る方を確認する）",
    "undelivered": "前の郵便が届かず戻った",
    "no_address": "住所の記載がない",
    "mail_stopped": "郵送の対象外とされている",
    "amount_changed": "案件作成後の名簿の変更で金額が変わる",
    "account_name": "登録済みの口座の名義が世帯主のカナと違う（一覧を自治体に確かめ、取り込み直す）",
}


class SetAside(NamedTuple):
    """A case that is not printed with the others: its number and why (a key of SET_ASIDE)."""

    case_id: int
    number: str
    reason: str


# One row per case with its place in the post's order; %(changed)s are cases whose amount the roll has changed since,
# %(misnamed)s heads whose known account, which the letter would name, is by name another's.
CANDIDATES = f"""
select c.id as case_id, c.number, k.issue, coalesce(x.postal_code, h.postal_code) as postal_code,
       coalesce(x.address, h.address) as address, coalesce(x.building, h.building) as building,
       case when h.protected or coalesce(x.protected, false) or exists (
                select 1 from todoku_member m join todoku_person q on q.id = m.person_id
                 where m.recipient_id = c.recipient_id and m.superseded_by_order = '' and q.protected) then 'protected'
            when h.left_reason = 'death' then 'head_died'
            when exists (select 1 from todoku_undelivered u join todoku_letter l on l.id = u.letter_id
                           left join todoku_registerinquiry q on q.undelivered_id = u.id
                          where l.case_id = c.id and not coalesce(q.mail_again, false)
                            and not exists (select 1 from todoku_addresschange n where n.case_id = c.id
                                             and n.state = 'approved' and n.answered_at > u.at)) then 'undelivered'
            when coalesce(x.address, h.address) = '' then 'no_address'
            when not h.mail_to_head and x.recipient_id is null then 'mail_stopped'
            when c.id = any(%(changed)s) then 'amount_changed'
            when h.id = any(%(misnamed)s) then 'account_name'
            else '' end as reason
  from todoku_case c
  join todoku_doorkey k on k.case_id = c.id
  join todoku_recipient r on r.id = c.recipient_id
  join todoku_person h on h.id = r.head_id
  left join {REACHED} x on x.recipient_id = r.id
"""

# The same for every letter but a first one: no changed amount and no known account speaks against it.
PLACES = CANDIDATES % {"changed": "'{}'", "misnamed": "'{}'"}

# Whether a letter `l` stands in the way of the same one: only its last copy, and not one that was pulled and scanned void
# because of what became known; a spoiled piece is printed again from its run's own file (reprint.py), unless something
# became known of it as well (pull_list.leave_out).
STANDING = """not exists (select 1 from todoku_letter n where n.case_id = l.case_id and n.kind = l.kind
                                 and n.occasion = l.occasion and n.copy > l.copy)
    and not exists (select 1 from todoku_pulledpiece p where p.letter_id = l.id and p.voided_at is not null
                       and p.reason not in ('spoiled', 'mis_enclosed'))"""
STANDS = f"""
(select 1 from todoku_letter l
  where l.case_id = c.id and l.kind = %(kind)s and l.occasion = k.issue
    and {STANDING})
"""

# First letters: cases of one cohort not yet invited, for which this kind was not written in this issue.
FIRST_LETTERS = f"""
{CANDIDATES}
  join todoku_casestage g on g.case_id = c.id and g.stage = 'listed'
 where c.programme_id = %(programme)s and c.cohort = %(cohort)s and not exists {STANDS}
"""

# The same once more (再発行): an issue was ordered that no letter was written in.
REISSUED = f"""
{CANDIDATES}
  join todoku_casestage g on g.case_id = c.id and g.stage in ('listed', 'invited', 'returned')
  join todoku_reissue o on o.case_id = c.id and o.issue = k.issue
 where c.programme_id = %(programme)s and c.cohort = %(cohort)s and not exists {STANDS}
"""

IN_POSTAL_ORDER = "postal_code, address, building, case_id"


def set_aside(programme: Programme, *, kind: str, cohort: str) -> list[SetAside]:
    """Cases of a cohort that wait for their first letter and must not be printed with the others, in postal order."""
    query = f"select case_id, number, reason from ({FIRST_LETTERS}) w where reason <> '' order by {IN_POSTAL_ORDER}"
    values = {
        "programme": programme.pk, "kind": kind, "cohort": cohort, "changed": changed_amounts(programme, cohort),
        "misnamed": misnamed_payees(kind, misnamed(programme)),
    }  # fmt: skip
    return _rows(query, values)


def withheld(cases: Sequence[int]) -> list[SetAside]:
    """Of these cases, those to which no letter of an ordinary run goes."""
    query = (
        f"select case_id, number, reason from ({CANDIDATES} where c.id = any(%(cases)s)) w where reason <> ''"
    )
    return _rows(query, {"cases": list(cases), "changed": [], "misnamed": []})


def misnamed_payees(kind: str, strangers: Mapping[int, str]) -> list[int]:
    """Heads to whom this kind of letter cannot go, since it says that money goes to an account in another name.

    A form asks for an account in the place of such a one, and goes to everybody. `strangers`: account_names.misnamed.
    """
    return list(strangers) if kind == "push_notice" else []


def unprinted_accounts(
    programme: Programme, *, cohort: str, strangers: Mapping[int, str]
) -> list[tuple[int, str, str]]:
    """Cases of a cohort whose known account no letter names, since it is in another name: case, number, tier."""
    if not strangers:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_OF_HEADS, [programme.pk, cohort, list(strangers)])
        return [(case, number, strangers[head]) for case, number, head in cursor.fetchall()]


_OF_HEADS = """
select c.id, c.number, r.head_id from todoku_case c join todoku_recipient r on r.id = c.recipient_id
 where c.programme_id = %s and c.cohort = %s and r.head_id = any(%s) order by c.number
"""


def _rows(query: str, values: dict[str, Any]) -> list[SetAside]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [SetAside(*row) for row in cursor.fetchall()]


# Only persons whom a roll has touched since the case was opened can have changed its amount.
_TOUCHED = """
select distinct c.id, c.recipient_id, e.amount_yen
  from todoku_rollimport i
  join todoku_person p on p.roll_import_id = i.id
  join todoku_member m on m.person_id = p.id and m.superseded_by_order = ''
  join todoku_case c on c.recipient_id = m.recipient_id and c.programme_id = i.programme_id
  join todoku_casestage g on g.case_id = c.id and g.stage = 'listed'
  join todoku_entitlement e on e.case_id = c.id and e.part = 1 and e.superseded_by_order = ''
 where i.programme_id = %s and c.cohort = %s and (i.taken_at is null or i.taken_at > c.opened_at)
"""


def changed_amounts(programme: Programme, cohort: str) -> list[int]:
    """Cases of a cohort not yet invited, whose amount would be another one by the roll as it stands now."""
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, [programme.pk, cohort])
        touched = cursor.fetchall()
    members = members_of([recipient for _, recipient, _ in touched])
    lines = [[line.rule for line in members.get(recipient, [])] for _, recipient, _ in touched]
    payout = programme.terms.cohort(cohort).payout
    dues = judge(((one, False) for one in lines), programme.terms, payout, paid_before=payout > 1)
    return [case for (case, _, yen), due in zip(touched, dues, strict=True) if due.amount_yen != yen]
