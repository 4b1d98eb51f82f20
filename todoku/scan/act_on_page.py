"""A person says of a page what the reading could not (ページの確認): whose it is, attached, void, to be scanned again, turned.

Takes a page that waits and one act; leaves the page at its new state with a PageAct, and what was scanned behind it with it.
An act is taken back within a minute. What gives paper without an owner to a household, or leaves a sheet without a picture,
waits until a second person does the same. Never changes a picture's bytes, and never deletes a page.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction

from todoku.case.tables import Case
from todoku.formats.codes import case_number_valid, plain_number
from todoku.ground.step import Refusal
from todoku.people.actor import Actor
from todoku.scan.second_look import agreed, needs_second, origin, said
from todoku.scan.tables import PageAct, ScanLot, ScanPage
from todoku.sheets.sheet_codes import read_payload

WAITING = ("look", "foreign", "unplaced")
_TASKS_HERE = """
select t.id, t.page_id, t.state not in ('first', 'aside') or t.claimed_id is not null
         or exists (select 1 from todoku_keying y where y.task_id = t.id and y.undone_at is null)
  from todoku_keytask t where t.lot_id = %s and t.case_id = %s and t.state <> 'void' order by t.id for update
"""
UNDO_SECONDS = 60


class CannotPlace(Refusal):
    """The number is none of this programme, or there is no page before."""


class AlreadyActed(Refusal):
    """The page does not wait any more: somebody else was faster."""


class TooLate(Refusal):
    """The minute is over, or the page has gone on."""


class Act(NamedTuple):
    """One act: what it is called, the state that it leads to, and the key of the desk."""

    name: str
    state: str
    key: str


ACTS: dict[str, Act] = {
    "number": Act("番号を入れる", "read", "n"),
    "attach": Act("前のページの添付", "attached", "a"),
    "ok": Act("このままでよい", "read", "o"),
    "rescan": Act("再スキャンを頼む", "rescan", "r"),
    "void": Act("取消（重送・二重読取り）", "void", "d"),
    "turn": Act("回転", "", "t"),
    "came": Act("再スキャンが届いた", "void", "c"),
    "keep": Act("再スキャンの依頼を取り消す", "look", "k"),
}


def act_on_page(
    page: int,
    act: str,
    *,
    actor: Actor,
    at: datetime,
    number: str = "",
    sheet: int | None = None,
    why: str = "",
) -> ScanPage:
    """Does one act of ACTS. Raises CannotPlace or AlreadyActed; then nothing is changed.

    number: the case number or the digits of a readable code, and with `sheet` what kind of sheet it is (an attachment
    where it is None). attach: to the nearest page before that has a case. ok: what the code says holds. came: the sheet was
    scanned again as another page. keep: it need not be. Where two persons are needed (second_look), the first leaves the page
    as it waits.
    """
    assert act in ACTS, f"no act is called {act}"
    assert actor.id is not None, "only a person looks at pages"
    with transaction.atomic():
        held = ScanPage.objects.select_for_update(of=("self",)).get(pk=page)
        if act == "turn":
            held.turn = (held.turn + 1) % 4
            held.save(update_fields=["turn"])
            return held
        if held.state not in (*WAITING, "rescan"):
            raise AlreadyActed("このページはもう確認が済んでいます。次のページへ進んでください。")
        before, was = held.state, said(held)
        _do(held, act, number, sheet)
        asks = needs_second(act, held, before, was) and not agreed(act, held, actor.id)
        PageAct.objects.create(
            page=held, from_state=before, to_state=before if asks else held.state, number=held.number,
            asks=act if asks else "", was=said(held) if asks else was, why=(why or ACTS[act].name)[:200],
            staff_id=actor.id, actor_name=actor.name, at=at,
        )  # fmt: skip
        if asks:
            held.refresh_from_db()
            return held
        held.save()
        _those_behind(held)
        close_lot(held.lot_id)
    return held


def _do(page: ScanPage, act: str, number: str, sheet: int | None) -> None:
    """The act on the page in memory."""
    if act in ("came", "keep") and page.state != "rescan":
        raise AlreadyActed("このページは再スキャンを待っていません。次のページへ進んでください。")
    if act == "number":
        _number(page, number, sheet)
    elif act == "attach":
        _attach(page)
    elif act == "ok":
        _as_it_says(page)
    elif act == "keep":
        page.state = origin(page, page.state)
    else:
        page.state = ACTS[act].state


def take_back(page: int, *, actor: Actor, at: datetime) -> ScanPage:
    """Undoes one's own last act on a page within a minute: it waits again, as it was read. Raises TooLate."""
    assert actor.id is not None, "only a person looks at pages"
    with transaction.atomic():
        held = ScanPage.objects.select_for_update(of=("self",)).get(pk=page)
        last = PageAct.objects.filter(page=held).order_by("-id").first()
        late = last is None or at - last.at > timedelta(seconds=UNDO_SECONDS)
        if last is None or late or last.staff_id != actor.id or held.state != last.to_state:
            raise TooLate("1分を過ぎたか、ほかの人が続きを行ったため、取り消せません。")
        if held.state == "read" and not _leaves_keying(held):
            raise TooLate("このページの入力がもう始まっているため、取り消せません。")
        held.state = last.from_state
        if not last.asks:
            for name, value in last.was.items():
                setattr(held, name, value)
        held.save()
        _those_behind(held)
        PageAct.objects.create(
            page=held, from_state=last.to_state, to_state=held.state, number="", why="取消し", staff_id=actor.id,
            actor_name=actor.name, at=at,
        )  # fmt: skip
        ScanLot.objects.filter(pk=held.lot_id, state="done").update(state="read")
    return held


def close_lot(lot: int) -> None:
    """A lot of which no page waits is done."""
    if not ScanPage.objects.filter(lot_id=lot, state__in=(*WAITING, "rescan")).exists():
        ScanLot.objects.filter(pk=lot, state="read").update(state="done")


def _number(page: ScanPage, typed: str, sheet: int | None) -> None:
    plain = plain_number(typed)
    code = read_payload(plain)
    digits = code.number if code else plain
    if len(digits) != 13 or not case_number_valid(digits):
        raise CannotPlace(
            "番号に誤りがあります（13桁の最後は検査数字です）。紙面の番号を見て、入力し直してください。"
        )
    case = Case.objects.filter(programme_id=page.programme_id, number=digits).first()
    if case is None:
        raise CannotPlace(
            "この番号は、この給付金の名簿にありません。別の給付金の書類でないか確かめてください。"
        )
    kind = code.sheet if code else sheet
    page.case, page.number = case, digits
    page.state = "read" if kind else "attached"
    if kind:
        page.sheet_code, page.page_no, page.issue = (
            int(kind),
            code.page if code else 1,
            code.issue if code else 1,
        )
    page.behind = None


def _attach(page: ScanPage) -> None:
    """To the household of the nearest page before it."""
    before = (
        ScanPage.objects.filter(lot_id=page.lot_id, no__lt=page.no, case__isnull=False)
        .exclude(state__in=["void", "duplicate"])
        .order_by("-no")
        .first()
    )
    if before is None:
        raise CannotPlace("この前に、番号の分かるページがありません。番号を入れてください。")
    page.case, page.behind_id, page.state = before.case, before.behind_id or before.pk, "attached"


def _as_it_says(page: ScanPage) -> None:
    if page.case_id is None:
        raise CannotPlace("このページには番号がありません。番号を入れるか、前のページの添付にしてください。")
    page.state = "read" if page.number else "attached"


def _those_behind(page: ScanPage) -> None:
    """What lies behind a page belongs to whom the page belongs to."""
    behind = ScanPage.objects.filter(behind=page, state__in=["attached", "foreign", "unplaced", "blank"])
    if page.case_id is None:
        state = "foreign" if page.state == "foreign" else "attached"
        behind.exclude(state="blank").update(case=None, state=state)
    elif page.state in ("read", "attached", "look"):
        behind.exclude(state="blank").update(case=page.case, state="attached")


def _leaves_keying(page: ScanPage) -> bool:
    """Takes the page's key task back with it; False, and nothing done, where a keying of its case in the lot has begun.

    In SQL, since the room of keying is downstream. Who deals tasks passes over those that are locked here.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TASKS_HERE, [page.lot_id, page.case_id])
        found = cursor.fetchall()
        if any(begun for _, _, begun in found):
            return False
        led = [task for task, leading, _ in found if leading == page.pk]
        cursor.execute("update todoku_keytask set state = 'void' where id = any(%s)", [led])
    return True
