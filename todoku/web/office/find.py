"""Finding a case by number, name or kana from anywhere in the office; what was shown is recorded, what was typed is not.

Reads only: one query, at most LIMIT households. Addresses pass the guard.
"""

from typing import Any, NamedTuple

from django.db import connection

from todoku.case.stages import stage_name
from todoku.formats import names
from todoku.formats.wareki import format_wareki
from todoku.people.access import may
from todoku.people.address_guard import shown_address
from todoku.programme.tables import Programme
from todoku.registry.reached import REACHED
from todoku.review.seeded import cases_at_desk
from todoku.web.office.cells import case_cell
from todoku.web.office.scan import scanned_number
from todoku.web.shared.pieces import Cell, Column, Empty, Row, Table

LIMIT = 50
# Fewer digits of a number mean thousands of cases, which is no search.
DIGITS_MIN = 4

# One line per household: its head, the members that matched, and whether a name begins with what was typed.
_FOUND = f"""
select c.number, g.stage, h.name, h.kana, h.birth_date, h.birth_text,
       coalesce(y.postal_code, h.postal_code), coalesce(y.address, h.address), coalesce(y.building, h.building), f.members,
       h.protected or coalesce(y.protected, false) or exists (
           select 1 from todoku_member x join todoku_person q on q.id = x.person_id
            where x.recipient_id = r.id and x.superseded_by_order = '' and q.protected)
  from (select m.recipient_id, min(case when p.search_key like %(begins)s or p.search_key like %(word)s then 0 else 2 end
                                   + (p.id <> o.head_id)::int) as place,
               string_agg(p.name || '（' || p.kana || '）', '、' order by p.id) filter (where p.id <> o.head_id) as members
          from todoku_person p
          join todoku_member m on m.person_id = p.id and m.superseded_by_order = ''
          join todoku_recipient o on o.id = m.recipient_id
         where p.programme_id = %(programme)s and p.search_key like %(within)s
         group by m.recipient_id) f
  join todoku_recipient r on r.id = f.recipient_id
  join todoku_person h on h.id = r.head_id
  left join {REACHED} y on y.recipient_id = r.id
  left join todoku_case c on c.recipient_id = r.id
  left join todoku_casestage g on g.case_id = c.id
 order by f.place, h.kana, h.name, c.number
 limit %(limit)s
"""
_NUMBERED = f"""
select c.number, g.stage, h.name, h.kana, h.birth_date, h.birth_text,
       coalesce(y.postal_code, h.postal_code), coalesce(y.address, h.address), coalesce(y.building, h.building), null,
       h.protected or coalesce(y.protected, false) or exists (
           select 1 from todoku_member x join todoku_person q on q.id = x.person_id
            where x.recipient_id = r.id and x.superseded_by_order = '' and q.protected)
  from todoku_case c
  join todoku_casestage g on g.case_id = c.id
  join todoku_recipient r on r.id = c.recipient_id
  join todoku_person h on h.id = r.head_id
  left join {REACHED} y on y.recipient_id = r.id
 where c.programme_id = %(programme)s and c.number like %(begins)s
 order by c.number
 limit %(limit)s
"""


class Found(NamedTuple):
    """One household found: the case if there is one, its head, and the other members that matched."""

    number: str | None
    stage: str | None
    head: str
    head_kana: str
    birth_date: Any
    birth_text: str
    postal_code: str
    address: str
    building: str
    members: str | None
    protected: bool


class Search(NamedTuple):
    """What a typed text means and what it found; `by` is number, name or nothing."""

    by: str
    people: list[Found]
    more: bool


def search_at_desk(programme: Programme, typed: str, roles: frozenset[str]) -> Search:
    """The same for whoever judges: what lies at the desk is found there, made up to measure the review or not.

    To others nobody is found who does not exist: a caller of the same name would hear of somebody else's application.
    """
    found = search(programme, typed)
    if not may(roles, "review.judge") or not (numbers := cases_at_desk(programme)):
        return found
    beside = search(programme.rehearsal, typed)
    made_up = [one for one in beside.people if one.number in numbers]
    return found._replace(people=[*found.people, *made_up][:LIMIT])


def search(programme: Programme, typed: str) -> Search:
    """People for a typed number (whole or its beginning) or a part of a name in kanji, kana or Latin letters."""
    number, key = scanned_number(typed), names.search_key(typed)
    values: dict[str, Any] = {"programme": programme.pk, "limit": LIMIT + 1}
    if number.isascii() and number.isdigit():
        if len(number) < DIGITS_MIN:
            return Search("number", [], False)
        by, query = "number", _NUMBERED
        values["begins"] = f"{number[:13]}%"
    elif key:
        by, query, plain = "name", _FOUND, _plain(key)
        values |= {"begins": f"{plain}%", "word": f"% {plain}%", "within": f"%{plain}%"}
    else:
        return Search("", [], False)
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        people = [Found(*row) for row in cursor.fetchall()]
    return Search(by, people[:LIMIT], len(people) > LIMIT)


def _plain(text: str) -> str:
    """Text without the signs that LIKE reads as its own."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def results_table(found: Search, slug: str, roles: frozenset[str]) -> Table:
    """The households found; a member that matched stands under the head."""
    return Table(
        caption="見つかった案件", total=len(found.people), per_page=LIMIT, unit="世帯",
        columns=[
            Column("number", "番号", fixed=True), Column("name", "氏名"), Column("birth", "受給権者の生年月日"),
            Column("address", "住所"), Column("stage", "段階", fixed=True),
        ],
        rows=[_row(one, slug, roles) for one in found.people],
        empty=Empty("見つかりませんでした。", _advice(found.by)),
    )  # fmt: skip


def _advice(by: str) -> str:
    if by == "number":
        return f"番号は先頭から{DIGITS_MIN}桁以上を入力してください。別の給付金の番号でないかも確かめてください。"
    return "姓だけ、またはカナの一部で試してください。通称名や英字氏名でも探せます。"


def _row(one: Found, slug: str, roles: frozenset[str]) -> Row:
    matched = f"世帯員 {one.members}" if one.members else ""
    return Row(
        key=one.number or "",
        cells=[
            case_cell(one.number, slug) if one.number else Cell("案件なし"),
            Cell(one.head, note="　".join(part for part in (one.head_kana, matched) if part)),
            Cell(format_wareki(one.birth_date) if one.birth_date else one.birth_text),
            Cell(shown_address(one.postal_code, one.address, one.building, protected=one.protected, roles=roles)),
            Cell(stage_name(one.stage) if one.stage else "対象外・未作成"),
        ],
    )  # fmt: skip
