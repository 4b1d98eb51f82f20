"""Staff, their organisations and roles, their sessions, and the record of who looked at what."""

from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from todoku.people.access import ROLES

__all__ = [
    "Organisation",
    "Staff",
    "Grant",
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
            self._roles = frozenset(self.grants.values_list("role", flat=True))
        return self._roles

    def keep_roles(self, roles: Iterable[str]) -> None:
        """For the rest of this request the person has these roles alone: those held in the municipality at hand."""
        self._roles = frozenset(roles)


class Grant(models.Model):
    """A role given to a staff member (権限付与) within one municipality; blank = all of the organisation's."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=30, choices=[(code, role.name) for code, role in ROLES.items()])
    municipality_code = models.CharField(max_length=6, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "role", "municipality_code"], name="a_role_is_granted_once"
            )
        ]


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
