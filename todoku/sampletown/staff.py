"""The people of the sample office and the sample municipality: one for every role, with one password for all.

Takes an open database marked as sample; leaves organisations, accounts and grants. Never used outside a sample.
"""

from collections.abc import Collection
from typing import NamedTuple

from django.contrib.auth.hashers import make_password

from todoku.ground.secret_files import secret
from todoku.people.actor import Actor
from todoku.people.enrol import enrol
from todoku.people.tables import Organisation, Staff
from todoku.programme.tables import Municipality

OFFICE, CITY = "見本 給付金事務局", "見本 担当課・会計室"


class Sample(NamedTuple):
    """One sample account: user name, name of the person, the side, the roles."""

    username: str
    name: str
    side: str
    roles: tuple[str, ...]


SAMPLES = (
    Sample("manager", "事務 まとめ", "office", ("manager",)),
    Sample("printer", "印刷 はこぶ", "office", ("print_operator",)),
    Sample("clerk", "受付 いちろう", "office", ("clerk", "call_agent", "protected_desk")),
    Sample("clerk2", "受付 ふみ", "office", ("clerk", "protected_desk")),
    Sample("reviewer1", "審査 ひとみ", "office", ("reviewer", "protected_desk")),
    Sample("reviewer2", "審査 ふたば", "office", ("reviewer", "protected_desk")),
    Sample("maker", "支払 つくる", "office", ("payment_maker",)),
    Sample("approver", "支払 みとめ", "office", ("payment_approver",)),
    Sample("viewer", "市役所 みる", "municipality", ("city_viewer",)),
    Sample("officer", "市役所 きめる", "municipality", ("city_officer",)),
    Sample("officer2", "市役所 たしかめる", "municipality", ("city_officer",)),
    Sample("treasurer", "会計 おさむ", "municipality", ("city_treasurer",)),
)


def sample_password() -> str:
    """The password of all sample accounts: made once for this installation, so that no two share one."""
    return secret("sample-password")[:16]


def make_staff(municipality: Municipality, only: Collection[str] = ()) -> dict[str, Actor]:
    """Enrols every sample account, or `only` those of these user names; gives them as actors by user name."""
    sides = {
        "office": Organisation.objects.get_or_create(name=OFFICE, defaults={"kind": "office"})[0],
        "municipality": Organisation.objects.get_or_create(
            name=CITY, defaults={"kind": "municipality", "municipality_code": municipality.code}
        )[0],
    }
    password = sample_password()
    hashed = make_password(password)  # made to be slow: once for all, since all share it
    return {
        one.username: actor_of(
            enrol(
                one.username, name=one.name, organisation=sides[one.side], roles=one.roles, password=password,
                municipality_code=municipality.code, hashed=hashed,
            )
        )
        for one in SAMPLES
        if not only or one.username in only
    }  # fmt: skip


def actor_of(staff: Staff) -> Actor:
    """A staff member as the actor of steps run from the command line."""
    return Actor(
        id=staff.pk, name=staff.name, roles=staff.roles, organisation=staff.organisation.kind, door="work"
    )
