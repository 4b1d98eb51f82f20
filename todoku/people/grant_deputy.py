"""Names who acts for whom in a period (代理), and ends it. Under the deputy's own name and id: nobody becomes two persons.

Takes two people of one organisation and who grants it; leaves a Deputy. Refuses to join what two persons must hold apart.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from todoku.ground.step import Refusal
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.people.apart import joined
from todoku.people.look import record_look
from todoku.people.tables import Deputy, Staff, roles_held

DAYS_MAX = 92


class CannotActFor(Refusal):
    """The two people, the period or who grants it do not allow a deputy."""


def grant_deputy(
    absent: Staff, deputy: Staff, *, municipality_code: str, from_on: date, until_on: date, reason: str, actor: Actor,
    at: datetime,
) -> Deputy:  # fmt: skip
    """`deputy` holds the roles of `absent` from one day to another, both included. Raises CannotActFor."""
    _ask_people(absent, deputy, actor)
    if until_on < from_on or until_on < localdate(at) or (until_on - from_on).days > DAYS_MAX:
        raise CannotActFor(f"代理の期間は、今日かそれより後に終わる{DAYS_MAX}日以内にしてください。")
    if not reason.strip():
        raise CannotActFor("代理の理由（休暇、出張など）を書いてください。")
    codes = [municipality_code]
    own, taken = (
        {role for role, _ in roles_held(one.pk, on=from_on, codes=codes)} for one in (deputy, absent)
    )
    if not taken - own:
        raise CannotActFor(
            f"{deputy.name}さんは、{absent.name}さんの役割をすでに持っています。代理は要りません。"
        )
    if pair := joined(own | taken):
        raise CannotActFor(f"{pair}を一人が兼ねることになります。ほかの人を代理にしてください。")
    with transaction.atomic():
        assert actor.id is not None, "a person grants it"
        made = Deputy.objects.create(
            absent=absent, deputy=deputy, municipality_code=municipality_code, from_on=from_on, until_on=until_on,
            reason=reason.strip()[:200], granted_by_id=actor.id, granted_at=at,
        )  # fmt: skip
        record_look(actor=actor, action="deputy.grant", subject_kind="staff", subject_id=deputy.pk, at=at)
    return made


def _ask_people(absent: Staff, deputy: Staff, actor: Actor) -> None:
    if actor.id is None or not actor.roles & ACTIONS["deputy.grant"]:
        raise CannotActFor("代理を決められるのは、業務責任者と自治体の担当課です。")
    if actor.id == deputy.pk:
        raise CannotActFor("自分を代理にはできません。ほかの責任者に決めてもらってください。")
    if absent.pk == deputy.pk or not (absent.is_active and deputy.is_active):
        raise CannotActFor("利用中の別の二人を選んでください。")
    granter = Staff.objects.select_related("organisation").get(pk=actor.id)
    if len({absent.organisation_id, deputy.organisation_id, granter.organisation_id}) != 1:
        raise CannotActFor("同じ所属の人どうしで、その所属の責任者が決めます。")


def end_deputy(deputy: Deputy, *, actor: Actor, at: datetime) -> None:
    """Ends a period early. Safe to call twice. Raises CannotActFor."""
    if actor.id is None or not actor.roles & ACTIONS["deputy.grant"]:
        raise CannotActFor("代理を終えられるのは、業務責任者と自治体の担当課です。")
    if Staff.objects.get(pk=actor.id).organisation_id != deputy.deputy.organisation_id:
        raise CannotActFor("ほかの所属の代理は終えられません。")
    Deputy.objects.filter(pk=deputy.pk, ended_at__isnull=True).update(ended_at=at, ended_by_id=actor.id)
