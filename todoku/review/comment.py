"""Leaves words beside a case for whoever looks next (審査メモ). Takes a look at it; leaves one CaseComment, never changed."""

from datetime import datetime

from todoku.formats.codes import contains_my_number
from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.review.desk_tables import CaseComment
from todoku.review.tables import Task

WORDS_MAX = 300


class CommentRefused(Refusal):
    """The words are missing, or hold what must not be kept."""


def comment(task: Task, words: str, *, kind: str = "comment", actor: Actor, at: datetime) -> CaseComment:
    """Keeps the words (at most WORDS_MAX signs) as the actor's. Raises CommentRefused."""
    assert actor.id is not None, "only a person comments"
    words = words.strip()
    if not words:
        raise CommentRefused("次に見る人が分かるように、理由や気づいたことを書いてください。")
    if contains_my_number(words):
        raise CommentRefused(
            "マイナンバーと思われる12桁の数字があります。マイナンバーは記録できません。消してから保存してください。"
        )
    return CaseComment.objects.create(
        programme_id=task.programme_id, case_id=task.case_id, task=task, kind=kind, words=words[:WORDS_MAX],
        staff_id=actor.id, at=at,
    )  # fmt: skip
