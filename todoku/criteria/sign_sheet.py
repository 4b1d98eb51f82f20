"""The municipality's signature on the criteria sheet (審査基準書への署名): takes an unopened Version and the digest of the
sheet that the officer read.

Leaves the sheet as it was signed. Opens nothing: that is another act, and the office's.
"""

from datetime import datetime

from django.db import transaction

from todoku.criteria.sheet import canonical, digest
from todoku.criteria.standing import sheet_of
from todoku.criteria.tables import CriteriaSignature
from todoku.ground.step import Refusal, Report
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Version


class CannotSign(Refusal):
    """This sheet cannot be signed now, or not by this person."""


def sign_sheet(version: Version, *, sha256: str, actor: Actor, at: datetime) -> Report:
    """Records the officer's signature on exactly this sheet. Safe to call twice.

    Raises CannotSign for who is not an officer of the municipality, and for a sheet that is not the current one any more.
    """
    if actor.organisation != "municipality" or not may(actor.roles, "criteria.sign") or actor.id is None:
        raise CannotSign("審査基準書に署名できるのは、自治体の担当課職員です。担当課に依頼してください。")
    with transaction.atomic():
        version = Version.objects.select_for_update().get(pk=version.pk)
        sheet = sheet_of(version)
        text = canonical(sheet)
        if digest(text) != sha256:
            raise CannotSign(
                "表示のあとに審査基準書が変わりました。新しい内容を読み、変わった箇所を確かめてから署名してください。"
            )
        _, made = CriteriaSignature.objects.get_or_create(
            version=version, sheet_sha256=sha256, signer_id=actor.id,
            defaults={
                "sheet": text, "text_sha256": sheet.text_sha256, "signer_name": actor.name, "signed_at": at,
            },
        )  # fmt: skip
        if not made:
            return Report(note="すでに署名しています。")
        record_look(
            actor=actor, action="criteria.sign", subject_kind="version", subject_id=version.pk, at=at,
            programme_slug=version.programme.slug, reason=f"第{version.number}版 {sha256[:16]}",
        )  # fmt: skip
    return Report(done=1, note=f"第{version.number}版の審査基準書に署名しました。")
