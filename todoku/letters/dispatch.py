"""Records the posting of a lot of a run (差出し): takes a released run, a range of its pieces and what was counted.

The count must be the range's pieces without those scanned void. Nothing leaves that is on the pull list, or that became
known meanwhile. Moves the cases of forms and notices from LISTED to INVITED; other letters move nothing.
"""

from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Max, Min

from todoku.case.move import Selection, move
from todoku.case.stages import INVITED
from todoku.ground.step import Refusal, Report
from todoku.letters.pull_list import REASONS, unlisted
from todoku.letters.reply_permit import ask_permit
from todoku.letters.stopped import ask_not_stopped
from todoku.letters.tables import Dispatch, PrintRun, PulledPiece
from todoku.people.actor import Actor

INVITES = frozenset({"form", "push_notice"})
WHY_POSTED = "申請書・お知らせを発送"


class CannotDispatch(Refusal):
    """This run, or this range of it, cannot be recorded as posted."""


class CountsDiffer(CannotDispatch):
    """The pieces counted are not as many as the range holds."""


def dispatch(
    run: PrintRun, *, posted_on: date, counted: int, from_piece: int | None = None, to_piece: int | None = None,
    actor: Actor, at: datetime,
) -> Report:  # fmt: skip
    """Records one posting lot and moves its cases. Safe to call twice with the same values.

    Without a range: all that is left of the run. Report: `done` pieces posted, `waiting` pieces left; the note says how
    many cases were moved. Raises CountsDiffer, CannotDispatch for a run that nobody released, a range that was posted or
    holds a piece to be pulled, and what ask_not_stopped and ask_permit raise.
    """
    with transaction.atomic():
        run = PrintRun.objects.select_for_update().select_related("programme").get(pk=run.pk)
        if known := _known(run, posted_on, counted, from_piece, to_piece):
            return known
        if run.state != "released":
            raise CannotDispatch("別の人による確認が済んでいない印刷ロットです。先に確認を受けてください。")
        ask_not_stopped(run)
        ask_permit(run, on=posted_on)
        first, last = _range(run, from_piece, to_piece)
        _ask_pulled(run, first, last)
        _ask_counted(run, first, last, counted)
        Dispatch.objects.create(
            run=run, lot_no=run.postings.count() + 1, from_piece=first, to_piece=last, posted_on=posted_on,
            counted=counted, at=at, actor_name=actor.name,
        )  # fmt: skip
        left = left_to_post(run)
        if not left:
            run.state = "dispatched"
            run.save(update_fields=["state"])
        moved = _invite(run, first, last, actor, at) if run.kind in INVITES else 0
    words = f"{counted:,}通を発送し、{moved:,}件を「到着待ち」に進めました。"
    return Report(done=counted, waiting=left, note=words + (f"残りは{left:,}通です。" if left else ""))


_LEFT = """
  from todoku_letter l left join todoku_pulledpiece p on p.letter_id = l.id and p.voided_at is not null
 where l.run_id = %s and p.id is null
   and not exists (select 1 from todoku_dispatch d
                    where d.run_id = l.run_id and l.piece_no between d.from_piece and d.to_piece)
"""


def left_to_post(run: PrintRun) -> int:
    """How many pieces of the run are neither posted nor void."""
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) {_LEFT}", [run.pk])
        return int(cursor.fetchone()[0])


def next_range(run: PrintRun) -> tuple[int, int] | None:
    """The first and last piece that are left, up to the next lot; None where nothing is left."""
    with connection.cursor() as cursor:
        cursor.execute(f"select min(l.piece_no), max(l.piece_no) {_LEFT}", [run.pk])
        first, last = cursor.fetchone()
    if first is None:
        return None
    later = run.postings.filter(from_piece__gt=first).aggregate(Min("from_piece"))["from_piece__min"]
    return first, min(last, later - 1) if later else last


def in_range(run: PrintRun, first: int, last: int) -> tuple[int, int]:
    """How many pieces of a range are not void, and how many of those are on the list to be pulled."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), count(p.id) from todoku_letter l"
            "  left join todoku_pulledpiece p on p.letter_id = l.id"
            " where l.run_id = %s and l.piece_no between %s and %s and p.voided_at is null",
            [run.pk, first, last],
        )
        pieces, listed = cursor.fetchone()
    return int(pieces), int(listed)


def _known(
    run: PrintRun, posted_on: date, counted: int, from_piece: int | None, to_piece: int | None
) -> Report | None:
    """What is said of a lot that is recorded already, or None."""
    same = Report(note="この差出しは記録済みです。何も変更していません。")
    if from_piece is not None or to_piece is not None:
        one = run.postings.filter(posted_on=posted_on, counted=counted)
        one = one.filter(from_piece=from_piece) if from_piece is not None else one
        return (
            same
            if one.filter(to_piece=to_piece or one.aggregate(Max("to_piece"))["to_piece__max"]).exists()
            else None
        )
    if run.state != "dispatched":
        return None
    known = run.dispatch
    assert known, "a dispatched run has a posting"
    if (known.posted_on, known.counted) != (posted_on, counted):
        total = sum(one.counted for one in run.postings.all())
        raise CannotDispatch(
            f"この印刷ロットは{known.posted_on}に{total:,}通で発送済みです。記録を確認してください。"
        )
    return same


def _range(run: PrintRun, from_piece: int | None, to_piece: int | None) -> tuple[int, int]:
    """The range that is meant. Raises CannotDispatch for one that was posted in part or holds nothing."""
    left = next_range(run)
    if left is None:
        raise CannotDispatch("差し出す通が残っていません。抜き取りと差出しの記録を確認してください。")
    first, last = from_piece or left[0], to_piece or left[1]
    # A lot that takes the run's last piece takes what was scanned void behind it too.
    if first > last:
        raise CannotDispatch("通し番号の範囲が逆です。初めの番号と終わりの番号を確認してください。")
    taken = run.postings.filter(from_piece__lte=last, to_piece__gte=first).order_by("from_piece").first()
    if taken:
        raise CannotDispatch(
            f"通し番号{taken.from_piece:,}–{taken.to_piece:,}は、{taken.posted_on}に差出し済みです。"
            f"残っている{left[0]:,}からの範囲を指定してください。"
        )
    return first, last


def _ask_pulled(run: PrintRun, first: int, last: int) -> None:
    listed = (
        PulledPiece.objects.filter(letter__run=run, letter__piece_no__range=(first, last), voided_at=None)
        .order_by("tray", "position")
        .first()
    )
    if listed:
        count = in_range(run, first, last)[1]
        raise CannotDispatch(
            f"抜き取る通が、まだ{count:,}通入っています（トレー{listed.tray}の{listed.position}通目、{REASONS[listed.reason]}）。"
            "抜き取りの一覧の通をすべて取り出し、QRを読み取ってください。"
        )
    found = unlisted(run, first, last)
    if found:
        raise CannotDispatch(
            f"抜き取りの一覧を作った後に、{len(found):,}通の事情が変わりました（通し番号{found[0].piece_no:,}、"
            f"{REASONS[found[0].reason]}）。一覧を作り直し、その通を抜き取ってください。"
        )


def _ask_counted(run: PrintRun, first: int, last: int, counted: int) -> None:
    pieces, _ = in_range(run, first, last)
    if counted == pieces:
        return
    whole = run.pieces == pieces
    what = "この印刷ロット" if whole else f"通し番号{first:,}–{last:,}から抜き取りを除いた数"
    raise CountsDiffer(
        f"数えた通数は{counted:,}通ですが、{what}は{pieces:,}通です。"
        "封入物を数え直し、足りない・余分な一通を印刷明細で確かめてください。"
    )


def _invite(run: PrintRun, first: int, last: int, actor: Actor, at: datetime) -> int:
    cases = Selection(
        "select l.case_id from todoku_letter l where l.run_id = %s and l.piece_no between %s and %s"
        " and not exists (select 1 from todoku_pulledpiece p where p.letter_id = l.id and p.voided_at is not null)",
        [run.pk, first, last],
    )
    return move(cases, programme=run.programme, to=INVITED, why=WHY_POSTED, actor=actor, at=at)
