"""Puts a postmark or a number right after the minute (開封の訂正): by two persons, with the reason, before it is keyed.

Takes an envelope as it was opened; leaves an EnvelopeCorrection and the envelope or its sheets as they should be. What
was keyed already keeps the days it counted with: that is put right at the application.
"""

from datetime import date, datetime

from django.db import transaction

from todoku.case.tables import Case
from todoku.formats.codes import case_number_valid, plain_number
from todoku.ground.step import Refusal, Report
from todoku.intake.tables import KeyTask, Submission
from todoku.mailroom.tables import Envelope, EnvelopeCorrection, Sheet, Valuable
from todoku.mailroom.two_persons import two_persons
from todoku.people.actor import Actor

WHY_MAX = 100


class CannotCorrect(Refusal):
    """This envelope cannot be put right like this, or not any more."""


def correct_envelope(
    envelope: Envelope, *, postmark: str, postmark_on: date | None, household: int | None = None, number: str = "",
    why: str, second: Actor, actor: Actor, at: datetime,
) -> Report:  # fmt: skip
    """The postmark as it reads, and the case of one household (None: the postmark alone). Safe to call twice.

    Raises CannotCorrect and NotTwoPersons.
    """
    first_id, second_id = two_persons(actor, second, action="mail.work")
    with transaction.atomic():
        held = Envelope.objects.select_for_update().get(pk=envelope.pk)
        _ask_sound(held, postmark, postmark_on, why)
        before, case = _cases(held, household, number)
        same_mark = (postmark, postmark_on) == (held.postmark, held.postmark_on)
        if same_mark and case == before:
            return Report(note="変わるところがありません。何も変更していません。")
        _ask_unkeyed(held, before if case != before else None)
        EnvelopeCorrection.objects.create(
            envelope=held, postmark_before=held.postmark, postmark_on_before=held.postmark_on, postmark=postmark,
            postmark_on=postmark_on, household=household if case != before else None,
            case_before=before if case != before else None, case=case if case != before else None, why=why.strip(), at=at,
            first_id=first_id, first_name=actor.name, second_id=second_id, second_name=second.name,
        )  # fmt: skip
        if not same_mark:
            held.postmark, held.postmark_on = postmark, postmark_on
            held.save(update_fields=["postmark", "postmark_on"])
        if case != before:
            Sheet.objects.filter(
                envelope=held, household=household or 0, case=before, voided_at__isnull=True
            ).update(case=case)
    return Report(done=1, note=f"{held.no}通目の封書を訂正しました。前の内容と理由は記録に残ります。")


def _ask_sound(held: Envelope, postmark: str, postmark_on: date | None, why: str) -> None:
    if held.voided_at is not None:
        raise CannotCorrect("取り消した封書です。開封し直した封書を訂正してください。")
    if not why.strip() or len(why.strip()) > WHY_MAX:
        raise CannotCorrect(f"訂正する理由を{WHY_MAX}文字以内で入力してください。")
    if postmark not in dict(Envelope.POSTMARKS) or (postmark == "read") != (postmark_on is not None):
        raise CannotCorrect("消印は、日付を入れるか、「判読不能」か「なし」を選んでください。")
    if postmark_on and postmark_on > held.arrived_on:
        raise CannotCorrect("消印の日付が受取りの日より後です。消印を見て、入力し直してください。")


def _cases(held: Envelope, household: int | None, number: str) -> tuple[Case | None, Case | None]:
    """The case of the household's sheets as it stands, and as it should; twice the same where the number stays."""
    if household is None or not number.strip():
        return None, None
    found = (
        Sheet.objects.filter(envelope=held, household=household, voided_at__isnull=True, case__isnull=False)
        .select_related("case")
        .first()
    )
    if found is None:
        raise CannotCorrect(
            "この世帯の書類には番号がありません。「所属不明書類」で照合を提案し、別の職員が確認してください。"
        )
    plain = plain_number(number)
    if not case_number_valid(plain):
        raise CannotCorrect("番号に誤りがあります（13桁の最後は検査数字です）。読み取り直してください。")
    case = Case.objects.filter(programme_id=held.programme_id, number=plain).first()
    if case is None:
        raise CannotCorrect("この番号は、この給付金の名簿にありません。読み取り直してください。")
    return found.case, case


def _ask_unkeyed(held: Envelope, case: Case | None) -> None:
    """`case`: whose sheets go to another case, None where the postmark alone changes."""
    if Submission.objects.filter(envelope=held).exists():
        raise CannotCorrect(
            "この封書の申請書は入力が済んでいます。期限の扱いと番号は、審査の画面で申請を見て判断してください。"
        )
    if case is None:
        return
    tasks = KeyTask.objects.select_for_update().filter(envelope=held, case=case).exclude(state="void")
    if tasks.exists() or Sheet.objects.filter(envelope=held, case=case, scan_pages__isnull=False).exists():
        raise CannotCorrect(
            "この世帯の用紙は読み取りが済んでいます。番号は「読取」のページの画面で直してください。"
        )
    if Valuable.objects.filter(envelope=held, case=case).exists():
        raise CannotCorrect("この番号で原本・現金を記録してあります。番号は責任者に渡してください。")
