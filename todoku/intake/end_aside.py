"""Ends what was set aside at key entry (保留の処理): keyed once more from the start, or closed as nothing is left to do.

Takes a task at `aside` and a reason; leaves it at `first` without its keyings, or void. Each is recorded with who and why.
"""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from todoku.ground.step import Refusal
from todoku.intake.leading_page import ask_page_stands
from todoku.intake.tables import Keying, KeyTask
from todoku.people.actor import Actor
from todoku.people.look import record_look

OPEN = ("first", "second", "differs")


class ReasonNeeded(Refusal):
    """Nothing set aside ends without a word of why."""


class NotAside(Refusal):
    """Somebody else was faster."""


class InKeying(Refusal):
    """The scanned form of this case waits for its two keyings: nobody registers it alone."""


def back_to_keying(task: int, why: str, *, actor: Actor, at: datetime) -> KeyTask:
    """Gives a form back to the pile of the first keying; what was typed before counts as taken back.

    Raises ReasonNeeded, NotAside or PageMoved.
    """
    with transaction.atomic():
        held = _held(task, why)
        ask_page_stands(held)
        Keying.objects.filter(task=held, undone_at__isnull=True).update(undone_at=at)
        held.state, held.aside_why = "first", ""
        held.claimed_id = held.claimed_at = None
        held.save(update_fields=["state", "aside_why", "claimed_id", "claimed_at"])
        _record(held, "keying.again", why, actor, at)
    return held


def close_aside(task: int, why: str, *, actor: Actor, at: datetime) -> KeyTask:
    """Closes a form of which nothing is left to key; its paper and pictures stay. Raises ReasonNeeded or NotAside."""
    with transaction.atomic():
        held = _held(task, why)
        held.state, held.done_at = "void", at
        held.save(update_fields=["state", "done_at"])
        _record(held, "keying.close", why, actor, at)
    return held


def close_keyed_alone(came: Collection[tuple[int, date]], *, actor: Actor, at: datetime) -> None:
    """Closes what of these cases was set aside and came the same day: its paper has just been registered by hand.

    `came`: case and day of arrival of each form. Few are ever aside, so each is closed by itself, with its record.
    """
    days = set(came)
    aside = KeyTask.objects.filter(case_id__in={case for case, _ in days}, state="aside").order_by("pk")
    for task, case, arrived_on in aside.values_list("pk", "case_id", "arrived_on"):
        if (case, arrived_on) in days:
            close_aside(task, "「入力」で登録", actor=actor, at=at)


def in_keying(cases: Collection[int]) -> set[int]:
    """Those of these cases of which a scanned form waits for a keying; one query for all."""
    waiting = KeyTask.objects.filter(case_id__in=cases, state__in=OPEN)
    return set(waiting.values_list("case_id", flat=True))


def ask_not_in_keying(case: int, waiting: Collection[int]) -> None:
    """Passes where the case is none of those that `in_keying` gave. Raises InKeying."""
    if case in waiting:
        raise InKeying(
            "この案件の申請書はスキャン済みで、打鍵を待っています。「打鍵」で2人で入力してください。"
            "別の紙なら、打鍵が済んでから入力してください。"
        )


def _held(task: int, why: str) -> KeyTask:
    if not why.strip():
        raise ReasonNeeded("理由を入力してください。あとから経緯が分かるように残します。")
    held = (
        KeyTask.objects.select_for_update(of=("self",))
        .select_related("case", "programme", "page")
        .get(pk=task)
    )
    if held.state != "aside":
        raise NotAside("この申請書は、もう保留ではありません。打鍵の一覧を確かめてください。")
    return held


def _record(task: KeyTask, action: str, why: str, actor: Actor, at: datetime) -> None:
    record_look(
        actor=actor, action=action, subject_kind="case", subject_id=task.case_id, at=at,
        programme_slug=task.programme.slug, reason=why.strip(),
    )  # fmt: skip
