"""Records the posting of a run (発送): takes a released run and the pieces counted at the post office's counter.

The count must be the run's. Moves the cases of forms and notices from LISTED to INVITED; other letters move nothing.
"""

from datetime import date, datetime

from django.db import transaction

from todoku.case.move import Selection, move
from todoku.case.stages import INVITED
from todoku.ground.step import Refusal, Report
from todoku.letters.tables import Dispatch, PrintRun
from todoku.people.actor import Actor

INVITES = frozenset({"form", "push_notice"})
WHY_POSTED = "申請書・お知らせを発送"


class CannotDispatch(Refusal):
    """This run cannot be recorded as posted."""


class CountsDiffer(CannotDispatch):
    """The pieces counted are not as many as the run holds."""


def dispatch(run: PrintRun, *, posted_on: date, counted: int, actor: Actor, at: datetime) -> Report:
    """Records the posting and moves the run's cases. Safe to call twice with the same values.

    Report: `done` pieces posted; the note says how many cases were moved. Raises CountsDiffer, and CannotDispatch for
    a run that nobody released or that was posted with other values.
    """
    with transaction.atomic():
        run = PrintRun.objects.select_for_update().select_related("programme").get(pk=run.pk)
        if run.state == "dispatched":
            return _already(run, posted_on, counted)
        if run.state != "released":
            raise CannotDispatch("別の人による確認が済んでいない印刷ロットです。先に確認を受けてください。")
        if counted != run.pieces:
            raise CountsDiffer(
                f"数えた通数は{counted:,}通ですが、この印刷ロットは{run.pieces:,}通です。"
                "封入物を数え直し、足りない・余分な一通を印刷明細で確かめてください。"
            )
        Dispatch.objects.create(
            run=run,
            from_piece=1,
            to_piece=run.pieces,
            posted_on=posted_on,
            counted=counted,
            at=at,
            actor_name=actor.name,
        )
        run.state = "dispatched"
        run.save(update_fields=["state"])
        moved = 0
        if run.kind in INVITES:
            cases = Selection("select case_id from todoku_letter where run_id = %s", [run.pk])
            moved = move(cases, programme=run.programme, to=INVITED, why=WHY_POSTED, actor=actor, at=at)
    return Report(done=counted, note=f"{counted:,}通を発送し、{moved:,}件を「到着待ち」に進めました。")


def _already(run: PrintRun, posted_on: date, counted: int) -> Report:
    known = run.dispatch
    assert known, "a dispatched run has a posting"
    if (known.posted_on, known.counted) != (posted_on, counted):
        raise CannotDispatch(
            f"この印刷ロットは{known.posted_on}に{known.counted:,}通で発送済みです。記録を確認してください。"
        )
    return Report(note="この印刷ロットは発送済みです。何も変更していません。")
