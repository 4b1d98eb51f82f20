"""Proposes whose paper without a number is (所属不明書類の照合): one person names the case and why; another confirms."""

from datetime import datetime

from django.db import transaction

from todoku.case.tables import Case
from todoku.formats.codes import case_number_valid, plain_number
from todoku.ground.step import Refusal, Report
from todoku.mailroom.tables import UnplacedPaper
from todoku.people.actor import Actor

WHY_MAX = 200


class CannotPlace(Refusal):
    """The paper cannot be matched like this."""


def place_paper(paper: UnplacedPaper, *, number: str, why: str, actor: Actor, at: datetime) -> Report:
    """The paper waits for another person's confirmation; a later proposal takes the place of one not yet confirmed.

    Raises CannotPlace.
    """
    if actor.id is None:
        raise CannotPlace("照合する職員の名前が要ります。本人の利用者IDでログインしてください。")
    if not why.strip() or len(why.strip()) > WHY_MAX:
        raise CannotPlace(f"その案件の書類だと分かった理由を{WHY_MAX}文字以内で入力してください。")
    plain = plain_number(number)
    if not case_number_valid(plain):
        raise CannotPlace("番号に誤りがあります（13桁の最後は検査数字です）。案件を探し直してください。")
    case = Case.objects.filter(programme_id=paper.programme_id, number=plain).first()
    if case is None:
        raise CannotPlace("この番号は、この給付金の名簿にありません。番号を確かめてください。")
    with transaction.atomic():
        held = UnplacedPaper.objects.select_for_update().get(pk=paper.pk)
        if held.state not in ("waiting", "proposed"):
            raise CannotPlace(f"この書類は「{held.get_state_display()}」です。もう照合できません。")
        held.state, held.case, held.why_matched = "proposed", case, why.strip()
        held.proposed_id, held.proposed_by, held.proposed_at = actor.id, actor.name, at
        held.save(update_fields=["state", "case", "why_matched", "proposed_id", "proposed_by", "proposed_at"])
    return Report(done=1, note="照合を提案しました。別の職員の確認を待ちます。")
