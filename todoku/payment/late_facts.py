"""Finds what became known after the review (決定後の事実) and holds those payments: before a build, a seal, a hand-over; nightly.

Takes a programme; leaves holds of the kinds death, moved, refusal, account and earlier (the payout before claimed back), each
with its owner and clock, and takes held rows out of open batches. Safe to run twice: a fact that was held once does not
come again. Asks nobody.
"""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import localdate

from todoku.ground.step import Refusal, Report
from todoku.payment.facts_after_decision import FACTS, NOT_HELD
from todoku.payment.hold import leave_open_batches, lock_batches_of
from todoku.payment.hold_kinds import KINDS, due_on
from todoku.payment.tables import Batch, Transfer
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme

FIND_THEM = FACTS + "select distinct f.case_id " + NOT_HELD
# Asked again behind the locks: what went to the bank meanwhile is held no more.
HOLD_THEM = f"""
{FACTS}
insert into todoku_hold (programme_id, case_id, kind, reason, owner_role, due_on, opened_at, outcome)
select %(programme)s, f.case_id, f.kind, f.reason, k.owner, k.due, %(at)s, ''
  from (select f.* {NOT_HELD}) f
  join unnest(%(kinds)s::text[], %(owners)s::text[], %(dues)s::date[]) as k(kind, owner, due) on k.kind = f.kind
 where f.case_id = any(%(cases)s)
    on conflict do nothing returning case_id, kind
"""


class HeldInBatch(Refusal):
    """Rows of this batch became held just now; they left it, and its count and total are others than seen."""


def find_late_facts(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Holds every payment about which something became known; `done` is the number of holds, `refused` names none."""
    today = localdate(at)
    values: dict[str, Any] = {
        "programme": programme.pk, "base_date": programme.terms.programme.base_date, "at": at,
        "kinds": list(KINDS), "owners": [kind.owner_role for kind in KINDS.values()],
        "dues": [due_on(code, today) for code in KINDS],
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FIND_THEM, values)
        cases = [case for (case,) in cursor.fetchall()]
        batches = lock_batches_of(cases) if cases else []
        held: list[tuple[int, str]] = []
        if cases:
            cursor.execute(HOLD_THEM, values | {"cases": cases})
            held = cursor.fetchall()
        left = leave_open_batches([case for case, _ in held], batches)
        if held:
            by_kind = {code: sum(kind == code for _, kind in held) for code in KINDS}
            words = "、".join(f"{KINDS[code].name}{count}件" for code, count in by_kind.items() if count)
            record_look(
                actor=actor, action="hold.find", subject_kind="programme", subject_id=programme.pk, at=at,
                programme_slug=programme.slug, reason=f"{words}（作成中の振込データから{left}件を除外）",
            )  # fmt: skip
            return Report(done=len(held), note=f"決定後の事実により{words}を保留にしました。")
    return Report(note="決定の後に分かった事実はありません。")


def ask_late_facts(batch: Batch, *, actor: Actor, at: datetime) -> None:
    """Looks for late facts before a seal; raises HeldInBatch where rows left this batch, so that a person looks again.

    Call it outside the seal's transaction: otherwise the holds would be undone with the seal that it refuses.
    """
    before = _rows(batch)
    find_late_facts(programme=batch.programme, actor=actor, at=at)
    left = before - _rows(batch)
    if left:
        raise HeldInBatch(
            f"決定の後に分かった事実（死亡・転出・辞退・口座の変更・前の支給回の返還請求）により、{left:,}件を保留にして、この振込データから"
            "外しました。件数と合計額を確かめて、もう一度確定してください。外した分は「保留」にあります。"
        )


def _rows(batch: Batch) -> int:
    return Transfer.objects.filter(batch=batch, state="ready").count()
