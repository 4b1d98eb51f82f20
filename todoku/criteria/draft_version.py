"""Puts a Version's text down to be agreed on (版の案): the next number, or the unopened one anew.

Takes a programme and a TOML text; leaves an unopened Version. A signature on an earlier text covers it no more.
"""

import hashlib
from datetime import datetime

from django.db import transaction

from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme, Version
from todoku.programme.terms import parse


def draft_version(programme: Programme, text: str, *, actor: Actor, at: datetime) -> Version:
    """The unopened Version that now holds this text. Safe to call twice. Raises TermsRefused for a faulty text."""
    parse(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    with transaction.atomic():
        programme = Programme.objects.select_for_update().get(pk=programme.pk)
        newest = programme.versions.order_by("-number").first()
        if newest is not None and newest.opened_at is None:
            version = newest
            version.text, version.sha256 = text, digest
            version.save(update_fields=["text", "sha256"])
        elif newest is not None and newest.sha256 == digest:
            return newest
        else:
            number = newest.number + 1 if newest else 1
            version = Version.objects.create(programme=programme, number=number, text=text, sha256=digest)
        record_look(
            actor=actor, action="programme.draft", subject_kind="version", subject_id=version.pk, at=at,
            programme_slug=programme.slug, reason=f"第{version.number}版の案 {digest[:16]}",
        )  # fmt: skip
    return version
