"""A decline that was told is confirmed a second time, another way (辞退の再確認): the case ends, and nothing is paid.

Takes a word that waits; leaves the case at DECLINED wherever it stood before the payment: its looks and questions ended,
off every open list, its row out of an open batch. What stands in a sealed file is refused with what there is to do.
"""

from datetime import datetime

from django.db import connection, transaction

from todoku.case import stages
from todoku.case.move import move
from todoku.case.tables import Case, CaseStage
from todoku.formats.codes import contains_my_number
from todoku.ground.step import Refusal
from todoku.intake.decline_tables import DeclineWord
from todoku.intake.tell_decline import CAN_DECLINE, TOO_LATE
from todoku.ledger.entitle import withdraw
from todoku.ledger.post import Rows
from todoku.payment.hand_back import OUT_OF_FORCE, void_ready
from todoku.payment.hold import lock_batches_of
from todoku.payment.side_tables import Hold
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.review.case_locks import hold_cases
from todoku.review.decision_lists import take_off
from todoku.review.desk_tables import Contact
from todoku.review.office_may import DECLINED
from todoku.review.tables import Finding, Question, Task
from todoku.review.who_decides import MANAGER, Unmet, decider_of

WORDS_MAX = 150
SECONDS = dict(DeclineWord.SECONDS)
# One way twice is no second confirmation.
SAME_WAY = {("counter", "visit"), ("paper", "letter")}


class CannotConfirm(Refusal):
    """The word is settled, is confirmed the way it came, is the manager's to confirm, or the payment has gone too far."""


def confirm_decline(word: DeclineWord, *, second: str, words: str, actor: Actor, at: datetime) -> DeclineWord:
    """`second` is a key of DeclineWord.SECONDS, `words` how it was made sure. Raises CannotConfirm or CannotHandBack."""
    if second not in SECONDS or (word.channel, second) in SAME_WAY:
        raise CannotConfirm(
            "申出を受けたのとは別の方法で、本人に確かめてください。電話で受けたときは、こちらからかけ直します。"
        )
    with transaction.atomic():
        word, case = _held(word, words, actor)
        stage = case.standing.stage
        if stage not in CAN_DECLINE:
            ended = f"この案件は「{stages.stage_name(stage)}」のため、辞退にできません。"
            raise CannotConfirm(TOO_LATE.get(stage, ended))
        _ask_who_decides(case, actor)
        why = f"辞退を確認（{SECONDS[second]}）"
        _stop(case, why, actor, at)
        move([case.pk], programme=case.programme, to=stages.DECLINED, why=why, actor=actor, at=at)
        _settle(word, "done", words, actor, at, second=second, stage_before=stage)
        _end_hold(case, f"支払わない：{words.strip()}", actor, at)
    word.refresh_from_db()
    return word


def drop_decline(word: DeclineWord, *, words: str, actor: Actor, at: datetime) -> DeclineWord:
    """It was not meant, or is taken back before it took effect: everything goes on where it stands."""
    with transaction.atomic():
        word, case = _held(word, words, actor)
        _settle(word, "dropped", words, actor, at)
        _end_hold(case, f"支払を続ける：{words.strip()}", actor, at)
    word.refresh_from_db()
    return word


def _held(word: DeclineWord, words: str, actor: Actor) -> tuple[DeclineWord, Case]:
    """The word and its case behind their locks: nobody makes transfers, a batch or a list of it meanwhile (case_locks.py)."""
    if not actor.roles & ACTIONS["decline.confirm"] or actor.id is None:
        raise CannotConfirm("辞退を確かめる権限がありません。業務責任者に連絡してください。")
    if not words.strip() or len(words.strip()) > WORDS_MAX:
        raise CannotConfirm(f"いつ、だれに、どう確かめたかを{WORDS_MAX}文字以内で書いてください。")
    if contains_my_number(words):
        raise CannotConfirm(
            "マイナンバーと思われる12桁の数字があります。マイナンバーは記録できません。消してから保存してください。"
        )
    hold_cases([word.case_id], word.programme_id)
    lock_batches_of([word.case_id])
    CaseStage.objects.select_for_update().get(pk=word.case_id)
    word = DeclineWord.objects.select_for_update().get(pk=word.pk)
    if word.kind != "decline" or word.state != "told":
        raise CannotConfirm("この申出は、すでに確かめられています。画面を開き直してください。")
    return word, Case.objects.select_related("programme", "standing").get(pk=word.case_id)


def _ask_who_decides(case: Case, actor: Actor) -> None:
    """Where an application holds a doubt about the will to decline and the criteria leave that to the manager, no other's
    telephone call ends the case: what the desk may not decide does not go round it."""
    doubts = Finding.objects.filter(case=case, code=DECLINED, submission__state="screened").exclude(
        severity="note"
    )
    deciders = case.programme.version.deciders
    theirs = {
        decider_of(Unmet(code, evidence), deciders)
        for code, evidence in doubts.values_list("code", "evidence")
    }
    if MANAGER in theirs and MANAGER not in actor.roles:
        raise CannotConfirm(
            "届いている申請の辞退の欄に確かめることがあり、基準では業務責任者が決めます（D50）。"
            "確かめたことを申し送り、業務責任者に、この申出の確認を依頼してください。"
        )


def _settle(word: DeclineWord, state: str, words: str, actor: Actor, at: datetime, **more: str) -> None:
    DeclineWord.objects.filter(pk=word.pk).update(
        state=state, words=words.strip(), settled_at=at, settled_by_id=actor.id, **more
    )
    record_look(
        actor=actor, action="decline.confirm", subject_kind="case", subject_id=word.case_id, at=at,
        programme_slug=word.programme.slug, reason="辞退を確認" if state == "done" else "辞退の申出は本人の意思ではない",
    )  # fmt: skip


def _stop(case: Case, why: str, actor: Actor, at: datetime) -> None:
    """Whatever is under way for the case: looks, calls and questions, its row on a list, its payment in an open batch."""
    take_off([case.pk], remark=why)
    void_ready([case.pk])
    withdraw(
        Rows("select id from todoku_decision where case_id = any(%s) and part = 1 and in_force", [[case.pk]]),
        programme=case.programme, actor=actor, at=at, reason=why,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(OUT_OF_FORCE, [[case.pk], [why]])
    Task.objects.filter(case=case, state__in=["open", "held"]).update(
        state="void", closed_at=at, claimed_by=None, reserved_by=None, reserved_at=None
    )
    Contact.objects.filter(case=case, state="open").update(state="closed", closed_at=at)
    Question.objects.filter(case=case, state__in=Question.OPEN).update(
        state="withdrawn", answered_at=at, answered_by=actor.name, answer=why
    )


def _end_hold(case: Case, outcome: str, actor: Actor, at: datetime) -> None:
    """A hold that was opened for the same word ends with it, by whoever may end holds; else it waits for its owner."""
    if actor.roles & ACTIONS["hold.close"]:
        Hold.objects.filter(case=case, kind="refusal", closed_at__isnull=True).update(
            closed_at=at, closed_by_id=actor.id, outcome=outcome[:200]
        )
