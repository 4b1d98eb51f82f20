"""What a verdict has caused by now (判定の結果), listed before it is withdrawn: what stops with it, and what forbids it.

Takes a verdict; reads only, and gives sentences for the page and for withdraw.py, which stops them.
"""

from typing import NamedTuple

from todoku.case import stages
from todoku.case.tables import CaseStage
from todoku.letters.tables import Letter
from todoku.review.desk_tables import Contact
from todoku.review.tables import Decision, Question, Task, Verdict

# From here a withdrawn verdict's case goes back to the reviewers.
BEFORE_DECISION = (stages.IN_REVIEW, stages.PASSED, stages.RETURNED, stages.WITH_MUNICIPALITY)
DECIDED = (stages.DECIDED, stages.REFUSED, stages.PAYING, stages.PAID, stages.FAILED)


class Caused(NamedTuple):
    """One thing that followed: in words, and whether withdrawing stops it; if not, the verdict cannot be withdrawn."""

    what: str
    then: str
    stops: bool = True


def consequences(verdict: Verdict) -> list[Caused]:
    """Everything that followed from the verdict, in the order of the work; one that does not stop stands first."""
    stage = CaseStage.objects.get(pk=verdict.case_id).stage
    found = [
        *_beyond(verdict, stage),
        *_letters(verdict, stage),
        *_looks(verdict),
        *_asked(verdict),
        *_listed(verdict, stage),
    ]
    return sorted(found, key=lambda one: one.stops)


def _beyond(verdict: Verdict, stage: str) -> list[Caused]:
    """What has left the reviewers' hands."""
    if verdict.undone_at:
        return [Caused("この判定は、取消し済みです。", "あらためて取り消すことはありません。", False)]
    if stage in DECIDED:
        return [
            Caused(
                "支給・不支給が決定されています。",
                "決定のあとは、自治体の担当課の指示（決定の変更・差戻し）によります。担当課に連絡してください。", False,
            )
        ]  # fmt: skip
    if stage == stages.DECLINED:
        return [Caused("辞退を確認しました。", "辞退の撤回は、案件の「辞退の申出」で受け付けます。", False)]
    if stage not in BEFORE_DECISION or _newer(verdict):
        return [
            Caused(
                "判定のあとに、新しい申請か次の審査が始まっています。",
                "今の審査の担当者へ、メモで伝えてください。",
                False,
            )
        ]
    return []


def _newer(verdict: Verdict) -> bool:
    """Whether the case is looked at anew: in a later round, or by a later application."""
    later = Task.objects.filter(case_id=verdict.case_id).exclude(state="void")
    return (
        later.filter(submission_id=verdict.submission_id, round__gt=verdict.round).exists()
        or later.filter(submission_id__gt=verdict.submission_id).exists()
    )


def letters_of(verdict: Verdict) -> list[Letter]:
    """The letters of a return that were written from this verdict, the last copy last."""
    if verdict.outcome != "return":
        return []
    written = Letter.objects.filter(
        case_id=verdict.case_id,
        kind="return",
        occasion__in=[verdict.submission_id, -verdict.pk],
        run__made_at__gte=verdict.at,
    )
    return list(written.select_related("run", "pulled").prefetch_related("run__postings").order_by("copy"))


def _letters(verdict: Verdict, stage: str) -> list[Caused]:
    letters = letters_of(verdict)
    if verdict.outcome == "return" and stage == stages.RETURNED and not letters:
        return [Caused("不備のお知らせが、印刷を待っています。", "印刷されません。")]
    if not letters:
        return []
    last = letters[-1]
    if last.posting is not None:
        return [
            Caused(
                f"不備のお知らせを{last.posting.posted_on:%m/%d}に差し出しました。",
                "届くお知らせは止められません。お答えが届くと、もう一度審査します。", False,
            )
        ]  # fmt: skip
    if last.run.state == "making":
        return [Caused("不備のお知らせを印刷しています。", "印刷が終わってから取り消してください。", False)]
    return [
        Caused(
            f"不備のお知らせを印刷しました（ロット{last.run_id} 通し番号{last.piece_no}）。",
            "抜き取りの一覧に載せます。",
        )
    ]


def _looks(verdict: Verdict) -> list[Caused]:
    """Looks that wait for this verdict's case, and verdicts given after it in the same round."""
    same = Task.objects.filter(
        submission_id=verdict.submission_id, round=verdict.round, pk__gt=verdict.task_id
    )
    found = []
    for task in same.exclude(state="void").select_related("claimed_by").order_by("pk"):
        if task.state == "done":
            found.append(
                Caused("二次審査が済んでいます。", "二次審査の判定は記録に残り、二人とも審査し直します。")
            )
        elif task.state == "held" and task.claimed_by:
            found.append(
                Caused(f"{task.claimed_by.name}さんが二次審査をしています。", "二次審査を止めます。")
            )
        else:
            found.append(Caused("二次審査を待っています。", "二次審査を止めます。"))
    if verdict.step == 2:
        found.append(Caused("一次審査の判定があります。", "記録に残り、二人とも審査し直します。"))
    waits = Contact.objects.filter(task__submission_id=verdict.submission_id, state="open").count()
    return found + (
        [Caused("申請者への確認連絡を予定しています。", "確認連絡を取りやめます。")] if waits else []
    )


def _asked(verdict: Verdict) -> list[Caused]:
    asked = Question.objects.filter(
        case_id=verdict.case_id, submission_id=verdict.submission_id, state__in=Question.OPEN
    )
    words = {"with_manager": "業務責任者の確認を待つ照会", "sent": "自治体の回答を待つ照会"}
    return [Caused(f"{words[one.state]}があります。", "照会を取り消します。") for one in asked]


def _listed(verdict: Verdict, stage: str) -> list[Caused]:
    if stage != stages.PASSED:
        return []
    listed = Decision.objects.filter(case_id=verdict.case_id, decision_list__state="open").exclude(
        outcome="sent_back"
    )
    numbers = list(listed.values_list("decision_list_id", flat=True).distinct())
    if numbers:
        return [
            Caused(f"決定一覧{numbers[0]}に載っています。", "一覧から外し、合計と確認コードを付け直します。")
        ]
    return [Caused("支給・不支給の案ができています。", "案を下ろします。")]
