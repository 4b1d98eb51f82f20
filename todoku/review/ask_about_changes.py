"""A change that the Version's table leaves to the municipality becomes a question (疑義照会) at the office's manager.

Takes changes that wait for the municipality; leaves a Question WITH_MANAGER for each that nobody has asked about. The case
stays where it stands: no decision list and no silence takes it while the change waits.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from todoku.case.late_tables import LaterChange
from todoku.case.stages import stage_name
from todoku.formats.wareki import format_wareki
from todoku.ground.step import Refusal, Report
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.programme.vocabulary import CHANGE_EVENTS, CHANGE_PHASES, CHANGE_WHO
from todoku.review.tables import Question

CHUNK_CHANGES = 1_000  # a few hundred a programme; a chunk is one insert


class CannotAsk(Refusal):
    """The change does not wait for anybody, or the municipality is being asked already."""


def ask_about_changes(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Report: `done` questions that the manager finds on his list. Safe to run twice: a change is asked about once by itself."""
    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        found = LaterChange.objects.filter(
            programme=programme, state="waiting", waits_for="municipality", questions__isnull=True
        )
        done = _ask(found.select_related("case__standing").order_by("pk"), actor, at)
    return Report(done=done, note=f"{done:,}件は、業務責任者の「照会」に置きました。" if done else "")


def ask_about_change(change: LaterChange, *, actor: Actor, at: datetime) -> Question:
    """The manager asks about one change that waits, for whatever reason. Raises CannotAsk."""
    if not actor.roles & ACTIONS["question.forward"]:
        raise CannotAsk("自治体に照会できるのは業務責任者です。業務責任者に依頼してください。")
    with transaction.atomic():
        held = LaterChange.objects.select_for_update().get(pk=change.pk)
        if held.state != "waiting" or held.questions.filter(state__in=Question.OPEN).exists():
            raise CannotAsk(
                "この異動は判断済みか、照会中です。画面を更新して、いまの状態を確かめてください。"
            )
        if held.waits_for == "payee":
            raise CannotAsk(
                "受け取る方の確認を待っています。照会するときは、先に「認めない」か「取り下げる」を選んでください。"
            )
        _ask(LaterChange.objects.filter(pk=held.pk).select_related("case__standing"), actor, at)
        return Question.objects.get(change=held, state="with_manager")


def _ask(changes: Iterable[LaterChange], actor: Actor, at: datetime) -> int:
    made = Question.objects.bulk_create(
        (
            Question(
                case_id=one.case_id, programme_id=one.programme_id, change=one, asked=words_of(one),
                asked_by=actor.name, asked_at=at,
            )
            for one in changes
        ),
        batch_size=CHUNK_CHANGES,
    )  # fmt: skip
    return len(made)


def words_of(change: LaterChange) -> str:
    """What is asked, without a name: what happened to whom, when, and what the table says of it."""
    on = (
        f"{format_wareki(change.happened_on)}の"
        if change.happened_on
        else "基準日の後の（日付は名簿から分かりません）"
    )
    return (
        f"{on}{CHANGE_EVENTS[change.event]}（{CHANGE_WHO[change.who]}、{CHANGE_PHASES[change.phase]}）があった案件です。"
        f"案件は「{stage_name(change.case.standing.stage)}」です。"
        "制度の定めでは自治体に照会することになっています。支給をどう扱うか、ご判断ください。"
    )
