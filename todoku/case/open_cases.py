"""Opens cases (案件の作成): takes recipients without a case; leaves cases at LISTED with amount, number and door key.

Whoever is not due is listed with the reason instead, and whoever is due only now has it written down why. Judges in
chunks over flat rows; each chunk is one transaction that is whole or not there, so that stopped or killed work goes on
where it was. It writes no letter.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from random import Random
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from todoku.case import door_keys
from todoku.case.due import NOT_DUE, Due, RollMember, judge
from todoku.case.late_openings import note_late
from todoku.case.members import members_of
from todoku.case.payee_words import payee_words
from todoku.case.stages import LISTED
from todoku.case.tables import Case, Move
from todoku.formats import codes, names
from todoku.ground.copy_rows import copy_rows, has_doubled, refresh_statistics
from todoku.ground.step import Refusal, Report
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.registry.account_names import misnamed
from todoku.registry.account_rows import source_of
from todoku.registry.fix_members import fix_members
from todoku.registry.make_recipients import make_recipients
from todoku.registry.tables import Recipient, RollImport

# A chunk is read, judged and written in about a second, so progress moves and a stop is quick.
CHUNK_RECIPIENTS = 10_000
WHY_OPENED = "名簿から案件を作成"
_GROWN = (
    "todoku_case",
    "todoku_casestage",
    "todoku_caseevent",
    "todoku_entitlement",
    "todoku_doorkey",
    "todoku_fixedmembers",
)

Progress = Callable[[int, int | None], None]


class CannotOpenCases(Refusal):
    """The programme or its roll is not in a state in which cases may be opened."""


class Head(NamedTuple):
    """One recipient without a case, and what a door key needs of its head."""

    recipient: int
    kana: str
    latin_name: str
    name: str
    birth_date: date | None
    account_source: str  # a key of ACCOUNT_SOURCES; "" where no account is known


class Opening(NamedTuple):
    """One case about to be opened; the columns of the temporary table, in order."""

    recipient_id: int
    number: str
    cohort: str
    amount_yen: int
    member_count: int
    lookup_token: str | None
    key_token: str
    initials: str


def open_cases(
    *,
    programme: Programme,
    actor: Actor,
    at: datetime,
    payout: int = 1,
    progress: Progress | None = None,
    random_source: Random | None = None,
) -> Report:
    """Opens a case for every recipient that is due and has none. Safe to run twice: the second run opens nothing.

    Report: `done` cases opened; the note counts those not due by reason. `random_source` draws the public numbers
    (default: the system's own). Raises CannotOpenCases for a half-taken roll.
    """
    _admit(programme)
    make_recipients(programme=programme, payout=payout, words=payee_words(programme, payout))
    random_source = random_source or secrets.SystemRandom()
    total = Recipient.objects.filter(programme=programme, payout=payout).count()
    seen, last, opened, chunks = Case.objects.filter(programme=programme, payout=payout).count(), 0, 0, 0
    not_due: dict[str, int] = {}
    # An account in another name is as good as none: the household is asked for one.
    strangers = list(misnamed(programme))
    while True:
        with transaction.atomic():
            heads = _waiting(programme, payout, last, strangers)
            if not heads:
                break
            dues = list(judge(_with_members(heads), programme.terms, payout))
            openings = list(_openings(heads, dues, random_source))
            earlier = _list_not_due(heads, dues, programme, payout, at)
            opened += write_openings(openings, programme, payout, why=WHY_OPENED, actor=actor, at=at)
            note_late(heads, dues, earlier, programme, payout, actor=actor, at=at)
        for due in dues:
            if due.reason:
                not_due[due.reason] = not_due.get(due.reason, 0) + 1
        last = heads[-1].recipient
        seen, chunks = seen + len(heads), chunks + 1
        if len(heads) == CHUNK_RECIPIENTS and has_doubled(chunks):
            refresh_statistics(*_GROWN)
        if progress:
            progress(seen, total)
    if opened:
        refresh_statistics(*_GROWN)
    return Report(done=opened, note=_note(opened, not_due))


def _admit(programme: Programme) -> None:
    if RollImport.objects.filter(programme=programme, state="taking").exists():
        raise CannotOpenCases("名簿の取込みが途中です。名簿の取込みを終えてから、案件を作成してください。")


_WAITING = """
select r.id, h.kana, h.latin_name, h.name, h.birth_date,
       case when h.id <> all(%s) then k.source end
  from todoku_recipient r join todoku_person h on h.id = r.head_id
  left join todoku_knownaccount k on k.programme_id = r.programme_id and k.person_id = h.id
 where r.programme_id = %s and r.payout = %s and r.id > %s
   and not exists (select 1 from todoku_case c where c.programme_id = r.programme_id and c.payout = r.payout
                                                 and c.recipient_id = r.id)
 order by r.id limit %s
"""


def _waiting(programme: Programme, payout: int, after: int, misnamed_heads: list[int]) -> list[Head]:
    """The next recipients without a case; the lock on the programme keeps a second run from opening the same ones."""
    Programme.objects.select_for_update().get(pk=programme.pk)
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [misnamed_heads, programme.pk, payout, after, CHUNK_RECIPIENTS])
        return [
            Head._make((*row[:5], "" if row[5] is None else source_of(row[5]))) for row in cursor.fetchall()
        ]


def _with_members(heads: Sequence[Head]) -> Iterator[tuple[list[RollMember], str]]:
    members = members_of([head.recipient for head in heads])
    for head in heads:
        yield [line.rule for line in members.get(head.recipient, [])], head.account_source


def _openings(heads: Sequence[Head], dues: Sequence[Due], random_source: Random) -> Iterator[Opening]:
    """An opening for each recipient that is due."""
    due = [(head, due) for head, due in zip(heads, dues, strict=True) if not due.reason]
    for (head, what), number in zip(due, fresh_numbers(len(due), random_source), strict=True):
        yield opening_of(head, number, what)


def opening_of(head: Head, number: str, what: Due) -> Opening:
    """A case about to be opened under this number: its tokens and initials."""
    lookup, born = settings.LOOKUP_SECRET, head.birth_date
    key = door_keys.letter_key(number, 1, letter_key_secret=settings.LETTER_KEY_SECRET)
    return Opening(
        head.recipient, number, what.cohort, what.amount_yen, what.member_count,
        # Without a recorded birth date there is no way in by number and date: such a resident is let in by staff.
        door_keys.lookup_token(number, born, lookup_secret=lookup) if born else None,
        door_keys.key_token(number, key, lookup_secret=lookup),
        names.initials(head.kana or head.latin_name or head.name)[:20],
    )  # fmt: skip


def fresh_numbers(count: int, random_source: Random) -> Iterable[str]:
    """So many public numbers that no case carries: 12 random digits and a check digit, drawn again where they clash."""
    found: dict[str, None] = {}
    while len(found) < count:
        drawn: dict[str, None] = {}
        while len(found) + len(drawn) < count:
            # None where a My Number would be hidden inside: one draw in six.
            if number := codes.case_number(f"{random_source.randrange(10**12):012d}"):
                drawn[number] = None
        with connection.cursor() as cursor:
            cursor.execute("select number from todoku_case where number = any(%s)", [list(drawn)])
            taken = {number for (number,) in cursor.fetchall()}
        found.update((number, None) for number in drawn if number not in taken)
    return found


def _list_not_due(
    heads: Sequence[Head], dues: Sequence[Due], programme: Programme, payout: int, at: datetime
) -> dict[int, str]:
    """Writes down who is not due and why; whoever became due in the meantime leaves the list. Gives the list as it was."""
    reasons = [(head.recipient, due.reason) for head, due in zip(heads, dues, strict=True) if due.reason]
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from todoku_notdue where programme_id = %s and payout = %s and recipient_id = any(%s)"
            " returning recipient_id, reason",
            [programme.pk, payout, [head.recipient for head in heads]],
        )
        earlier = dict(cursor.fetchall())
    rows = ((programme.pk, payout, recipient, reason, at) for recipient, reason in reasons)
    copy_rows("todoku_notdue", ("programme_id", "payout", "recipient_id", "reason", "at"), rows)
    return earlier


_OPEN = """
with opened as (
    insert into todoku_case (programme_id, payout, municipality_code, recipient_id, number, cohort, opened_at)
    select %(programme)s, %(payout)s, %(municipality)s, recipient_id, number, cohort, %(at)s from opening
    returning id, recipient_id
), stages as (
    insert into todoku_casestage (case_id, stage, previous, move_stamp, since)
    select id, %(stage)s, '', %(move)s, %(at)s from opened returning 1
), events as (
    insert into todoku_caseevent (case_id, move_id, from_stage, to_stage, at)
    select id, %(move)s, '', %(stage)s, %(at)s from opened returning 1
), entitled as (
    insert into todoku_entitlement (case_id, programme_id, payout, recipient_id, version_id, amount_yen, member_count)
    select c.id, %(programme)s, %(payout)s, o.recipient_id, %(version)s, o.amount_yen, o.member_count
      from opened c join opening o using (recipient_id) returning 1
), keys as (
    insert into todoku_doorkey (case_id, lookup_token, key_token, initials, issue)
    select c.id, o.lookup_token, o.key_token, o.initials, 1
      from opened c join opening o using (recipient_id) returning 1
)
select (select count(*) from opened), (select count(*) from stages), (select count(*) from events),
       (select count(*) from entitled), (select count(*) from keys)
"""


def write_openings(
    openings: list[Opening], programme: Programme, payout: int, *, why: str, actor: Actor, at: datetime
) -> int:
    """Writes the chunk's cases with stage, history, amount and door key; all five counts must agree."""
    if not openings:
        return 0
    move = Move.objects.create(
        programme=programme, to_stage=LISTED, why=why, actor_id=actor.id, actor_name=actor.name, at=at,
        count=len(openings),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "create temporary table opening (recipient_id bigint, number text, cohort text, amount_yen bigint,"
            " member_count int, lookup_token text, key_token text, initials text) on commit drop"
        )
        copy_rows("opening", Opening._fields, openings)
        cursor.execute("analyze opening")
        values: dict[str, Any] = {
            "programme": programme.pk, "payout": payout, "municipality": programme.municipality_id, "at": at,
            "stage": LISTED, "move": move.pk, "version": programme.version.pk,
        }  # fmt: skip
        cursor.execute(_OPEN, values)
        counts = cursor.fetchone()
        # Dropped here too: inside a caller's transaction the next chunk comes before any commit.
        cursor.execute("drop table opening")
    assert counts == (len(openings),) * 5, f"{len(openings)} cases to open, written {counts}"
    fix_members([opening.recipient_id for opening in openings], at=at)
    return len(openings)


def _note(opened: int, not_due: dict[str, int]) -> str:
    parts = [f"{opened:,}件の案件を作成しました。"]
    if not_due:
        reasons = "、".join(f"{NOT_DUE[reason]} {count:,}件" for reason, count in sorted(not_due.items()))
        parts.append(f"対象外は{sum(not_due.values()):,}件です（{reasons}）。")
    return "".join(parts)
