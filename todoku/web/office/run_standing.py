"""What stands between a run and the post, as its page tells it: read-back, 校了, incident, permit, stock, lots, pull list.

Reads only; counts and days, nobody's name or address.
"""

from typing import Any

from django.utils.timezone import localdate, localtime

from todoku.letters.approve_proof import is_covered, needs_own_proof
from todoku.letters.dispatch import left_to_post
from todoku.letters.print_files import run_label
from todoku.letters.reply_permit import permit_fault
from todoku.letters.stock import ITEMS, needed
from todoku.letters.tables import PrintRun, PulledPiece, Stock
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Row, Table


def standing_of(run: PrintRun, slug: str) -> dict[str, Any]:
    """The values of the run's page beside its counts."""
    before, lots = run.state in ("made", "released"), list(run.postings.order_by("lot_no"))
    pulled = PulledPiece.objects.filter(letter__run=run)
    void = pulled.exclude(voided_at=None).count()
    return {
        "proof": _proof(run), "read_back": _read_back(run), "before": before,
        "faults": _faults(run) if before else [],
        "release_waits": _release_waits(run) if run.state == "made" else [],
        "pulled": pulled.count(), "pulled_left": pulled.count() - void,
        "reprint_of": run_label(run.reprint_of) if run.reprint_of else "",
        "lots": _lots(run, lots, void) if lots else None,
        "needs": _needs(run) if run.state == "made" and run.kind != "gift" else [],
    }  # fmt: skip


def _proof(run: PrintRun) -> dict[str, Any] | None:
    """The municipality's word, as badge and sentence; None for gifts, of which no proof is made."""
    if run.kind == "gift" or run.pdf is None:
        return None
    last = run.proofs.order_by("pk").last()
    if is_covered(run):
        who = f"{localtime(last.at):%m/%d %H:%M} {last.actor_name}" if last else "同じ種類・文面の校了"
        return {"badge": Badge("校了", "ok"), "text": who}
    if last is not None and not last.approved:
        return {"badge": Badge("校正戻し", "warn"), "text": f"{last.comment}（{last.actor_name}）"}
    what = "この印刷ロットの校正刷り" if needs_own_proof(run) else "この種類・文面の校正刷り"
    return {"badge": Badge("校了待ち", "wait"), "text": f"{what}を、自治体の担当課が確認します。"}


def _read_back(run: PrintRun) -> str:
    one = run.read_backs.filter(sha256=run.pdf.sha256).last() if run.pdf else None
    return f"{one.pieces:,}通 {one.pages:,}ページを照合、まちがい0" if one else ""


def _faults(run: PrintRun) -> list[str]:
    """What would refuse a release or a posting today, each with its remedy."""
    found = [permit_fault(run, localdate())]
    if run.stopped_by_id is not None and run.stopped_by and run.stopped_by.state != "closed":
        found.append(
            f"事故{run.stopped_by_id}のため止めています。事故の画面で解除されるまで、発送できません。"
        )
    return [one for one in found if one]


def _release_waits(run: PrintRun) -> list[str]:
    """What a second person cannot confirm yet, and who acts next; the incident and the permit stand above it."""
    if run.kind == "gift" or run.pdf is None:
        return []
    found = []
    if not run.read_backs.filter(sha256=run.pdf.sha256).exists():
        found.append("全ページの照合がまだです。印刷をやり直すと、照合も行われます。")
    if not is_covered(run):
        found.append("自治体の校了を待っています。担当課が校正刷りを確かめると、ここで確認できます。")
    return found


def _needs(run: PrintRun) -> list[tuple[str, int, int]]:
    """What the run takes off the shelf: item, how many, how many there are; of items that are counted."""
    kept = dict(Stock.objects.filter(programme_id=run.programme_id).values_list("item", "on_hand"))
    return [(ITEMS[item], count, kept[item]) for item, count in needed(run).items() if item in kept]


def _lots(run: PrintRun, lots: list[Any], void: int) -> Table:
    counted = sum(one.counted for one in lots)
    left = left_to_post(run)
    total = f"差出し {counted:,} + 抜き取り {void:,} + 残り {left:,} = {counted + void + left:,}（{run.pieces:,}通）"
    rows = [
        Row(
            str(one.pk),
            [
                Cell(one.lot_no), Cell(f"{one.posted_on:%Y/%m/%d}"), Cell(f"{one.from_piece:,}–{one.to_piece:,}"),
                Cell(one.counted), Cell(one.actor_name),
            ],
        )
        for one in lots
    ]  # fmt: skip
    rows.append(Row("total", [Cell("計"), Cell(""), Cell(total), Cell(counted), Cell("")]))
    return Table(
        id="lots", caption="差出しの記録", total=len(lots), unit="ロット", per_page=len(rows),
        columns=[
            Column("lot", "差出ロット"), Column("on", "差し出した日", fixed=True), Column("pieces", "通し番号"),
            Column("counted", "通数", numeric=True), Column("by", "担当"),
        ],
        rows=rows, empty=Empty("まだ差し出していません。"),
    )  # fmt: skip
