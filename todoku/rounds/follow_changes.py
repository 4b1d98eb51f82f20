"""Everything that a later roll or list brings to open cases (基準日の後の異動の反映): deaths and moves by the terms' table,
children born since, the questions that the table leaves open, and the letters to those who receive from now on.

One call for the desk's button, the night and the command line; each part is safe to run twice.
"""

from datetime import datetime

from django.db import connection, transaction

from todoku.case.add_newborns import add_newborns
from todoku.case.apply_changes import apply_changes
from todoku.ground.step import Report
from todoku.letters.for_new_payees import reissue_for_new_payees
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.ask_about_changes import ask_about_changes
from todoku.review.judge_anew import judge_anew

LAST_MEMBER = "select coalesce(max(id), 0) from todoku_member where programme_id = %s"
GROWN = """
select distinct c.id from todoku_member m
  join todoku_case c on c.programme_id = m.programme_id and c.recipient_id = m.recipient_id
 where m.programme_id = %s and m.id > %s and m.superseded_by_order = '' order by c.id
"""


def follow_changes(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Report: `done` changes applied and amounts raised, `waiting` what a person decides or orders."""
    changes = apply_changes(programme=programme, actor=actor, at=at)
    asked = ask_about_changes(programme=programme, actor=actor, at=at)
    born = _add_newborns(programme, actor, at)
    again = reissue_for_new_payees(programme=programme, actor=actor, at=at)
    return Report(
        done=changes.done + born.done, waiting=changes.waiting + born.waiting,
        note=changes.note + asked.note + born.note + again.note,
    )  # fmt: skip


def _add_newborns(programme: Programme, actor: Actor, at: datetime) -> Report:
    """Of a household that has grown while it was reviewed the review begins again: other people are counted now."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LAST_MEMBER, [programme.pk])
        (last,) = cursor.fetchone()
        born = add_newborns(programme=programme, actor=actor, at=at)
        if born.done:
            cursor.execute(GROWN, [programme.pk, last])
            grown = [case for (case,) in cursor.fetchall()]
            judge_anew(grown, programme=programme, reason="members_changed", at=at)
    return born
