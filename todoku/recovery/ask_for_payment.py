"""Letters on a claim: the first with its payment slip (返還請求・納付書), the reminder (督促), the call (催告).

Takes a claim; leaves the notice with its due date. The letter itself is printed with the round's other letters
(rounds/due_letters.py), each once. What is disputed is not reminded of.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.ground.step import Refusal
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.recovery.claim_facts import facts_of
from todoku.recovery.held_claim import locked, record
from todoku.recovery.steps import overdue_since
from todoku.recovery.tables import Claim, ClaimNotice

KIND_WORDS = dict(ClaimNotice.KINDS)


class CannotAsk(Refusal):
    """The claim is not one that this letter goes out on now."""


def notice(claim: Claim, *, due_on: date, actor: Actor, at: datetime) -> ClaimNotice:
    """Sends the claim with its payment slip: from now on its due date counts."""
    _ask_sender(actor)
    with transaction.atomic():
        claim = locked(claim)
        if claim.state != "open":
            raise CannotAsk("返還請求書は送付済みです。納期限を過ぎたときは、督促を行ってください。")
        _ask_due(due_on, at)
        Claim.objects.filter(pk=claim.pk).update(state="noticed", due_on=due_on)
        return _write(claim, "notice", due_on, actor, at)


def remind(claim: Claim, *, kind: str, due_on: date, actor: Actor, at: datetime) -> ClaimNotice:
    """Reminds of what is overdue: first by `kind` "reminder" (督促), after that by "call" (催告), with a new due date."""
    assert kind in ("reminder", "call"), f"no letter reminds as {kind!r}"
    _ask_sender(actor)
    with transaction.atomic():
        claim = locked(claim)
        if claim.state == "disputed":
            raise CannotAsk("申立てがあり、督促を止めています。結論が出たら「再開する」を行ってください。")
        if claim.state != "noticed":
            raise CannotAsk("請求中の返還だけを督促できます。")
        today = localdate(at)
        since = overdue_since(facts_of(claim), today)
        if since is None:
            raise CannotAsk("納期限を過ぎた額はありません。納期限の翌日から督促できます。")
        reminded = claim.notices.filter(kind="reminder", sent_on__gt=since).exists()
        if kind == "reminder" and reminded:
            raise CannotAsk("この納期限については督促済みです。続けて求めるときは、催告を行ってください。")
        if kind == "call" and not reminded:
            raise CannotAsk("催告の前に、督促を行ってください。")
        if claim.notices.filter(kind__in=["reminder", "call"], due_on__gte=today, sent_on__gt=since).exists():
            raise CannotAsk("前の督促・催告の期限がまだ来ていません。期限を過ぎてから行ってください。")
        _ask_due(due_on, at)
        return _write(claim, kind, due_on, actor, at)


def _ask_sender(actor: Actor) -> None:
    if not actor.roles & ACTIONS["claim.notice"]:
        raise CannotAsk("返還の請求・督促を送れるのは、自治体の担当課職員と事務局の業務責任者だけです。")


def _ask_due(due_on: date, at: datetime) -> None:
    if due_on <= localdate(at):
        raise CannotAsk("納期限は、明日以降の日にしてください。")
    if due_on.year > localdate(at).year + 1:
        raise CannotAsk("納期限が遠すぎます。分けて納めてもらうときは、分割納付の計画を作成してください。")


def _write(claim: Claim, kind: str, due_on: date, actor: Actor, at: datetime) -> ClaimNotice:
    made = ClaimNotice.objects.create(
        claim=claim, kind=kind, sent_on=localdate(at), due_on=due_on, at=at, actor_name=actor.name
    )
    record(claim, "claim.notice", f"{KIND_WORDS[kind]}（納期限 {due_on:%Y/%m/%d}）", actor, at)
    return made
