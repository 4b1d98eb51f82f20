"""Confirms whose paper it is (照合の確認): by another person than who proposed it; the paper's sheets belong to the case.

Where the second person disagrees, the paper goes back to those that wait.
"""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal, Report
from todoku.mailroom.tables import Sheet, UnplacedPaper
from todoku.people.actor import Actor


class CannotConfirm(Refusal):
    """There is nothing to confirm, or this person proposed it."""


def confirm_match(paper: UnplacedPaper, *, agrees: bool = True, actor: Actor, at: datetime) -> Report:
    """The match stands, or (agrees=False) the paper waits again. Raises CannotConfirm."""
    with transaction.atomic():
        held = UnplacedPaper.objects.select_for_update().get(pk=paper.pk)
        if held.state == "matched" and agrees:
            return Report(note="この書類は照合済みです。")
        if held.state != "proposed":
            raise CannotConfirm("確認を待つ照合がありません。一覧を開き直してください。")
        if actor.id is None or actor.id == held.proposed_id:
            raise CannotConfirm("照合を提案した人とは別の職員が確認してください。")
        if not agrees:
            held.state, held.case, held.why_matched = "waiting", None, ""
            held.proposed_id, held.proposed_by, held.proposed_at = None, "", None
            held.save(
                update_fields=["state", "case", "why_matched", "proposed_id", "proposed_by", "proposed_at"]
            )
            return Report(waiting=1, note="提案を戻しました。書類は照合待ちです。")
        held.state, held.closed_id, held.closed_by, held.closed_at = "matched", actor.id, actor.name, at
        held.save(update_fields=["state", "closed_id", "closed_by", "closed_at"])
        sheets = Sheet.objects.filter(
            envelope_id=held.envelope_id, household=held.household, voided_at__isnull=True
        )
        count = sheets.update(case_id=held.case_id)
    return Report(done=count, note=f"照合を確認しました。用紙{count}枚がこの案件のものになりました。")
