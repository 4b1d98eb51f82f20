"""One reviewer's verdict on one submission: writes it and moves the case on. Two different persons approve paper.

Takes a task held by the actor; leaves a verdict and either a second look, a proposal for the municipality's decision,
a returned case, a question, or a confirmed 辞退. Never decides (支給・不支給 is the municipality's).
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from todoku.case import stages
from todoku.case.move import move
from todoku.ground.step import Refusal
from todoku.intake.forms import BANK
from todoku.intake.tables import AccountVersion, Submission
from todoku.people.actor import SYSTEM, Actor
from todoku.review import account_checks
from todoku.review.case_locks import hold_stages
from todoku.review.code_sentences import REFUSALS, explain
from todoku.review.codes import CODES
from todoku.review.desk_tables import Contact
from todoku.review.keep_pace import keep_pace
from todoku.review.office_may import ask_office_may, left_to_manager
from todoku.review.reopen import FAST, REASONS, open_round, reopen
from todoku.review.rescreen import rescreen_released
from todoku.review.seeded import keep_seeded
from todoku.review.tables import Proposal, Question, Screening, Task, Verdict
from todoku.review.who_decides import MANAGER


class NotYourTask(Refusal):
    """The task is not held by this person (any more)."""


class NeedsReason(Refusal):
    """The verdict needs a code or a comment."""


class SamePerson(Refusal):
    """The person has judged or keyed this application: somebody else must look."""


class NotPayable(Refusal):
    """An account that no bank file can carry cannot be approved."""


class NothingDeclined(Refusal):
    """The application does not decline anything."""


class DeclinedInPart(Refusal):
    """Some of a household decline: a verdict on the whole case would take the benefit from the others."""


def judge(
    task: Task, *, outcome: str, codes: Sequence[str] = (), comment: str = "", actor: Actor, at: datetime
) -> Verdict:
    """Records a verdict: approve, return (codes), refer (comment), refuse (one code) or decline (comment).

    A first approval, refusal or 辞退 opens a second look where two persons are needed, or where it was given very fast; the
    manager's, where the criteria leave to the manager what the verdict settles. A
    second reviewer who disagrees sends the case to the municipality with both views: the office does not outvote itself.
    """
    assert actor.id is not None, "only a person judges"
    codes = list(codes) if outcome in ("return", "refuse") else []
    _ask_reason(outcome, codes, comment)
    with transaction.atomic():
        # Whoever ends the case at this moment stops its looks behind its stage: in one order with him (case_locks.py).
        hold_stages([task.case_id])
        task = (
            Task.objects.select_for_update(of=("self",))
            .select_related("submission", "programme")
            .get(pk=task.pk)
        )
        if task.state != "held" or task.claimed_by_id != actor.id:
            raise NotYourTask(
                "この申請は、ほかの担当者が扱っているか、すでに判定されています。次の申請へ進んでください。"
            )
        _ask_person(task, actor)
        if task.for_manager and MANAGER not in actor.roles:
            raise NotYourTask("この申請は業務責任者が判定します。「引継ぎ」で業務責任者に渡してください。")
        account = _account_of(task)
        _ask_substance(task, outcome, account)
        ask_office_may(task, outcome, codes, at)
        managers = bool(left_to_manager(task, outcome, codes, actor, at))
        verdict = Verdict.objects.create(
            task=task, case_id=task.case_id, submission=task.submission, step=task.step, round=task.round,
            staff_id=actor.id, outcome=outcome, codes=codes, comment=comment.strip(), at=at,
        )  # fmt: skip
        Task.objects.filter(pk=task.pk).update(state="done", closed_at=at)
        Contact.objects.filter(task_id=task.pk, state="open").update(state="closed", closed_at=at)
        # A seeded error ends here: nothing follows from a made-up case.
        seeded = keep_seeded(task, verdict)
        if not seeded:
            _follow(task, verdict, account, actor, at, again=keep_pace(task, verdict), managers=managers)
    if not seeded:
        # Terms that changed while it was held: the verdict stands as it was given, and the case is judged under them now.
        rescreen_released([task.submission_id], programme=task.programme, actor=SYSTEM, at=at)
    return verdict


def _account_of(task: Task) -> AccountVersion | None:
    """The account that would be paid to as it stands now; None where another rail was chosen."""
    if task.submission.rail != BANK:
        return None
    return AccountVersion.objects.filter(submission=task.submission).order_by("-version").first()


def _ask_reason(outcome: str, codes: Sequence[str], comment: str) -> None:
    unknown = [code for code in codes if code not in (REFUSALS if outcome == "refuse" else CODES)]
    assert not unknown, f"unknown codes {unknown} for {outcome}"
    if outcome == "return" and not codes:
        raise NeedsReason("返戻には不備の項目を1つ以上選んでください。手紙にその文章が入ります。")
    if outcome == "refuse" and len(codes) != 1:
        raise NeedsReason("不支給相当とするときは、理由を1つ選んでください。")
    if outcome == "refer" and not comment.strip():
        raise NeedsReason("自治体への照会には、確認したいことを書いてください。")
    if outcome == "decline" and not comment.strip():
        raise NeedsReason(
            "辞退は、電話など別の手段で確かめてから記録します。いつ、誰に確かめたかを書いてください。"
        )


HANDS = """
select exists (select 1 from todoku_verdict v where v.submission_id = %(s)s and v.staff_id = %(who)s and v.undone_at is null
                and (v.round = %(round)s or exists (
                  select 1 from todoku_fastverdict f where f.verdict_id = v.id and f.looked_again))),
       exists (select 1 from todoku_entry where submission_id = %(s)s and staff_id = %(who)s)
       or exists (select 1 from todoku_accountversion where submission_id = %(s)s and staff_id = %(who)s)
       or exists (select 1 from todoku_keytask k join todoku_keying y on y.task_id = k.id
                   where k.submission_id = %(s)s and y.staff_id = %(who)s)
"""


def _ask_person(task: Task, actor: Actor) -> None:
    """Two pairs of eyes: not the first reviewer again, and not who keyed the form or corrected its account."""
    with connection.cursor() as cursor:
        cursor.execute(HANDS, {"s": task.submission_id, "round": task.round, "who": actor.id})
        judged, entered = cursor.fetchone()
    if judged:
        raise SamePerson("この申請の一次審査は、あなたが行いました。二次審査はほかの担当者が行います。")
    if entered:
        raise SamePerson("この申請は、あなたが入力または口座の訂正をしました。審査はほかの担当者が行います。")


def declined_in_part(submission: Submission) -> bool:
    """Whether a notice of declining names some of the household alone; it is kept as members that were corrected."""
    return submission.declines and submission.members_corrected


def _ask_substance(task: Task, outcome: str, account: AccountVersion | None) -> None:
    """An approval to a bank needs an account that can be paid to; a 辞退 needs a notice of the whole household, or one that
    was confirmed before this application came."""
    if outcome == "decline" and not (task.submission.declines or task.submission.declined_on):
        raise NothingDeclined("この申請には辞退の届出がありません。辞退の申出は応対記録に残してください。")
    if outcome == "decline" and declined_in_part(task.submission):
        raise DeclinedInPart(
            "この辞退届は、世帯の一部の方だけのものです。世帯の全員を辞退にはできません。"
            "「責任者へ照会」で、どなたが受け取らないかを書いて確かめてください。"
        )
    if outcome != "approve" or task.submission.rail != BANK:
        return
    named = (account.bank, account.branch, account.kind, account.number) if account else None
    lacking = account_checks.unpayable(named, account.holder_kana if account else "")
    if lacking:
        why = explain(lacking.code, lacking.evidence).text()
        raise NotPayable(f"この口座には振り込めないため「適」にできません。{why}")


def _follow(
    task: Task, verdict: Verdict, account: AccountVersion | None, actor: Actor, at: datetime, *, again: bool, managers: bool
) -> None:  # fmt: skip
    """`again`: the verdict was given so fast that somebody else looks once more, whatever it was. `managers`: that look is
    the manager's, whatever it was as well."""
    if verdict.outcome == "refer":
        ask(task, verdict.comment, actor, at)
    elif task.step == 1 and (again or managers or verdict.outcome != "return" and persons_for(task) > 1):
        Task.objects.create(
            submission=task.submission, case_id=task.case_id, programme=task.programme, step=2, round=task.round,
            reason=task.reason, opened_at=at, arrived_on=task.arrived_on, due_on=task.due_on,
            queue="clean" if task.queue == "sample" else task.queue, for_manager=managers,
        )  # fmt: skip
    elif verdict.outcome == "return" and not again:
        # What the letter says are the codes of this verdict; what the checks found may have been seen otherwise.
        _move(task, stages.RETURNED, "不備のため返戻", actor, at)
    elif verdict.outcome == "return":
        open_round([task.case_id], programme=task.programme, reason=FAST, at=at)
    else:
        _conclude(task, verdict, account, actor, at, again=again)
        if again:
            reopen([task.case_id], programme=task.programme, reason=FAST, actor=actor, at=at)


def persons_for(task: Task) -> int:
    """How many must agree: what the screening found at first; two once a case has come back, but one after a fast look."""
    if task.reason == FAST:
        return 1
    return 2 if task.reason in REASONS else Screening.objects.get(pk=task.submission_id).persons


def _conclude(
    task: Task, verdict: Verdict, account: AccountVersion | None, actor: Actor, at: datetime, *, again: bool
) -> None:
    """The last look: both saw the same and agree, or the municipality is asked, or the account is looked at anew.

    There is no way back from a 辞退: one that is to be looked at `again` waits for that look.
    """
    first = Verdict.objects.filter(
        submission=task.submission, round=task.round, step=1, undone_at__isnull=True
    ).exclude(pk=verdict.pk).first()  # fmt: skip
    if first and (first.outcome, first.codes) != (verdict.outcome, verdict.codes):
        ask(task, _split_words(first, verdict), actor, at)
    elif first and account and account.entered_at > first.at:
        # The first reviewer judged an account that is no longer the one named.
        open_round([task.case_id], programme=task.programme, reason="account_changed", at=at)
    elif verdict.outcome == "decline" and again:
        open_round([task.case_id], programme=task.programme, reason=FAST, at=at)
    elif verdict.outcome == "decline":
        _move(task, stages.DECLINED, "辞退を確認", actor, at)
    else:
        _propose(task, verdict, account, actor, at)


def ask(task: Task, text: str, actor: Actor, at: datetime) -> Question:
    """Puts a question (疑義照会) to the office's manager, who sends it to the municipality; the case waits for the answer."""
    _move(task, stages.WITH_MUNICIPALITY, "疑義照会", actor, at)
    return Question.objects.create(
        case_id=task.case_id, submission=task.submission, programme=task.programme, asked=text,
        asked_by=actor.name, asked_at=at,
    )  # fmt: skip


def _propose(
    task: Task, verdict: Verdict, account: AccountVersion | None, actor: Actor, at: datetime
) -> None:
    """Puts the reviewed case forward for the decision with the account that the reviewers saw."""
    refused = verdict.outcome == "refuse"
    Proposal.objects.update_or_create(
        case_id=task.case_id,
        defaults={
            "submission": task.submission, "account": account, "rail": task.submission.rail,
            "outcome": "refuse" if refused else "grant",
            "reason": verdict.codes[0] if refused else "",
            "via": "two_persons" if task.step == 2 else "one_person", "at": at,
        },
    )  # fmt: skip
    _move(task, stages.PASSED, "審査終了", actor, at)


def _move(task: Task, to: str, why: str, actor: Actor, at: datetime) -> None:
    move([task.case_id], programme=task.programme, to=to, why=why, actor=actor, at=at)


def _split_words(first: Verdict, second: Verdict) -> str:
    views = f"一次は「{_view(first)}」、二次は「{_view(second)}」"
    return f"{views}で判定が分かれました。{first.comment} {second.comment}".strip()


def _view(verdict: Verdict) -> str:
    """A verdict in words: the outcome, and why where it refuses."""
    reasons = "、".join(CODES[code].name for code in verdict.codes)
    return verdict.outcome_words + (f"（{reasons}）" if reasons else "")
