"""Records a pick-up at the post office box (私書箱の受取): by two persons, bags and what the post office's slip states.

Leaves its bags, not yet counted. Compares nothing: count_bag does.
"""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from todoku.ground.step import Refusal
from todoku.mailroom.tables import Bag, Pickup
from todoku.mailroom.two_persons import two_persons
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

BAGS_MAX = 200  # more than a lorry brings; a typing error otherwise


class CannotPickUp(Refusal):
    """What was typed cannot be a pick-up."""


def pick_up(
    *, programme: Programme, on: date, place: str, bags: int, stated: int | None, second: Actor, actor: Actor,
    at: datetime, form_key: UUID | None = None,
) -> Pickup:  # fmt: skip
    """The pick-up with its bags. `stated`: envelopes on the post office's slip, None where there is none.

    The same `form_key` again gives the pick-up that it made: a double press or a lost answer makes no second one.
    Raises CannotPickUp and NotTwoPersons.
    """
    first_id, second_id = two_persons(actor, second)
    if not place.strip():
        raise CannotPickUp("受け取った場所（郵便局名など）を入力してください。")
    if not 1 <= bags <= BAGS_MAX:
        raise CannotPickUp(f"袋の数は1から{BAGS_MAX}までです。数え直して入力してください。")
    if on > localdate(at):
        raise CannotPickUp("受け取った日が今日より後になっています。日付を確かめてください。")
    with transaction.atomic():
        values = {
            "on": on, "place": place.strip(), "bags": bags, "stated": stated, "at": at, "first_id": first_id,
            "first_name": actor.name, "second_id": second_id, "second_name": second.name,
        }  # fmt: skip
        if form_key is None:
            made, new = Pickup.objects.create(programme=programme, **values), True
        else:
            made, new = Pickup.objects.get_or_create(programme=programme, form_key=form_key, defaults=values)
        if new:
            Bag.objects.bulk_create(Bag(pickup=made, no=no) for no in range(1, bags + 1))
    return made
