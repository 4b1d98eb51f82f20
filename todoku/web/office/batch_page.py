"""What both staff doors show of a payment batch: who did what, the digest, banks, lines with masked accounts, results.

Reads only; a handful of queries whatever the size of the batch. No name of a person and no whole account number leaves
this file: a line is found by our transfer number or by its case.
"""

from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.utils.timezone import localtime

from todoku.bank.credited import Account, credited_accounts
from todoku.formats import bank_master
from todoku.payment.rails import RAILS
from todoku.payment.tables import Batch, Result, Transfer
from todoku.people.tables import AuditEvent
from todoku.web.office.cells import case_cell, one_row, page_number
from todoku.web.shared.pieces import Badge, Cell, Column, Digest, Empty, Filter, Moment, Row, Strip, Table

KINDS = {1: "普通", 2: "当座", 4: "貯蓄", 9: "その他"}
STATES = {
    "open": Badge("作成中", "wait"), "sealed": Badge("承認待ち", "wait"), "approved": Badge("承認済", "info"),
    "sending": Badge("結果不明（受付の確認待ち）", "warn"), "sent": Badge("振込依頼済", "info"),
    "reconciled": Badge("結果取込済", "ok"), "void": Badge("取消", "none"),
}  # fmt: skip
LINE_STATES = {
    "ready": Badge("振込待ち", "wait"), "sealed": Badge("確定", "info"), "sending": Badge("結果不明", "warn"),
    "sent": Badge("振込依頼済", "info"), "settled": Badge("振込済", "ok"), "returned": Badge("振込不能", "stop"),
    "void": Badge("取消", "none"),
}  # fmt: skip
DEEDS = {
    "batch.make": "作成しました",
    "batch.seal": "確定しました（ファイルを作成）",
    "batch.approve_office": "事務局として承認しました",
    "batch.approve_city": "出納として承認しました",
    "batch.take_file": "ファイルを受け取りました（振込依頼）",
    "batch.confirm": "金融機関の受付番号を記録しました",
    "batch.inquire": "金融機関へ照会しました",
    "batch.take_again": "同じファイルを再び渡しました",
    "batch.order": "会計年度・科目・支出命令番号を記録しました",
    "batch.reread": "ファイルを保存しました",
    "batch.bundle": "検証用の一式を保存しました",
    "batch.verify": "ファイルを検証しました",
    "batch.result": "振込結果を取り込みました",
    "batch.late_return": "あとから戻った振込を取り込みました",
    "batch.unmatched": "照合できない返却が見つかりました",
    "batch.resolve_return": "照合できない返却を解決しました",
    "batch.void": "取り消しました",
}
# Who acts after each state; said on both doors in the same words.
NEXT = {
    "open": ("確定する", "事務局の振込データ作成担当"),
    "sealed": ("事務局の承認", "作成・確定した人とは別の、事務局の承認者"),
    "sealed-office": ("出納の承認", "自治体の出納（会計管理者）"),
    "approved": ("ファイルの受取りと振込依頼", "自治体の出納（会計管理者）"),
    "sending": ("金融機関の受付番号の記録", "自治体の出納（会計管理者）"),
    "sent": ("振込結果の取込み", "事務局の振込データ作成担当、または出納"),
}
# Over a rail that needs no answer from a bank (現金・ギフト), the same deeds and steps in other words.
DEEDS_AT_ONCE = {"batch.take_file": "支給の開始を記録しました", "batch.confirm": "支給を始めました"}
NEXT_AT_ONCE = {
    "approved": ("支給の開始", "自治体の出納（会計管理者）"),
    "sent": ("受取りの記録", "支給手段ごとの担当者"),
}
# Deeds whose recorded reason is for people to read; of the others it is a digest or a file's name.
REASONED = (
    "batch.void", "batch.result", "batch.confirm", "batch.inquire", "batch.take_again", "batch.order",
    "batch.late_return", "batch.unmatched", "batch.resolve_return",
)  # fmt: skip
SEARCH_MAX = 13


def batch_words(batch: Batch) -> str:
    """How people call a batch: its number and value date."""
    return f"振込データ {batch.pk}（振込日 {batch.value_date:%Y/%m/%d}）"


def next_step(batch: Batch, sides: set[str]) -> tuple[str, str] | None:
    """What comes next and who does it; None where nothing does. `sides`: the sides that have approved."""
    key = "sealed-office" if batch.state == "sealed" and "office" in sides else batch.state
    return (NEXT | NEXT_AT_ONCE if RAILS[batch.rail].at_once else NEXT).get(key)


def batch_story(batch: Batch, sides: set[str]) -> list[Moment]:
    """Who did what, in order, and what comes next."""
    done = AuditEvent.objects.filter(
        subject_kind="batch", subject_id=batch.pk, action__in=DEEDS, refused=False
    ).order_by("at", "id")
    told, saved = [], False
    named = DEEDS | DEEDS_AT_ONCE if RAILS[batch.rail].at_once else DEEDS
    for one in done:
        words = named[one.action]
        if one.action == "batch.reread":
            words, saved = (f"{words}（再送ではありません）" if saved else words), True
        told.append(
            Moment(
                words,
                f"{localtime(one.at):%m/%d %H:%M}",
                one.reason if one.action in REASONED else "",
                who=one.actor_name,
            )
        )
    coming = next_step(batch, sides)
    if coming:
        told.append(Moment(coming[0], "次", f"{coming[1]}が行います。", state="next"))
    return told


def batch_digest(batch: Batch) -> Digest | None:
    """What approvals cover, the manifest; None until the files are written."""
    if batch.sha256 is None:
        return None
    covers = [
        ("件数", f"{batch.count:,}件"), ("合計額", f"{batch.total_yen:,}円"),
        ("振込日", f"{batch.value_date:%Y年%m月%d日}"), ("支出命令", order_words(batch)),
        ("明細書", f"{batch.manifest.name if batch.manifest else ''}（下のファイルと決定一覧の指紋を含みます）"),
    ]  # fmt: skip
    return Digest(batch.sha256, covers)


def order_words(batch: Batch) -> str:
    """What the municipality's books know the payment by: fiscal year, budget item, payment order."""
    named = " ".join(part for part in (batch.budget_item, batch.payment_order) if part)
    return f"{batch.fiscal_year}年度 {named or '（科目・支出命令番号は未入力）'}"


def batch_strip(batch: Batch) -> Strip | None:
    """The hand-over to the bank in counts, from the rows themselves; None before there is one."""
    if batch.state not in ("sending", "sent", "reconciled"):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select count(*) filter (where state = 'settled'), count(*) filter (where state in ('sending', 'sent')),
                   count(*) filter (where state = 'returned')
              from todoku_transfer where batch_id = %s
            """,
            [batch.pk],
        )
        settled, waiting, returned = one_row(cursor)
    words = ("振込依頼", "振込済", "結果待ち", "振込不能")
    return Strip(batch.count, settled, waiting, returned, title="金融機関との受け渡し", labels=words)


def banks_table(batch: Batch) -> Table | None:
    """Count and sum by bank: what the treasurer holds against the bank's own receipt; None over another rail."""
    if batch.rail != "bank":
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select bank, count(*), sum(amount_yen)::bigint, max(amount_yen) from todoku_transfer
             where batch_id = %s and state <> 'void' group by bank order by 2 desc, 1
            """,
            [batch.pk],
        )
        found = cursor.fetchall()
    rows = [
        Row(code, [Cell(code), Cell(_bank_name(code)), Cell(count), Cell(total), Cell(most)])
        for code, count, total, most in found
    ]
    return Table(
        id="banks", caption="金融機関ごとの件数と金額", total=len(rows), unit="機関", per_page=max(len(rows), 1),
        columns=[
            Column("code", "コード", fixed=True), Column("bank", "金融機関"), Column("count", "件数", numeric=True),
            Column("total", "金額（円）", numeric=True), Column("most", "最高額（円）", numeric=True),
        ],
        rows=rows,
    )  # fmt: skip


def lines_table(request: HttpRequest, batch: Batch, slug: str) -> Table:
    """The lines of the batch: number, case, amount, masked account, state; filters live in the address."""
    typed = "".join(c for c in request.GET.get("q", "") if c.isdigit())[:SEARCH_MAX]
    state, page = request.GET.get("state", ""), page_number(request)
    found = Transfer.objects.filter(batch=batch)
    if typed:
        found = (
            found.filter(number=typed) if len(typed) == 10 else found.filter(case__number__startswith=typed)
        )
    if state in LINE_STATES:
        found = found.filter(state=state)
    sort = request.GET.get("sort", "line")
    placed = ["file_number", "line", "number"]
    order = {"-line": ["-file_number", "-line", "-number"], "amount": ["amount_yen", "number"],
             "-amount": ["-amount_yen", "number"]}.get(sort, placed)  # fmt: skip
    shown = list(found.select_related("case").order_by(*order)[(page - 1) * 50 : page * 50])
    accounts = credited_accounts(shown) if batch.state in ("sent", "reconciled") else {}
    return Table(
        id="lines", caption="明細", total=found.count(), page=page, sort=sort,
        columns=[
            Column("line", "ファイル-行", sortable=True, fixed=True), Column("number", "振込番号", fixed=True),
            Column("case", "案件", fixed=True), Column("amount", "金額（円）", sortable=True, numeric=True),
            Column("account", "口座（下3桁）" if batch.rail == "bank" else "支給手段"), Column("state", "状態"),
        ],
        rows=[_line(one, slug, accounts.get(one.pk)) for one in shown],
        filters=[
            Filter("q", "振込番号・案件の番号", typed),
            Filter("state", "状態", state, [(code, badge.text) for code, badge in LINE_STATES.items()]),
        ],
        empty=Empty("該当する明細はありません。", "番号は、振込番号の10桁か、案件の番号の先頭から入れてください。"),
    )  # fmt: skip


def _line(one: Transfer, slug: str, credited: Account | None) -> Row:
    return Row(
        key=one.number,
        cells=[
            Cell(f"{one.file_number}-{one.line}" if one.line else ""), Cell(one.number),
            case_cell(one.case.number, slug), Cell(one.amount_yen), _goes_to(one, credited),
            Cell("", badge=LINE_STATES[one.state]),
        ],
        name=one.number,
    )  # fmt: skip


def _goes_to(one: Transfer, credited: Account | None) -> Cell:
    """Where the money goes: the sealed account, and the one really credited where the bank was asked to amend it."""
    if one.rail != "bank":
        return Cell(one.get_rail_display())
    sealed = masked(one.bank, one.branch, one.kind, one.account_number)
    if credited is None or not credited.amended:
        return Cell(sealed)
    return Cell(sealed, note=f"訂正した口座 {masked(*credited[:4])}")


def masked(bank: str, branch: str, kind: int, number: str) -> str:
    """An account as whoever handles payments may see it: where it is held, and its last three digits."""
    place = bank_master.branch(bank, branch)
    return f"{_bank_name(bank)} {place.name if place else branch} {KINDS.get(kind, '')} ****{number[-3:]}"


def _bank_name(code: str) -> str:
    found = bank_master.bank(code)
    return found.name if found else code


def returned_table(batch: Batch, slug: str) -> Table | None:
    """Transfers that came back, with the reason and the way to their case; None where there is no result."""
    if batch.state != "reconciled":
        return None
    found = (
        Result.objects.filter(transfer__batch=batch)
        .select_related("transfer__case")
        .order_by("transfer__file_number", "transfer__line")
    )
    rows = [
        Row(
            one.transfer.number,
            [
                Cell(one.transfer.number), case_cell(one.transfer.case.number, slug), Cell(one.transfer.amount_yen),
                Cell("", badge=Badge(one.get_reason_display(), "stop")),
                Cell(f"{one.returned_on:%Y/%m/%d}" if one.returned_on else ""),
            ],
        )
        for one in found
    ]  # fmt: skip
    return Table(
        id="returned", caption="振込不能", total=len(rows), per_page=max(len(rows), 1),
        columns=[
            Column("number", "振込番号", fixed=True), Column("case", "案件", fixed=True),
            Column("amount", "金額（円）", numeric=True), Column("reason", "理由"), Column("on", "返却日", fixed=True),
        ],
        rows=rows,
        empty=Empty("戻ってきた振込はありません。", "すべての振込が完了しました。"),
    )  # fmt: skip


def batch_row(batch: Batch, href: str, sides: set[str]) -> Row:
    """A batch as one line of a list."""
    coming = next_step(batch, sides)
    return Row(
        key=str(batch.pk),
        cells=[
            Cell(f"振込データ {batch.pk}", href=href, note="" if batch.rail == "bank" else batch.get_rail_display()),
            Cell("", badge=STATES[batch.state]),
            Cell(f"{batch.value_date:%Y/%m/%d}（{'月火水木金土日'[batch.value_date.weekday()]}）"), Cell(batch.count),
            Cell(batch.total_yen), Cell(batch.maker.name), Cell(coming[1] if coming else ""),
        ],
    )  # fmt: skip


def batches_table(batches: Any, href: str, *, caption: str, total: int, page: int, empty: Empty) -> Table:
    """Batches newest first. `batches`: rows with maker and approvals fetched; `href` takes the batch's number."""
    return Table(
        id="batches", caption=caption, total=total, page=page,
        columns=[
            Column("batch", "振込データ", fixed=True), Column("state", "状態"), Column("date", "振込日", fixed=True),
            Column("count", "件数", numeric=True), Column("total", "合計額（円）", numeric=True),
            Column("maker", "作成"), Column("next", "次に行う人"),
        ],
        rows=[batch_row(one, href.format(one.pk), {a.side for a in one.approvals.all()}) for one in batches],
        empty=empty,
    )  # fmt: skip
