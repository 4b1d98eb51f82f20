"""What both staff doors show of a decision list: totals, the difference to the one before, reasons, a sample, its rows.

Reads only; accounts masked, no name. The sample is drawn by the list's own digest, so that all who look see the same.
"""

from typing import Any

from django.db import connection, models
from django.http import HttpRequest
from django.utils.timezone import localtime

from todoku.payment.rails import RAILS
from todoku.programme.tables import Programme
from todoku.review.codes import CODES
from todoku.review.decision_lists import file_name
from todoku.review.tables import Decision, DecisionList
from todoku.web.office.batch_page import masked
from todoku.web.office.cells import case_cell, one_row, page_number
from todoku.web.shared.pieces import Badge, Cell, Column, Digest, Empty, Filter, Row, Table

SAMPLE = 10
STATES = {"open": Badge("決定待ち", "wait"), "decided": Badge("決定済", "ok"), "void": Badge("取消", "none")}
OUTCOMES = {
    "grant": Badge("支給", "ok"),
    "refuse": Badge("不支給", "stop"),
    "sent_back": Badge("差戻し", "none"),
}
# How a case came to its proposal.
WAYS = {
    "straight": "点検で不備なし（自動）", "one_person": "一人で審査", "two_persons": "二人で審査", "push": "お知らせ（申出なし）",
}  # fmt: skip
# Drawn by the list's own digest: the order has nothing to do with when a row was written.
DRAWN = """
select d.id from todoku_decision d join todoku_case c on c.id = d.case_id
 where d.decision_list_id = %s and d.outcome <> 'sent_back'
 order by sha256((%s || c.number)::bytea) limit %s
"""


def previous_of(made: DecisionList) -> DecisionList | None:
    """The decided list before this one."""
    earlier = DecisionList.objects.filter(programme=made.programme, state="decided", pk__lt=made.pk)
    return earlier.order_by("-pk").first()


def differences(made: DecisionList) -> list[dict[str, Any]]:
    """Count and sum beside those of the list decided before: a clerk sees at once what is unlike last time."""
    before = previous_of(made)
    pairs = [
        ("支給", made.grants, before.grants if before else None, "件"),
        ("不支給", made.refusals, before.refusals if before else None, "件"),
        ("支給の合計額", made.total_yen, before.total_yen if before else None, "円"),
        ("1件あたり", _mean(made), _mean(before) if before else None, "円"),
    ]
    return [
        {"label": label, "value": value, "unit": unit, "note": _against(value, last, unit)}
        for label, value, last, unit in pairs
    ]


def _mean(made: DecisionList) -> int:
    return made.total_yen // made.grants if made.grants else 0


def _against(value: int, last: int | None, unit: str) -> str:
    if last is None:
        return "前回の決定はありません"
    change = value - last
    words = "前回と同じ" if change == 0 else f"前回より{'＋' if change > 0 else '−'}{abs(change):,}{unit}"
    return f"{words}（前回 {last:,}{unit}）"


def list_digest(made: DecisionList) -> Digest:
    """What deciding covers: the list as a file, kept from the decision on."""
    covers: list[tuple[str, object]] = [
        ("支給", f"{made.grants:,}件"), ("不支給", f"{made.refusals:,}件"), ("支給の合計額", f"{made.total_yen:,}円"),
    ]  # fmt: skip
    if made.state == "decided":
        covers.append(("保管した一覧", file_name(made)))
    return Digest(made.sha256, covers)


def rails_of(made: DecisionList) -> list[tuple[str, int]]:
    """Grants by the rail over which they are paid, most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select rail, count(*) from todoku_decision where decision_list_id = %s and outcome = 'grant' "
            "group by rail order by 2 desc, 1",
            [made.pk],
        )
        return [(RAILS[rail].name, count) for rail, count in cursor.fetchall()]


def reasons_of(made: DecisionList) -> list[tuple[str, int]]:
    """Reasons for 不支給 with their counts, most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select reason, count(*) from todoku_decision where decision_list_id = %s and outcome = 'refuse' "
            "group by reason order by 2 desc, 1",
            [made.pk],
        )
        return [
            (CODES[code].name if code in CODES else code or "理由なし", count)
            for code, count in cursor.fetchall()
        ]


def ways_of(made: DecisionList) -> list[tuple[str, int]]:
    """How the cases of the list were looked at, with counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select p.via, count(*) from todoku_decision d join todoku_proposal p on p.case_id = d.case_id "
            "where d.decision_list_id = %s and d.outcome <> 'sent_back' group by p.via order by 2 desc, 1",
            [made.pk],
        )
        return [(WAYS.get(via, via), count) for via, count in cursor.fetchall()]


def amounts_of(made: DecisionList) -> list[tuple[str, int]]:
    """Amounts granted with their counts, smallest first; the largest is where a wrong digit would stand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select amount_yen, count(*) from todoku_decision where decision_list_id = %s and outcome = 'grant' "
            "group by amount_yen order by amount_yen",
            [made.pk],
        )
        return [(f"{amount:,}円", count) for amount, count in cursor.fetchall()]


def drawn(made: DecisionList, turn: int, size: int = SAMPLE) -> tuple[list[int], bool]:
    """The decisions drawn at random in this turn, and whether the list holds others that another turn can draw."""
    with connection.cursor() as cursor:
        cursor.execute(DRAWN, [made.pk, f"{made.sha256}:{turn}:", size + 1])
        found = [pk for (pk,) in cursor.fetchall()]
    return found[:size], len(found) > size


def sample_table(chosen: list[int], slug: str) -> Table:
    """The cases that were drawn."""
    found = _with_account(Decision.objects.filter(pk__in=chosen)).order_by("case__number")
    return Table(
        id="sample", caption="無作為に選んだ案件", total=len(chosen), per_page=SAMPLE,
        columns=_columns(sortable=False), rows=[_row(one, slug) for one in found],
        empty=Empty("案件はありません。"),
    )  # fmt: skip


def rows_table(request: HttpRequest, made: DecisionList, slug: str, *, may_send_back: bool = False) -> Table:
    """Every row of the list; number and outcome are searched in the address."""
    typed = "".join(c for c in request.GET.get("q", "") if c.isdigit())[:13]
    outcome, page, sort = (
        request.GET.get("outcome", ""),
        page_number(request),
        request.GET.get("sort", "number"),
    )
    found = Decision.objects.filter(decision_list=made)
    if typed:
        found = found.filter(case__number__startswith=typed)
    if outcome in OUTCOMES:
        found = found.filter(outcome=outcome)
    order = {
        "number": "case__number",
        "-number": "-case__number",
        "amount": "amount_yen",
        "-amount": "-amount_yen",
    }
    shown = _with_account(found).order_by(order.get(sort, "case__number"), "pk")[(page - 1) * 50 : page * 50]
    back = f"/p/{slug}/decisions/{made.pk}/back/" if may_send_back else ""
    return Table(
        id="rows", caption="一覧の案件", total=found.count(), page=page, sort=sort,
        columns=[*_columns(sortable=True), Column("back", "操作", fixed=True)],
        rows=[_row(one, slug, back) for one in shown],
        filters=[
            Filter("q", "案件の番号", typed),
            Filter("outcome", "区分", outcome, [(code, badge.text) for code, badge in OUTCOMES.items()]),
        ],
        empty=Empty("該当する案件はありません。", "番号は先頭から入れてください。"),
    )  # fmt: skip


def _with_account(found: Any) -> Any:
    return found.select_related("case", "account", "case__proposal")


def _columns(*, sortable: bool) -> list[Column]:
    return [
        Column("number", "案件", sortable=sortable, fixed=True), Column("outcome", "区分"), Column("reason", "理由・備考"),
        Column("amount", "金額（円）", sortable=sortable, numeric=True), Column("account", "口座（下3桁）・支給手段"),
        Column("way", "審査"),
    ]  # fmt: skip


def _row(one: Decision, slug: str, back: str | None = None) -> Row:
    proposal = getattr(one.case, "proposal", None)
    reason = CODES[one.reason].name if one.reason in CODES else ""
    cells: list[Cell] = [
        case_cell(one.case.number, slug), Cell("", badge=OUTCOMES[one.outcome]),
        Cell("。".join(part for part in (reason, one.remark) if part)), Cell(one.amount_yen),
        Cell(goes_to(one)),
        Cell(WAYS.get(proposal.via, proposal.via) if proposal else ""),
    ]  # fmt: skip
    if back is not None:
        shown = back and one.outcome != "sent_back"
        cells.append(Cell("審査へ差し戻す", href=f"{back}{one.pk}/") if shown else Cell(""))
    return Row(key=str(one.pk), cells=cells, name=one.case.number)


def goes_to(one: Decision) -> str:
    """The masked account, or the rail that needs none; nothing where nothing is paid."""
    if one.outcome == "refuse":
        return ""
    if one.rail != "bank":
        return RAILS[one.rail].name
    account = one.account
    return masked(account.bank, account.branch, account.kind, account.number) if account else ""


def lists_table(programme: Programme, slug: str, page: int) -> Table:
    """Decision lists, those that wait first, then newest."""
    found = DecisionList.objects.filter(programme=programme)
    waits_first = models.Case(models.When(state="open", then=0), default=1)
    shown = found.order_by(waits_first, "-pk")[(page - 1) * 50 : page * 50]
    return Table(
        id="lists", caption="支給決定の一覧", total=found.count(), page=page,
        columns=[
            Column("list", "一覧", fixed=True), Column("state", "状態"), Column("grants", "支給", numeric=True),
            Column("refusals", "不支給", numeric=True), Column("total", "支給の合計額（円）", numeric=True),
            Column("made", "作成"), Column("decided", "決定"), Column("digest", "指紋", fixed=True),
        ],
        rows=[_list_row(one, slug) for one in shown],
        empty=Empty("決定の一覧はまだありません。", "審査が終わった案件を、事務局の業務責任者がまとめるとここに出ます。"),
    )  # fmt: skip


def _list_row(one: DecisionList, slug: str) -> Row:
    decided = f"{localtime(one.decided_at):%m/%d %H:%M} {one.decided_by}" if one.decided_at else ""
    return Row(
        key=str(one.pk),
        cells=[
            Cell(f"一覧 {one.pk}", href=f"/p/{slug}/decisions/{one.pk}/"), Cell("", badge=STATES[one.state]),
            Cell(one.grants), Cell(one.refusals), Cell(one.total_yen),
            Cell(f"{localtime(one.made_at):%m/%d %H:%M} {one.made_by}"), Cell(decided), Cell(one.sha256[:8]),
        ],
    )  # fmt: skip


def waiting_for_list(programme: Programme) -> int:
    """Proposals at PASSED that are on no open list."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select count(*) from todoku_proposal p
              join todoku_casestage g on g.case_id = p.case_id and g.stage = 'passed'
              join todoku_case c on c.id = p.case_id and c.programme_id = %s
             where not exists (
               select 1 from todoku_decision d join todoku_decisionlist l on l.id = d.decision_list_id
                where d.case_id = p.case_id and l.state = 'open' and d.outcome <> 'sent_back')
            """,
            [programme.pk],
        )
        return int(one_row(cursor)[0])
