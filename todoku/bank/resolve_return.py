"""A return that fits no transfer (照合できない返却) is resolved by a person who found out what it is; then sealing goes on.

Takes an open question; leaves it closed with who, when and what was found. The money itself is taken by late_return. A gift
that was used though its payment came back stands here too: the municipality says what becomes of the retry.
"""

from datetime import datetime

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.payment.side_tables import UnmatchedReturn
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look

OUTCOMES = {
    "taken": "正しい番号・金額で取り込んだ",
    "banks_mistake": "金融機関の誤り（訂正の連絡を受けた）",
    "not_ours": "この事業の振込ではない",
    "wrong_file": "ちがうファイルを選んだ",
    "claimed": "返還請求のある振込の返却の扱いを、自治体が決めた",
    "gift_used": "返却の後に使われたギフトの扱いを、自治体が決めた",
}
WORDS_MAX = 150


class CannotResolve(Refusal):
    """It is resolved already, or nobody says what was found out."""


def resolve_return(
    question: UnmatchedReturn, *, outcome: str, words: str, actor: Actor, at: datetime
) -> None:
    """Closes an open question with one of OUTCOMES and what was found out; raises CannotResolve."""
    words = words.strip()
    if not may(actor.roles, "batch.result") or actor.id is None:
        raise CannotResolve("この照会を閉じる権限がありません。振込データ作成担当か出納に連絡してください。")
    if outcome not in OUTCOMES:
        raise CannotResolve("何が分かったかを選んでください。")
    if not words or len(words) > WORDS_MAX:
        raise CannotResolve(
            f"確かめた相手と内容を{WORDS_MAX}文字以内で書いてください。後で説明するときの記録になります。"
        )
    with transaction.atomic():
        found = (
            UnmatchedReturn.objects.select_for_update(of=("self",))
            .select_related("programme")
            .get(pk=question.pk)
        )
        if found.resolved_at is not None:
            raise CannotResolve("この照会は解決済みです。画面を開き直してください。")
        UnmatchedReturn.objects.filter(pk=found.pk).update(
            resolved_at=at, resolved_by_id=actor.id, outcome=f"{OUTCOMES[outcome]}：{words}"
        )
        record_look(
            actor=actor, action="batch.resolve_return", subject_kind="batch", subject_id=found.batch_id, at=at,
            programme_slug=found.programme.slug, reason=OUTCOMES[outcome],
        )  # fmt: skip
