"""What is open and with whom (担当の状況): work that a person holds by name, and work that waits for whoever has a role.

Reads only. The two tables below are all there is: a kind of work that a person can hold is named here, or it is lost at
the next change of people.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection
from django.utils.timezone import localdate

from todoku.people.access import ROLES
from todoku.people.tables import Staff, everybody
from todoku.programme.tables import Programme
from todoku.review.pass_on import UNTOLD


class Kind(NamedTuple):
    """A kind of work: its name, the desk where it is done at the office and at the municipality (blank: not there)."""

    name: str
    office: str
    city: str
    sql: str


# By name: (person, row, number or words, since). One row for each piece.
HELD: dict[str, Kind] = {
    "review": Kind("審査中の申請", "review/", "", """
select t.claimed_by_id, t.id, c.number, coalesce(t.claimed_at, t.opened_at) from todoku_task t
  join todoku_case c on c.id = t.case_id where t.programme_id = %(p)s and t.state = 'held'
"""),
    "review_for": Kind("名指しで渡された審査", "review/", "", """
select t.for_staff_id, t.id, c.number, t.opened_at from todoku_task t join todoku_case c on c.id = t.case_id
 where t.programme_id = %(p)s and t.state = 'open' and t.for_staff_id is not null
"""),
    "keying": Kind("入力中の申請書", "keying/", "", """
select k.claimed_id, k.id, c.number, coalesce(k.claimed_at, k.arrived_on::timestamptz) from todoku_keytask k
  join todoku_case c on c.id = k.case_id where k.programme_id = %(p)s and k.claimed_id is not null
   and k.state in ('first', 'second', 'differs', 'aside')
"""),
    "objection": Kind("担当になっている不服・訂正の申出", "objections/", "objections/", """
select o.assignee_id, o.id, c.number, o.registered_at from todoku_objection o join todoku_case c on c.id = o.case_id
 where o.programme_id = %(p)s and o.state = 'assigned'
"""),
    "hold": Kind("支払の保留", "payment/holds/", "watch/", """
select h.owner_id, h.id, c.number, h.opened_at from todoku_hold h join todoku_case c on c.id = h.case_id
 where h.programme_id = %(p)s and h.closed_at is null and h.owner_id is not null
"""),
}  # fmt: skip
# What rulings suggest for the next Version, until an opened one cites them: either side may write it (version_candidates).
_CANDIDATES = """
select count(*), min(k.noted_at) from todoku_versioncandidate k join todoku_ruling r on r.id = k.ruling_id
 where k.programme_id = %(p)s and k.dropped_at is null
   and not exists (select 1 from todoku_version v where v.programme_id = k.programme_id and v.opened_at >= k.noted_at
                    and position('裁定第' || r.number || '号' in v.text) > 0)
"""
# By role: how many wait, and since when the oldest.
WAITING: dict[str, tuple[str, Kind]] = {
    "questions_manager": ("manager", Kind("確認を待つ照会", "questions/", "", """
select count(*), min(asked_at) from todoku_question where programme_id = %(p)s and state = 'with_manager'
""")),
    "questions_city": ("city_officer", Kind("回答を待つ照会", "questions/?state=sent", "questions/", """
select count(*), min(forwarded_at) from todoku_question where programme_id = %(p)s and state = 'sent'
""")),
    "objections": ("city_officer", Kind("回答を待つ不服・訂正の申出", "objections/", "objections/", """
select count(*), min(registered_at) from todoku_objection where programme_id = %(p)s and state = 'received'
""")),
    "sent_back": ("manager", Kind("審査担当に伝えていない差戻し", "decisions/backs/", "", f"""
select count(*), min(opened_at) from ({UNTOLD}) u
""")),
    "declines": ("manager", Kind("再確認を待つ辞退の申出", "declines/", "", """
select count(*), min(told_at) from todoku_declineword where programme_id = %(p)s and kind = 'decline' and state = 'told'
""")),
    "lists": ("city_officer", Kind("決定を待つ一覧", "decisions/", "decisions/", """
select count(*), min(made_at) from todoku_decisionlist where programme_id = %(p)s and state = 'open'
""")),
    "batches_office": ("payment_approver", Kind("事務局の承認を待つ振込データ", "payment/", "", """
select count(*), min(sealed_at) from todoku_batch b where programme_id = %(p)s and state = 'sealed'
   and not exists (select 1 from todoku_approval a where a.batch_id = b.id and a.side = 'office')
""")),
    "batches_city": ("city_treasurer", Kind("承認・依頼を待つ振込データ", "payment/", "approvals/", """
select count(*), min(sealed_at) from todoku_batch b where programme_id = %(p)s and (state = 'approved' or state = 'sealed'
   and not exists (select 1 from todoku_approval a where a.batch_id = b.id and a.side = 'municipality'))
""")),
    "proposals": ("manager", Kind("決定一覧に載せていない案件", "decisions/", "", """
select count(*), min(r.at) from todoku_proposal r join todoku_casestage g on g.case_id = r.case_id and g.stage = 'passed'
  join todoku_case c on c.id = r.case_id where c.programme_id = %(p)s
   and not exists (select 1 from todoku_decision d join todoku_decisionlist l on l.id = d.decision_list_id
                    where d.case_id = r.case_id and l.state = 'open' and d.outcome <> 'sent_back')
""")),
    "candidates_office": ("manager", Kind("裁定から次の版への候補", "rulings/candidates/", "", _CANDIDATES)),
    "candidates_city": ("city_officer", Kind("裁定から次の版への候補", "", "rulings/candidates/", _CANDIDATES)),
    "review_pile": ("reviewer", Kind("審査を待つ申請", "review/", "", """
select count(*), min(opened_at) from todoku_task where programme_id = %(p)s and state = 'open'
""")),
    "halts": ("manager", Kind("支払の停止", "payment/sweeps/", "watch/sweeps/", """
select count(*), min(at) from todoku_halt where programme_id = %(p)s and released_at is null
""")),
}  # fmt: skip


class Piece(NamedTuple):
    """A piece of work that a person holds by name."""

    kind: str
    staff: int
    row: int
    number: str
    since: datetime


class Pile(NamedTuple):
    """Work that waits for whoever has a role."""

    kind: str
    role: str
    pieces: int
    since: datetime | None


class Unowned(NamedTuple):
    """Open work with nobody: whose it was, or the role that nobody holds; `side` is the door at which it is told."""

    name: str
    pieces: int
    whose: str
    side: str
    place: str


def held_by_name(programme: Programme, staff: Iterable[int] | None = None) -> list[Piece]:
    """What people hold by name, those named or all, the oldest first within each kind. One query."""
    sql = " union all ".join(f"select '{key}' as kind, w.* from ({kind.sql}) w" for key, kind in HELD.items())
    with connection.cursor() as cursor:
        cursor.execute(
            f"select * from ({sql}) h (kind, staff, id, number, since) order by kind, since",
            {"p": programme.pk},
        )
        found = [Piece(*row) for row in cursor.fetchall()]
    wanted = None if staff is None else set(staff)
    return [piece for piece in found if wanted is None or piece.staff in wanted]


def waiting_for_roles(programme: Programme, roles: Iterable[str] | None = None) -> list[Pile]:
    """What waits for roles, those named or all; piles without anything are left out. One query."""
    wanted = set(ROLES) if roles is None else set(roles)
    keys = [key for key, (role, _) in WAITING.items() if role in wanted]
    if not keys:
        return []
    sql = " union all ".join(f"select '{key}', w.* from ({WAITING[key][1].sql}) w" for key in keys)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"p": programme.pk})
        rows = {key: (count, since) for key, count, since in cursor.fetchall()}
    return [Pile(key, WAITING[key][0], *rows[key]) for key in keys if rows[key][0]]


def roles_here(programme: Programme, on: date) -> dict[int, set[str]]:
    """Everybody in office on this day, with the roles that count in the programme's municipality, those acted for included."""
    here: dict[int, set[str]] = {}
    for staff, role in everybody(programme.municipality_id, on=on):
        here.setdefault(staff, set()).add(role)
    return here


def with_nobody(programme: Programme, *, on: date | None = None) -> list[Unowned]:
    """Open work with nobody: held by who is no longer in office, or waiting for a role that nobody holds today."""
    here = roles_here(programme, on or localdate())
    roles = set().union(*here.values())
    lost: dict[tuple[str, int], int] = {}
    for piece in held_by_name(programme):
        if piece.staff not in here:
            lost[piece.kind, piece.staff] = lost.get((piece.kind, piece.staff), 0) + 1
    names = (
        dict(Staff.objects.filter(pk__in=[who for _, who in lost]).values_list("pk", "name")) if lost else {}
    )
    found = [
        Unowned(HELD[kind].name, count, f"{names[who]}さん（退任）", "office", HELD[kind].office)
        for (kind, who), count in lost.items()
    ]
    for pile in waiting_for_roles(programme):
        kind, role = WAITING[pile.kind][1], ROLES[pile.role]
        if pile.role not in roles:
            place = kind.office if role.organisation == "office" else kind.city
            found.append(
                Unowned(
                    kind.name, pile.pieces, f"{role.name}（今日は誰もいません）", role.organisation, place
                )
            )
    return found
