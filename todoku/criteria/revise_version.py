"""Writes what a running programme is to say from now on (版の改正案): a changed TOML text and the reason; leaves the draft.

Two who write at the same time do not overwrite each other; what cannot change any more is named before anybody signs.
Judges no case and opens nothing.
"""

import hashlib
from datetime import datetime

from django.db import transaction

from todoku.case.tables import Case
from todoku.criteria.draft_version import draft_version
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.programme.tables import Programme, Version
from todoku.programme.terms import Terms, parse
from todoku.programme.version_difference import Unchangeable, what_cannot_change


class DraftRefused(Refusal):
    """The text cannot be kept as a draft, or not by this person."""


def draft_of(programme: Programme) -> Version | None:
    """The draft that waits, if one does: newer than the open Version."""
    drafts = programme.versions.filter(opened_at__isnull=True, number__gt=programme.version.number)
    return drafts.order_by("-number").first()


def barriers(programme: Programme, terms: Terms) -> tuple[Unchangeable, ...]:
    """What these terms say that the running programme can no longer change."""
    used = Case.objects.filter(programme=programme).order_by().values_list("cohort", flat=True).distinct()
    return what_cannot_change(programme.terms, terms, frozenset(used))


def revise_version(
    programme: Programme, text: str, *, why: str, seen_sha256: str = "", actor: Actor, at: datetime
) -> Version:
    """Keeps the text as the programme's draft. `seen_sha256` is the draft that the writer had before him, "" for none.

    Raises TermsRefused with every problem of the text; DraftRefused without a reason, for the open text itself, for what a
    running programme cannot change, and for a draft that somebody else has changed meanwhile.
    """
    if not may(actor.roles, "programme.draft"):
        raise DraftRefused("版の案を書けるのは、事務局の業務責任者と自治体の担当課職員です。")
    text = text.replace("\r\n", "\n").strip() + "\n"
    found = barriers(programme, parse(text))
    if found:
        raise DraftRefused("\n".join(one.sentence for one in found))
    if not why.strip():
        raise DraftRefused("変える理由を書いてください。自治体と事務局の人が、違いとあわせて読みます。")
    if hashlib.sha256(text.encode()).hexdigest() == programme.version.sha256:
        raise DraftRefused("開始している版と同じ文です。変えるところを直してから保存してください。")
    with transaction.atomic():
        # Two who save at the same moment wait here: a programme has one draft.
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        draft = draft_of(programme)
        if draft and seen_sha256 != draft.sha256:
            raise DraftRefused(
                f"{draft.drafted_by or 'ほかの人'}が、この案を先に書き換えています。"
                "今の案を開き直し、その上に直してください。"
            )
        version = draft_version(programme, text, actor=actor, at=at)
        version.why, version.drafted_at, version.drafted_by = why.strip(), at, actor.name
        version.save(update_fields=["why", "drafted_at", "drafted_by"])
    return version
