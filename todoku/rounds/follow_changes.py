"""Everything that a later roll or list brings to open cases (基準日の後の異動の反映): deaths and moves by the terms' table,
children born since, and the letters to those who receive from now on.

One call for the desk's button and the command line; each part is safe to run twice.
"""

from datetime import datetime

from todoku.case.add_newborns import add_newborns
from todoku.case.apply_changes import apply_changes
from todoku.ground.step import Report
from todoku.letters.for_new_payees import reissue_for_new_payees
from todoku.people.actor import Actor
from todoku.programme.tables import Programme


def follow_changes(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Report: `done` changes applied and amounts raised, `waiting` what a person decides or orders."""
    changes = apply_changes(programme=programme, actor=actor, at=at)
    born = add_newborns(programme=programme, actor=actor, at=at)
    again = reissue_for_new_payees(programme=programme, actor=actor, at=at)
    return Report(
        done=changes.done + born.done, waiting=changes.waiting + born.waiting,
        note=changes.note + born.note + again.note,
    )  # fmt: skip
