"""The office's manager sends a question to the municipality (疑義照会の送付), in his words and with the evidence he chose.

Takes a question WITH_MANAGER; leaves it sent, with its due day. The municipality sees nothing that is not chosen here.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from todoku.formats.bank_days import bank_days_after
from todoku.ground.step import Refusal
from todoku.intake.tables import Document
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.review.question_clock import ANSWER_DAYS
from todoku.review.tables import Finding, Question

# Kinds of picture that may be shown: what was sent along, and the scanned pages of a paper form.
SCAN = "scan"
PICTURES = dict([*Document.KINDS, (SCAN, "スキャンした用紙")])
WORDING_MAX = 2000


class Shown(NamedTuple):
    """What of the evidence the municipality may see; nothing unless it is named."""

    findings: Collection[str] = ()
    pictures: Collection[str] = ()
    application: bool = False
    account: str = "none"


class NotTheManager(Refusal):
    """Only the office's manager (業務責任者) deals with a question before the municipality sees it."""


class NotWithManager(Refusal):
    """The question is no longer with the manager."""


class NotReadyToSend(Refusal):
    """The wording is missing, or the day for the answer has passed."""


def with_manager(question: Question, *, actor: Actor) -> Question:
    """The question, locked, if it lies with the manager and the actor is one. Raises NotTheManager, NotWithManager."""
    if actor.id is None or not actor.roles & ACTIONS["question.forward"]:
        raise NotTheManager(
            "照会を自治体へ送る、差し戻す、裁定で答えることができるのは業務責任者だけです。業務責任者に依頼してください。"
        )
    question = (
        Question.objects.select_for_update(of=("self",)).select_related("programme").get(pk=question.pk)
    )
    if question.state != "with_manager":
        raise NotWithManager(
            f"この照会は「{question.get_state_display()}」です。照会の一覧に戻って確認してください。"
        )
    return question


def forward(
    question: Question, *, wording: str, shown: Shown, due_on: date | None = None, actor: Actor, at: datetime
) -> Question:
    """Sends the question with this wording and evidence; due after ANSWER_DAYS bank days unless a day is named."""
    with transaction.atomic():
        question = with_manager(question, actor=actor)
        if not wording.strip():
            raise NotReadyToSend("自治体に読んでもらう文章を書いてください。")
        due = due_on or bank_days_after(localdate(at), ANSWER_DAYS)
        if due < localdate(at):
            raise NotReadyToSend("回答の期限は今日か、それより後の日にしてください。")
        found: set[str] = set()  # a change after the base date has no findings
        if question.submission_id is not None:
            codes = Finding.objects.filter(submission_id=question.submission_id)
            found = set(codes.values_list("code", flat=True))
        assert shown.account in dict(Question.ACCOUNTS), f"unknown way to show an account {shown.account!r}"
        question.state, question.wording = "sent", wording.strip()[:WORDING_MAX]
        question.shown_findings = sorted(found & set(shown.findings))
        question.shown_pictures = [kind for kind in PICTURES if kind in shown.pictures]
        question.shown_application, question.shown_account = shown.application, shown.account
        question.forwarder_id, question.forwarded_at, question.due_on = actor.id, at, due
        question.save()
    return question
