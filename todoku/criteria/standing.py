"""How a Version stands: its sheet as it is now, who signed which sheet, what changed since, what still bars its opening.

Reads alone. Pages and the gate ask here, so that both say the same.
"""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from todoku.criteria import sheet as sheets
from todoku.criteria.changes import ChangedPart, changed_parts
from todoku.criteria.tables import CriteriaSignature
from todoku.programme.tables import Programme, Version


def sheet_of(version: Version) -> sheets.Sheet:
    """The criteria sheet of a Version as text, standard, codes and checks are now."""
    town = version.programme.municipality
    return sheets.build(version.text, municipality=town.name, version=version.number)


def newest(programme: Programme) -> Version:
    """The Version that is being agreed on, or the open one when no other is being made."""
    found = Version.objects.filter(programme=programme).select_related("programme__municipality")
    return found.latest("number")


@dataclass(frozen=True)
class Standing:
    """A Version beside its signatures; built by `standing`."""

    version: Version
    sheet: sheets.Sheet
    signatures: tuple[CriteriaSignature, ...]  # newest first

    @cached_property
    def text(self) -> str:
        """The sheet's canonical text."""
        return sheets.canonical(self.sheet)

    @cached_property
    def sha256(self) -> str:
        """The digest that a signature must cover."""
        return sheets.digest(self.text)

    @property
    def covering(self) -> tuple[CriteriaSignature, ...]:
        """The signatures on the sheet as it is now."""
        return tuple(one for one in self.signatures if one.sheet_sha256 == self.sha256)

    @property
    def outdated(self) -> CriteriaSignature | None:
        """The last signature, where it is on a sheet that has changed since and no other covers the current one."""
        return None if self.covering or not self.signatures else self.signatures[0]

    @cached_property
    def changed(self) -> tuple[ChangedPart, ...]:
        """What the sheet says otherwise than the one that was signed last."""
        return changed_parts(self.outdated.sheet, self.text) if self.outdated else ()

    @property
    def may_open(self) -> bool:
        """Whether nothing bars the opening: every example came out and the municipality signed."""
        return self.version.opened_at is None and not self.sheet.failing and bool(self.covering)


def standing(version: Version) -> Standing:
    """How this Version stands, in two queries beside it."""
    return Standing(version, sheet_of(version), tuple(_signatures(version)))


def _signatures(version: Version) -> "QuerySet[CriteriaSignature]":
    """Those of this Version; of one never signed, those of the Version before it: what changed since is told of them."""
    own = CriteriaSignature.objects.filter(version=version).order_by("-pk")
    if own.exists():
        return own
    before = CriteriaSignature.objects.filter(
        version__programme_id=version.programme_id, version__number__lt=version.number
    )
    return before.order_by("-pk")
