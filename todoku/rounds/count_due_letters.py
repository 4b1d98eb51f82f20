"""How many letters wait to be written (作成を待つ手紙), kind by kind: what the next press of 手紙を作る prints. Reads only.

Takes the queries by which due_letters.py finds them; prints nothing and words nothing but letters on claims, since only
their words say whether there is still something to ask for.
"""

from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.utils.timezone import localdate

from todoku.letters.waiting import PLACES, withheld
from todoku.programme.tables import Programme
from todoku.rounds.claim_letters import DUE, NOTICE_OF, PLAN, PLANNED, claim_items
from todoku.rounds.due_letters import KINDS, query_of, sends, ways

# `d`: one row a letter, of every kind.
COUNTED = """
select d.kind, count(*) filter (where w.reason = ''), count(*) filter (where w.reason = 'protected'),
       count(*) filter (where w.reason not in ('', 'protected'))
  from ({due}) d join ({places}) w on w.case_id = d.case_id group by 1
"""
# Of a case with two claims one letter is written, the other with the next run.
OF_CLAIMS = "select distinct c.case_id from ({due}) n join todoku_claim c on c.id = n.claim_id"


class Waiting(NamedTuple):
    """Letters of a kind that are due: those of an ordinary run, those of a run of protected people alone (支援措置), and
    those set aside for a person (letters/waiting.withheld)."""

    kind: str
    ordinary: int
    protected: int
    aside: int


def count_due_letters(programme: Programme, today: date | None = None) -> list[Waiting]:
    """What is due on a day (today) of each kind, in the order of the runs; kinds of which nothing is due are left out.

    One query; for each kind of letter on claims of which something may be due, a few more.
    """
    today = today or localdate()
    due: list[str] = []
    values: list[Any] = []
    for kind in KINDS:
        for to_account in ways(kind) if sends(kind, programme) else ():
            claims = kind in NOTICE_OF
            query, given = (
                _claims(kind, programme) if claims else query_of(kind, programme, to_account, today)
            )
            due.append(f"select '{kind}' as kind, q.case_id from ({query}) q")
            values += given
    with connection.cursor() as cursor:
        cursor.execute(COUNTED.format(due=" union all ".join(due), places=PLACES), values)
        found = {row[0]: Waiting(*row) for row in cursor.fetchall()}
    waiting = [found[kind] for kind in KINDS if kind in found]
    waiting = [_of_claims(one.kind, programme) if one.kind in NOTICE_OF else one for one in waiting]
    return [one for one in waiting if one.ordinary or one.protected or one.aside]


def _claims(kind: str, programme: Programme) -> tuple[str, list[Any]]:
    """Cases to which a letter of the kind may be due."""
    if kind == PLAN:
        return OF_CLAIMS.format(due=PLANNED), [programme.pk, kind]
    return OF_CLAIMS.format(due=DUE), [programme.pk, NOTICE_OF[kind], kind]


def _of_claims(kind: str, programme: Programme) -> Waiting:
    cases = [item.case_id for item in claim_items(kind, programme)]
    reasons = [one.reason for one in withheld(cases)]
    protected = reasons.count("protected")
    return Waiting(kind, len(cases) - len(reasons), protected, len(reasons) - protected)
