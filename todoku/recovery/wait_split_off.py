"""A split-off ordered while the head's payment is sealed or with the bank is kept as waiting (分離の見合わせ), and carried out
as soon as the batch is void or its result known.

Takes the officer's order as given; leaves it with a clock. The round carries it out under the officer's name, once, in
one transaction with the split-off itself; what cannot be done any more stays listed with the reason.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import localdate

from todoku.case.tables import Case
from todoku.formats.bank_days import bank_days_after
from todoku.ground.step import Refusal, Report
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.recovery.order_plan import AT_THE_BANK
from todoku.recovery.order_standing import standing_of
from todoku.recovery.put_right import CannotOrder, Given, ask_new, ask_order, person_of
from todoku.recovery.split_off import plan_waiting, split_off, tidy_reached
from todoku.recovery.tables import WaitingSplit
from todoku.registry.reached import Reached

# A bank's result comes within days of the value date: what waits longer than this is looked into.
CLOCK_BANK_DAYS = 5


def must_wait(case: Case) -> bool:
    """Whether the case's payment stands in a sealed file or with the bank, so that an order can only be kept."""
    return standing_of(case).payment == AT_THE_BANK


def keep_waiting(
    case: Case, persons: Sequence[int], *, head: int, reached: Reached, given: Given, actor: Actor, at: datetime
) -> WaitingSplit:  # fmt: skip
    """Keeps the order until the payment's end is known; raises CannotOrder where it could be given now, or not at all."""
    given, reached = ask_order(given, actor), tidy_reached(reached)
    if head not in persons:
        raise CannotOrder("新しい世帯の受給者を、分離する世帯員から選んでください。")
    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=case.programme_id)
        if not must_wait(case):
            raise CannotOrder(
                "振込の結果が出ています。見合わせずに、いま分離できます。もう一度内容を見てください。"
            )
        ask_new(case, "split_off", given.number)
        plan_waiting(case, persons)
        if WaitingSplit.objects.filter(case=case, ended_at__isnull=True).exists():
            raise CannotOrder(
                "この案件の分離は、すでに見合わせ中です。「見合わせ中の分離」で確認してください。"
            )
        made = WaitingSplit.objects.create(
            programme_id=case.programme_id, case=case, persons=list(persons), head_id=head, number=given.number,
            reason=given.reason, why=given.why, given_by_id=person_of(actor), at=at,
            due_on=bank_days_after(localdate(at), CLOCK_BANK_DAYS), **reached._asdict(),
        )  # fmt: skip
        _record(made, f"分離を見合わせ（決裁 {given.number}）", actor, at)
    return made


def carry_out_splits(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Carries out what waits and can be done now: `done`; `waiting` for the bank; `refused` by case with the reason."""
    done, waiting, refused = 0, 0, []
    for pk in list(_open(programme).values_list("pk", flat=True)):
        try:
            done, waiting = (done + 1, waiting) if _carry_out(pk, at) else (done, waiting + 1)
        except Refusal as why:
            number = WaitingSplit.objects.select_related("case").get(pk=pk).case.number
            refused.append((number, why.sentence))
    return Report(done=done, waiting=waiting, refused=tuple(refused))


def end_waiting(waiting: WaitingSplit, *, why: str, actor: Actor, at: datetime) -> None:
    """Lets a waiting order go, with the reason; it stays on record."""
    ask_order(Given(waiting.number, waiting.reason, waiting.why), actor)
    if not why.strip():
        raise CannotOrder("取りやめる理由を書いてください。記録に残ります。")
    with transaction.atomic():
        found = WaitingSplit.objects.select_for_update(of=("self",)).get(pk=waiting.pk)
        if found.ended_at is not None:
            raise CannotOrder("この見合わせは終わっています。画面を更新してください。")
        WaitingSplit.objects.filter(pk=found.pk).update(
            ended_at=at, ended_by_id=actor.id, end_why=why.strip()[:200]
        )
        _record(found, "分離の見合わせを取りやめ", actor, at)


def why_stuck(waiting: WaitingSplit) -> str:
    """Why an order that waits cannot be carried out as it stands; "" while only the bank is waited for."""
    if must_wait(waiting.case):
        return ""
    try:
        ask_order(Given(waiting.number, waiting.reason, waiting.why), _officer(waiting.given_by))
        plan_waiting(waiting.case, waiting.persons)
    except Refusal as refusal:
        return refusal.sentence
    return ""


def waiting_splits(programme: Programme) -> list[WaitingSplit]:
    """What waits, what is due first before the rest."""
    return list(_open(programme).select_related("case", "given_by", "programme").order_by("due_on", "pk"))


def _open(programme: Programme) -> QuerySet[WaitingSplit]:
    return WaitingSplit.objects.filter(programme=programme, ended_at__isnull=True)


def _carry_out(pk: int, at: datetime) -> bool:
    """One order, in one transaction with its end; False while the bank is still waited for, or another run has it."""
    with transaction.atomic():
        one = (
            WaitingSplit.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("case__programme", "case__recipient", "given_by")
            .filter(pk=pk, ended_at__isnull=True)
            .first()
        )
        if one is None or must_wait(one.case):
            return False
        officer = _officer(one.given_by)
        reached = Reached(one.postal_code, one.address, one.building, one.phone, one.protected)
        order = split_off(
            one.case, one.persons, head=one.head_id, reached=reached, given=Given(one.number, one.reason, one.why),
            actor=officer, at=at,
        )  # fmt: skip
        WaitingSplit.objects.filter(pk=pk).update(ended_at=at, order=order)
    return True


def _officer(staff: Staff) -> Actor:
    return Actor(id=staff.pk, name=staff.name, roles=staff.roles if staff.is_active else frozenset())


def _record(waiting: WaitingSplit, words: str, actor: Actor, at: datetime) -> None:
    record_look(
        actor=actor, action="entitlement.order", subject_kind="case", subject_id=waiting.case_id, at=at,
        programme_slug=waiting.programme.slug, reason=words,
    )  # fmt: skip
