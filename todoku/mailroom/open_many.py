"""Opens envelopes of a bag into a tray (開封): four dates, households, every sheet at its place; many at once, flat rows.

Takes envelopes as they were opened, in that order; leaves Envelope, Sheet and, for a household without a usable number,
UnplacedPaper rows. The page's open_envelope calls it with one. It reads no form and moves no case.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from todoku.case.tables import Case
from todoku.formats.codes import case_number_valid, plain_number
from todoku.ground.copy_rows import copy_rows, refresh_if_many
from todoku.ground.step import Refusal, Report
from todoku.mailroom.tables import Bag, Carry, Container, Difference, Envelope, Sheet, UnplacedPaper
from todoku.people.actor import Actor
from todoku.programme.tables import Programme

HOUSEHOLDS_MAX = 9  # families put their forms together; more than this is a parcel
SHEETS_MAX = 200  # of one envelope

_ENVELOPE = (
    "id", "programme_id", "bag_id", "no", "arrived_on", "postmark", "postmark_on", "opened_at", "opened_by", "opened_id",
    "households", "sheets", "mis_sent", "voided_by", "form_key",
)  # fmt: skip
_SHEET = ("programme_id", "envelope_id", "no", "household", "kind", "case_id", "container_id", "position")
_UNPLACED = (
    "programme_id", "envelope_id", "household", "reason", "state", "found_at", "found_by", "why_matched", "proposed_by",
    "closed_by", "why_closed",
)  # fmt: skip


class CannotOpen(Refusal):
    """These envelopes cannot be opened like this: the bag, the tray, a number or a date stands against it."""


class Household(NamedTuple):
    """What one household put in: its case number ("" where there is no usable one, then why), the kind of each sheet."""

    number: str
    sheets: tuple[str, ...]
    unplaced: str = ""


class Opened(NamedTuple):
    """One envelope as it was opened: postmark "read" with its day, "illegible" or "none"; its households in order.

    `form_key`: of the form that was sent, so that the same one sent again is no second envelope.
    """

    postmark: str
    postmark_on: date | None
    households: tuple[Household, ...]
    mis_sent: bool = False
    form_key: UUID | None = None


def open_many(rows: Sequence[Opened], *, bag: Bag, tray: Container, actor: Actor, at: datetime) -> Report:
    """Keeps the envelopes in the order given, all or none; their sheets follow each other in the tray.

    A row whose form key made an envelope already is passed over, also where that one was taken back.
    Report: done envelopes, waiting households without a number. Raises CannotOpen, which names the envelope.
    """
    with transaction.atomic():
        programme, arrived_on = _bag_to_open(bag)
        rows = _fresh(rows)
        if not rows:
            return Report(note="この封書は記録してあります。")
        _tray_to_fill(tray, programme)
        cases = _cases(rows, programme)
        for place, row in enumerate(rows, 1):
            _ask_sound(row, arrived_on, cases, f"{place}通目：" if len(rows) > 1 else "")
        first_no, position = _next(bag, tray)
        envelopes, sheets, unplaced = [], [], []
        for number, (ident, row) in enumerate(zip(_ids(len(rows)), rows, strict=True), first_no):
            envelopes.append(_envelope(ident, number, row, programme, bag, arrived_on, actor, at))
            for count, (household, kind, case) in enumerate(_sheets(row, cases), 1):
                position += 1
                sheets.append((programme.pk, ident, count, household, kind, case, tray.pk, position))
            unplaced += [
                (programme.pk, ident, place, one.unplaced, "waiting", at, actor.name, "", "", "", "")
                for place, one in enumerate(row.households, 1)
                if one.unplaced
            ]
        copy_rows("todoku_envelope", _ENVELOPE, envelopes)
        copy_rows("todoku_sheet", _SHEET, sheets)
        copy_rows("todoku_unplacedpaper", _UNPLACED, unplaced)
        refresh_if_many(len(sheets), "todoku_envelope", "todoku_sheet")
    return Report(done=len(envelopes), waiting=len(unplaced))


def _fresh(rows: Sequence[Opened]) -> list[Opened]:
    """The rows whose form did not make an envelope yet; the bag is held, so nobody adds one meanwhile."""
    keys = [row.form_key for row in rows if row.form_key]
    known = (
        set(Envelope.objects.filter(form_key__in=keys).values_list("form_key", flat=True)) if keys else set()
    )
    return [row for row in rows if row.form_key is None or row.form_key not in known]


def _bag_to_open(bag: Bag) -> tuple[Programme, date]:
    """The bag, held: counted, and open still or with a difference that is being looked into."""
    held = Bag.objects.select_for_update(of=("self",)).select_related("pickup__programme").get(pk=bag.pk)
    if held.counted is None:
        raise CannotOpen("この袋の封書をまだ数えていません。通数を入力してから開封してください。")
    looked_into = Difference.objects.filter(subject_kind="bag", subject_id=held.pk).exclude(state="explained")
    if held.closed_at and not looked_into.exists():
        raise CannotOpen("この袋は閉じています。残っていた封書が見つかったときは、責任者に渡してください。")
    return held.pickup.programme, held.pickup.on


def _tray_to_fill(tray: Container, programme: Programme) -> None:
    held = Container.objects.select_for_update().get(pk=tray.pk)
    if held.programme_id != programme.pk:
        raise CannotOpen("別の給付金のトレーです。この給付金のトレーを選んでください。")
    if held.sealed_at is not None:
        raise CannotOpen(f"{held.code} は封をしてあります。新しいトレーを作って選んでください。")
    if held.station != "opening" or Carry.objects.filter(container=held, taken_id__isnull=True).exists():
        raise CannotOpen(
            f"{held.code} は開封の場所にありません（引渡し中を含みます）。別のトレーを選んでください。"
        )


def _cases(rows: Sequence[Opened], programme: Programme) -> dict[str, int]:
    numbers = {plain_number(one.number) for row in rows for one in row.households if one.number}
    return dict(
        Case.objects.filter(programme=programme, number__in=numbers).values_list("number", "pk")
        if numbers
        else ()
    )


def _ask_sound(row: Opened, arrived_on: date, cases: dict[str, int], which: str) -> None:
    if row.postmark not in dict(Envelope.POSTMARKS) or (row.postmark == "read") != (
        row.postmark_on is not None
    ):
        raise CannotOpen(f"{which}消印は、日付を入れるか、「判読不能」か「なし」を選んでください。")
    if row.postmark_on and row.postmark_on > arrived_on:
        raise CannotOpen(f"{which}消印の日付が受取りの日より後です。消印を見て、入力し直してください。")
    if not 1 <= len(row.households) <= HOUSEHOLDS_MAX:
        raise CannotOpen(
            f"{which}一通に入れられる世帯は{HOUSEHOLDS_MAX}までです。小包は分けて記録してください。"
        )
    sheets = sum(len(one.sheets) for one in row.households)
    if sheets > SHEETS_MAX:
        raise CannotOpen(f"{which}一通の用紙は{SHEETS_MAX}枚までです。枚数を数え直してください。")
    for one in row.households:
        _ask_household(one, cases, which)


def _ask_household(one: Household, cases: dict[str, int], which: str) -> None:
    assert set(one.sheets) <= set(dict(Sheet.KINDS)), f"unknown kind of sheet in {one.sheets!r}"
    if not one.sheets:
        raise CannotOpen(f"{which}用紙の枚数が0枚です。空の封筒は「その他」1枚として記録してください。")
    if not one.number:
        if one.unplaced not in dict(UnplacedPaper.REASONS):
            raise CannotOpen(f"{which}番号を読み取るか、番号のない理由を選んでください。")
        return
    plain = plain_number(one.number)
    if not case_number_valid(plain):
        raise CannotOpen(f"{which}番号に誤りがあります（13桁の最後は検査数字です）。読み取り直してください。")
    if plain not in cases:
        raise CannotOpen(
            f"{which}この番号は、この給付金の名簿にありません。別の制度の書類なら、番号を空にして「別の制度・自治体」を選んでください。"
        )


def _next(bag: Bag, tray: Container) -> tuple[int, int]:
    """The number of the bag's next envelope, and the last place taken in the tray."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce((select max(no) from todoku_envelope where bag_id = %s and voided_at is null), 0) + 1,"
            " coalesce((select max(position) from todoku_sheet where container_id = %s and voided_at is null), 0)",
            [bag.pk, tray.pk],
        )
        row = cursor.fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def _ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("select nextval('todoku_envelope_id_seq') from generate_series(1, %s)", [count])
        return [ident for (ident,) in cursor.fetchall()]


def _envelope(
    ident: int, number: int, row: Opened, programme: Programme, bag: Bag, arrived_on: date, actor: Actor, at: datetime
) -> tuple[object, ...]:  # fmt: skip
    return (
        ident, programme.pk, bag.pk, number, arrived_on, row.postmark, row.postmark_on, at, actor.name, actor.id,
        len(row.households), sum(len(one.sheets) for one in row.households), row.mis_sent, "", row.form_key,
    )  # fmt: skip


def _sheets(row: Opened, cases: dict[str, int]) -> list[tuple[int, str, int | None]]:
    """Household, kind and case of every sheet, in the order in which they lie."""
    return [
        (place, kind, cases[plain_number(one.number)] if one.number else None)
        for place, one in enumerate(row.households, 1)
        for kind in one.sheets
    ]
