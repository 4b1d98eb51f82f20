"""Corrects the account of a submission by staff: a new AccountVersion beside the old one, which stays.

Only while the review can still see it: once a proposal has fixed an account, the case must be sent back first.
"""

from datetime import datetime

from django.db import transaction

from todoku.case import stages
from todoku.case.tables import CaseStage
from todoku.ground.step import Refusal
from todoku.intake.forms import BANK, AccountForm, account_row, is_blank
from todoku.intake.tables import AccountVersion, Submission
from todoku.people.actor import Actor

CORRECTABLE = (stages.RECEIVED, stages.IN_REVIEW, stages.WITH_MUNICIPALITY)


class AccountFixed(Refusal):
    """The review is over, or this submission does not count: its account is not to be changed."""


class NothingChanged(Refusal):
    """The corrected account is blank or the same as before."""


def hold_application(submission: int) -> tuple[Submission, str]:
    """The application and the stage of its case, in the caller's transaction: the stage is locked first, as by the review.

    The application only where it may be corrected: whoever brings many back from before the decision (find_shared.py) holds
    them before their stages. Its key stays free, so that a verdict or a finding can name it meanwhile.
    """
    case = Submission.objects.values_list("case_id", flat=True).get(pk=submission)
    stage = CaseStage.objects.select_for_update().get(pk=case).stage
    found = Submission.objects.select_related("programme")
    if stage in CORRECTABLE:
        found = found.select_for_update(of=("self",), no_key=True)
    return found.get(pk=submission), stage


def correct_account(submission: int, account: AccountForm, *, actor: Actor, at: datetime) -> AccountVersion:
    """Adds the next version of the account and gives it. Raises AccountFixed, NothingChanged or TooLong."""
    row = account_row(account)
    with transaction.atomic():
        held, stage = hold_application(submission)
        if stage not in CORRECTABLE or held.state not in ("received", "screened"):
            raise AccountFixed(
                f"この申請の口座は直せません（{stages.stage_name(stage)}）。審査に差し戻してから直してください。"
            )
        if held.rail != BANK:
            raise AccountFixed(
                "この申請は口座への振込を希望していないため、直す口座がありません。受取方法を変える申出は、申請書で受け付けてください。"
            )
        last = held.accounts.order_by("-version").first()
        if is_blank(row) or (last and row == _as_row(last)):
            raise NothingChanged("口座が変わっていません。直すところを入力してから保存してください。")
        return AccountVersion.objects.create(
            submission=held, version=last.version + 1 if last else 1, entered_at=at, entered_by=actor.name,
            staff_id=actor.id, **row._asdict(),
        )  # fmt: skip


def _as_row(version: AccountVersion) -> tuple[object, ...]:
    return (
        version.bank, version.branch, version.kind, version.number, version.holder_kana, version.yucho_symbol,
        version.yucho_number,
    )  # fmt: skip
