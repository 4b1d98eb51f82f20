"""Paper on the shelf (在庫): what came, what a run takes, and what is getting short. Counted, never estimated.

Takes movements; leaves the count and its StockMove. A run takes its envelopes and paper when it is released, whether the
house prints it or a printer; items that nobody keeps a count of are not asked for.
"""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from todoku.ground.step import Refusal, Report
from todoku.letters.reply_permit import REPLIED
from todoku.letters.tables import PrintRun, Stock, StockMove
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

ITEMS = dict(Stock.ITEMS)
# A card carries its own address; the leaflet goes with first letters alone.
CARDS = frozenset({"reminder"})
FIRST = frozenset({"form", "push_notice"})


class NotEnough(Refusal):
    """There is less on the shelf than is to be taken."""


class Short(NamedTuple):
    """An item of which there is less than wished: its name, how many there are, the count below which it is told."""

    item: str
    on_hand: int
    warn_below: int

    @property
    def sentence(self) -> str:
        return f"{self.item}の在庫が{self.on_hand:,}で、目安の{self.warn_below:,}を下回っています。発注してください。"


def move_stock(
    programme: Programme,
    item: str,
    *,
    change: int,
    why: str,
    actor: Actor,
    at: datetime,
    run: PrintRun | None = None,
) -> Stock:
    """Puts on the shelf (change > 0) or takes off it, with the reason. Raises NotEnough, and leaves all as it was."""
    assert item in ITEMS, f"no item {item!r}"
    with transaction.atomic():
        stock, _ = Stock.objects.select_for_update().get_or_create(programme=programme, item=item)
        if stock.on_hand + change < 0:
            raise NotEnough(
                f"{ITEMS[item]}の在庫は{stock.on_hand:,}で、{-change:,}には{-change - stock.on_hand:,}足りません。"
                "届いた分を記録するか、数え直して在庫を合わせてください。"
            )
        stock.on_hand += change
        stock.save(update_fields=["on_hand"])
        StockMove.objects.create(
            stock=stock, change=change, why=why[:100], run=run, at=at, actor_name=actor.name
        )
    return stock


def count_stock(
    programme: Programme,
    item: str,
    *,
    counted: int,
    warn_below: int | None = None,
    actor: Actor,
    at: datetime,
) -> Report:
    """What was counted on the shelf stands from now on (棚卸し), the difference as a movement."""
    assert counted >= 0, "a count is not negative"
    with transaction.atomic():
        stock, _ = Stock.objects.select_for_update().get_or_create(programme=programme, item=item)
        difference = counted - stock.on_hand
        if difference:
            move_stock(programme, item, change=difference, why="棚卸し", actor=actor, at=at)
        if warn_below is not None:
            Stock.objects.filter(pk=stock.pk).update(warn_below=warn_below)
    return Report(
        done=1, note=f"{ITEMS[item]}は{counted:,}です。" + (f"差は{difference:+,}。" if difference else "")
    )


def needed(run: PrintRun) -> dict[str, int]:
    """What this run takes of each item, one sheet a page."""
    wanted = {"paper": run.pages}
    if run.kind not in CARDS:
        wanted["outer"] = run.pieces
    if run.kind in REPLIED:
        wanted["reply"] = run.pieces
    if run.kind in FIRST:
        wanted["leaflet"] = run.pieces
    return {item: count for item, count in wanted.items() if count}


def take_for(run: PrintRun, *, actor: Actor, at: datetime) -> None:
    """Takes off the shelf what the run needs, once. Raises NotEnough."""
    kept = set(Stock.objects.filter(programme=run.programme).values_list("item", flat=True))
    if not kept or StockMove.objects.filter(run=run).exists():
        return
    for item, count in needed(run).items():
        if item in kept:
            move_stock(
                run.programme,
                item,
                change=-count,
                why=f"{run.get_kind_display()}の印刷・封入",
                actor=actor,
                at=at,
                run=run,
            )


def warnings(programme: Programme) -> list[Short]:
    """Items below the count at which more must be ordered."""
    return [
        Short(ITEMS[one.item], one.on_hand, one.warn_below)
        for one in Stock.objects.filter(programme=programme).order_by("item")
        if one.on_hand < one.warn_below
    ]
