"""The sample office's people in a test: whoever its copy of a town holds already is looked up, the others are enrolled.

Enrolling the whole office anew takes longer than most tests; a town that was filled with it has it in every copy.
"""

from collections import defaultdict
from collections.abc import Collection

from todoku.people.actor import Actor
from todoku.people.tables import Grant
from todoku.programme.tables import Municipality
from todoku.sampletown.staff import SAMPLES, make_staff


def enrolled(municipality: Municipality, only: Collection[str] = ()) -> dict[str, Actor]:
    """Every sample account, or `only` those of these user names, as actors by user name, in office with their own roles."""
    wanted = {one.username: one for one in SAMPLES if not only or one.username in only}
    held = defaultdict[tuple[str, int, str, str], set[str]](set)
    of_sample = Grant.objects.filter(
        staff__username__in=wanted, staff__is_active=True, municipality_code=municipality.code, until_on=None
    )
    for *who, role in of_sample.values_list(
        "staff__username", "staff_id", "staff__name", "staff__organisation__kind", "role"
    ):
        held[tuple(who)].add(role)
    found = {
        username: Actor(id=pk, name=name, roles=frozenset(roles), organisation=side, door="work")
        for (username, pk, name, side), roles in held.items()
        if (name, side, roles) == (wanted[username].name, wanted[username].side, set(wanted[username].roles))
    }
    lacking = [username for username in wanted if username not in found]
    return found | (make_staff(municipality, lacking) if lacking else {})
