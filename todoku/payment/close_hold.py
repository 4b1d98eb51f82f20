"""Ends a hold (保留の解消): pay as decided, hand the case back to review, or do not pay.

Takes an open hold; leaves it closed with who, when and what was found out. "pay" lets the row into the next batch; the
other two void the payment and bring the case back to the reviewers, who rule on it anew. A supplement of what was paid
knows no review: "do not pay" cancels it, by an officer's word. Where the case has ended without payment meanwhile (a decline
that was confirmed) nothing is left to pay: the hold ends as that did.
"""

from datetime import datetime

from django.db import transaction

from todoku.case import stages
from todoku.case.tables import Case
from todoku.ground.step import Refusal
from todoku.intake.decline_tables import DeclineWord
from todoku.payment.hand_back import hand_back
from todoku.payment.hold import lock_batches_of, payable
from todoku.payment.hold_kinds import KINDS, OUTCOMES, Outcome
from todoku.payment.side_tables import Hold
from todoku.payment.stop_supplement import stop_supplements, supplements_under_way
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.review.case_locks import hold_cases

WORDS_MAX = 150
# A case that ended so is paid nothing; what brings it back is a word or an order of its own, never the end of a hold.
UNPAID = {
    stages.DECLINED: "支払うのは辞退が撤回されたときだけです。本人の申出を「辞退の申出」で受け付けてください。",
    stages.REFUSED: "不支給を改めるには、自治体の決定が要ります（「不服・訂正の申出」）。",
    stages.LAPSED: "受け付けるには、自治体の決裁が要ります（「不服・訂正の申出」）。",
}


class CannotClose(Refusal):
    """The hold is closed, is another's to close, or nobody says what was found out."""


def close_hold(held: Hold, *, outcome: str, words: str, actor: Actor, at: datetime) -> Hold:
    """Closes a hold with one of OUTCOMES and what was found out; raises CannotClose (or CannotHandBack)."""
    words = words.strip()
    if outcome not in OUTCOMES:
        raise CannotClose("保留の結果を選んでください。")
    if not words or len(words) > WORDS_MAX:
        raise CannotClose(
            f"確かめたことを{WORDS_MAX}文字以内で書いてください。後で説明するときの記録になります。"
        )
    with transaction.atomic():
        hold_cases([held.case_id], held.programme_id)
        lock_batches_of([held.case_id])
        held = (
            Hold.objects.select_for_update(of=("self",))
            .select_related("programme", "case__standing")
            .get(pk=held.pk)
        )
        if held.closed_at is not None:
            raise CannotClose("この保留は解消されています。画面を開き直してください。")
        ask_owner(held, outcome, actor)
        kind, chosen, ended = KINDS[held.kind], OUTCOMES[outcome], _ended_unpaid(held)
        if ended and outcome != "stop":
            stage = held.case.standing.stage
            raise CannotClose(
                f"この案件は「{stages.stage_name(stage)}」で終わり、支払うものがありません。「支払わない」で保留を終えてください。"
                f"{UNPAID[stage]}"
            )
        if outcome == "pay" and held.kind == "refusal":
            # Who was asked wants it after all: the word that held the payment is settled with the hold.
            DeclineWord.objects.filter(case_id=held.case_id, kind="decline", state="told").update(
                state="dropped", settled_at=at, settled_by_id=actor.id, words=words
            )
        if outcome != "pay" and not ended:
            reason = f"保留（{kind.name}）の結果「{chosen.name}」：{words}"[:200]
            _back(held, reason, stop=outcome == "stop", actor=actor, at=at)
            _ask_nothing_goes_on(held, actor)
        Hold.objects.filter(pk=held.pk).update(
            closed_at=at, closed_by_id=actor.id, outcome=f"{chosen.name}：{words}"
        )
        record_look(
            actor=actor, action="hold.close", subject_kind="case", subject_id=held.case_id, at=at,
            programme_slug=held.programme.slug, reason=f"{kind.name} → {chosen.name}",
        )  # fmt: skip
    held.refresh_from_db()
    return held


def outcomes_of(held: Hold) -> dict[str, Outcome]:
    """How this hold can end, by where its case stands."""
    stage = held.case.standing.stage
    if not _ended_unpaid(held):
        return OUTCOMES
    means = f"この案件は「{stages.stage_name(stage)}」で終わっています。何も支払わずに保留を終えます。"
    return {"stop": OUTCOMES["stop"]._replace(means=means)}


def _ended_unpaid(held: Hold) -> bool:
    return held.case.standing.stage in UNPAID and not payable(held.case_id).exists()


def ask_owner(held: Hold, outcome: str, actor: Actor) -> None:
    """Who owns the hold closes it. Whose is the municipality's is paid on only by its word; the office may always stop."""
    owner = KINDS[held.kind].owner_role
    if not may(actor.roles, "hold.close") or actor.id is None:
        raise CannotClose("保留を解消する権限がありません。業務責任者か担当課に連絡してください。")
    if outcome == "pay" and owner == "city_officer" and owner not in actor.roles:
        raise CannotClose(
            "この保留は自治体の担当課の判断を待っています。支払を続けるには、担当課が解消してください。"
        )


def _ask_nothing_goes_on(held: Hold, actor: Actor) -> None:
    """Back to review goes the first payment; a supplement that waits beside it goes on when the hold ends."""
    owner = KINDS[held.kind].owner_role
    if owner == "city_officer" and owner not in actor.roles and payable(held.case_id).exists():
        raise CannotClose(
            "この案件には、ほかに支払を待つ追給があります。保留を解消すると支払われるため、担当課が解消してください。"
        )


def _back(held: Hold, reason: str, *, stop: bool, actor: Actor, at: datetime) -> None:
    """Back to review what waits for its first payment; a supplement is stopped, or refused where it should be reviewed."""
    case = Case.objects.select_related("standing", "programme").get(pk=held.case_id)
    first, later = case.standing.stage == stages.DECIDED, bool(supplements_under_way(case))
    if later and not first and not stop:
        raise CannotClose(
            "追給は審査へ戻せません。「支払わない」で担当課が取り消すか、「支払を続ける」を選んでください。"
        )
    if not first and not later:
        raise CannotClose(
            f"この案件は「{stages.stage_name(case.standing.stage)}」のため、審査へ戻せません。"
            "支払を続けるか、担当課に取扱いを確認してください。"
        )
    if later and stop:
        stop_supplements(case, order=f"保留{held.pk}の結果", reason=reason, actor=actor, at=at)
    if first:
        hand_back(case, reason=reason, actor=actor, at=at)
