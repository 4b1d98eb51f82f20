"""The budget (予算の配当): the treasurer books what may be spent, by fiscal year, budget item and order.

Once a programme has one, a decision that needs more than what is left is refused. A programme without any goes on
without this guard, and its page says so.
"""

from datetime import datetime

from django.db import transaction

from todoku.formats.fiscal_year import year_name
from todoku.ground.step import Refusal
from todoku.ledger.balances import balances, standing
from todoku.ledger.post import Line, Posted, post
from todoku.ledger.tables import LedgerEntry
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme

# What fits the ten digits of every form of the trade, many times over what a city spends on one programme.
YEN_MAX = 9_999_999_999_999


class NotTheTreasurer(Refusal):
    """Only the municipality's treasurer books a budget or settles what came back."""


class CannotAppropriate(Refusal):
    """The budget as typed cannot be booked, or is booked already."""


class MoreThanAppropriated(Refusal):
    """A decision would spend more than what is left of the budget."""


def appropriate(
    *, programme: Programme, fiscal_year: int, budget_item: str, order: str, amount_yen: int, actor: Actor, at: datetime
) -> Posted:  # fmt: skip
    """Books a budget (科目 and 配当通知番号 name it, once in a fiscal year); raises CannotAppropriate."""
    ask_treasurer(actor)
    named = _named(budget_item, order)
    if not 0 < amount_yen <= YEN_MAX:
        raise CannotAppropriate("配当額は1円以上の整数で入力してください。")
    if not 2000 <= fiscal_year <= 2100:
        raise CannotAppropriate("会計年度は西暦4桁で入力してください（令和8年度は2026）。")
    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        same = LedgerEntry.objects.filter(
            programme=programme, kind="appropriation", fiscal_year=fiscal_year, reason=named
        )
        if same.exclude(pk__in=LedgerEntry.objects.exclude(reverses=None).values("reverses")).exists():
            raise CannotAppropriate(
                "同じ科目と配当番号の配当は記帳済みです。追加の配当は、別の番号で記帳してください。"
            )
        posted = post(
            "appropriation", [Line(None, None, amount_yen, fiscal_year)], programme=programme,
            subject_kind="appropriation", actor=actor, at=at, reason=named,
        )  # fmt: skip
        record_look(
            actor=actor, action="ledger.appropriate", subject_kind="ledger", subject_id=None, at=at,
            programme_slug=programme.slug, reason=f"{year_name(fiscal_year)} {amount_yen:,}円 {named}",
        )  # fmt: skip
    return posted


def available(programme: Programme, fiscal_year: int) -> int | None:
    """Yen that may still be decided in a fiscal year; None where the programme has no budget in its books at all."""
    if not has_appropriation(programme):
        return None
    return standing(balances(programme), "available", fiscal_year)


def has_appropriation(programme: Programme) -> bool:
    """Whether any budget was booked and not taken back."""
    taken_back = LedgerEntry.objects.filter(programme=programme).exclude(reverses=None).values("reverses")
    return (
        LedgerEntry.objects.filter(programme=programme, kind="appropriation").exclude(pk__in=taken_back).exists()
    )  # fmt: skip


def ask_available(programme: Programme, *, fiscal_year: int, amount_yen: int) -> None:
    """Refuses what the budget does not cover. The caller's transaction holds the programme until the decision is booked."""
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    left = available(programme, fiscal_year)
    if left is not None and amount_yen > left:
        raise MoreThanAppropriated(
            f"{year_name(fiscal_year)}の予算残額は{max(left, 0):,}円で、決定しようとする{amount_yen:,}円に足りません。"
            "出納に予算の配当か返納金の整理（戻入）を依頼するか、一覧の件数を減らしてください。"
        )


def ask_treasurer(actor: Actor) -> None:
    """By the table alone: what the system may do by itself never includes the budget."""
    if not actor.roles & ACTIONS["ledger.appropriate"]:
        raise NotTheTreasurer("予算の配当と返納金の整理を記帳できるのは、自治体の出納だけです。")


def _named(budget_item: str, order: str) -> str:
    item, number = budget_item.strip(), order.strip()
    if not item or not number:
        raise CannotAppropriate(
            "科目と配当番号を入力してください。帳簿と予算の資料を突き合わせるために使います。"
        )
    if len(item) > 60 or len(number) > 40:
        raise CannotAppropriate("科目は60字、配当番号は40字までで入力してください。")
    return f"科目 {item}、配当番号 {number}"
