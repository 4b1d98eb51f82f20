"""DECIDED cases → transfers that wait for a batch (振込待ち). Sends nothing and chooses no account: the decision did.

Takes decisions in force without a live transfer; leaves one `ready` transfer each. A case whose last transfer was
returned gets a retry that names it. Safe to run twice: the database allows one live transfer per recipient.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from todoku.formats.kana import KanaRefused, bank_kana, cut_to
from todoku.formats.zengin_layout import NAME_BYTES
from todoku.ground.copy_rows import refresh_if_many
from todoku.ground.long_work import Progress
from todoku.ground.step import Report
from todoku.payment.confirmed_accounts import CONFIRMED
from todoku.payment.rails import RAILS
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

CHUNK_ROWS = 10_000
GROWN = ("todoku_transfer", "todoku_ledgerentry", "todoku_decision", "todoku_casestage")
NUMBER_SEQUENCE = "todoku_transfer_number"


class Due(NamedTuple):
    """A decided part of a case without a live transfer: the columns of DUE, in order. Account fields are "" without one."""

    decision: int
    case: int
    part: int
    rail: str
    payout: int
    recipient: int
    entitlement: int
    amount: int
    entitled: int
    number: str
    bank: str
    branch: str
    kind: int
    account: str
    holder: str
    retry: int | None
    exceeds: bool


DUE = """
select d.id as decision, d.case_id as case, d.part, d.rail, c.payout, c.recipient_id as recipient, e.id as entitlement,
       d.amount_yen as amount, e.amount_yen as entitled, c.number, coalesce(a.bank, '') as bank,
       coalesce(a.branch, '') as branch, coalesce(a.kind, 0) as kind, coalesce(a.number, '') as account,
       coalesce(a.holder_kana, '') as holder,
       (select t.id from todoku_transfer t where t.case_id = c.id and t.part = d.part and t.state = 'returned'
           and not exists (select 1 from todoku_transfer r where r.retry_of_id = t.id and r.state <> 'void')
         order by t.id desc limit 1) as retry,
       -- A supplement was counted on a claim that has ended since: what was paid and is kept says what is missing.
       d.part > 1 and kept_of_case(c.id) + e.amount_yen > e.corrected_yen as exceeds
  from todoku_decision d
  join todoku_case c on c.id = d.case_id and c.programme_id = %(p)s
  join todoku_casestage g on g.case_id = c.id and (g.stage = 'decided' or d.part > 1)
  join todoku_entitlement e on e.case_id = c.id and e.part = d.part and e.superseded_by_order = ''
  left join todoku_accountversion a on a.id = d.account_id
 where d.in_force and d.outcome = 'grant'
   and not exists (select 1 from todoku_transfer t where t.case_id = c.id and t.part = d.part
                    and t.state in ('ready', 'sealed', 'sending', 'sent', 'settled'))
   {confirmed}
"""
OLDEST_FIRST = " order by d.id limit %(limit)s"
COLUMNS = ", ".join(f'"{name}"' for name in Due._fields)
# Where the terms have every account asked about first (振込口座照会), only what the bank has confirmed is due.
ONLY_CONFIRMED = f"and (d.rail <> 'bank' or d.account_id in ({CONFIRMED}))"
UNCONFIRMED = f"and d.rail = 'bank' and d.account_id not in ({CONFIRMED})"


def make_transfers(
    *, programme: Programme, actor: Actor, at: datetime, progress: Progress | None = None
) -> Report:
    """Makes the transfers that are due; those that no bank file can carry are reported and stay DECIDED.

    `waiting`: decisions whose account the bank has not confirmed yet, where the terms ask for it.
    """
    if programme.terms.voucher is not None:
        # What is decided there is a right to buy; its yen are the premium, which goes to the shops and to nobody's account.
        return Report(note="商品券を購入する権利の制度のため、振込はありません。")
    cap = programme.terms.payment.cap_per_transfer_yen
    refused: list[tuple[str, str]] = []
    done = 0
    with transaction.atomic():
        # Two runs at once would both find the same decisions due; the second waits here and then finds none.
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        total = _gather(programme)
        for due in _gathered():
            done += _insert(list(_carried(due, cap, refused)), programme, at)
            if progress:
                progress(done + len(refused), total)
        waiting = count_unconfirmed(programme)
    note = f"口座照会の確認を待つ決定が{waiting:,}件あります。" if waiting else ""
    refresh_if_many(done, *GROWN)
    return Report(done=done, waiting=waiting, refused=tuple(refused), note=note)


def count_unconfirmed(programme: Programme) -> int:
    """Decisions that wait for the bank's word on their account; 0 where the terms do not have it asked."""
    return _count(programme, UNCONFIRMED)[0] if programme.terms.payment.account_inquiry else 0


def count_due(programme: Programme) -> tuple[int, int]:
    """How many decided parts wait for a transfer and their yen, those whose account is still asked about included."""
    return _count(programme, "")


def due_of(programme: Programme, limit: int | None = None) -> list[Due]:
    """Decisions in force for which no money is on its way, oldest decision first; all of them, or so many."""
    with connection.cursor() as cursor:
        cursor.execute(_due(programme), {"p": programme.pk, "limit": limit})
        return [Due(*row) for row in cursor.fetchall()]


def _gather(programme: Programme) -> int:
    """Puts all that is due into a table of this transaction, and gives how many.

    Read straight from the query while transfers are added, each decision would look through the ones just made: with 182,000
    decisions that took minutes where this takes seconds.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"create temporary table transfers_due on commit drop as {_due(programme)}",
            {"p": programme.pk, "limit": None},
        )
        return int(cursor.rowcount)


def _gathered() -> Iterator[list[Due]]:
    """What was gathered, oldest decision first, a chunk at a time: a city's rows never lie in memory together."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"select {COLUMNS} from transfers_due order by decision")
        while rows := cursor.fetchmany(CHUNK_ROWS):
            yield [Due(*row) for row in rows]


def _confirmed(programme: Programme) -> str:
    return ONLY_CONFIRMED if programme.terms.payment.account_inquiry else ""


def _due(programme: Programme) -> str:
    return DUE.format(confirmed=_confirmed(programme)) + OLDEST_FIRST


def _count(programme: Programme, confirmed: str) -> tuple[int, int]:
    """How many rows of DUE there are, and their yen."""
    with connection.cursor() as cursor:
        rows = DUE.format(confirmed=confirmed)
        cursor.execute(
            f"select count(*), coalesce(sum(amount), 0)::bigint from ({rows}) due", {"p": programme.pk}
        )
        count, yen = cursor.fetchone()
    return int(count), int(yen)


def cannot_be_carried(due: Due, cap_yen: int) -> str:
    """Why no bank file can carry it, with the remedy; "" where it can be transferred."""
    if due.amount != due.entitled:
        return "決定した額と支給予定額が違います。審査へ戻し、もう一度決定を受けてください。"
    if due.exceeds:
        return "返還請求が取り消されたため、この追給を払うと正しい支給額を超えます。担当課が追給を取り消してください。"
    if due.amount > cap_yen:
        return f"支給額が1件の上限（{cap_yen:,}円）を超えています。制度の上限か支給額を確認してください。"
    if not RAILS[due.rail].needs_account:
        return ""
    if not (len(due.bank) == 4 and len(due.branch) == 3 and len(due.account) == 7):
        return "口座の銀行・支店・口座番号がそろっていません。審査へ戻して口座を確認してください。"
    try:
        bank_kana(due.holder)
    except KanaRefused as why:
        return why.sentence
    return ""


def _carried(rows: Sequence[Due], cap: int, refused: list[tuple[str, str]]) -> Iterator[tuple[object, ...]]:
    """The columns of each transfer; what cannot be carried is noted under its case's number."""
    for due in rows:
        why = cannot_be_carried(due, cap)
        if why:
            refused.append((due.number, why))
            continue
        account: tuple[object, ...] = ("", "", 0, "", "")
        if RAILS[due.rail].needs_account:
            name = cut_to(bank_kana(due.holder), NAME_BYTES)
            account = (due.bank, due.branch, due.kind, due.account, name)
        yield (
            due.payout, due.recipient, due.case, due.part, due.rail, due.entitlement, due.decision, due.amount, *account,
            due.retry,
        )  # fmt: skip


def _insert(rows: list[tuple[object, ...]], programme: Programme, at: datetime) -> int:
    """COPY to a temporary table, then one INSERT … SELECT that also draws the transfer numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            create temporary table transfer_rows (payout smallint, recipient bigint, case_id bigint, part smallint, rail text,
              entitlement bigint,
              decision bigint, amount bigint, bank text, branch text, kind smallint, account text, name text,
              retry bigint) on commit drop
            """
        )
        with cursor.copy("copy transfer_rows from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"""
            insert into todoku_transfer (number, programme_id, payout, recipient_id, case_id, part, rail, entitlement_id,
              decision_id, amount_yen, bank, branch, kind, account_number, holder_kana, state, retry_of_id, made_at)
            select nextval('{NUMBER_SEQUENCE}')::text, %s, payout, recipient, case_id, part, rail, entitlement, decision, amount,
                   bank, branch, kind, account, name, 'ready', retry, %s
              from transfer_rows order by decision
            """,
            [programme.pk, at],
        )
        made = cursor.rowcount
        cursor.execute("drop table transfer_rows")
    assert made == len(rows), f"{len(rows)} transfers due, {made} made"
    return made
