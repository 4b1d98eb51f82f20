"""Records that paper and files went to the municipality (引渡し): takes a hand-back that was made; leaves it handed over.

Its boxes must have been carried there before, each by two persons, with the sheets that it was made with; and nothing may
be open: a difference, paper without an owner, an original or cash, a form that is not keyed, an incident. Sheets that lie in
no box stay behind only if somebody says what becomes of them, and why.
"""

from datetime import datetime

from django.db import transaction

from todoku.formats.codes import contains_my_number
from todoku.ground.step import Refusal, Report
from todoku.handback.still_open import outside_words, sheets_outside, still_open
from todoku.handback.tables import HandBack
from todoku.mailroom.held_in import held_in
from todoku.people.actor import Actor

WHY_MAX = 200


class CannotHandOver(Refusal):
    """Something is still open, or a box has not been carried."""


class SheetsOutside(CannotHandOver):
    """Sheets lie in no box, and nobody has said what becomes of them."""


def hand_over(made: HandBack, *, left_to: str = "", why: str = "", actor: Actor, at: datetime) -> Report:
    """Hands it over. Safe to call twice. `left_to` (HandBack.LEFT) and `why`: of the sheets that lie in no box, if any do.

    Raises SheetsOutside where that is not said, CannotHandOver naming anything else that is missing.
    """
    with transaction.atomic():
        made = HandBack.objects.select_for_update().get(pk=made.pk)
        if made.state == "handed":
            return Report(note="引渡し済みです。何も変更していません。")
        if made.state != "made":
            raise CannotHandOver(f"この納品は「{made.get_state_display()}」のため、引き渡せません。")
        _ask_boxes(made)
        still = still_open(made.programme_id)
        if still:
            raise CannotHandOver(f"{'、'.join(still)}があります。終えてから引き渡してください。")
        _leave(made, left_to, why.strip())
        made.state, made.handed_at, made.handed_by = "handed", at, actor.name
        made.save(update_fields=["state", "handed_at", "handed_by", "left_sheets", "left_to", "left_why"])
    words = (
        f"箱に入っていない用紙{made.left_sheets:,}枚は「{made.get_left_to_display()}」と記録し、自治体に示します。"
        if made.left_sheets
        else ""
    )
    return Report(done=made.boxes.count(), note=f"引き渡しました。自治体の検収を待ちます。{words}")


def _leave(made: HandBack, left_to: str, why: str) -> None:
    """Writes down what stays behind: never silently, and never with a choice where nothing does."""
    outside = sheets_outside(made)
    if not outside:
        return
    if left_to not in dict(HandBack.LEFT) or not why:
        raise SheetsOutside(
            f"{outside_words(outside)}束にまとめて箱に入れ、納品物を作り直してください。"
            "箱に入れずに引き渡すときは、その用紙をどうするかを選び、理由を入力してください。"
        )
    if len(why) > WHY_MAX:
        raise SheetsOutside(f"理由は{WHY_MAX}文字以内で入力してください。")
    if contains_my_number(why):
        raise SheetsOutside("個人番号（12桁）と読める数字があります。番号や氏名は書かないでください。")
    made.left_sheets, made.left_to, made.left_why = sum(one.sheets for one in outside), left_to, why


def _ask_boxes(made: HandBack) -> None:
    boxes = list(made.boxes.select_related("container").order_by("container__code"))
    left = [box.container.code for box in boxes if box.container.station != "municipality"]
    if left:
        raise CannotHandOver(
            f"箱 {'、'.join(left)} がまだ自治体に引き渡されていません。"
            "郵便室で渡し、担当課に「紙の受取り」で受け取ってもらってください。"
        )
    changed = [box.container.code for box in boxes if held_in(box.container) != box.sheets]
    if changed:
        raise CannotHandOver(
            f"箱 {'、'.join(changed)} の用紙の枚数が、作成したときと違います。納品物を作り直してください。"
        )
