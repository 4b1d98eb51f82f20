"""Turns the letters of a run into pieces to be printed: flat rows read in chunks, one query for each kind of row.

Takes Letter rows already written; leaves Piece and LetterPiece values in the order of the run. Prints nothing.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from todoku.case import door_keys
from todoku.case.due import shares
from todoku.case.late_deadline import deadlines_of
from todoku.case.members import MemberLine, members_of
from todoku.formats import bank_master
from todoku.formats.wareki import format_wareki
from todoku.ground.step import Refusal
from todoku.letters.tables import PrintRun
from todoku.programme.terms import Terms
from todoku.registry.account_names import misnamed
from todoku.registry.reached import ADDRESSEE, REACHED
from todoku.sheets.forms import Member, Piece
from todoku.sheets.letter_sheets import LetterPiece
from todoku.sheets.mail_address import on_envelope
from todoku.sheets.programme_wording import deadline_of

# Pieces read at once: a query every half second of printing, and no more than a few megabytes.
CHUNK_PIECES = 2_000
_ACCOUNT_KINDS = {1: "普通", 2: "当座", 4: "貯蓄", 9: "その他"}

Done = Callable[[int], None]


class Contents(NamedTuple):
    """What one letter says: the values of its table, the items of its list, the values of each payment slip, the sheets
    that come back and what is printed on them (letter_sheets.LetterPiece)."""

    values: tuple[str, ...]
    items: tuple[str, ...] = ()
    slips: tuple[tuple[str, ...], ...] = ()
    back: tuple[str, ...] | None = None
    fields: tuple[tuple[str, str], ...] = ()


class KeyChanged(Refusal):
    """The key that would be printed is not the one that the door knows."""


class PieceRow(NamedTuple):
    """One letter of a run with everything about its case that a sheet may need."""

    piece_no: int
    case_id: int
    number: str
    issue: int
    key_token: str
    amount_yen: int
    recipient: int
    postal_code: str
    address: str
    building: str
    name: str
    protected: bool
    bank: str | None
    branch: str | None
    account_kind: int | None
    account_number: str | None


_QUERY = f"""
select l.piece_no, c.id, c.number, k.issue, k.key_token, e.amount_yen, c.recipient_id,
       coalesce(x.postal_code, h.postal_code), coalesce(x.address, h.address), coalesce(x.building, h.building),
       {ADDRESSEE},
       h.protected or coalesce(x.protected, false) or exists (
           select 1 from todoku_member m join todoku_person q on q.id = m.person_id
            where m.recipient_id = c.recipient_id and m.superseded_by_order = '' and q.protected),
       a.bank, a.branch, a.kind, a.number
  from todoku_letter l
  join todoku_case c on c.id = l.case_id
  join todoku_doorkey k on k.case_id = c.id
  join todoku_entitlement e on e.case_id = c.id and e.part = 1 and e.superseded_by_order = ''
  join todoku_recipient r on r.id = c.recipient_id
  join todoku_person h on h.id = r.head_id
  left join {REACHED} x on x.recipient_id = r.id
  left join todoku_knownaccount a on a.programme_id = c.programme_id and a.person_id = h.id and h.id <> all(%s)
 where l.run_id = %s and l.piece_no > %s
 order by l.piece_no limit %s
"""


def _rows_of(run: PrintRun, done: Done) -> Iterator[list[PieceRow]]:
    """The letters of a run in order, a chunk at a time; `done` is told how many have been used up."""
    last, strangers = 0, list(misnamed(run.programme))
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_QUERY, [strangers, run.pk, last, CHUNK_PIECES])
            rows = [PieceRow(*row) for row in cursor.fetchall()]
        if not rows:
            return
        yield rows
        last = rows[-1].piece_no
        done(last)


def forms_of(run: PrintRun, terms: Terms, *, protected: bool, done: Done) -> Iterator[Piece]:
    """The pieces of a run of application forms."""
    payout = _payout_of(run)
    for rows in _rows_of(run, done):
        members = members_of([row.recipient for row in rows])
        last_days = deadlines_of([row.case_id for row in rows], terms)
        for row in rows:
            to = on_envelope(
                row.postal_code, row.address, row.building, protected=row.protected, protected_run=protected
            )
            lines = _printed(members[row.recipient], terms, payout)
            assert sum(yen for *_, yen in lines) == row.amount_yen, (
                f"case {row.case_id}: lines and amount differ"
            )
            yield Piece(
                row.piece_no, row.number, row.issue, _key(row), to.postal_code, to.lines, row.name, to.barcode_rest,
                lines, row.amount_yen, deadline_of(terms, last_days[row.case_id]), account_shown(row), row.protected,
            )  # fmt: skip


def letters_of(
    run: PrintRun, contents: Callable[[PieceRow], Contents], *, protected: bool, done: Done
) -> Iterator[LetterPiece]:
    """The pieces of a run of letters; `contents` gives what each says."""
    for rows in _rows_of(run, done):
        for row in rows:
            to = on_envelope(
                row.postal_code, row.address, row.building, protected=row.protected, protected_run=protected
            )
            said = contents(row)
            yield LetterPiece(
                row.piece_no, row.number, row.issue, _key(row), to.postal_code, to.lines, row.name, to.barcode_rest,
                said.values, said.items, row.protected, said.slips, said.back, said.fields,
            )  # fmt: skip


def account_shown(row: PieceRow) -> str:
    """The known account as a letter may show it: bank, branch, kind and the last three digits.

    "" without one, or where its holder is by name somebody else: the form then asks for an account.
    """
    if not row.bank or not row.branch or not row.account_kind or not row.account_number:
        return ""
    bank, branch = bank_master.bank(row.bank), bank_master.branch(row.bank, row.branch)
    names = f"{bank.name if bank else row.bank}　{branch.name if branch else row.branch}"
    return f"{names}　{_ACCOUNT_KINDS[row.account_kind]}　****{row.account_number[-3:]}"


def _key(row: PieceRow) -> str:
    """The key of this issue; held against the door's digest, since a wrong one would be found by 1,000 residents."""
    key = door_keys.letter_key(row.number, row.issue, letter_key_secret=settings.LETTER_KEY_SECRET)
    if door_keys.key_token(row.number, key, lookup_secret=settings.LOOKUP_SECRET) != row.key_token:
        raise KeyChanged(
            "印刷する確認キーが、案件を作成したときのものと一致しません。秘密の設定を、作成時のものに戻してください。"
        )
    return key


def _payout_of(run: PrintRun) -> int:
    """The payout of a run's cases: a run is of one cohort, and a cohort of one payout."""
    letter = run.letters.select_related("case").first()
    return letter.case.payout if letter else 1


def _printed(lines: list[MemberLine], terms: Terms, payout: int) -> tuple[Member, ...]:
    """The members to whom something is due or who count, with what each adds to the amount."""
    yens = shares([line.rule for line in lines], terms, payout)
    base_date = terms.programme.base_date
    return tuple(
        (
            line.name,
            format_wareki(line.birth_date) if line.birth_date else line.birth_text,
            line.relation,
            yen,
        )
        for line, yen in zip(lines, yens, strict=True)
        if yen or line.rule.counts(base_date)
    )
