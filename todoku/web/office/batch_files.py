"""What both staff doors show of a batch's hand-over: its files with their digests, the decision lists it pays, what is
held, and the cancel window. Reads only; one query each.
"""

from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.timezone import localtime

from todoku.payment.agree_again import SUBJECT
from todoku.payment.file_standing import CONFIRMED, DENIED, GIVEN_UP, KEPT, UNKNOWN, FileStanding
from todoku.payment.side_tables import Hold
from todoku.payment.tables import BankInquiry, Batch
from todoku.people.tables import AuditEvent
from todoku.web.office.cells import case_cell
from todoku.web.shared.pieces import Badge, Cell, Column, Digest, Empty, Moment, Row, Table

STANDS = {
    KEPT: Badge("保管中", "info"), UNKNOWN: Badge("結果不明", "warn"), DENIED: Badge("受け付けていない", "stop"),
    GIVEN_UP: Badge("依頼を取りやめ", "none"), CONFIRMED: Badge("受付済", "ok"),
}  # fmt: skip
HELD_SHOWN = 50


def grouped(sha256: str) -> str:
    """A digest in groups of eight, as two persons read it to each other."""
    return " ".join(Digest(sha256).groups)


def files_table(found: list[FileStanding], *, save: str = "", more: str = "") -> Table:
    """The files of a batch. `save`: the address of a file to save, `more`: of its page, each with {} for the number."""
    columns = [
        Column("number", "番号", numeric=True), Column("name", "ファイルと指紋（SHA-256）"),
        Column("count", "件数", numeric=True), Column("total", "金額（円）", numeric=True), Column("state", "金融機関の受付"),
    ]  # fmt: skip
    if save:
        columns.append(Column("save", "操作", fixed=True))
    return Table(
        id="files", caption="振込ファイル", total=len(found), unit="個", per_page=max(len(found), 1), columns=columns,
        rows=[_file_row(one, save, more) for one in found], empty=Empty("ファイルは、確定すると作成されます。"),
    )  # fmt: skip


def _file_row(one: FileStanding, save: str, more: str) -> Row:
    file = one.file
    opens = more.format(file.number) if more and (one.inquiries or one.state in (UNKNOWN, DENIED)) else ""
    cells = [
        Cell(file.number), Cell(file.name, note=grouped(file.sha256)), Cell(file.count), Cell(file.total_yen),
        Cell("照会の記録" if opens else "", href=opens, badge=STANDS[one.state], note=standing_words(one)),
    ]  # fmt: skip
    if save:
        cells.append(Cell("保存", href=save.format(file.number)))
    return Row(str(file.number), cells, name=file.name, marked=one.state in (UNKNOWN, DENIED))


def standing_words(one: FileStanding) -> str:
    """How a file stands, in a line: the receipt, or since when nobody knows."""
    if one.confirmation is not None:
        return f"受付番号 {one.confirmation.receipt}（{_when(one.confirmation.at)} {one.confirmation.confirmed_by.name}）"
    if one.taken is None:
        return ""
    if one.given_up:
        return "金融機関が受け付けなかったため取り消し、作り直します"
    taken = f"{_when(one.taken.at)}に{one.taken.taken_by.name}さんが受け取り"
    return (
        f"{taken}、最後の照会は{_when(one.inquiries[-1].at)}"
        if one.inquiries
        else f"{taken}、照会はまだありません"
    )


def _when(moment: Any) -> str:
    return f"{localtime(moment):%m/%d %H:%M}"


def inquiry_moments(one: FileStanding) -> list[Moment]:
    """What happened to a file since it was taken: the hand-over, each answer of the bank, each further hand-over."""
    if one.taken is None:
        return []
    told = [Moment("ファイルを受け取りました", _when(one.taken.at), who=one.taken.taken_by.name)]
    for asked in one.inquiries:
        told.append(_asked(asked))
        told += _given_up(asked)
        again = getattr(asked, "handedagain", None)
        if again is not None:
            words = f"{again.second.name}さんが同意しました。"
            told.append(
                Moment("同じファイルを再び渡しました", _when(again.at), words, who=again.taken_by.name)
            )
    if one.confirmation is not None:
        words = f"受付番号 {one.confirmation.receipt}"
        told.append(
            Moment("受付を確認しました", _when(one.confirmation.at), words, who=one.confirmation.confirmed_by.name)
        )  # fmt: skip
    return told


def _given_up(asked: BankInquiry) -> list[Moment]:
    found = AuditEvent.objects.filter(
        subject_kind=SUBJECT, subject_id=asked.pk, action="batch.give_up", refused=False
    )
    return [
        Moment("依頼を取りやめました", _when(one.at), one.reason, who=one.actor_name)
        for one in found.order_by("pk")
    ]


def _asked(asked: BankInquiry) -> Moment:
    said = f"回答した担当者 {asked.bank_person}" + (f"、番号 {asked.reference}" if asked.reference else "")
    return Moment(
        f"照会の回答「{asked.get_answer_display()}」", _when(asked.at), said, who=asked.asked_by.name
    )


def lists_table(batch: Batch, slug: str) -> Table:
    """The decided lists that the batch pays: number, digest, how many of its lines are theirs."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select l.id, l.sha256, l.decided_by, l.decided_at, count(*), sum(t.amount_yen)::bigint
              from todoku_transfer t
              join todoku_decision d on d.id = t.decision_id
              join todoku_decisionlist l on l.id = d.decision_list_id
             where t.batch_id = %s and (t.state <> 'void' or t.file_number is not null)
             group by l.id order by l.id
            """,
            [batch.pk],
        )
        found = cursor.fetchall()
    rows = [
        Row(
            str(number),
            [
                Cell(f"一覧 {number}", href=f"/p/{slug}/decisions/{number}/", note=grouped(sha256)),
                Cell(f"{_when(at)} {by}" if at else ""), Cell(count), Cell(total),
            ],
        )
        for number, sha256, by, at, count, total in found
    ]  # fmt: skip
    return Table(
        id="decided", caption="支払う根拠の決定一覧", total=len(rows), unit="件", per_page=max(len(rows), 1),
        columns=[
            Column("list", "一覧と指紋（SHA-256）"), Column("decided", "決定"), Column("count", "この振込の件数", numeric=True),
            Column("total", "金額（円）", numeric=True),
        ],
        rows=rows, empty=Empty("明細がありません。"),
    )  # fmt: skip


def held_table(batch: Batch, slug: str) -> Table | None:
    """Lines of the batch whose case is held now; None where there is none."""
    held = Hold.objects.filter(
        case__transfers__batch=batch, case__transfers__state__in=["ready", "sealed"], closed_at__isnull=True
    ).select_related("case")
    found = list(held.order_by("opened_at", "pk")[: HELD_SHOWN + 1])
    if not found:
        return None
    rows = [
        Row(
            str(one.pk),
            [
                case_cell(one.case.number, slug), Cell("", badge=Badge(one.get_kind_display(), "stop")),
                Cell(_when(one.opened_at)), Cell(f"{one.due_on:%Y/%m/%d}"),
            ],
            marked=True,
        )
        for one in found[:HELD_SHOWN]
    ]  # fmt: skip
    return Table(
        id="held", caption="保留中の案件", per_page=HELD_SHOWN,
        total=len(found) if len(found) <= HELD_SHOWN else held.count(),
        columns=[
            Column("case", "案件", fixed=True), Column("kind", "理由"), Column("since", "保留した日時", fixed=True),
            Column("due", "期限", fixed=True),
        ],
        rows=rows,
    )  # fmt: skip


def window_of(batch: Batch) -> dict[str, str]:
    """The cancel window of an approved batch in words: until when it is stopped, from when it is taken; {} once over."""
    if batch.state != "approved" or batch.releasable_at is None or batch.releasable_at <= timezone.now():
        return {}
    until = localtime(batch.releasable_at)
    return {"until": f"{until:%m月%d日 %H:%M}", "iso": until.isoformat(timespec="minutes")}
