"""Registers what is said against a decision (不服の申出) or that it should be corrected (訂正の申出), and holds what is not paid.

Takes a case that was decided, has lapsed or was declined; leaves a numbered Objection with its clock, assigned to nobody
yet, and a hold on a payment that has not gone out. Decides nothing and reopens nothing: the municipality answers it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.case import stages
from todoku.case.tables import Case, CaseStage
from todoku.formats.codes import contains_my_number
from todoku.ground.step import Refusal
from todoku.payment.hold import hold, payable
from todoku.payment.side_tables import Hold
from todoku.people.access import ACTIONS
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.people.tables import Staff
from todoku.programme.ages import months_after
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms
from todoku.recovery.objection_tables import Objection
from todoku.review.tables import Decision

# 行政不服審査法18条1項: three months from the day after the decision was known.
REVIEW_MONTHS = 3
# Days within which the municipality means to answer; a default of ours, no law's.
ANSWER_DAYS = 30
WORDS_MAX = 1000
# Where nothing is decided yet, whatever is wrong is said to the reviewers and the office.
UNDECIDED = frozenset(stages.STAGES) - {
    stages.DECIDED, stages.REFUSED, stages.PAYING, stages.PAID, stages.FAILED, stages.LAPSED, stages.DECLINED,
}  # fmt: skip


class CannotObject(Refusal):
    """Nothing is decided, it lies here already, or it is not said by whom and what."""


@dataclass(frozen=True)
class Said:
    """What was said: kind and about (keys of Objection.KINDS and ABOUT), by which way, by whom, in which words, when it
    came, and since when the decision was known (None: since its letter was posted)."""

    kind: str
    about: str
    channel: str
    said_by: str
    words: str
    received_on: date
    known_on: date | None = None


def kinds_for(terms: Terms) -> list[tuple[str, str]]:
    """The kinds that the terms know: 審査請求 against a disposition, 再審査の申出 where the benefit is a gift (贈与)."""
    other = "again" if terms.programme.legal_basis == "disposition" else "review"
    return [one for one in Objection.KINDS if one[0] != other]


def take_objection(case: Case, said: Said, *, actor: Actor, at: datetime) -> Objection:
    """Registers it. Late or not it is taken: that it came too late is the municipality's to say. Raises CannotObject."""
    _ask(case, said, actor, at)
    assert actor.id is not None, "a person registers it"
    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=case.programme_id)
        stage = CaseStage.objects.get(pk=case.pk).stage
        if stage in UNDECIDED:
            raise CannotObject(
                f"この案件は「{stages.stage_name(stage)}」で、まだ決定していません。"
                "訂正は、審査の担当か「電話・訂正」で受け付けてください。"
            )
        if Objection.objects.filter(case=case, kind=said.kind, state__in=Objection.OPEN).exists():
            raise CannotObject("同じ種類の申出を、すでに受け付けています。申出の一覧を見てください。")
        decision = Decision.objects.filter(case=case, part=1, in_force=True).first()
        known_on = said.known_on or _told_on(case, decision)
        last = Objection.objects.filter(programme=case.programme).order_by("-number").first()
        made = Objection.objects.create(
            programme=case.programme, case=case, decision=decision, number=last.number + 1 if last else 1,
            kind=said.kind, about=said.about, channel=said.channel, door=_door(actor), said_by=said.said_by.strip(),
            words=said.words.strip(), received_on=said.received_on, registered_at=at, registered_by_id=actor.id,
            known_on=known_on, last_day=last_day(said.kind, known_on), due_on=said.received_on + timedelta(days=ANSWER_DAYS),
        )  # fmt: skip
        _hold(made, actor, at)
        record_look(
            actor=actor, action="objection.take", subject_kind="case", subject_id=case.pk, at=at,
            programme_slug=case.programme.slug, reason=f"{made.title}（{made.get_kind_display()}）を受付",
        )  # fmt: skip
    return made


def last_day(kind: str, known_on: date | None) -> date | None:
    """Until when one may object: by law for 審査請求; no day is set for a request to look again or to correct."""
    return months_after(known_on, REVIEW_MONTHS) if kind == "review" and known_on else None


def assign_objection(objection: Objection, staff: Staff, *, actor: Actor, at: datetime) -> None:
    """An officer of the municipality takes it or is named for it; it stays open. Raises CannotObject."""
    if not actor.roles & ACTIONS["objection.answer"]:
        raise CannotObject("担当を決めるのは、自治体の担当課職員です。")
    if not staff.roles & ACTIONS["objection.answer"]:
        raise CannotObject("担当にできるのは、自治体の担当課職員です。")
    with transaction.atomic():
        found = Objection.objects.select_for_update().get(pk=objection.pk)
        if found.state not in Objection.OPEN:
            raise CannotObject("この申出は終わっています。画面を更新してください。")
        Objection.objects.filter(pk=found.pk).update(state="assigned", assignee=staff, assigned_at=at)
        record_look(
            actor=actor, action="objection.answer", subject_kind="case", subject_id=found.case_id, at=at,
            programme_slug=objection.programme.slug, reason=f"{found.title}の担当: {staff.name}",
        )  # fmt: skip


def withdraw_objection(objection: Objection, *, why: str, actor: Actor, at: datetime) -> None:
    """Whoever objected takes it back (取下げ); a hold that was opened for it stays the municipality's to end."""
    if not actor.roles & ACTIONS["objection.take"]:
        raise CannotObject("申出の取下げを記録できるのは、業務責任者と自治体の担当課職員です。")
    if not why.strip():
        raise CannotObject("だれが、いつ取り下げたかを入力してください。")
    _ask_my_number(why)
    with transaction.atomic():
        found = Objection.objects.select_for_update().get(pk=objection.pk)
        if found.state not in Objection.OPEN:
            raise CannotObject("この申出は終わっています。画面を更新してください。")
        Objection.objects.filter(pk=found.pk).update(
            state="withdrawn", reason=why.strip()[:500], answered_at=at
        )
        record_look(
            actor=actor, action="objection.take", subject_kind="case", subject_id=found.case_id, at=at,
            programme_slug=objection.programme.slug, reason=f"{found.title}の取下げ",
        )  # fmt: skip


def _ask(case: Case, said: Said, actor: Actor, at: datetime) -> None:
    if not actor.roles & ACTIONS["objection.take"] or actor.id is None:
        raise CannotObject("申出を受け付けられるのは、業務責任者と自治体の担当課職員です。")
    if said.kind not in dict(kinds_for(case.programme.terms)):
        raise CannotObject(
            "この給付金の決定は行政処分ではない（贈与）ため、審査請求はできません。「再審査の申出」で受け付けてください。"
            if said.kind == "review"
            else "この給付金の決定は行政処分です。「審査請求」で受け付けてください。"
        )
    if not said.said_by.strip() or not said.words.strip():
        raise CannotObject("だれの申出かと、申出の内容を入力してください。")
    if len(said.words) > WORDS_MAX or len(said.said_by) > 100:
        raise CannotObject(f"申出の内容は{WORDS_MAX:,}字、だれの申出かは100字までで入力してください。")
    _ask_my_number(f"{said.said_by} {said.words}")
    if said.received_on > localdate(at) or said.known_on and said.known_on > said.received_on:
        raise CannotObject("受け付けた日と、決定を知った日を確かめてください。先の日付は入力できません。")


def _ask_my_number(words: str) -> None:
    if contains_my_number(words):
        raise CannotObject(
            "マイナンバーと思われる12桁の数字があります。マイナンバーは記録できません。消してから保存してください。"
        )


def _told_on(case: Case, decision: Decision | None) -> date | None:
    """The day on which the decision's letter was posted; None where none was."""
    if decision is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "select max(l.posted_on) from todoku_postedletter l where l.case_id = %s and l.occasion = %s"
            " and l.kind in ('granted', 'refused')",
            [case.pk, decision.pk],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _hold(made: Objection, actor: Actor, at: datetime) -> None:
    """What is not with the bank yet waits for the answer; where it is held for this already, that hold stands."""
    held = Hold.objects.filter(case=made.case, kind="objection", closed_at__isnull=True).exists()
    if not held and payable(made.case_id).exists():
        hold(
            made.case,
            kind="objection",
            reason=f"{made.title}（{made.get_kind_display()}）",
            actor=actor,
            at=at,
        )


def _door(actor: Actor) -> str:
    return "municipality" if actor.roles & ACTIONS["city.enter"] else "office"
