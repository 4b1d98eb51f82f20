"""What the 発送 desk shows: what could be printed, runs and their pieces, what is set aside, what came back. Reads only.

Cases appear by number alone; no name and no address stands on these pages.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count
from django.utils.timezone import localtime

from todoku.formats.holder_name import TIERS
from todoku.letters.approve_proof import is_covered
from todoku.letters.print_files import FORM_MARK, run_label
from todoku.letters.settle_spoiled import OPEN, open_spoiled
from todoku.letters.tables import KINDS, Letter, PrintRun, Undelivered
from todoku.letters.waiting import (
    FIRST_LETTERS,
    SET_ASIDE,
    misnamed_payees,
    set_aside,
    unprinted_accounts,
)
from todoku.programme.contents import Cohort
from todoku.programme.tables import Programme
from todoku.registry.account_names import misnamed
from todoku.review.accept_silence import held_cohorts
from todoku.rounds.count_due_letters import count_due_letters
from todoku.web.office.cells import case_cell, one_row
from todoku.web.shared.pieces import Badge, Cell, Column, Digest, Empty, Moment, Row, Strip, Table

STATES = {"making": "wait", "made": "wait", "released": "info", "dispatched": "ok", "void": "none"}
KIND_OF_MODE = {"apply": "form", "confirm": "form", "push": "push_notice"}
WORK_OF_KIND = {"form": "print.form", "push_notice": "print.notice"}
REASONS = dict(Undelivered.REASONS)
NAMES = dict(KINDS)
# Pieces for hand work and cases set aside are looked at one by one; more than this is worked off from the CSV.
LISTED_MAX = 300


def counts(programme: Programme) -> dict[str, Any]:
    """The strip of the desk in pieces, and figures beside it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select (select count(*) from todoku_letter l join todoku_printrun r on r.id = l.run_id where r.programme_id = %(p)s),
                   (select coalesce(sum(d.counted), 0) from todoku_dispatch d join todoku_printrun r on r.id = d.run_id
                     where r.programme_id = %(p)s),
                   coalesce(sum(pieces) filter (where state in ('made', 'released')), 0)
                   - (select coalesce(sum(d.counted), 0) from todoku_dispatch d join todoku_printrun r on r.id = d.run_id
                       where r.programme_id = %(p)s and r.state = 'released')
                   - (select count(*) from todoku_pulledpiece v join todoku_letter l on l.id = v.letter_id
                        join todoku_printrun r on r.id = l.run_id
                       where r.programme_id = %(p)s and v.voided_at is not null and r.state in ('made', 'released'))
                   + (select count(*) from todoku_letter l join todoku_printrun m on m.id = l.run_id
                       where m.programme_id = %(p)s and m.state = 'making'),
                   coalesce(sum(pieces) filter (where state = 'void'), 0)
                   + (select count(*) from todoku_pulledpiece v join todoku_letter l on l.id = v.letter_id
                        join todoku_printrun r on r.id = l.run_id
                       where r.programme_id = %(p)s and v.voided_at is not null and r.state <> 'void'),
                   coalesce(sum(undrawable) filter (where state in ('made', 'released')), 0),
                   (select count(*) from todoku_undelivered u join todoku_letter l on l.id = u.letter_id
                      join todoku_printrun r on r.id = l.run_id where r.programme_id = %(p)s),
                   (select count(*) from ("""
            + OPEN
            + """) spoiled)
              from todoku_printrun where programme_id = %(p)s
            """,
            {"p": programme.pk},
        )
        written, posted, waiting, void, by_hand, back, spoiled = one_row(cursor)
    words = ("作成", "発送済", "確認・差出し待ち", "抜き取り・取消")
    open_ones = open_spoiled(programme) if spoiled else []
    return {
        "spoiled": [(run, run_label(run), count) for run, count in open_ones],
        "strip": Strip(written, int(posted), int(waiting), int(void), "印刷 → 発送", "", words, "通"),
        "figures": [
            {"label": "発送済", "value": int(posted), "unit": "通"},
            {"label": "手書きの補いが必要", "value": int(by_hand), "unit": "通", "note": "発送前の印刷ロットのうち"},
            {"label": "不着", "value": back, "unit": "通", "href": f"/p/{programme.slug}/print/undelivered/"},
        ],
    }  # fmt: skip


def cohorts_to_print(programme: Programme, today: date) -> list[dict[str, Any]]:
    """Per cohort: how many wait for their first letter, how many are under 支援措置, how many need a person, what holds it."""
    strangers = misnamed(programme)
    cohorts = [cohort for cohort in programme.terms.cohorts if cohort.mode in KIND_OF_MODE]
    held = {one.name: one.sentence for one in held_cohorts(programme, today)}
    return [
        _waiting(programme, cohort, strangers) | {"held": held.get(cohort.name, "")} for cohort in cohorts
    ]


def letters_to_make(programme: Programme) -> dict[str, Any]:
    """Letters that wait for the button, kind by kind; those of protected people; how many are set aside."""
    waiting = count_due_letters(programme)
    return {
        "kinds": [(NAMES[one.kind], one.ordinary) for one in waiting if one.ordinary],
        "protected": sum(one.protected for one in waiting),
        "aside": sum(one.aside for one in waiting),
    }


def _waiting(programme: Programme, cohort: Cohort, strangers: Mapping[int, str]) -> dict[str, Any]:
    kind = KIND_OF_MODE[cohort.mode]
    values: dict[str, Any] = {
        "programme": programme.pk, "kind": kind, "cohort": cohort.name, "changed": [],
        "misnamed": misnamed_payees(kind, strangers),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"select reason, count(*) from ({FIRST_LETTERS}) w group by reason", values)
        found: dict[str, int] = dict(cursor.fetchall())
    return {
        "name": cohort.name, "title": cohort.title, "kind": kind, "ordinary": found.get("", 0),
        "what": "申請書" if kind == "form" else "支給のお知らせ", "protected": found.get("protected", 0),
        "aside": sum(count for reason, count in found.items() if reason),
        "unprinted": len(unprinted_accounts(programme, cohort=cohort.name, strangers=strangers)),
    }  # fmt: skip


def runs_table(programme: Programme, slug: str, page: int) -> Table:
    """Print runs, newest first."""
    found = PrintRun.objects.filter(programme=programme)
    shown = found.prefetch_related("postings").order_by("-pk")[(page - 1) * 50 : page * 50]
    return Table(
        caption="印刷ロット", total=found.count(), page=page, unit="ロット",
        columns=[
            Column("label", "ロット", fixed=True), Column("kind", "種類"), Column("state", "状態"),
            Column("pieces", "通数", numeric=True), Column("pages", "ページ", numeric=True),
            Column("undrawable", "手書き", numeric=True), Column("made", "作成"), Column("released", "確認"),
            Column("posted", "差出し"),
        ],
        rows=[_run_row(run, slug) for run in shown],
        empty=Empty("印刷ロットはまだありません。", "上の「作る」で、発送前の案件の申請書・お知らせを印刷します。"),
    )  # fmt: skip


def _run_row(run: PrintRun, slug: str) -> Row:
    posted = run.dispatch
    return Row(
        key=str(run.pk),
        cells=[
            Cell(run_label(run), href=f"/p/{slug}/print/run/{run.pk}/"), Cell(run.get_kind_display()),
            Cell("", badge=Badge(run.get_state_display(), STATES[run.state])),
            Cell(run.pieces), Cell(run.pages), Cell(run.undrawable),
            Cell(f"{localtime(run.made_at):%m/%d} {run.made_by}"),
            Cell(f"{localtime(run.released_at):%m/%d} {run.released_by}" if run.released_at else ""),
            Cell(f"{posted.posted_on:%m/%d} {posted.actor_name}" if posted else ""),
        ],
        marked=run.state in ("made", "released"),
    )  # fmt: skip


def run_context(run: PrintRun, slug: str) -> dict[str, Any]:
    """One run: its counts, its way, the digest of its PDF and the pieces for hand work."""
    posted = run.dispatch
    back = dict(
        Undelivered.objects.filter(letter__run=run).values_list("reason").annotate(n=Count("id")).order_by()
    )
    reasons = "、".join(f"{REASONS[reason]} {count}" for reason, count in back.items())
    return {
        "run": run, "label": run_label(run), "posted": posted,
        "badge": Badge(run.get_state_display(), STATES[run.state]),
        "figures": [
            {"label": "通数", "value": run.pieces, "unit": "通"},
            {"label": "ページ", "value": run.pages, "unit": "枚面"},
            {"label": "手書きの補いが必要", "value": run.undrawable, "unit": "通", "note": "〓の字を書き入れ、字形を確かめます"},
            {"label": "不着", "value": sum(back.values()), "unit": "通", "note": reasons},
        ],
        "moments": _moments(run, posted),
        "digest": run.pdf and _digest(run),
        "by_hand": _by_hand(run, slug),
    }  # fmt: skip


def _digest(run: PrintRun) -> Digest:
    assert run.pdf is not None
    covers = [
        ("ファイル", run.pdf.name),
        ("通数", f"{run.pieces:,}通"),
        ("ページ", f"{run.pages:,}"),
        ("大きさ", f"{run.pdf.size_bytes:,}バイト"),
    ]
    return Digest(run.pdf.sha256, covers)


def _moments(run: PrintRun, posted: Any) -> list[Moment]:
    def at(moment: Any) -> str:
        return f"{localtime(moment):%Y/%m/%d %H:%M}"

    state = run.state
    steps = [Moment("作成", at(run.made_at), who=run.made_by, state="now" if state == "making" else "done")]
    steps += _proof_moments(run)
    waits = any(step.state == "now" for step in steps)
    if run.released_at:
        steps.append(Moment("別の人が確認", at(run.released_at), who=run.released_by))
    else:
        steps.append(
            Moment(
                "別の人が確認",
                text="作成した人以外が、見本刷りと手書きの補いを確かめます。",
                state="now" if state == "made" and not waits else "next",
            )
        )
    if posted:
        steps.append(
            Moment(
                "差出し",
                f"{posted.posted_on:%Y/%m/%d}",
                _posted_words(run),
                who=posted.actor_name,
            )
        )
    else:
        steps.append(
            Moment(
                "差出し",
                text="差出しの通数を数え、印刷ロットと合えば案件が「到着待ち」になります。",
                state="now" if state == "released" else "next",
            )
        )
    return steps


def _proof_moments(run: PrintRun) -> list[Moment]:
    """The read-back of every page and the municipality's word, of what is no money."""
    if run.kind == "gift" or run.state == "void":
        return []
    one = run.read_backs.filter(sha256=run.pdf.sha256).last() if run.pdf else None
    text = (
        f"{one.pieces:,}通 {one.pages:,}ページ、まちがい0"
        if one
        else "印刷に続けて、全ページを読み返します。"
    )
    made = run.state == "made"
    read = Moment(
        "全ページの照合", f"{localtime(one.at):%Y/%m/%d %H:%M}" if one else "", text,
        state="done" if one else "now" if made else "next",
    )  # fmt: skip
    if run.released_at or (run.pdf and is_covered(run)):
        return [read, Moment("自治体の校了", text="校正刷りが校了となっています。")]
    text = "担当課が校正刷りを確かめます。"
    return [read, Moment("自治体の校了", text=text, state="now" if made and one else "next")]


def _posted_words(run: PrintRun) -> str:
    lots = [one.counted for one in run.postings.all()]
    how = f"{len(lots)}回に分けて" if len(lots) > 1 else ""
    return f"{how}{sum(lots):,}通を数えて差し出しました。" + (
        "残りがあります。" if run.state == "released" else ""
    )


def _by_hand(run: PrintRun, slug: str) -> Table:
    found = Letter.objects.filter(run=run).exclude(undrawable="").select_related("case").order_by("piece_no")
    return Table(
        id="by-hand", caption="手書きの補いが必要な通", total=run.undrawable, unit="通", per_page=LISTED_MAX,
        columns=[Column("piece", "通し番号", numeric=True), Column("number", "番号", fixed=True), Column("fields", "補う項目")],
        rows=[
            Row(
                str(one.pk),
                [Cell(one.piece_no), case_cell(one.case.number, slug), Cell(field_words(one.undrawable))],
            )
            for one in found[:LISTED_MAX]
        ],
        empty=Empty("すべての字を印刷できました。", "手書きの補いは要りません。"),
    )  # fmt: skip


def field_words(fields: str) -> str:
    """The fields of a sheet in which a character could not be drawn, as a person calls them."""
    words = []
    for marked in fields.split("、"):
        field = marked.removesuffix(FORM_MARK)
        form = FORM_MARK if marked != field else ""
        line = re.fullmatch(r"(member|listed)_(\d+)_(\w+)", field)
        if line:
            place = "世帯員" if line[1] == "member" else "続きの世帯員"
            words.append(f"{place}{int(line[2]) + 1}の{_FIELDS.get(line[3], line[3])}{form}")
        else:
            words.append(_FIELDS.get(field, field) + form)
    return "、".join(words)


_FIELDS = {
    "name": "氏名",
    "address": "住所",
    "relation": "続柄",
    "birth": "生年月日",
    "account_known": "口座",
}


def aside_table(programme: Programme, cohort: Cohort, slug: str) -> Table:
    """Cases that are not printed with the others, and why."""
    found = set_aside(programme, kind=KIND_OF_MODE[cohort.mode], cohort=cohort.name)
    return Table(
        id="aside", caption=f"通常の印刷から除く案件（{cohort.title}）", total=len(found), per_page=LISTED_MAX,
        columns=[Column("number", "番号", fixed=True), Column("reason", "理由")],
        rows=[
            Row(
                str(one.case_id),
                [
                    case_cell(one.number, slug),
                    Cell(SET_ASIDE[one.reason], badge=Badge("支援措置", "warn") if one.reason == "protected" else None),
                ],
            )
            for one in found[:LISTED_MAX]
        ],
        empty=Empty("除く案件はありません。"),
    )  # fmt: skip


def unprinted_table(programme: Programme, cohort: Cohort, slug: str) -> Table:
    """Cases whose known account is named in no letter, since it is in another name; the form asks for one."""
    found = unprinted_accounts(programme, cohort=cohort.name, strangers=misnamed(programme))
    return Table(
        id="unprinted", caption=f"登録済みの口座を印刷しない案件（{cohort.title}）", total=len(found), per_page=LISTED_MAX,
        columns=[Column("number", "番号", fixed=True), Column("tier", "口座名義と世帯主のカナ")],
        rows=[
            Row(str(case), [case_cell(number, slug), Cell(TIERS[tier])]) for case, number, tier in found[:LISTED_MAX]
        ],
        empty=Empty("登録済みの口座の名義は、すべて世帯主のカナと合っています。"),
    )  # fmt: skip


def undelivered_table(programme: Programme, slug: str, page: int) -> Table:
    """Letters that came back, newest first."""
    found = Undelivered.objects.filter(letter__run__programme=programme)
    shown = found.select_related("letter__case", "letter__run").order_by("-at", "-pk")[
        (page - 1) * 50 : page * 50
    ]
    return Table(
        caption="戻った郵便", total=found.count(), page=page, unit="通",
        columns=[
            Column("on", "戻った日", fixed=True), Column("number", "番号", fixed=True), Column("kind", "郵便"),
            Column("reason", "理由"), Column("at", "記録"), Column("by", "担当"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(f"{one.returned_on:%m/%d}"),
                    case_cell(one.letter.case.number, slug),
                    Cell(f"{one.letter.run.get_kind_display()} {run_label(one.letter.run)}"),
                    Cell(REASONS[one.reason]), Cell(f"{localtime(one.at):%m/%d %H:%M}"), Cell(one.actor_name),
                ],
            )
            for one in shown
        ],
        empty=Empty("戻った郵便の記録はありません。", "宛名の下の番号かQRを読み取ると、ここに並びます。"),
    )  # fmt: skip
