"""Gift letters of a released batch (ギフトの手紙の印刷): every payee whose codes were not printed yet gets one.

Takes sent transfers with assigned codes; leaves a print run whose PDF is kept locked. Only who delivers codes prints
them. A letter is written once per set of codes, so nobody gets the same code twice; a code given anew has a letter of
its own.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from todoku.custody import files
from todoku.delivery.code_secret import code_box
from todoku.ground.step import Refusal
from todoku.letters.make_run import LetterItem, make_gift_run
from todoku.letters.print_files import run_label
from todoku.letters.tables import PrintRun
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.sheets.gift_sheets import PrintedCode

# One run lies in memory while it is drawn and locked: some 40 kB a letter.
PIECES_MAX = 2_000
# A letter holds the assigned codes of one transfer; the greatest of their ids names the occasion.
_WAITING = """
select t.case_id, max(g.id), t.amount_yen, sum(g.value_yen)::bigint, count(*), min(g.expires_on),
       string_agg(distinct nullif(g.merchant_limit, ''), '、')
  from todoku_giftcode g
  join todoku_transfer t on t.id = g.transfer_id and t.state in ('sent', 'settled')
  join todoku_batch b on b.id = t.batch_id
 where g.programme_id = %s and g.state = 'assigned' and g.delivered_by_way in ('', 'letter')
 group by t.id, t.case_id
having not exists (select 1 from todoku_letter l
                    where l.case_id = t.case_id and l.kind = 'gift' and l.occasion = max(g.id))
 order by max(g.id)
"""
_CODES = """
select t.case_id, g.serial, g.sealed_url, g.value_yen, g.expires_on, g.merchant_limit
  from todoku_giftcode g join todoku_transfer t on t.id = g.transfer_id
 where g.programme_id = %s and g.state = 'assigned' and t.case_id = any(%s) and g.delivered_by_way in ('', 'letter')
 order by t.case_id, g.value_yen desc, g.id
"""


class CannotPrintCodes(Refusal):
    """This person does not deliver codes, or no letter waits."""


class Waiting(NamedTuple):
    """A transfer whose codes wait for their letter: the columns of _WAITING."""

    case: int
    occasion: int
    amount_yen: int
    value_yen: int
    codes: int
    expires_on: date
    merchants: str | None


def waiting_for_letters(programme: Programme) -> list[Waiting]:
    """Released payments whose codes stand in no letter yet."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [programme.pk])
        return [Waiting(*row) for row in cursor.fetchall()]


def make_gift_letters(
    *, programme: Programme, actor: Actor, at: datetime, protected: bool = False
) -> PrintRun:
    """Prints the next letters, at most PIECES_MAX; raises CannotPrintCodes, NothingToPrint."""
    if not may(actor.roles, "gift.deliver"):
        raise CannotPrintCodes("ギフトコードの手紙を印刷できるのは、印刷・発送の担当者だけです。")
    waiting = waiting_for_letters(programme)[:PIECES_MAX]
    if not waiting:
        raise CannotPrintCodes(
            "手紙を待っているギフトコードはありません。支払の承認と支給開始が済むと、ここで印刷できます。"
        )
    items = [LetterItem(one.case, one.occasion, _values(one)) for one in waiting]
    run = make_gift_run(
        items, lambda cases: _codes(programme, cases), lock=code_box().lock_file, programme=programme,
        protected=protected, actor=actor, at=at,
    )  # fmt: skip
    record_look(
        actor=actor, action="gift.print", subject_kind="print_run", subject_id=run.pk, at=at,
        programme_slug=programme.slug, reason=f"{run.pieces:,}通",
    )  # fmt: skip
    return run


def print_file(run: PrintRun, *, actor: Actor, at: datetime) -> bytes:
    """The PDF of a run of gift letters in clear, for the printer; the look is recorded. Raises CannotPrintCodes."""
    if not may(actor.roles, "gift.deliver") or run.kind != "gift" or run.pdf is None:
        raise CannotPrintCodes("ギフトコードの手紙を印刷できるのは、印刷・発送の担当者だけです。")
    data = code_box().open_file(files.read(run.pdf.path), run_label(run))
    record_look(
        actor=actor, action="gift.take_print", subject_kind="print_run", subject_id=run.pk, at=at,
        programme_slug=run.programme.slug, reason=f"{run.pieces:,}通",
    )  # fmt: skip
    return data


def _values(one: Waiting) -> tuple[str, ...]:
    """The rows of the letter's table; a letter for a code given anew says what it holds, not the whole benefit."""
    amount = f"{one.amount_yen:,}円"
    if one.value_yen != one.amount_yen:
        amount += f"（うち再発行 {one.value_yen:,}円分）"
    until = f"{one.expires_on.year}年{one.expires_on.month}月{one.expires_on.day}日"
    return (
        amount,
        f"{one.codes}個",
        until,
        one.merchants or "発行元の加盟店（次のページの画面で確かめられます）",
    )


def _codes(programme: Programme, cases: Sequence[int]) -> Mapping[int, list[PrintedCode]]:
    """The assigned codes of these cases, opened."""
    box = code_box()
    opened: dict[int, list[PrintedCode]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_CODES, [programme.pk, list(cases)])
        for case, serial, locked, value, expires_on, merchants in cursor.fetchall():
            url = box.open(bytes(locked), programme.pk, serial)
            opened.setdefault(case, []).append(PrintedCode(url, value, expires_on, merchants, serial))
    return opened
