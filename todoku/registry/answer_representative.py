"""Confirms, refuses or ends who acts by law for a payee (法定代理人の確認・終了). Never the one who entered him.

Takes a Representative that waits; leaves it confirmed, from then on letters go to him and the account that he keeps is
explained; whoever was it before ends with the same act. Nobody ever has two.
"""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.registry.representative_tables import Representative

ACTION = "representative.confirm"
WHY_MAX = 200


class CannotAnswer(Refusal):
    """It was answered already, or this person may not answer it."""


def answer_representative(
    one: Representative,
    *,
    confirmed: bool,
    why: str = "",
    actor: Actor,
    at: datetime,
    case: int | None = None,
) -> Representative:
    """The second person's word: confirmed, or refused with a reason."""
    with transaction.atomic():
        held = _held(one, actor)
        if held.state != "waiting":
            raise CannotAnswer("この法定代理人は確認済みです。画面を更新して、いまの状態を確かめてください。")
        if held.proposed_by_id == actor.id:
            raise CannotAnswer("入力した本人は確認できません。別の業務責任者が証明書を見て確認してください。")
        if not confirmed and not why.strip():
            raise CannotAnswer("認めない理由を入力してください。")
        if confirmed:
            before = Representative.objects.filter(ward=held.ward_id, state="confirmed")
            before.update(state="ended", ended_by_id=actor.id, ended_at=at)
        held.state = "confirmed" if confirmed else "refused"
        held.answered_by_id, held.answered_at, held.why = actor.id, at, why.strip()[:WHY_MAX]
        held.save(update_fields=["state", "answered_by", "answered_at", "why"])
        _record(held, "確認" if confirmed else "認めない", actor, at, case)
    return held


def end_representative(
    one: Representative, *, why: str, actor: Actor, at: datetime, case: int | None = None
) -> Representative:
    """From now on the payee is reached and named by himself again (終了・辞任)."""
    with transaction.atomic():
        held = _held(one, actor)
        if held.state != "confirmed":
            raise CannotAnswer("終了できるのは、確認済みの法定代理人だけです。")
        if not why.strip():
            raise CannotAnswer("終了する理由（辞任、後見の終了など）を入力してください。")
        held.state, held.ended_by_id, held.ended_at, held.why = "ended", actor.id, at, why.strip()[:WHY_MAX]
        held.save(update_fields=["state", "ended_by", "ended_at", "why"])
        _record(held, "終了", actor, at, case)
    return held


def _held(one: Representative, actor: Actor) -> Representative:
    if not may(actor.roles, ACTION) or actor.id is None:
        raise CannotAnswer("法定代理人を確認する権限がありません。業務責任者に依頼してください。")
    held = Representative.objects.select_for_update(of=("self",)).select_related("programme")
    return held.get(pk=one.pk)


def _record(held: Representative, word: str, actor: Actor, at: datetime, case: int | None) -> None:
    record_look(
        actor=actor, action=ACTION, subject_kind="case" if case else "person", subject_id=case or held.ward_id, at=at,
        programme_slug=held.programme.slug, reason=f"{held.get_kind_display()}: {word}",
    )  # fmt: skip
