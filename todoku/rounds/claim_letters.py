"""Words the letters on claims: 返還請求書 and 督促状・催告書, each with its payment slip (納付書). One per notice, ever.

Takes notices that the room of recovery has written; leaves items that the round's letters are printed from. A claim that
is disputed or has ended gets none.
"""

from collections.abc import Iterator

from django.db import connection

from todoku.formats.wareki import format_wareki
from todoku.letters.make_run import LetterItem
from todoku.programme.tables import Programme
from todoku.recovery.tables import Claim

# Letter kind → the notices that it is written for.
NOTICE_OF = {"claim_notice": "notice", "claim_reminder": "reminder", "claim_call": "call"}
REASONS = dict(Claim.REASONS)
# A case with two claims gets its second letter with the next round: a run holds one letter per case.
DUE = """
select distinct on (c.case_id) c.case_id, n.id, c.reason, n.due_on, c.slip_number,
       c.amount_yen - coalesce((select sum(p.amount_yen - p.excess_yen) from todoku_claimpayment p
                                 where p.claim_id = c.id and p.refund_of_id is null and p.reversed_at is null), 0),
       coalesce((select min(f.due_on) from todoku_claimnotice f where f.claim_id = c.id and f.kind = 'notice'), n.due_on)
  from todoku_claimnotice n
  join todoku_claim c on c.id = n.claim_id and c.programme_id = %s
 where n.kind = %s and c.state = 'noticed'
   and not exists (select 1 from todoku_letter l
                    where l.case_id = c.case_id and l.kind = %s and l.occasion = n.id)
 order by c.case_id, n.id
"""


def claim_items(kind: str, programme: Programme) -> Iterator[LetterItem]:
    """The letters of one kind (a key of NOTICE_OF) that are due and not written yet."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, [programme.pk, NOTICE_OF[kind], kind])
        found = cursor.fetchall()
    for case, notice, reason, due_on, slip, left, first_due in found:
        last = REASONS[reason] if kind == "claim_notice" else format_wareki(first_due)
        yield LetterItem(case, notice, (f"{left:,}円", format_wareki(due_on), slip, last))
