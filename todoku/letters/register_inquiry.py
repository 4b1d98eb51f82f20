"""Questions to the resident register about mail that came back (住基照会): takes what is unresolved; leaves numbered lists.

A list names people by the register's own number (宛名番号) and the case, never by name or address. People under 支援措置 stand
on lists of their own, which only those may open who may see their addresses.
"""

import csv
import io
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Max

from todoku.ground.step import Refusal, Report
from todoku.letters.tables import KINDS, RegisterInquiry, Undelivered
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.registry.reached import REACHED

COLUMNS = (
    "照会番号", "行番号", "宛名番号", "整理番号", "郵便", "差出日", "戻った日", "戻った理由", "回答", "郵便番号", "住所",
    "方書", "死亡日",
)  # fmt: skip
REASONS = dict(Undelivered.REASONS)
ANSWERS = dict(RegisterInquiry.ANSWERS)


class NothingToAsk(Refusal):
    """No mail that came back waits for a question to the register."""


class Line(NamedTuple):
    """One question: list, the register's number, the case's number, what came back, when, why, and the answer so far."""

    inquiry: int
    list_no: int
    person: str
    case: str
    kind: str
    posted_on: object
    returned_on: object
    reason: str
    answer: str
    protected: bool


_PROTECTED = """
(h.protected or coalesce(x.protected, false) or exists (
   select 1 from todoku_member m join todoku_person q on q.id = m.person_id
    where m.recipient_id = c.recipient_id and m.superseded_by_order = '' and q.protected))
"""
_BACK = f"""
  from todoku_undelivered u
  join todoku_letter l on l.id = u.letter_id
  join todoku_case c on c.id = l.case_id
  join todoku_recipient r on r.id = c.recipient_id
  join todoku_person h on h.id = r.head_id
  left join {REACHED} x on x.recipient_id = r.id
  left join todoku_registerinquiry i on i.undelivered_id = u.id
"""
# What was put right by another way since it came back needs no question.
_OPEN = f"""
{_BACK} where c.programme_id = %(programme)s and i.id is null and {_PROTECTED} = %(protected)s
   and not exists (select 1 from todoku_addresschange n
                    where n.case_id = c.id and n.state = 'approved' and n.answered_at > u.at)
"""
_ASK = f"""
insert into todoku_registerinquiry (undelivered_id, list_no, asked_at, asked_by, answer, answered_by, mail_again)
select u.id, %(list)s, %(at)s, %(by)s, '', '', false {_OPEN}
"""
_LINES = f"""
select i.id, i.list_no, h.number, c.number, l.kind, p.posted_on, u.returned_on, u.reason, i.answer, {_PROTECTED}
{_BACK} left join todoku_postedletter p on p.letter_id = l.id
 where c.programme_id = %s and i.list_no = %s order by c.number, i.id
"""


def open_questions(programme: Programme) -> tuple[int, int]:
    """How many pieces that came back wait for a question: ordinary ones, and those of people under 支援措置."""
    with connection.cursor() as cursor:
        counts = []
        for protected in (False, True):
            cursor.execute(f"select count(*) {_OPEN}", {"programme": programme.pk, "protected": protected})
            counts.append(int(cursor.fetchone()[0]))
    return counts[0], counts[1]


def ask_register(programme: Programme, *, protected: bool = False, actor: Actor, at: datetime) -> int:
    """Puts all that waits on a new list; gives its number. Raises NothingToAsk."""
    with transaction.atomic():
        Programme.objects.select_for_update().get(pk=programme.pk)
        last = RegisterInquiry.objects.filter(undelivered__letter__case__programme=programme).aggregate(
            last=Max("list_no")
        )["last"]
        number = (last or 0) + 1
        with connection.cursor() as cursor:
            values = {
                "programme": programme.pk, "protected": protected, "list": number, "at": at, "by": actor.name,
            }  # fmt: skip
            cursor.execute(_ASK, values)
            count = cursor.rowcount
        if not count:
            raise NothingToAsk("照会を待っている不着はありません。戻った郵便を記録すると、一覧にできます。")
        record_look(
            actor=actor, action="register.ask", subject_kind="register_list", subject_id=number, at=at,
            programme_slug=programme.slug, reason=f"{count}件{'（支援措置）' if protected else ''}",
        )  # fmt: skip
    return number


def lines_of(programme: Programme, list_no: int) -> list[Line]:
    """The questions of one list in the order of the cases' numbers."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [programme.pk, list_no])
        return [Line(*row) for row in cursor.fetchall()]


def inquiry_csv(programme: Programme, list_no: int) -> bytes:
    """The list as the municipality's register office opens it (UTF-8 with a mark): the last five columns are for answers."""
    names, text = dict(KINDS), io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for line in lines_of(programme, list_no):
        rows.writerow(
            (
                line.list_no, line.inquiry, line.person, line.case, names[line.kind], line.posted_on or "", line.returned_on,
                REASONS[line.reason], ANSWERS.get(line.answer, ""), "", "", "", "",
            )
        )  # fmt: skip
    return text.getvalue().encode("utf-8-sig")


def report_of(programme: Programme, list_no: int) -> Report:
    """How many of a list are answered and how many wait."""
    lines = lines_of(programme, list_no)
    answered = sum(bool(line.answer) for line in lines)
    return Report(done=answered, waiting=len(lines) - answered)
