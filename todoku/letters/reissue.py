"""Orders a form once more (再発行): takes a case whose letter got lost; leaves the next issue number and a new key.

The key inside the earlier letter opens nothing from now on: nobody knows where that letter lies. Its form still finds its
case by the number, and whichever valid return comes first counts. The letter goes where the register or the municipality
says, nowhere else; it is printed with the next run of re-issues.
"""

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from todoku.case import door_keys, stages
from todoku.case.tables import Case, DoorKey
from todoku.ground.step import Refusal
from todoku.letters.tables import Letter, Reissue
from todoku.letters.waiting import SET_ASIDE, withheld
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme

WHY = ("届いていない", "紛失した", "汚した・書き損じた", "旧姓・旧住所で届いた", "その他")
# While a form can still be answered.
AT = (stages.INVITED, stages.RETURNED)


class CannotReissue(Refusal):
    """A form cannot be sent again to this case now."""


def reissue(case: Case, *, why: str, actor: Actor, at: datetime) -> Reissue:
    """Orders the next issue. Raises CannotReissue with the remedy: not posted yet, past answering, ordered already, or an
    address to which no letter goes."""
    if not why.strip():
        raise CannotReissue("再発行の理由を選ぶか、入力してください。")
    with transaction.atomic():
        key = DoorKey.objects.select_for_update().get(case=case)
        _ask_stage(case)
        posted = Letter.objects.filter(case=case, kind__in=("form", "push_notice"), occasion=key.issue)
        if not posted.exists():
            raise CannotReissue("前の分がまだ印刷されていません。次の再発行の印刷ロットに入ります。")
        for one in withheld([case.pk]):
            if one.reason != "protected":
                raise CannotReissue(
                    f"いまの宛先には送れません（{SET_ASIDE[one.reason]}）。"
                    "住基照会の回答か、送付先変更届の承認を受けてから、再発行してください。"
                )
        key.issue += 1
        secret = door_keys.letter_key(case.number, key.issue, letter_key_secret=settings.LETTER_KEY_SECRET)
        key.key_token = door_keys.key_token(case.number, secret, lookup_secret=settings.LOOKUP_SECRET)
        key.save(update_fields=["issue", "key_token"])
        order = Reissue.objects.create(
            case=case, issue=key.issue, why=why.strip()[:100], at=at, actor_name=actor.name
        )
        record_look(
            actor=actor, action="form.reissue", subject_kind="case", subject_id=case.pk, at=at,
            programme_slug=case.programme.slug, reason=f"{key.issue}回目: {order.why}",
        )  # fmt: skip
    return order


def reissues_waiting(programme: Programme) -> int:
    """How many forms were ordered once more and are not printed yet; people under 支援措置 among them."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [programme.pk])
        return int(cursor.fetchone()[0])


_WAITING = """
select count(*) from todoku_reissue o join todoku_doorkey k on k.case_id = o.case_id and k.issue = o.issue
  join todoku_case c on c.id = o.case_id
 where c.programme_id = %s and not exists (
   select 1 from todoku_letter l where l.case_id = c.id and l.kind in ('form', 'push_notice') and l.occasion = o.issue)
"""


def _ask_stage(case: Case) -> None:
    stage = case.standing.stage
    if stage == stages.LISTED:
        raise CannotReissue("まだ発送していない案件です。発送した後に、届かないときに再発行します。")
    if stage not in AT:
        raise CannotReissue(
            f"「{stages.stage_name(stage)}」の案件です。申請書を送り直す段階ではありません。"
            "口座の届出書などは、用紙の送付から送れます。"
        )
