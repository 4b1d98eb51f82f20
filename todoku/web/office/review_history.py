"""What happened to a case before a reviewer sees it: rulings, earlier verdicts, words of colleagues, other applications.

Reads only, a fixed number of queries. What the first reviewer of this round ruled is left out where the second is blind.
"""

from typing import Any

from django.db.models import Q

from todoku.formats import bank_master
from todoku.intake.tables import Submission
from todoku.programme.terms import Terms
from todoku.review.desk_tables import CaseComment
from todoku.review.reopen import REASONS as AGAIN
from todoku.review.similar_cases import rulings_beside
from todoku.review.tables import Decision, Question, Task, Verdict


def history(task: Task, terms: Terms) -> dict[str, Any]:
    """What happened to the case before: rulings, verdicts of earlier rounds, why it came back, other applications."""
    given = Verdict.objects.filter(submission=task.submission).filter(
        Q(undone_at__isnull=True) | Q(withdrawn_by__isnull=False)
    )
    # The second reviewer is blind to the first (ブラインド審査) unless the terms say otherwise: of this round only then.
    before = given.filter(round__lt=task.round if terms.review.blind_second else task.round + 1)
    others = Submission.objects.filter(case_id=task.case_id).exclude(pk=task.submission_id).order_by("id")
    sent_back = (
        Decision.objects.filter(case_id=task.case_id, outcome="sent_back").order_by("-id").first()
        if task.reason in AGAIN
        else None
    )
    return {
        "questions": list(
            Question.objects.filter(case_id=task.case_id)
            .exclude(state="withdrawn")
            .select_related("made", "by_ruling")
            .order_by("-asked_at")
        ),
        "rulings": rulings_beside(task.submission_id),
        "before": list(before.select_related("staff", "withdrawn_by").order_by("id")),
        "comments": list(
            CaseComment.objects.filter(case_id=task.case_id).select_related("staff").order_by("id")
        ),
        "sent_back": sent_back,
        # What an official wrote goes to the manager alone, who tells it as a comment; our own reasons stand here.
        "sent_back_words": _own_words(sent_back.remark) if sent_back else "",
        "others": [_other(one) for one in others.prefetch_related("accounts")],
    }


def _own_words(remark: str) -> str:
    """Why a case left its list, where the house itself says so; "" for words of an official."""
    return remark if remark in AGAIN.values() or remark.startswith("裁定第") else ""


def _other(one: Submission) -> dict[str, Any]:
    """Another application of the same case, with its account by the last three digits."""
    accounts = sorted(one.accounts.all(), key=lambda account: account.version)
    last = accounts[-1] if accounts else None
    bank = bank_master.bank(last.bank) if last else None
    shown = (
        f"{bank.name if bank else last.bank} ****{last.number[-3:]}"
        if last and last.number
        else "口座の記入なし"
    )
    return {
        "when": f"{one.arrived_on:%m/%d}", "channel": one.get_channel_display(), "state": one.get_state_display(),
        "account": shown,
    }  # fmt: skip
