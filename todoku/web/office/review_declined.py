"""What a reviewer reads of a decline that was confirmed before this application came (辞退の後に届いた申請).

Reads only: nothing of applications that came to an undeclined case. Whoever said it and how it was made sure stands beside
the days of the application, since either may be the later word.
"""

from typing import NamedTuple

from django.utils.timezone import localdate

from todoku.intake.decline_tables import DeclineWord
from todoku.intake.tables import Submission


class DeclinedBefore(NamedTuple):
    """The application's days, the day of the decline, and what is known of it, in words."""

    sent: str
    held: str
    note: str


def declined_before(sent: Submission) -> DeclinedBefore | None:
    """What is known of the decline; None where the case was not declined when the application came."""
    if sent.declined_on is None:
        return None
    days = f"申請 {sent.arrived_on:%m/%d}到着" + (
        f"　消印 {sent.postmark_on:%m/%d}" if sent.postmark_on else ""
    )
    held = f"{sent.declined_on:%Y/%m/%d}に辞退を確認"
    notice = notice_before(sent)
    if word := _word_before(sent, notice):
        by = f"（{word.settled_by.name}）" if word.settled_by else ""
        said = f"{localdate(word.told_at):%m/%d} {word.get_channel_display()}で申出（{word.said_by or '本人の画面から'}）"
        return DeclinedBefore(days, held, f"{said}。{word.get_second_display()}確認{by}：{word.words}")
    if notice is None:
        return DeclinedBefore(days, held, "")
    return DeclinedBefore(
        days, held, f"辞退届 {notice.arrived_on:%m/%d}到着（受付番号 {notice.receipt_number}）を審査で確認"
    )


def _word_before(sent: Submission, notice: Submission | None) -> DeclineWord | None:
    """The word that declined the case: not one that was taken back since, nor one that a later notice came after."""
    words = DeclineWord.objects.filter(case=sent.case_id, state="done", settled_at__lte=sent.registered_at)
    last = words.select_related("settled_by").order_by("-pk").first()
    if last is None or last.kind != "decline" or last.settled_at is None:
        return None
    return None if notice and notice.registered_at > last.settled_at else last


def notice_before(sent: Submission) -> Submission | None:
    """The notice of declining (辞退届) that came before it, where there was one."""
    earlier = Submission.objects.filter(case=sent.case_id, declines=True, id__lt=sent.pk)
    return earlier.order_by("-id").first()
