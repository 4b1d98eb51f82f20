"""What the 名簿 desk shows: deliveries, what one would bring in, its problems and differences. Reads only.

Problems and differences carry lines, numbers and names of fields, never the value of a person.
"""

from typing import Any

from django.db import connection
from django.db.models import Count
from django.http import HttpRequest
from django.utils.timezone import localtime

from todoku.case.due import NOT_DUE
from todoku.case.tables import Case, NotDue
from todoku.formats.roll import LAYOUTS
from todoku.programme.tables import Programme
from todoku.registry.tables import Person, RollDifference, RollImport
from todoku.web.office.cells import one_row, page_number
from todoku.web.office.staged import STATES
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Strip, Table

DIFFERENCES = dict(RollDifference.KINDS)
DIFFERENCE_BADGES = {
    kind: Badge(name, "warn" if kind in ("gone", "members") else "info") for kind, name in DIFFERENCES.items()
}
FIELDS = {
    "head_number": "世帯主宛名番号", "household_number": "世帯番号", "is_head": "世帯主", "relation": "続柄", "name": "氏名",
    "kana": "カナ", "latin_name": "英字氏名", "alias": "通称名", "alias_kana": "通称名カナ", "birth_date": "生年月日",
    "birth_text": "生年月日（原文）", "sex": "性別", "phone": "電話", "postal_code": "郵便番号", "address": "住所",
    "building": "方書", "tax_class": "課税区分", "dependant_of": "扶養主", "moved_in_on": "転入日", "left_on": "異動日",
    "left_reason": "異動事由", "protected": "支援措置", "facility": "施設", "has_gaiji": "外字", "mail_to_head": "郵送対象",
    "in_latest_roll": "名簿の記載",
}  # fmt: skip

# How recipients are counted, by the Version's unit.
UNITS = {"household": "世帯", "person": "人", "taxpayer": "人", "child": "受給者"}

_OPENING = """
select count(*), count(*) filter (where c.id is not null), count(*) filter (where c.id is null and n.id is null),
       count(*) filter (where c.id is null and n.id is not null)
  from todoku_recipient r
  left join todoku_case c on c.programme_id = r.programme_id and c.payout = r.payout and c.recipient_id = r.id
  left join todoku_notdue n on n.programme_id = r.programme_id and n.payout = r.payout and n.recipient_id = r.id
 where r.programme_id = %s
"""


def opening(programme: Programme) -> dict[str, Any]:
    """How many recipients have a case, could have one, or are not due, and why."""
    with connection.cursor() as cursor:
        cursor.execute(_OPENING, [programme.pk])
        came, opened, waiting, not_due = one_row(cursor)
    unit = UNITS[programme.terms.programme.unit]
    reasons = (
        NotDue.objects.filter(programme=programme)
        .exclude(recipient__in=Case.objects.filter(programme=programme).values("recipient"))
        .values_list("reason")
        .annotate(n=Count("id"))
        .order_by("-n")
        if not_due
        else ()
    )
    return {
        "strip": Strip(came, opened, waiting, not_due, "名簿 → 案件", "", (unit, "案件作成", "未作成", "対象外"), unit),
        "unopened": waiting,
        "unit": unit,
        # Who is due is known by the lists only when cases are opened: recipients are made then.
        "by_lists": unit != "世帯" and Person.objects.filter(programme=programme).exists(),
        "not_due": [(NOT_DUE.get(reason, reason), count) for reason, count in reasons],
        "has_roll": came > 0,
    }  # fmt: skip


def deliveries(programme: Programme, slug: str) -> dict[str, Any]:
    """The table of deliveries, and those that wait for a decision."""
    found = list(
        RollImport.objects.filter(programme=programme).select_related("parcel").order_by("-staged_at", "-pk")[:50]
    )  # fmt: skip
    return {
        "waiting_imports": [read for read in found if read.state == "staged"],
        "table": Table(
            caption="受け取った名簿",
            columns=[
                Column("at", "受領", fixed=True), Column("name", "ファイル"), Column("layout", "レイアウト"),
                Column("state", "状態"), Column("rows", "行", numeric=True), Column("households", "世帯", numeric=True),
                Column("errors", "誤り", numeric=True), Column("warnings", "確認", numeric=True), Column("by", "担当"),
            ],
            rows=[_delivery(read, slug) for read in found],
            total=len(found),
            empty=Empty("名簿はまだ届いていません。", "自治体から受け取ったCSVを、上の「名簿を受け取る」で読み込みます。"),
        ),
    }  # fmt: skip


def _delivery(read: RollImport, slug: str) -> Row:
    return Row(
        key=str(read.pk),
        cells=[
            Cell(f"{localtime(read.staged_at):%m/%d %H:%M}"),
            Cell(read.parcel.name, href=f"/p/{slug}/roll/import/{read.pk}/"),
            Cell(LAYOUTS[read.layout].title),
            Cell("", badge=Badge(read.get_state_display(), STATES[read.state])),
            Cell(read.rows_read), Cell(read.households), Cell(read.errors), Cell(read.warnings), Cell(read.staged_by),
        ],
        marked=read.state == "staged",
    )  # fmt: skip


def import_context(read: RollImport) -> dict[str, Any]:
    """What one delivery would bring in, in counts."""
    counts: dict[str, int] = dict(
        RollDifference.objects.filter(roll_import=read)
        .values_list("kind")
        .annotate(n=Count("id"))
        .order_by("kind")
    )
    left = read.rows_read - read.rows_good
    return {
        "read": read,
        "layout": LAYOUTS[read.layout].title,
        "badge": Badge(read.get_state_display(), STATES[read.state]),
        "strip": Strip(
            read.rows_read, read.rows_good, 0, left, "ファイル → 名簿", "",
            ("読んだ行", "取り込める", "未確認", "誤りのある世帯の行"), "行",
        ),
        "figures": [
            {"label": "取り込める世帯", "value": read.households, "unit": "世帯"},
            {"label": "取り込める人", "value": read.rows_good, "unit": "人"},
            {"label": "取り込めない行", "value": left, "unit": "行", "note": "誤りのある世帯は世帯ごと残します"},
            {"label": "誤り", "value": read.errors, "note": "直すまで取り込めません"},
            {"label": "確認", "value": read.warnings, "note": "取り込めます。後で確かめてください"},
        ],
        "left": left,
        "is_first": not Person.objects.filter(programme_id=read.programme_id).exclude(roll_import=read).exists(),
        "difference_counts": counts,
        "difference_figures": [
            {"label": name, "value": counts.get(kind, 0), "unit": "人", "href": f"?kind={kind}#differences-caption"}
            for kind, name in RollDifference.KINDS
        ],
    }  # fmt: skip


def differences_table(request: HttpRequest, read: RollImport, counts: dict[str, int]) -> Table | None:
    """What changes against the roll taken before, by number and field; None where there is nothing to compare with."""
    if not counts:
        return None
    kind = request.GET.get("kind", "")
    found = RollDifference.objects.filter(roll_import=read)
    if kind in DIFFERENCES:
        found = found.filter(kind=kind)
    page = page_number(request) if "kind" in request.GET else 1
    return Table(
        id="differences", caption="前の名簿との差",
        total=counts.get(kind, 0) if kind in DIFFERENCES else sum(counts.values()), page=page, unit="人",
        columns=[Column("number", "宛名番号", fixed=True), Column("kind", "差"), Column("fields", "変わる項目")],
        rows=[
            Row(
                key=str(one.pk),
                cells=[
                    Cell(one.number), Cell("", badge=DIFFERENCE_BADGES[one.kind]),
                    Cell("、".join(FIELDS.get(name, name) for name in one.fields)),
                ],
            )
            for one in found.order_by("kind", "number")[(page - 1) * 50 : page * 50]
        ],
        filters=[Filter("kind", "差", kind if kind in DIFFERENCES else "", list(DIFFERENCES.items()))],
    )  # fmt: skip
