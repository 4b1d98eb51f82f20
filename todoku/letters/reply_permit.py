"""The post office's approval for reply envelopes (料金受取人払の承認): noted, and asked before anything leaves with one.

Takes the approval's number and days; a run whose reply envelopes could not be used until the last day is refused.
"""

from datetime import date, datetime

from todoku.case.late_deadline import deadlines_of
from todoku.case.late_tables import LateOpening
from todoku.ground.step import Refusal
from todoku.letters.tables import PrintRun, ReplyPermit
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

# Kinds that the resident answers by post: a reply envelope lies beside them.
REPLIED = frozenset({
    "form", "push_notice", "return", "return_reminder", "transfer_failed", "decline_form", "proxy_form", "account_form",
})  # fmt: skip


class PermitEnds(Refusal):
    """Reply envelopes would be in the hands of residents when the post no longer takes them unpaid."""


class CannotNote(Refusal):
    """This approval cannot be noted."""


def note_permit(
    programme: Programme, *, post_office: str, approval_no: str, valid_from: date, valid_until: date, postal_code: str,
    box_number: str = "", deferred: bool = True, actor: Actor, at: datetime,
) -> ReplyPermit:  # fmt: skip
    """Notes an approval. Raises CannotNote for days that are no period of at most two years, or numbers that are none."""
    if not valid_from < valid_until or (valid_until - valid_from).days > 731:
        raise CannotNote("差出有効期間は2年以内です。承認の通知にある、初日と末日を確認してください。")
    if not (len(postal_code) == 7 and postal_code.isascii() and postal_code.isdigit()):
        raise CannotNote("郵便番号は、承認された7桁の番号をハイフンなしで入力してください。")
    if not approval_no.strip() or not post_office.strip():
        raise CannotNote("承認した郵便局と承認番号を入力してください。承認の通知に書かれています。")
    return ReplyPermit.objects.create(
        programme=programme, post_office=post_office.strip(), approval_no=approval_no.strip(), valid_from=valid_from,
        valid_until=valid_until, postal_code=postal_code, box_number=box_number.strip(), deferred=deferred, at=at,
        actor_name=actor.name,
    )  # fmt: skip


def last_reply(run: PrintRun) -> date:
    """The last day on which one of a run's pieces may be answered: who came in late may have a later one than everybody."""
    terms = run.programme.terms
    cohorts = run.letters.values_list("case__cohort", flat=True).distinct()
    late = LateOpening.objects.filter(case__letters__run=run).values_list("case_id", flat=True)
    days = [terms.deadline_for("", None, cohort) for cohort in cohorts]
    return max([terms.deadline, *days, *deadlines_of(late, terms).values()])


def permit_fault(run: PrintRun, on: date) -> str:
    """What is wrong with the reply envelopes of a run that leaves on that day; "" where nothing is.

    A programme for which no approval was noted sends stamped or bought envelopes, and is not asked.
    """
    if run.kind not in REPLIED:
        return ""
    permits = list(ReplyPermit.objects.filter(programme=run.programme))
    last = max(last_reply(run), on)
    if not permits or any(one.valid_from <= on and last <= one.valid_until for one in permits):
        return ""
    newest = max(permits, key=lambda one: one.valid_until)
    if newest.valid_until < on:
        found = (
            f"料金受取人払の承認（{newest.approval_no}）は、{newest.valid_until:%Y/%m/%d}で終わっています。"
        )
    elif newest.valid_from > on:
        found = f"料金受取人払の承認（{newest.approval_no}）は、{newest.valid_from:%Y/%m/%d}からです。"
    else:
        found = (
            f"料金受取人払の承認（{newest.approval_no}）は{newest.valid_until:%Y/%m/%d}までで、"
            f"返送の締切（{last:%Y/%m/%d}）より前に切れます。"
        )
    return (
        found
        + "郵便局に更新を申請し、新しい承認番号と期間を記録してから、その番号の返信用封筒を使ってください。"
    )


def ask_permit(run: PrintRun, *, on: date) -> None:
    """Passes where the reply envelopes of this run hold until the last day of return. Raises PermitEnds."""
    if fault := permit_fault(run, on):
        raise PermitEnds(fault)
