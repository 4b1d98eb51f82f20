"""The posting of gift letters (ギフトの手紙の差出し): counted pieces, codes delivered, payments settled, in one transaction.

Takes a released run of gift letters; leaves its codes delivered, their transfers settled and the cases PAID. A letter
whose code was revoked meanwhile must not leave: it is named and the run is not posted. Safe to run twice.
"""

from datetime import date, datetime

from django.db import connection, transaction

from todoku.delivery.reached import reached
from todoku.ground.step import Refusal, Report
from todoku.letters.dispatch import dispatch
from todoku.letters.tables import PrintRun
from todoku.payment.tables import Batch
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look

# The codes of a letter: those of its transfer that stood assigned when it was written, named by the greatest id; but
# what was in a message then, and fell back to a letter later, has one of its own.
_OF_RUN = """
select g.id, g.transfer_id, g.state, l.piece_no, g.serial
  from todoku_letter l
  join todoku_giftcode last on last.id = l.occasion
  join todoku_giftcode g on g.transfer_id = last.transfer_id and g.id <= last.id
 where l.run_id = %s and l.kind = 'gift' and g.assigned_at <= %s and (g.delivered_at is null or g.delivered_at > %s)
   and (g.revoked_at is null or g.revoked_at > %s)
   and not exists (select 1 from todoku_giftmessage m
                    where m.code_id = g.id and (m.answered_at is null or m.answered_at > %s))
 order by l.piece_no, g.id for update of g
"""
_DELIVER = """
update todoku_giftcode set state = 'delivered', delivered_at = %s, delivered_by_way = %s
 where id = any(%s) and state = 'assigned'
"""
_BATCHES = """
select b.id, array_agg(t.id) from todoku_transfer t join todoku_batch b on b.id = t.batch_id
 where t.id = any(%s) and t.state = 'sent' group by b.id order by b.id
"""


class CannotDeliver(Refusal):
    """The run is not one of gift letters, or a letter in it must not leave."""


def deliver_gifts(run: PrintRun, *, posted_on: date, counted: int, actor: Actor, at: datetime) -> Report:
    """Records the posting and what follows from it. Report: done = payments settled.

    Raises CannotDeliver, and what `dispatch` raises (counts that differ, a run that nobody released).
    """
    if not may(actor.roles, "gift.deliver"):
        raise CannotDeliver("ギフトコードの手紙の差出しを記録できるのは、印刷・発送の担当者だけです。")
    if run.kind != "gift":
        raise CannotDeliver("デジタルギフトの印刷ロットではありません。")
    with transaction.atomic():
        posted = dispatch(run, posted_on=posted_on, counted=counted, actor=actor, at=at)
        with connection.cursor() as cursor:
            cursor.execute(_OF_RUN, [run.pk, *[run.made_at] * 4])
            codes = cursor.fetchall()
        stopped = [(piece, serial) for _, _, state, piece, serial in codes if state in ("revoked", "expired")]
        if stopped and posted.done:
            raise CannotDeliver(
                f"通し番号{stopped[0][0]}の手紙のコード（管理番号{stopped[0][1]}）は失効しています。"
                "その手紙を抜き取り、業務責任者に知らせてください。"
            )
        waiting = [(code, transfer) for code, transfer, state, _, _ in codes if state == "assigned"]
        settled = delivered(
            [code for code, _ in waiting], [transfer for _, transfer in waiting], way="letter",
            why="デジタルギフトを発送", actor=actor, at=at,
        )  # fmt: skip
        record_look(
            actor=actor, action="gift.deliver", subject_kind="print_run", subject_id=run.pk, at=at,
            programme_slug=run.programme.slug, reason=f"{posted.done:,}通 {len(waiting):,}枚",
        )  # fmt: skip
    return Report(done=settled, note=f"{counted:,}通を差し出し、{settled:,}件を支給済にしました。")


def delivered(
    codes: list[int], transfers: list[int], *, way: str, why: str, actor: Actor, at: datetime
) -> int:
    """Marks codes as delivered and settles those of their transfers that were not; gives how many were settled."""
    with connection.cursor() as cursor:
        cursor.execute(_DELIVER, [at, way, codes])
        assert cursor.rowcount == len(codes), f"{len(codes)} codes to deliver, {cursor.rowcount} delivered"
        cursor.execute(_BATCHES, [sorted(set(transfers))])
        batches = cursor.fetchall()
    return sum(
        reached(Batch.objects.get(pk=batch), chosen, why=why, actor=actor, at=at) for batch, chosen in batches
    )
