"""The municipality's inspection (検収): takes a hand-back that was handed over; leaves it accepted or refused, with why.

Whoever accepts names the counts and the digest found there; what differs from what was made is refused by itself, without
saying what was expected: the count is the inspector's own.
"""

import re
from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal, Report
from todoku.handback.tables import Acceptance, HandBack
from todoku.people.actor import Actor


class CannotAccept(Refusal):
    """It cannot be accepted as it was found, or not now."""


def accept(
    handed: HandBack, *, accepted: bool, cases_found: int, boxes_found: int, sampled: int, sha256: str, comment: str,
    actor: Actor, at: datetime,
) -> Report:  # fmt: skip
    """Records the inspection. `sampled`: cases opened and compared with the paper.

    Raises CannotAccept where counts or digest are not those of the hand-back, nothing was sampled, or a refusal says
    no reason.
    """
    assert actor.id is not None, "a person inspects"
    with transaction.atomic():
        handed = HandBack.objects.select_for_update().get(pk=handed.pk)
        if handed.state != "handed":
            raise CannotAccept(f"この納品は「{handed.get_state_display()}」のため、検収できません。")
        if accepted:
            _ask_agreement(handed, cases_found, boxes_found, sampled, sha256)
        elif not comment.strip():
            raise CannotAccept("検収できない理由を入力してください。事務局が直すときに読みます。")
        Acceptance.objects.create(
            hand_back=handed, accepted=accepted, cases_found=cases_found, boxes_found=boxes_found, sampled=sampled,
            sha256=_plain(sha256), comment=comment.strip(), at=at, actor_id=actor.id, actor_name=actor.name,
        )  # fmt: skip
        handed.state = "accepted" if accepted else "refused"
        handed.save(update_fields=["state"])
    return Report(done=1)


def _ask_agreement(handed: HandBack, cases: int, boxes: int, sampled: int, sha256: str) -> None:
    assert handed.parcel, "what was handed over has its parcel"
    stated = handed.boxes.count()
    if cases != handed.cases:
        raise CannotAccept(
            f"案件の数（{cases:,}件）が、事務局の記録と合いません。数え直し、それでも合わないときは「検収できない」を押してください。"
        )
    if boxes != stated:
        raise CannotAccept(
            f"箱の数（{boxes:,}箱）が、事務局の記録と合いません。数え直し、それでも合わないときは「検収できない」を押してください。"
        )
    if _plain(sha256) != handed.parcel.sha256:
        raise CannotAccept(
            "ファイルのハッシュ値（SHA-256）が一致しません。受け取ったファイルを計算し直してください。"
        )
    if sampled < 1:
        raise CannotAccept("抜き取りで確かめた件数を入力してください。1件以上が必要です。")


def _plain(digest: str) -> str:
    return re.sub(r"\s", "", digest).lower()
