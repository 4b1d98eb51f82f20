"""Members who leave a recipient by the municipality's order (世帯からの分離) become a recipient of their own.

Takes a recipient, some of its members and the head among them; leaves their old rows superseded by the order and new
ones beside a new recipient whose members are fixed. A later roll neither moves them back nor finds its household.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from todoku.ground.step import Refusal
from todoku.registry.fix_members import fix_members
from todoku.registry.reached import Reached, reach
from todoku.registry.tables import Member, Recipient

HEAD = "世帯主"


class NotTheirMembers(Refusal):
    """Somebody named is not counted in this recipient now."""


def split_members(
    recipient: Recipient, persons: Sequence[int], *, head: int, household_number: str, reached: Reached, order: str,
    at: datetime,
) -> Recipient:  # fmt: skip
    """The new recipient, in the caller's transaction. `household_number` must be one that no roll can hold."""
    assert connection.in_atomic_block and head in persons, "the new head leaves with the others"
    leaving = list(
        Member.objects.select_for_update().filter(
            recipient=recipient, person_id__in=persons, superseded_by_order=""
        )
    )
    if len(leaving) != len(set(persons)):
        raise NotTheirMembers(
            "選んだ人の中に、いまこの世帯で数えていない人がいます。画面を更新して選び直してください。"
        )
    made = Recipient.objects.create(
        programme_id=recipient.programme_id, payout=recipient.payout, municipality_code=recipient.municipality_code,
        household_number=household_number, head_id=head,
    )  # fmt: skip
    Member.objects.filter(pk__in=[one.pk for one in leaving]).update(superseded_by_order=order)
    Member.objects.bulk_create(
        Member(
            programme_id=made.programme_id, payout=made.payout, recipient=made, person_id=one.person_id,
            relation=HEAD if one.person_id == head else one.relation,
        )
        for one in leaving
    )  # fmt: skip
    fix_members([made.pk], at=at)
    reach(made, reached, order=order, at=at)
    return made
