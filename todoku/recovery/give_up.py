"""A claim ends without being paid: waived (免除), written off (不納欠損), or taken back (取消し). The municipality alone does it.

Takes a claim under way and a reason; leaves it ended and booked in the same transaction, under the officer's name.
"""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.ground.step import Refusal
from todoku.ledger.post import Line, post
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.recovery.claim_facts import facts_of
from todoku.recovery.held_claim import locked, record, year_of
from todoku.recovery.order_standing import over_by
from todoku.recovery.steps import lapses
from todoku.recovery.tables import Claim

# From memory: 地方自治法236条 (prescription), 96条1項10号 (the council gives a right up), 破産法253条 (discharge).
GROUNDS = {
    "lapsed": "消滅時効の完成",
    "discharged": "破産などによる免責",
    "given_up": "議会の議決による権利の放棄",
}


class CannotGiveUp(Refusal):
    """The claim cannot end in this way, or not by this person."""


def waive(claim: Claim, *, why: str, actor: Actor, at: datetime) -> Claim:
    """Waives what is left of a claim; what was paid stays paid."""
    why = _why(why, actor)
    with transaction.atomic():
        claim = _held(claim)
        if claim.state not in ("noticed", "disputed"):
            raise CannotGiveUp("免除できるのは、請求中か申立て中の返還だけです。")
        return _end(claim, "waived", "waived", why, "claim.waive", actor, at)


def write_off(claim: Claim, *, ground: str, why: str, actor: Actor, at: datetime) -> Claim:
    """Writes off what is left, on one of GROUNDS; "lapsed" only once the time has run out."""
    assert ground in GROUNDS, f"unknown ground {ground!r}"
    why = _why(why, actor)
    with transaction.atomic():
        claim = _held(claim)
        if claim.state != "noticed":
            raise CannotGiveUp(
                "不納欠損にできるのは、請求中の返還だけです。申立て中のときは、先に結論を記録してください。"
            )
        last = lapses(facts_of(claim)).last_day
        if ground == "lapsed" and localdate(at) <= last:
            raise CannotGiveUp(
                f"時効はまだ完成していません（{last.year}年{last.month}月{last.day}日まで）。督促か催告を続けてください。"
            )
        return _end(
            claim, "written_off", "written_off", f"{GROUNDS[ground]}：{why}", "claim.write_off", actor, at
        )


def cancel(claim: Claim, *, why: str, actor: Actor, at: datetime) -> Claim:
    """Takes a claim back that should not have been made, before anything was paid on it."""
    why = _why(why, actor)
    with transaction.atomic():
        claim = _held(claim)
        if claim.state not in ("open", "noticed", "disputed"):
            raise CannotGiveUp("この返還の手続きは終わっています。")
        if facts_of(claim).paid_yen:
            raise CannotGiveUp(
                "納付された額があるため、取り消せません。残りは「免除する」で終わらせてください。"
            )
        return _end(claim, "cancelled", "claim_cancelled", why, "claim.cancel", actor, at)


def _why(why: str, actor: Actor) -> str:
    if not actor.roles & ACTIONS["claim.give_up"] or actor.id is None:
        raise CannotGiveUp("返還の免除・不納欠損・取消しができるのは、自治体の担当課職員だけです。")
    if not why.strip():
        raise CannotGiveUp("理由と決裁の番号を書いてください。帳簿と経過に残ります。")
    return why.strip()[:150]


def _held(claim: Claim) -> Claim:
    """The claim, with the programme as an order holds it: no supplement is counted on the claim in the same moment."""
    Programme.objects.select_for_update(no_key=True).get(pk=claim.programme_id)
    return locked(claim)


def _end(claim: Claim, state: str, kind: str, why: str, action: str, actor: Actor, at: datetime) -> Claim:
    """Ends the claim and books what was left of it."""
    left = facts_of(claim).left_yen
    assert left > 0, "a claim under way has something left"
    if over_by(claim.case, left) > 0:
        raise CannotGiveUp(
            "この案件では、返還を求める額を見込んだ追給が途中です。先に追給の案を差し戻すか、追給を取り消してください。"
        )
    Claim.objects.filter(pk=claim.pk).update(
        state=state, ended_at=at, ended_by_id=actor.id, end_why=why[:200]
    )
    post(
        kind, [Line(claim.pk, claim.case_id, left, year_of(claim))], programme=claim.programme, subject_kind="claim",
        actor=actor, at=at, reason=why,
    )  # fmt: skip
    record(claim, action, f"{left:,}円 {why}", actor, at)
    claim.refresh_from_db()
    return claim
