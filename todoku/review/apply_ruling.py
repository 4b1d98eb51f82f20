"""A ruling is laid beside similar open cases (裁定の適用), one by one or as a batch: they go back to review, nothing is decided.

Takes cases that a person chose from the list; leaves each in review with the ruling beside it. What lies with the
municipality stays there until it answers.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from todoku.case import stages
from todoku.ground.copy_rows import copy_rows
from todoku.ground.step import Refusal, Report
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.review.answer_by_ruling import YourOwnApplication, answer_by_ruling
from todoku.review.reopen import reopen
from todoku.review.ruling_tables import Ruling
from todoku.review.similar_cases import Similar, similar_cases
from todoku.review.tables import Question


class MayNotApply(Refusal):
    """A ruling is laid beside cases by the office's reviewers and manager alone."""


def apply_ruling(ruling: Ruling, *, cases: Collection[int] | None, actor: Actor, at: datetime) -> Report:
    """Lays the ruling beside the chosen cases (None: all that are like it). Cases that no longer fit are passed over.

    A question WITH_MANAGER is answered by the ruling, if the actor is the manager; a case at PASSED comes back to review.
    """
    if actor.id is None or not actor.roles & ACTIONS["ruling.apply"]:
        raise MayNotApply("裁定を案件に当てはめるのは、事務局の審査担当か業務責任者です。")
    with transaction.atomic():
        Ruling.objects.select_for_update(of=("self",)).get(pk=ruling.pk)
        wanted = None if cases is None else frozenset(cases)
        found = [one for one in similar_cases(ruling) if not one.laid]
        chosen = [one for one in found if wanted is None or one.case in wanted]
        sent = [one for one in chosen if one.question_state == "sent"]
        asked = [one for one in chosen if one.question_state == "with_manager"]
        kept = asked if not actor.roles & ACTIONS["question.forward"] else []
        gone, own = [], []
        for one in asked if not kept else []:
            question = (
                Question.objects.select_related("programme")
                .filter(case_id=one.case, state="with_manager", change__isnull=True)
                .first()
            )
            if question is None:  # forwarded or given back since the cases were looked for
                gone.append(one)
                continue
            try:
                answer_by_ruling(question, ruling=ruling, actor=actor, at=at)
            except YourOwnApplication as refusal:  # one that the manager judged stops no other
                own.append((one.number, refusal.sentence))
        plain = [one for one in chosen if not one.question_state]
        passed = [one.case for one in plain if one.stage == stages.PASSED]
        reopen(passed, programme=ruling.programme, reason="ruling", remark=ruling.title, actor=actor, at=at)
        _lay(ruling, plain, actor, at)
    refused = [(one.number, "自治体の回答を待っています。回答があるまで、そのままにします。") for one in sent]
    refused += [(one.number, "業務責任者が照会を確認しています。業務責任者が当てはめます。") for one in kept]
    refused += [(one.number, "この間に照会が動きました。画面を更新して確かめてください。") for one in gone]
    refused += own
    return Report(
        done=len(chosen) - len(refused), waiting=len(found) - len(chosen), refused=tuple(refused),
        note=f"{ruling.title}を添え、審査に戻しました。",
    )  # fmt: skip


def _lay(ruling: Ruling, cases: Collection[Similar], actor: Actor, at: datetime) -> None:
    assert actor.id is not None
    copy_rows(
        "todoku_rulinguse",
        ("ruling_id", "case_id", "submission_id", "staff_id", "way", "at"),
        ((ruling.pk, one.case, one.submission, actor.id, "batch", at) for one in cases),
    )
