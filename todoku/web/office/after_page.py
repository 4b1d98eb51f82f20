"""What comes after a file is with the bank, as tables: queries, recalls, returns that fit nothing, accounts asked about.

Reads only; the same for both staff doors, each with its own addresses. Accounts are masked here.
"""

from datetime import date
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils.timezone import localdate, localtime

from todoku.bank.tables import AccountInquiry, BankQuery, Recall
from todoku.payment.side_tables import UnmatchedReturn
from todoku.payment.tables import Batch, Result, Transfer
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.web.office.cells import case_cell, one_row
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Need, Row, Strip, Table

AT_THE_BANK = ("sent", "settled")
SHOWN = 50
RECALL_BADGES = {
    "asked": Badge("出納の依頼待ち", "wait"), "sent": Badge("金融機関の回答待ち", "info"),
    "returned": Badge("返却された", "ok"), "refused": Badge("応じられない", "stop"),
    "withdrawn": Badge("取りやめ", "none"),
}  # fmt: skip
# Still open at this door, with the day by which somebody must have acted: what the first pages count.
CLOCKS = """
select count(*) filter (where kind = 'query' and not proposed), count(*) filter (where kind = 'query' and proposed),
       count(*) filter (where kind = 'asked'), count(*) filter (where kind = 'sent'),
       count(*) filter (where kind = 'unmatched'),
       count(*) filter (where due < %(today)s), min(due)
  from (select 'query' as kind, q.proposed_at is not null as proposed, q.due_on as due
          from todoku_bankquery q join todoku_transfer t on t.id = q.transfer_id
         where t.programme_id = %(p)s and q.answered_at is null and t.state in ('sent', 'settled')
        union all
        select r.state, true, r.due_on from todoku_recall r join todoku_transfer t on t.id = r.transfer_id
         where t.programme_id = %(p)s and r.state in ('asked', 'sent')
        union all
        select 'unmatched', true, null from todoku_unmatchedreturn u
         where u.programme_id = %(p)s and u.resolved_at is null) open
"""
ASKED = """
select count(*), count(*) filter (where q.answer = '0'), count(*) filter (where q.answer = '1'),
       count(*) filter (where q.answer = '2'), count(*) filter (where q.answer = '9'),
       count(*) filter (where q.answer = '')
  from todoku_inquiredaccount q join todoku_accountinquiry i on i.id = q.inquiry_id
 where i.programme_id = %s and i.cancelled_at is null
"""


def clocks(programme: Programme, today: date) -> dict[str, Any]:
    """What is open: queries to propose on and to answer, recalls to send and sent, unmatched lines; how many are late."""
    with connection.cursor() as cursor:
        cursor.execute(CLOCKS, {"p": programme.pk, "today": today})
        values = one_row(cursor)
    names = ("to_propose", "to_answer", "to_send", "sent", "unmatched", "overdue", "next_due")
    return dict(zip(names, values, strict=True))


def office_needs(programme: Programme, slug: str, roles: frozenset[str], today: date) -> list[Need]:
    """What this person of the office may act on here, for the first page."""
    open_now, url = clocks(programme, today), f"/p/{slug}/after/"
    needs = []
    if open_now["unmatched"] and may(roles, "batch.result"):
        needs.append(_unmatched_need(open_now, url))
    if open_now["to_propose"] and may(roles, "query.propose"):
        text = "金融機関が回答を待っています。期限を過ぎると資金が返却されます。"
        needs.append(
            Need(open_now["to_propose"], "口座相違の照会", text, url, "起案する", late=_near(open_now, today))
        )
    return needs + _overdue(open_now, url, roles)


def city_needs(programme: Programme, slug: str, roles: frozenset[str], today: date) -> list[Need]:
    """The same for the municipality: lines that fit nothing, queries to answer, recalls to send, and what is late."""
    open_now, url = clocks(programme, today), f"/p/{slug}/after/"
    late, needs = _near(open_now, today), []
    if open_now["unmatched"] and may(roles, "batch.result"):
        needs.append(_unmatched_need(open_now, url))
    if open_now["to_answer"]:
        text, button = "金融機関が回答を待っています。期限を過ぎると資金が返却されます。", "回答する"
        shown = button if may(roles, "query.answer") else "内容を見る"
        needs.append(Need(open_now["to_answer"], "口座相違の照会への回答", text, url, shown, late=late))
    if open_now["to_send"]:
        text = "誤った振込を戻すため、金融機関へ依頼してください。"
        shown = "依頼する" if may(roles, "recall.send") else "内容を見る"
        needs.append(Need(open_now["to_send"], "組戻し", text, url, shown, late=late))
    return needs + _overdue(open_now, url, roles)


def _unmatched_need(open_now: dict[str, Any], url: str) -> Need:
    text = "解決するまで、次の振込データを確定できません。"
    return Need(open_now["unmatched"], "照合できない返却", text, url, "解決する", late=True)


def _near(open_now: dict[str, Any], today: date) -> bool:
    return open_now["next_due"] is not None and open_now["next_due"] <= today


def _overdue(open_now: dict[str, Any], url: str, roles: frozenset[str]) -> list[Need]:
    if not open_now["overdue"] or not may(roles, "batch.view"):
        return []
    text = "照会への回答か、組戻しの返事が期限を過ぎています。金融機関に確かめてください。"
    return [Need(open_now["overdue"], "期限を過ぎた照会・組戻し", text, url, "確認する", late=True)]


def due_badge(due_on: date, today: date) -> Badge:
    """The clock of something open: over, today, or the day."""
    if due_on < today:
        return Badge(f"期限超過（{due_on:%m/%d}）", "stop")
    return Badge("今日まで", "warn") if due_on == today else Badge(f"{due_on:%m/%d}まで", "wait")


def queries_table(
    programme: Programme, slug: str, href: str, today: date, *, batch: Batch | None = None
) -> Table:
    """Queries of the bank, those that wait first. `href` takes a query's number."""
    found = BankQuery.objects.filter(transfer__programme=programme).select_related("transfer__case")
    if batch:
        found = found.filter(transfer__batch=batch)
    shown = found.order_by(F("answered_at").desc(nulls_first=True), "due_on", "-pk")[:SHOWN]
    rows = [
        Row(
            str(one.pk),
            [
                Cell(one.transfer.number, href=href.format(one.pk)), case_cell(one.transfer.case.number, slug),
                Cell(one.transfer.amount_yen), Cell(f"{one.asked_on:%m/%d} {one.question}"),
                Cell("", badge=query_badge(one, today)),
            ],
            marked=one.answered_at is None and one.due_on < today,
        )
        for one in shown
    ]  # fmt: skip
    return Table(
        id="queries", caption="口座相違の照会（金融機関から）", total=found.count() if len(rows) == SHOWN else len(rows),
        per_page=SHOWN,
        columns=[
            Column("number", "振込番号", fixed=True), Column("case", "案件", fixed=True),
            Column("amount", "金額（円）", numeric=True), Column("question", "聞かれたこと"), Column("state", "状態"),
        ],
        rows=rows, empty=Empty("金融機関からの照会はありません。"),
    )  # fmt: skip


def after_of_batch(batch: Batch, slug: str, actor: Actor) -> dict[str, Any] | None:
    """The batch page's part of it: queries and recalls of this batch, what this person may begin; None before the bank.

    While the bank has not said that it has the file, a transfer can be asked back, and nothing has come back or been asked.
    """
    if batch.rail != "bank" or batch.state not in ("sending", "sent", "reconciled"):
        return None
    known = batch.state != "sending"
    today, base, programme = localdate(), f"/p/{slug}/after/", batch.programme
    # At the municipality's door a query is the treasurer's page alone: it shows accounts whole.
    opens = actor.organisation == "office" or may(actor.roles, "query.answer")
    queries = queries_table(programme, slug, base + "query/{}/" if opens else "", today, batch=batch)
    recalls = recalls_table(programme, slug, base + "recall/{}/", today, batch=batch)
    return {
        "queries": queries if queries.rows else None,
        "recalls": recalls if recalls.rows else None,
        "may_take": known and may(actor.roles, "batch.result"),
        "may_open": known and may(actor.roles, "query.open"),
        "may_recall": may(actor.roles, "recall.ask"),
    }


def query_badge(one: BankQuery, today: date) -> Badge:
    """Where a query stands, with its clock while it waits."""
    if one.answered_at:
        words = "訂正を回答" if one.answer == "amend" else "返却を回答"
        return Badge(words, "ok" if one.answer == "amend" else "info")
    if one.transfer.state not in AT_THE_BANK:
        return Badge("回答の前に返却", "none")
    due = due_badge(one.due_on, today)
    return Badge(f"{'出納の回答待ち' if one.answer else '起案待ち'} {due.text}", due.kind)


def recalls_table(
    programme: Programme, slug: str, href: str, today: date, *, batch: Batch | None = None
) -> Table:
    """Recalls, those under way first. `href` takes a recall's number."""
    found = Recall.objects.filter(transfer__programme=programme).select_related("transfer__case", "asked_by")
    if batch:
        found = found.filter(transfer__batch=batch)
    shown = found.order_by(F("ended_at").desc(nulls_first=True), "due_on", "-pk")[:SHOWN]
    rows = []
    for one in shown:
        open_still = one.ended_at is None
        clock = due_badge(one.due_on, today) if open_still else None
        cells = [
            Cell(one.transfer.number, href=href.format(one.pk)), case_cell(one.transfer.case.number, slug),
            Cell(one.transfer.amount_yen), Cell(one.reason, note=one.asked_by.name),
            Cell(one.outcome, badge=RECALL_BADGES[one.state]), Cell("", badge=clock),
        ]  # fmt: skip
        rows.append(Row(str(one.pk), cells, marked=open_still and one.due_on < today))
    return Table(
        id="recalls", caption="組戻し", total=found.count() if len(rows) == SHOWN else len(rows), per_page=SHOWN,
        columns=[
            Column("number", "振込番号", fixed=True), Column("case", "案件", fixed=True),
            Column("amount", "金額（円）", numeric=True), Column("reason", "理由"), Column("state", "状態"),
            Column("due", "期限", fixed=True),
        ],
        rows=rows, empty=Empty("組戻しはありません。"),
    )  # fmt: skip


def unmatched_table(programme: Programme, href: str) -> Table | None:
    """Lines of reports that fit no transfer and wait for somebody; None where there is none. `href` takes a line's
    number; without it the reader resolves nothing, and there is no column for it."""
    found = UnmatchedReturn.objects.filter(programme=programme, resolved_at__isnull=True).order_by("pk")
    rows = [
        Row(
            str(one.pk),
            [
                Cell(one.number), Cell(one.amount_yen), Cell(one.why), Cell(f"振込データ {one.batch_id}"),
                *([Cell("解決する", href=href.format(one.pk))] if href else []),
            ],
            marked=True,
        )
        for one in found[:SHOWN]
    ]  # fmt: skip
    if not rows:
        return None
    return Table(
        id="unmatched", caption="照合できない返却", total=found.count() if len(rows) == SHOWN else len(rows),
        per_page=SHOWN,
        columns=[
            Column("number", "金融機関の番号", fixed=True), Column("amount", "金額（円）", numeric=True),
            Column("why", "合わないところ"), Column("batch", "取り込んだ画面", fixed=True),
            *([Column("do", "操作", fixed=True)] if href else []),
        ],
        rows=rows,
    )  # fmt: skip


def returned_money(programme: Programme, slug: str, page: int) -> Table:
    """All that came back, newest first, and what became of it."""
    found = Result.objects.filter(transfer__programme=programme, transfer__rail="bank")
    newest = found.select_related("transfer__case__standing", "report").order_by("-pk")
    shown = list(newest[(page - 1) * SHOWN : page * SHOWN])
    again = set(
        Transfer.objects.filter(retry_of__in=[one.transfer_id for one in shown])
        .exclude(state="void")
        .values_list("retry_of_id", flat=True)
    )
    rows = [
        Row(
            str(one.pk),
            [
                Cell(one.transfer.number), case_cell(one.transfer.case.number, slug), Cell(one.transfer.amount_yen),
                Cell("", badge=Badge(one.get_reason_display(), "stop")),
                Cell(f"{one.returned_on:%Y/%m/%d}" if one.returned_on else "", note=_came(one)),
                Cell("", badge=_became(one, one.transfer_id in again)),
            ],
        )
        for one in shown
    ]  # fmt: skip
    return Table(
        id="returned", caption="戻った資金", total=found.count(), page=page,
        columns=[
            Column("number", "振込番号", fixed=True), Column("case", "案件", fixed=True),
            Column("amount", "金額（円）", numeric=True), Column("reason", "理由"), Column("on", "返却日", fixed=True),
            Column("then", "その後"),
        ],
        rows=rows, empty=Empty("戻った資金はありません。"),
    )  # fmt: skip


def _came(one: Result) -> str:
    late = "あとから戻った振込 " if one.report.kind == "late" else ""
    return f"{late}{localtime(one.at):%m/%d}取込"


def _became(one: Result, again: bool) -> Badge:
    if again:
        return Badge("再振込へ", "ok")
    if one.transfer.part > 1:
        return Badge("追給の再支給は自治体の決定待ち", "warn")
    stage = one.transfer.case.standing.stage
    return Badge("口座の届出待ち", "wait") if stage == "failed" else Badge("手続き中", "info")


def inquiry_strip(programme: Programme) -> Strip:
    """Accounts asked = confirmed + waiting + not confirmed; the parts of the last stand in `inquiry_figures`."""
    asked, confirmed, none, name, other, waiting = _asked(programme)
    words = ("照会した口座", "確認済", "回答待ち", "確認できない")
    return Strip(asked, confirmed, waiting, none + name + other, title="口座照会", labels=words)


def inquiry_figures(programme: Programme, to_ask: int, held: int) -> list[dict[str, object]]:
    """The same sum with each answer by itself, and what is still to be asked."""
    asked, confirmed, none, name, other, waiting = _asked(programme)
    assert asked == confirmed + none + name + other + waiting, "every account asked has one answer or waits"
    return [
        {"label": "これから照会する口座", "value": to_ask}, {"label": "確認済", "value": confirmed},
        {"label": "該当口座なし", "value": none}, {"label": "受取人名相違", "value": name},
        {"label": "その他", "value": other}, {"label": "回答待ち", "value": waiting},
        {"label": "確認を待つ支給決定", "value": held},
    ]  # fmt: skip


def _asked(programme: Programme) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(ASKED, [programme.pk])
        return one_row(cursor)


def inquiries_table(
    programme: Programme, *, save: str = "", answer: str = "", answer_words: str = "回答を取り込む・取り消す"
) -> Table:
    """Files of account inquiries, newest first. `save`, `answer`: where a file is saved, where its answer is read."""
    found = AccountInquiry.objects.filter(programme=programme).select_related("parcel", "made_by")
    rows = []
    for one in found.order_by("-pk")[:SHOWN]:
        state = Badge("回答待ち", "wait")
        if one.cancelled_at:
            state = Badge("取消", "none")
        elif one.answered_at:
            state = Badge(f"回答済 {localtime(one.answered_at):%m/%d}", "ok")
        deeds = []
        if save:
            deeds.append(Cell("") if one.cancelled_at else Cell("ファイルを保存", href=save.format(one.pk)))
        if answer:
            ended = one.cancelled_at or one.answered_at
            deeds.append(Cell("") if ended else Cell(answer_words, href=answer.format(one.pk)))
        cells = [
            Cell(one.parcel.name), Cell(one.count), Cell(f"{localtime(one.made_at):%m/%d %H:%M}", note=one.made_by.name),
            Cell("", badge=state), *deeds,
        ]  # fmt: skip
        rows.append(Row(str(one.pk), cells))
    return Table(
        id="inquiries", caption="口座照会のファイル", total=found.count(), per_page=SHOWN,
        columns=[
            Column("file", "ファイル", fixed=True), Column("count", "口座", numeric=True), Column("made", "作成"),
            Column("state", "状態"), *([Column("save", "ファイル保存", fixed=True)] if save else []),
            *([Column("do", "操作" if not save else "回答", fixed=True)] if answer else []),
        ],
        rows=rows, empty=Empty("口座照会のファイルはまだありません。"),
    )  # fmt: skip
