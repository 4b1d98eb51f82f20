"""Enrols staff: an account of one organisation with its roles. Refuses a role of the other side (請負と自治体の分離), and one
that would put both sides of a rule for two persons into one hand (apart.py)."""

from collections.abc import Iterable

from django.contrib.auth.hashers import get_hasher, identify_hasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate

from todoku.ground.step import Refusal
from todoku.people.access import ROLES
from todoku.people.apart import joined_by_grant
from todoku.people.tables import Grant, Organisation, Staff


class CannotEnrol(Refusal):
    """The account cannot be made as asked."""


def enrol(
    username: str, *, name: str, organisation: Organisation, roles: Iterable[str], password: str,
    municipality_code: str = "", hashed: str = "",
) -> Staff:  # fmt: skip
    """Creates or updates an account; roles are those of its organisation's kind only.

    `hashed`: the hash of this very password where the caller has made it already, for people who share one (a sample's).
    """
    roles = list(roles)
    for role in roles:
        if role not in ROLES or ROLES[role].organisation != organisation.kind:
            raise CannotEnrol(f"役割「{role}」は{organisation.name}の職員には付けられません。")
    if organisation.kind == "municipality" and municipality_code not in ("", organisation.municipality_code):
        raise CannotEnrol(
            f"{organisation.name}は団体コード{organisation.municipality_code}の所属です。"
            "ほかの自治体の役割は、その自治体の所属で登録してください。"
        )
    try:
        validate_password(password)
    except ValidationError as why:
        raise CannotEnrol("パスワードは12文字以上で、推測されにくいものにしてください。") from why
    with transaction.atomic():
        staff = Staff.objects.filter(username=username).first() or Staff(username=username)
        if staff.pk and staff.organisation_id != organisation.pk:
            raise CannotEnrol(f"利用者ID「{username}」は別の所属で使われています。別のIDにしてください。")
        staff.name, staff.organisation, staff.is_active = name, organisation, True
        if hashed:
            assert identify_hasher(hashed).algorithm == get_hasher().algorithm, "as slow as every other"
            staff.password = hashed
        else:
            staff.set_password(password)
        staff.save()
        if pair := joined_by_grant(staff, roles, municipality_code, on=localdate()):
            raise CannotEnrol(
                f"{pair}を、{name}さん一人が（代理としても）兼ねることになります。ほかの人に役割を付けてください。"
            )
        for role in roles:
            # Somebody who comes back is in office again.
            Grant.objects.update_or_create(
                staff=staff, role=role, municipality_code=municipality_code, defaults={"until_on": None}
            )
    return staff
