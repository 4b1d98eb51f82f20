"""Sets up a programme: a municipality's row, the programme and its first Version; opening freezes the Version.

Comes in: values agreed with the municipality and a TOML text. Goes out: a programme whose terms every step quotes.
"""

import hashlib
from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.programme.deciders import deciders_of
from todoku.programme.tables import Municipality, Programme, Version
from todoku.programme.terms import parse


class ProgrammeRefused(Refusal):
    """A programme of this name exists already with other terms."""


def make_programme(
    municipality: Municipality,
    terms_text: str,
    slug: str,
    *,
    actor: Actor,
    at: datetime,
    is_sample: bool = False,
) -> Programme:
    """Makes the programme and its first, unopened Version; the same call again gives what is there.

    `municipality` may be a new, unsaved row. Raises TermsRefused for a faulty text, ProgrammeRefused when the slug
    stands for other terms or another municipality.
    """
    terms = parse(terms_text)
    with transaction.atomic():
        town, _ = Municipality.objects.get_or_create(
            code=municipality.code, defaults=_values(municipality, leave=("code",))
        )
        programme, _ = Programme.objects.get_or_create(
            slug=slug,
            defaults={
                "municipality": town, "name": terms.programme.name, "is_sample": is_sample, "created_at": at,
            },
        )  # fmt: skip
        digest = hashlib.sha256(terms_text.encode()).hexdigest()
        version, _ = Version.objects.get_or_create(
            programme=programme, number=1, defaults={"text": terms_text, "sha256": digest}
        )
        if programme.municipality_id != town.code or version.sha256 != digest:
            raise ProgrammeRefused(
                f"「{slug}」という制度は、別の内容ですでにあります。"
                "別の名前で作るか、その制度に新しい版を加えてください。"
            )
    return programme


def open_version(version: Version, *, actor: Actor, at: datetime) -> Version:
    """Opens a Version: from now on its text is frozen and every page and step quotes it. Safe to call twice."""
    terms = parse(version.text)
    Version.objects.filter(pk=version.pk, opened_at=None).update(
        opened_at=at, opened_by=actor.name, cap_per_transfer_yen=terms.payment.cap_per_transfer_yen,
        cap_per_account_yen=terms.payment.cap_per_account_yen, deciders=deciders_of(terms.criteria),
    )  # fmt: skip
    version.refresh_from_db()
    return version


def _values(row: Municipality, *, leave: tuple[str, ...]) -> dict[str, object]:
    return {
        field.attname: getattr(row, field.attname) for field in row._meta.fields if field.attname not in leave
    }
