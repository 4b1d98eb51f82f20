"""Staff, their organisations and roles, their sessions, and the record of who looked at what."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.timezone import localdate

from todoku.people.access import ROLES

__all__ = [
    "Organisation",
    "Staff",
    "Grant",
    "Deputy",
    "Succession",
    "AuditEvent",
    "ResidentSession",
    "OfficeSession",
    "MunicipalitySession",
]


class Organisation(models.Model):
    """An employer of staff (所属): the office (事務局), a municipality, or the system itself."""

    KINDS = [("office", "事務局"), ("municipality", "自治体"), ("system", "システム")]
    kind = models.CharField(max_length=12, choices=KINDS)
    name = models.CharField(max_length=100, unique=True)
    municipality_code = models.CharField(max_length=6, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["office", "municipality", "system"]),
                name="organisation_kind_is_known",
            )
        ]


class StaffAccounts(BaseUserManager["Staff"]):
    def get_by_natural_key(self, username: str | None) -> "Staff":
        return self.select_related("organisation").get(username=username)


class Staff(AbstractBaseUser):
    """A person who works with the system (職員・オペレーター). Only active staff can sign in."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "username"
    objects = StaffAccounts()

    def __str__(self) -> str:
        return self.name

    @property
    def roles(self) -> frozenset[str]:
        """Role codes of this person; read once per request."""
        if not hasattr(self, "_roles"):
            self._roles = frozenset(role for role, _ in roles_held(self.pk, on=localdate()))
        return self._roles

    def keep_roles(self, roles: Iterable[str]) -> None:
        """For the rest of this request the person has these roles alone: those held in the municipality at hand."""
        self._roles = frozenset(roles)


class Grant(models.Model):
    """A role given to a staff member (権限付与) within one municipality; blank = all of the organisation's."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=30, choices=[(code, role.name) for code, role in ROLES.items()])
    municipality_code = models.CharField(max_length=6, blank=True)
    # The last day on which it holds (異動・退職の日); null while the person is in office.
    until_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "role", "municipality_code"], name="a_role_is_granted_once"
            )
        ]


class Deputy(models.Model):
    """A person who acts for another in a period (代理), under his own name and id; both sides of one rule stay apart."""

    absent = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="deputies")
    deputy = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="acts_for")
    municipality_code = models.CharField(max_length=6)
    from_on = models.DateField()
    until_on = models.DateField()
    reason = models.CharField(max_length=200)
    granted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(absent=models.F("deputy")), name="a_deputy_is_another_person"
            ),
            models.CheckConstraint(
                condition=~models.Q(granted_by=models.F("deputy")), name="nobody_grants_oneself_a_deputy"
            ),
            models.CheckConstraint(
                condition=models.Q(until_on__gte=models.F("from_on")), name="a_deputy_has_a_period"
            ),
        ]


class Succession(models.Model):
    """The work of one person handed over to another (引継ぎ): who, to whom, from which day, what was open then."""

    leaver = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    successor = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    municipality_code = models.CharField(max_length=6)
    # The last day of the person who goes; null where only the work changes hands.
    leaves_on = models.DateField(null=True)
    note = models.TextField(blank=True)
    # How many of each kind of work changed hands, by the kind's code.
    handed = models.JSONField(default=dict)
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(leaver=models.F("successor")), name="a_successor_is_another_person"
            )
        ]


def roles_held(
    staff_id: int, *, on: date, codes: "Iterable[str] | models.QuerySet[Any] | None" = None
) -> models.QuerySet[Any]:
    """(role, municipality code) pairs that a person holds on a day: the person's own, and of whom the person acts for.

    `codes` keeps those that count in these municipalities; a deputy acts only where the absence was recorded. One query.
    """
    until = models.Q(until_on__isnull=True) | models.Q(until_on__gte=on)
    own = Grant.objects.filter(until, staff_id=staff_id)
    acting = Deputy.objects.filter(
        models.Q(absent__grants__until_on__isnull=True) | models.Q(absent__grants__until_on__gte=on),
        models.Q(absent__grants__municipality_code="")
        | models.Q(absent__grants__municipality_code=models.F("municipality_code")),
        deputy_id=staff_id, absent__is_active=True, from_on__lte=on, until_on__gte=on, ended_at__isnull=True,
    )  # fmt: skip
    if codes is not None:
        own = own.filter(models.Q(municipality_code="") | models.Q(municipality_code__in=codes))
        acting = acting.filter(municipality_code__in=codes)
    return own.values_list("role", "municipality_code").union(
        acting.values_list("absent__grants__role", "municipality_code")
    )


def everybody(municipality_code: str, *, on: date) -> models.QuerySet[Any]:
    """(staff id, role) of all who are in office in a municipality on a day, deputies with the roles they act in. One query."""
    here = [municipality_code, ""]
    own = Grant.objects.filter(
        models.Q(until_on__isnull=True) | models.Q(until_on__gte=on), staff__is_active=True, municipality_code__in=here
    ).values_list("staff_id", "role")  # fmt: skip
    acting = Deputy.objects.filter(
        models.Q(absent__grants__until_on__isnull=True) | models.Q(absent__grants__until_on__gte=on),
        absent__grants__municipality_code__in=here, municipality_code=municipality_code, absent__is_active=True,
        deputy__is_active=True, from_on__lte=on, until_on__gte=on, ended_at__isnull=True,
    ).values_list("deputy_id", "absent__grants__role")  # fmt: skip
    return own.union(acting)


class AuditEvent(models.Model):
    """One look at, or act on, a person's record (閲覧・操作記録): who, when, which, why, from where. Append-only."""

    at = models.DateTimeField()
    door = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=60, blank=True)
    action = models.CharField(max_length=40)
    programme_slug = models.CharField(max_length=60, blank=True)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField(null=True)
    refused = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "-at"], name="audit_by_subject"),
            models.Index(fields=["actor_id", "-at"], name="audit_by_actor"),
        ]


class ResidentSession(AbstractBaseSession):
    """Sessions of the public door; a table of its own, so that the public role cannot read staff sessions."""


class OfficeSession(AbstractBaseSession):
    """Sessions of the office door."""


class MunicipalitySession(AbstractBaseSession):
    """Sessions of the municipality's door."""
