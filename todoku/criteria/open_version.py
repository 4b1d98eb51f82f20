"""The gate before a Version opens (制度の開始): every example comes out as written and the municipality has signed the sheet.

Takes an unopened Version; leaves it open, its text frozen. `programme.set_up.open_version` is the bare act behind it; the
database refuses one without a signature, whoever calls.
"""

from datetime import datetime

from django.db import transaction

from todoku.criteria.standing import Standing, standing
from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme import set_up
from todoku.programme.tables import Version

NAMED_MAX = 5  # failing examples named in the sentence; the page shows all


class CannotOpen(Refusal):
    """This Version cannot be opened by this person, or the sheet is not the one that was shown."""


class ExamplesFail(CannotOpen):
    """An example did not come out as written: the terms do not say what was agreed, or the example does not."""


class NotSigned(CannotOpen):
    """No officer of the municipality has signed the criteria sheet."""


class SignatureOutdated(NotSigned):
    """The sheet has changed since it was signed."""


def open_version(version: Version, *, actor: Actor, at: datetime, sha256: str = "") -> Version:
    """Opens a Version whose sheet is signed and whose examples all come out. Safe to call twice.

    `sha256`: the digest of the sheet as the page showed it; "" from the command line. Raises ExamplesFail, NotSigned,
    SignatureOutdated, CannotOpen.
    """
    if not may(actor.roles, "programme.open"):
        raise CannotOpen("制度を開始できるのは、事務局の業務責任者です。業務責任者に依頼してください。")
    with transaction.atomic():
        version = (
            Version.objects.select_for_update(of=("self",))
            .select_related("programme__municipality")
            .get(pk=version.pk)
        )
        if version.opened_at is not None:
            return version
        now = standing(version)
        if sha256 and sha256 != now.sha256:
            raise CannotOpen("表示のあとに審査基準書が変わりました。新しい内容を確かめてください。")
        refuse_unready(now)
        opened = set_up.open_version(version, actor=actor, at=at)
        record_look(
            actor=actor, action="programme.open", subject_kind="version", subject_id=version.pk, at=at,
            programme_slug=version.programme.slug, reason=f"第{version.number}版 {now.sha256[:16]}",
        )  # fmt: skip
    return opened


def refuse_unready(now: Standing) -> None:
    """Raises with what bars the opening; nothing where nothing does."""
    failing = now.sheet.failing
    if failing:
        named = "、".join(f"「{name}」" for name in failing[:NAMED_MAX])
        rest = f"ほか{len(failing) - NAMED_MAX}件" if len(failing) > NAMED_MAX else ""
        raise ExamplesFail(
            f"書かれたとおりの結果にならない例があります：{named}{rest}。制度の定義か例を直してください。"
        )
    if now.outdated is not None and now.outdated.version_id == now.version.pk:
        titles = "、".join(part.title for part in now.changed[:NAMED_MAX])
        raise SignatureOutdated(
            f"署名のあとに審査基準書が変わっています（{titles}）。自治体の担当課職員に、あらためて署名を依頼してください。"
        )
    if not now.covering:
        raise NotSigned(
            f"第{now.version.number}版の審査基準書に、自治体の署名がありません。自治体の担当課職員に署名を依頼してください。"
        )
