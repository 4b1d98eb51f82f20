"""Takes a file in, or records one that we made: the original is kept, its digest and count written down.

Comes in: bytes or a finished file. Goes out: a Parcel and its first hand-over. Never looks into the file.
"""

import hashlib
import re
from datetime import datetime

from django.db import connection, transaction

from todoku.custody import files
from todoku.custody.tables import HandOver, Parcel
from todoku.people.actor import Actor


def receive(
    data: bytes, *, kind: str, name: str, scope: str, from_party: str, actor: Actor, at: datetime
) -> tuple[Parcel, bool]:
    """Keeps a received file; gives its Parcel and whether it is new (the same bytes are kept once per scope and kind)."""
    digest = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        _one_at_a_time(f"{scope} {kind} {digest}")
        known = Parcel.objects.filter(scope=scope, kind=kind, sha256=digest).first()
        if known:
            return known, False
        relative = f"parcels/{scope}/{kind}/{digest[:16]}-{safe_name(name)}"
        return record(
            files.write(relative, data), kind=kind, name=name, scope=scope, from_party=from_party,
            to_party=actor.organisation, actor=actor, at=at,
        ), True  # fmt: skip


def _one_at_a_time(what: str) -> None:
    """Until the transaction's end: who brings the same file at the same moment waits, and then finds it kept."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [what])


def record(
    written: files.Written, *, kind: str, name: str, scope: str, from_party: str, to_party: str, actor: Actor,
    at: datetime, count: int | None = None,
) -> Parcel:  # fmt: skip
    """Records a file that already lies below the state folder as a Parcel with one hand-over."""
    parcel = Parcel.objects.create(
        kind=kind, scope=scope, name=name[:200], sha256=written.sha256, size_bytes=written.size_bytes,
        path=written.path, record_count=count, received_at=at, received_by=actor.name,
    )  # fmt: skip
    HandOver.objects.create(
        parcel=parcel, from_party=from_party, to_party=to_party, at=at, count_stated=count, count_found=count,
        sha256=written.sha256, actor_name=actor.name,
    )  # fmt: skip
    return parcel


def safe_name(name: str) -> str:
    """A file name of ours from one given by somebody else: letters, digits, dot, dash; at most 60 characters."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name)[-60:].lstrip(".") or "file"
