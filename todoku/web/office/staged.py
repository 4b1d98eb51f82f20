"""One delivery at the roll desk, a roll or a list beside it: its problems, and whether it is taken.

Both are staged alike (registry/staging.py); what one would bring in is each desk's own page. Shows lines and kinds of
problems, never a value of a person.
"""

import csv
import io
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from todoku.ground.step import Refusal
from todoku.people.look import record_look
from todoku.registry.list_tables import FactImport
from todoku.registry.staging import decline
from todoku.registry.tables import RollImport
from todoku.web.office import works
from todoku.web.office.cells import page_number
from todoku.web.shared.doors import actor_of
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Table

Read = RollImport | FactImport

STATES = {
    "reading": "wait", "staged": "wait", "taking": "info", "taken": "ok", "taken_good": "warn", "refused": "stop",
    "replaced": "none",
}  # fmt: skip
SEVERITIES = {"error": "誤り", "warning": "確認"}
SEVERITY_BADGES = {"error": Badge("誤り", "stop"), "warning": Badge("確認", "warn")}


class Words(NamedTuple):
    """How the desk speaks of a kind of delivery, and where its page and its long work are."""

    noun: str
    file: str
    subject: str
    work: str
    page: str
    begun: str


ROLL = Words(
    "名簿",
    "roll",
    "roll_import",
    "roll.take",
    "roll-import",
    "取込みを始めました。終わると、案件を作成できます。",
)
LIST = Words("一覧", "list", "fact_import", "list.take", "roll-list", "取込みを始めました。")


def _words(read: Read) -> Words:
    return ROLL if isinstance(read, RollImport) else LIST


def problems_table(request: HttpRequest, read: Read) -> Table:
    """Line, column, kind and remedy; errors first where nothing is filtered."""
    severity = _severity(request)
    # On the page of a roll the second table has its own filter, and the page number then is that table's.
    page = page_number(request) if "kind" not in request.GET else 1
    total = {"error": read.errors, "warning": read.warnings}.get(severity, read.errors + read.warnings)
    found = read.problems.filter(severity=severity) if severity else read.problems.all()
    return Table(
        id="problems", caption="指摘", total=total, page=page,
        columns=[
            Column("line", "行", numeric=True), Column("severity", "区分"), Column("column", "列"), Column("kind", "指摘"),
            Column("remedy", "対処"),
        ],
        rows=[
            Row(
                key=str(one.pk),
                cells=[
                    Cell(one.line), Cell("", badge=SEVERITY_BADGES[one.severity]), Cell(one.column or "行全体"),
                    Cell(one.kind, note=getattr(one, "value_kind", "")), Cell(one.remedy),
                ],
            )
            for one in found.order_by("severity", "line", "id")[(page - 1) * 50 : page * 50]
        ],
        filters=[Filter("severity", "区分", severity, list(SEVERITIES.items()))],
        empty=Empty("指摘はありません。"),
    )  # fmt: skip


def _severity(request: HttpRequest) -> str:
    asked = request.GET.get("severity", "")
    return asked if asked in SEVERITIES else ""


def problems_csv(request: HttpRequest, read: Read) -> HttpResponse:
    """The problems as CSV for the municipality; the look is recorded."""
    words, severity = _words(read), _severity(request)
    of_value = {"値の種類": "value_kind"} if isinstance(read, RollImport) else {}
    columns = {"行": "line", "列": "column", "指摘": "kind", **of_value, "対処": "remedy"}
    found = read.problems.filter(severity=severity) if severity else read.problems.all()
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow([*columns, "区分"])
    count = 0
    for *row, how_bad in found.order_by("line", "id").values_list(*columns.values(), "severity"):
        rows.writerow([*row, SEVERITIES[how_bad]])
        count += 1
    record_look(
        actor=actor_of(request), action="roll.export_problems", subject_kind=words.subject, subject_id=read.pk,
        at=timezone.now(), programme_slug=read.programme.slug, reason=f"{words.noun}の指摘 {count}件を出力",
    )  # fmt: skip
    answer = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{words.file}-{read.pk}-problems.csv"'
    return answer


def begin_taking(request: HttpRequest, read: Read) -> HttpResponse:
    """Starts taking a delivery: all of it, or its good lines once somebody has ticked that the others stay out."""
    words, only_good = _words(read), request.POST.get("take") == "good"
    if read.state != "staged":
        refused = f"この{words.noun}は確認待ちではありません。画面を更新して、いまの状態を確かめてください。"
    elif read.errors and not only_good:
        refused = (
            f"誤りのある{words.noun}は、すべてを取り込めません。"
            f"直した{words.noun}を受け取り直すか、正しい行のみを選んでください。"
        )
    elif only_good and not request.POST.get("understood"):
        refused = "取り込まれない行があることを確認して、チェックを入れてください。"
    else:
        which, name = "正しい行のみ" if only_good else "すべて", read.parcel.name
        works.begin(
            request, read.programme, words.work, f"{words.noun}の取込み（{which}） {name}",
            only_good=only_good, **{words.subject: read.pk},
        )  # fmt: skip
        messages.success(request, words.begun)
        return redirect("roll", slug=read.programme.slug)
    messages.error(request, refused)
    return redirect(words.page, slug=read.programme.slug, pk=read.pk)


def leave_untaken(request: HttpRequest, read: Read) -> HttpResponse:
    """The delivery is not taken: what was read goes, the file and what was found in it stay."""
    try:
        report = decline(read, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect(_words(read).page, slug=read.programme.slug, pk=read.pk)
    messages.info(request, report.note)
    return redirect("roll", slug=read.programme.slug)
