"""A batch into the books (記帳): what was handed to the bank, what came out of it. One call after each change of its rows.

Takes a batch whose transfers have moved, in that transaction; books whatever of them is not booked yet, and nothing
twice. Money of a decision that was booked in another fiscal year (会計年度) is first moved to the batch's own.
"""

from collections.abc import Sequence
from datetime import datetime

from todoku.formats.fiscal_year import year_name
from todoku.ground.copy_rows import refresh_if_many
from todoku.ledger.entitle import STANDS_IN
from todoku.ledger.post import Posted, Rows, post
from todoku.payment.tables import Batch
from todoku.people.actor import Actor

_OF_BATCH = """
select t.id, t.case_id, t.amount_yen, b.fiscal_year from todoku_transfer t
  join todoku_batch b on b.id = t.batch_id
 where t.batch_id = %s and (%s::bigint[] is null or t.id = any(%s::bigint[]))
"""
_BOOKED = (
    "exists (select 1 from todoku_ledgerentry e where e.subject_kind = 'transfer' and e.subject_id = t.id"
    " and e.kind = '{kind}' and e.reverses_id is null)"
)
# What each kind of entry is booked for, in the order in which money goes.
_DUE = {
    "transfer": f"t.state in ('sending', 'sent', 'settled', 'returned') and not {_BOOKED.format(kind='transfer')}",
    "recalled": f"t.state = 'void' and {_BOOKED.format(kind='transfer')} and not {_BOOKED.format(kind='recalled')}",
    "settled": f"t.state = 'settled' and not {_BOOKED.format(kind='settled')}",
    "returned": (
        f"t.state = 'returned' and not {_BOOKED.format(kind='settled')} and not {_BOOKED.format(kind='returned')}"
    ),
    "returned_late": (
        f"t.state = 'returned' and {_BOOKED.format(kind='settled')} and not {_BOOKED.format(kind='returned_late')}"
    ),
}
# Rows about to be ordered whose debt stands in the books of another year.
_WHERE_OWED = STANDS_IN.format(
    case="d.case_id", yen="d.amount_yen", first="x.fiscal_year = d.fiscal_year desc, "
)
_ELSEWHERE = f"""
select d.id, d.case_id, d.amount_yen, y.fiscal_year
  from ({_OF_BATCH} and {_DUE["transfer"]}) d(id, case_id, amount_yen, fiscal_year)
  join lateral ({_WHERE_OWED}) y on y.fiscal_year <> d.fiscal_year
"""
_MOVED = """
select e.subject_id, e.case_id, e.amount_yen, b.fiscal_year
  from todoku_ledgerentry e join todoku_transfer t on t.id = e.subject_id join todoku_batch b on b.id = t.batch_id
 where e.subject_kind = 'transfer' and e.kind = 'withdrawal' and b.id = %s
"""


def book_batch(
    batch: Batch, *, transfers: Sequence[int] | None = None, actor: Actor, at: datetime
) -> dict[str, Posted]:
    """Books what became of a batch's transfers, or of some of them by id; gives what was added, by kind of entry."""
    chosen = None if transfers is None else list(transfers)
    values = [batch.pk, chosen, chosen]
    words = f"振込データ{batch.pk}"

    def add(kind: str, rows: str, parameters: Sequence[object], reason: str) -> Posted:
        return post(
            kind, Rows(rows, parameters), programme=batch.programme, subject_kind="transfer", actor=actor, at=at,
            reason=reason,
        )  # fmt: skip

    # Each kind asks what the kinds before it have just booked.
    refresh_if_many(batch.count, "todoku_ledgerentry", "todoku_transfer")
    moved = f"{words}の会計年度（{year_name(batch.fiscal_year)}）へ付け替え"
    if add("withdrawal", _ELSEWHERE, values, moved).entries:
        add("entitlement", _MOVED, [batch.pk], moved)
    return {kind: add(kind, f"{_OF_BATCH} and {due}", values, words) for kind, due in _DUE.items()}
