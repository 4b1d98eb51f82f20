"""What stands on the 読取 desk: lots with their counts, pages that wait for a person, files set aside. Reads only."""

from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import localtime

from todoku.programme.tables import Programme
from todoku.registry.tables import Member
from todoku.scan.quality import SENTENCES
from todoku.scan.read_before import is_read_again
from todoku.scan.tables import PageAct, ScanFile, ScanLot, ScanPage
from todoku.scan.take_pages import READ_AGAIN
from todoku.web.office.cells import case_cell
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Strip, Table

WAITING = ("look", "foreign", "unplaced")
STATES = dict(ScanPage.STATES)
KINDS = {
    "read": "ok", "attached": "ok", "look": "warn", "foreign": "warn", "unplaced": "warn", "rescan": "wait", "blank": "none",
    "duplicate": "none", "void": "none",
}  # fmt: skip
LOT_KINDS = {"reading": "wait", "read": "warn", "done": "ok", "refused": "stop", "void": "none"}
# What the desk says beyond the engine's own sentences.
WORDS = {
    "code_twice": "同じ用紙が2回読み取られています。どちらを使うか決め、もう一方を取り消してください。",
    "no_code": "申請書の様式ですが、番号を読み取れません。紙面の番号を入れてください。",
}
OF_STATE = {
    "foreign": "この給付金の名簿にない番号です。別の制度の書類かもしれません。",
    "unplaced": "どの申請の書類か分かりません。番号を入れるか、前のページの添付にしてください。",
}


def waiting_pages(programme: Programme, *, protected: bool = True) -> QuerySet[ScanPage]:
    """Pages that a person must look at, the oldest lot first; `protected`: those of households under 支援措置 too."""
    found = ScanPage.objects.filter(programme=programme, state__in=WAITING, lot__state="read")
    if not protected:
        found = _seen_by_all(found)
    return found.select_related("lot", "case").order_by("lot__arrived_on", "lot_id", "no")


def _seen_by_all(pages: QuerySet[ScanPage]) -> QuerySet[ScanPage]:
    """Without those of households under 支援措置."""
    members = Member.objects.filter(superseded_by_order="", person__protected=True)
    return (
        pages.exclude(case__recipient__head__protected=True)
        .exclude(case__recipient__reached_at__protected=True)
        .exclude(case__recipient_id__in=members.values("recipient_id"))
    )


def rescans(programme: Programme, *, protected: bool = True) -> QuerySet[ScanPage]:
    """Pages of which another scan was asked for, in the order in which their sheets lie."""
    found = ScanPage.objects.filter(programme=programme, state="rescan").exclude(lot__state="void")
    if not protected:
        found = _seen_by_all(found)
    return found.select_related("lot__container", "sheet__container", "case").order_by("lot_id", "no")


def not_asked_by(who: int, pages: QuerySet[ScanPage]) -> QuerySet[ScanPage]:
    """Without the pages on which this person has spoken, and a second one must."""
    last = PageAct.objects.filter(page=OuterRef("pk")).order_by("-id")
    # A page on which nobody has spoken has neither: without a value in its place it would be left out for everybody.
    told = pages.annotate(
        asks=Coalesce(Subquery(last.values("asks")[:1]), Value("")),
        asked_by=Coalesce(Subquery(last.values("staff_id")[:1]), Value(0)),
    )
    return told.exclude(asks__gt="", asked_by=who)


def asked_of_a_second(page: ScanPage) -> bool:
    """Whether somebody has spoken on the page, and another must say the same."""
    last = PageAct.objects.filter(page=page).order_by("-id").first()
    return last is not None and last.asks != ""


def rescans_table(found: QuerySet[ScanPage], slug: str, page: int) -> Table:
    """Which sheets are to be fetched, and where they lie."""
    return Table(
        caption="再スキャンする用紙", total=found.count(), page=page,
        columns=[
            Column("lot", "束", fixed=True), Column("no", "ページ", numeric=True), Column("place", "入れ物 - 何枚目"),
            Column("number", "番号"), Column("words", "気づいたこと"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(one.lot.name, href=f"/p/{slug}/scan/look/?page={one.pk}"), Cell(one.no), Cell(_place_of(one)),
                    case_cell(one.case.number, slug) if one.case else Cell(""), Cell(" ".join(words_of(one))),
                ],
            )
            for one in found[(page - 1) * 50 : page * 50]
        ],
        empty=Empty("再スキャンを待つ用紙はありません。", "ページの確認で再スキャンを頼むと、ここに並びます。"),
    )  # fmt: skip


def _place_of(page: ScanPage) -> str:
    """Where the sheet lies: its own place, else that which its page has in the lot."""
    if page.sheet:
        return f"{page.sheet.container.code} - {page.sheet.position}"
    nth = (page.no - 1) // (2 if page.lot.both_sides else 1) + 1
    return f"{page.lot.container.code if page.lot.container else page.lot.name} - {nth}枚目ごろ"


def words_of(page: ScanPage) -> list[str]:
    """What the reading said of a page, as sentences."""
    said = [WORDS.get(code) or SENTENCES.get(code, "") for code in page.problems]
    return [*([OF_STATE[page.state]] if page.state in OF_STATE else []), *(one for one in said if one)]


def strip_of(programme: Programme) -> Strip:
    """All pages of read lots in one sum."""
    found = ScanPage.objects.filter(programme=programme, lot__state__in=["read", "done"]).aggregate(
        came=Count("pk"),
        waiting=Count("pk", filter=Q(state__in=[*WAITING, "rescan"])),
        aside=Count("pk", filter=Q(state__in=["blank", "duplicate", "void"])),
    )
    done = found["came"] - found["waiting"] - found["aside"]
    words = ("読み取ったページ", "案件に付いた", "確認待ち", "白紙・重複・取消")
    return Strip(
        found["came"], done, found["waiting"], found["aside"], "スキャン → 案件", "", words, "ページ"
    )


def lots_table(programme: Programme, slug: str, page: int) -> Table:
    """Lots, newest first."""
    found = ScanLot.objects.filter(programme=programme)
    shown = found.annotate(
        waits=Count("found_pages", filter=Q(found_pages__state__in=[*WAITING, "rescan"])),
        new=Count("found_pages", filter=~Q(found_pages__state="duplicate")),
    ).order_by("-received_at", "-pk")
    return Table(
        caption="スキャンの束", total=found.count(), page=page,
        columns=[
            Column("at", "受取", fixed=True), Column("name", "束"), Column("state", "状態"),
            Column("stated", "数えた枚数", numeric=True), Column("pages", "ページ", numeric=True),
            Column("waits", "確認待ち", numeric=True), Column("aside", "取り込めず", numeric=True), Column("by", "担当"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(f"{localtime(one.received_at):%m/%d %H:%M}"),
                    Cell(one.name, href=f"/p/{slug}/scan/lot/{one.pk}/"),
                    Cell("", badge=Badge("読み直し（重複）", "none") if one.pages and not one.new
                         else Badge(one.get_state_display(), LOT_KINDS[one.state])),
                    Cell(one.stated_sheets if one.stated_sheets is not None else ""), Cell(one.pages), Cell(one.waits),
                    Cell(one.aside), Cell(one.received_by),
                ],
            )
            for one in shown[(page - 1) * 50 : page * 50]
        ],
        empty=Empty("スキャンの束はまだありません。", "読取機のファイルを選んで送ると、ここに並びます。"),
    )  # fmt: skip


def _where(page: ScanPage, slug: str) -> str:
    """Where a page that waits is acted on; nothing for the others."""
    return f"/p/{slug}/scan/look/?page={page.pk}" if page.state in (*WAITING, "rescan") else ""


def lot_page(lot: ScanLot, slug: str, page: int) -> dict[str, Any]:
    """One lot: the counts, the files that were set aside or remarked on, its pages."""
    pages = ScanPage.objects.filter(lot=lot)
    sides = 2 if lot.both_sides else 1
    waits = pages.filter(state__in=[*WAITING, "rescan"]).count()
    remarked = ScanFile.objects.filter(lot=lot).exclude(problem="").order_by("no")
    words = ("数えた面" if lot.stated_sheets else "読んだ面", "済み", "確認待ち", "取り込めず")
    came = lot.stated_sheets * sides if lot.stated_sheets else lot.pages + lot.aside
    return {
        "lot": lot,
        "strip": Strip(came, lot.pages - waits, waits, lot.aside, "紙 → ページ", f"/p/{slug}/mail/", words, "面"),
        "waits": waits,
        "again": READ_AGAIN if is_read_again(lot) else "",
        "aside": [(one.name, one.sentence) for one in remarked],
        "table": Table(
            caption="ページ", total=lot.pages, page=page,
            columns=[
                Column("no", "順", numeric=True), Column("state", "状態"), Column("number", "番号", fixed=True),
                Column("file", "ファイル"), Column("words", "気づいたこと"),
            ],
            rows=[
                Row(
                    str(one.pk),
                    [
                        Cell(one.no, href=_where(one, slug)), Cell("", badge=Badge(STATES[one.state], KINDS[one.state])),
                        case_cell(one.case.number, slug) if one.case else Cell(""),
                        Cell(f"{one.file.name} {one.file_page}"), Cell(" ".join(words_of(one))),
                    ],
                )
                for one in pages.select_related("case", "file").order_by("no")[(page - 1) * 50 : page * 50]
            ],
            empty=Empty("ページはまだありません。", "読み取りが済むと、ここに並びます。"),
        ),
    }  # fmt: skip
