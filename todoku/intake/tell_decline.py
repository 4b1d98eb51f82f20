"""Keeps what is said about declining once an application is here (辞退の申出・撤回): from the resident's door or a desk.

Takes a word; leaves one DeclineWord that waits. Moves no case and stops no payment: a person confirms a decline another
way than it came (payment/confirm_decline), what is taken back goes on by itself (payment/take_back_decline).
"""

from datetime import date, datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from todoku.case import stages
from todoku.case.tables import Case, CaseStage
from todoku.formats.codes import contains_my_number
from todoku.ground.step import Refusal
from todoku.intake.decline_tables import DeclineWord
from todoku.intake.receive_web import opened_case
from todoku.people.actor import RESIDENT, Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.programme.terms import Terms

CAN_DECLINE = frozenset(stages.sources(stages.DECLINED))
# Before anything has arrived the door takes a notice of its own (辞退届), which is reviewed like an application.
BY_WORD = CAN_DECLINE - {stages.LISTED, stages.INVITED}
TOO_LATE = {
    stages.PAYING: "金融機関へ振込を依頼しています。入金の後に、返還の手続きで受け付けてください。",
    stages.PAID: "支給が終わっています。受け取らないお申出は、返還の手続きで受け付けてください。",
    stages.FAILED: "振込ができず、口座の届出を待っています。届出がなければ、再振込の期限で終わります。",
}
SAID_MAX = 100
_BY_ORDER = "受け付けるには自治体の決裁が要ります（「不服・訂正の申出」で受け付けます）。"


class CannotTell(Refusal):
    """Nothing can be declined or taken back here, or it is not said by whom."""


class Told(NamedTuple):
    """What was said: "decline" or "take_back", by which way, by whom, and at which number the person is reached."""

    kind: str
    channel: str
    said_by: str = ""
    phone: str = ""


def last_day_to_take_back(terms: Terms) -> date:
    """Until when a decline can be taken back: while anything is still paid, or to the deadline, as the terms say."""
    return terms.deadline if terms.decline.reversible_until == "deadline" else terms.payment.repay_deadline


def too_late(terms: Terms, today: date, *, apply_until: date | None) -> str:
    """Why a confirmed decline cannot be taken back any more, in a sentence; "" where it can.

    `apply_until`: the last day to apply, where nothing was applied for that could go on; None where it plays no part.
    """
    if today > last_day_to_take_back(terms):
        return "辞退を撤回できる期限を過ぎています。" + _BY_ORDER
    if apply_until is not None and today > apply_until:
        return "申請の期限を過ぎ、申請もありません。" + _BY_ORDER
    return ""


def apply_until(terms: Terms, cohort: str, deadline: date, *, unapplied: bool) -> date | None:
    """The last day on which who takes a decline back can still apply; None where an application stands or none is needed."""
    return deadline if unapplied and terms.cohort(cohort).mode != "push" else None


def ask_word(
    kind: str, stage: str, told: bool, terms: Terms, today: date, *, until: date | None = None
) -> None:
    """Passes where such a word means something; raises CannotTell. `told`: a decline waits to be confirmed; `until`: as
    `apply_until` gives it."""
    if kind == "decline":
        if told:
            raise CannotTell("辞退の申出を、すでに受け付けています。本人への確認を待っています。")
        if stage not in CAN_DECLINE:
            ended = f"この案件は「{stages.stage_name(stage)}」で終わっています。辞退の手続きは要りません。"
            raise CannotTell(TOO_LATE.get(stage, ended))
        return
    if told:
        return
    if stage != stages.DECLINED:
        raise CannotTell("辞退にはなっていません。手続きは、そのまま続いています。")
    if why := too_late(terms, today, apply_until=until):
        raise CannotTell(why)


def tell_decline(case: Case, told: Told, *, actor: Actor, at: datetime) -> DeclineWord:
    """Keeps what a caller, a letter or a visitor said. Raises CannotTell; then nothing is kept."""
    assert actor.id is not None, "a person hears it"
    said_by, phone = told.said_by.strip()[:SAID_MAX], told.phone.strip()[:30]
    if not said_by:
        raise CannotTell("だれの申出かを入力してください。あとで本人に確かめます。")
    if contains_my_number(f"{said_by} {phone}"):
        raise CannotTell(
            "マイナンバーと思われる12桁の数字があります。マイナンバーは記録できません。消してから保存してください。"
        )
    with transaction.atomic():
        stage = CaseStage.objects.select_for_update().get(pk=case.pk).stage
        waits = DeclineWord.objects.filter(case=case, kind="decline", state="told").exists()
        ask_word(told.kind, stage, waits, case.programme.terms, timezone.localdate(at))
        if DeclineWord.objects.filter(case=case, kind=told.kind, state="told").exists():
            raise CannotTell(
                "撤回の申出を、すでに受け付けています。1分ほどで手続きに戻ります。画面を更新してください。"
            )
        made = DeclineWord.objects.create(
            programme_id=case.programme_id, case=case, kind=told.kind, channel=told.channel, said_by=said_by,
            phone=phone, told_at=at, told_to=actor.name,
        )  # fmt: skip
        record_look(
            actor=actor, action="decline.tell", subject_kind="case", subject_id=case.pk, at=at,
            programme_slug=case.programme.slug, reason=f"{made.get_kind_display()}の申出（{made.get_channel_display()}）",
        )  # fmt: skip
    return made


def tell_by_web(
    kind: str,
    *,
    phone: str,
    told: bool,
    lookup_token: str,
    key_token: str,
    at: datetime,
    idempotency_key: str,
) -> datetime:
    """The resident's own word, opened by number, birth date and the letter's key; gives when it was kept.

    Runs with the public role. The same key again is the same word. Raises NotOpened or CannotTell.
    """
    case = opened_case(lookup_token, key_token)
    terms = Programme.objects.get(pk=case.programme_id).terms
    until = apply_until(terms, case.cohort, case.last_day(terms), unapplied=case.declined_unapplied)
    ask_word(kind, case.stage, told, terms, timezone.localdate(at), until=until)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into todoku_declineword (programme_id, case_id, kind, channel, phone, told_at, told_to, idempotency_key)
            values (%s, %s, %s, 'web', %s, %s, %s, %s) on conflict do nothing
            """,
            [case.programme_id, case.id, kind, phone[:30], at, RESIDENT.name, idempotency_key],
        )
    return at
