"""A Version after the first, opened as the municipality's rules ask: its criteria sheet signed by an officer, then opened."""

from datetime import datetime

from todoku.criteria.draft_version import draft_version
from todoku.criteria.sign_sheet import sign_sheet
from todoku.criteria.standing import standing
from todoku.people.actor import SYSTEM, Actor
from todoku.people.tables import Staff
from todoku.programme.set_up import open_version
from todoku.programme.tables import Programme, Version
from todoku.sampletown.staff import actor_of, make_staff

OFFICER = "officer"


def next_version(programme: Programme, text: str, *, at: datetime, actor: Actor = SYSTEM) -> Version:
    """The next Version with this text, signed by the sample municipality's officer and opened; others may hold on to an
    older `programme` object, which forgets the Version that it knew."""
    version = draft_version(programme, text, actor=actor, at=at)
    sign(version, at=at)
    open_version(version, actor=actor, at=at)
    programme.__dict__.pop("_version", None)
    return version


def sign(version: Version, *, at: datetime) -> Actor:
    """The officer signs the sheet as it is; gives that officer."""
    known = Staff.objects.filter(username=OFFICER).first()
    officer = actor_of(known) if known else make_staff(version.programme.municipality, (OFFICER,))[OFFICER]
    sign_sheet(version, sha256=standing(version).sha256, actor=officer, at=at)
    return officer
