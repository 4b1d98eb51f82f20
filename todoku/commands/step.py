"""`step`: one step of the work from the command line, by the same verb as its page and the round.

Inward steps act at once. Outward steps (dispatch, seal, send) say what they would do and act only with --go. A step
that a person answers for asks for that person's password.
"""

import argparse
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.timezone import localdate

from todoku.bank.read_result import read_result
from todoku.case.open_cases import open_cases
from todoku.commands.terminal import NotAllowed, ProgressLine, acting, programme_named, show
from todoku.formats.fact_list_kinds import LISTS
from todoku.formats.roll import LAYOUTS
from todoku.ground.step import Report
from todoku.letters.dispatch import dispatch
from todoku.letters.enclosing import enclosing_for
from todoku.letters.hand_to_printer import (
    confirm_printer,
    hand_to_printer,
    is_late,
    ready_for_printer,
    record_receipt,
    register_printer,
)
from todoku.letters.make_run import make_form_run, make_notice_run
from todoku.letters.pull_list import list_pulls
from todoku.letters.release import release
from todoku.letters.tables import Printer, PrinterParcel, PrintRun
from todoku.payment.approve import approve
from todoku.payment.build_batch import build_batch
from todoku.payment.late_facts import find_late_facts
from todoku.payment.make_transfers import make_transfers
from todoku.payment.preflight import preflight
from todoku.payment.rails import RAILS
from todoku.payment.seal import seal
from todoku.payment.send import send
from todoku.payment.sweep import ALL_CHECKS, sweep
from todoku.payment.tables import Batch
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.registry.import_accounts import import_accounts
from todoku.registry.import_list import stage_list
from todoku.registry.import_roll import stage_roll
from todoku.registry.list_tables import FactImport
from todoku.registry.tables import RollImport
from todoku.registry.take_list import take_list
from todoku.registry.take_roll import take_roll
from todoku.review.rescreen import rescreen
from todoku.review.screen import screen
from todoku.rounds.follow_changes import follow_changes
from todoku.sheets.envelopes import OUTER

HELP = "Run one step. Outward steps only say what they would do, unless --go is given."


class Given(NamedTuple):
    """What a step is given: the programme, who acts, when, and the words of the command line."""

    programme: Programme
    actor: Actor
    at: datetime
    options: argparse.Namespace
    progress: ProgressLine


class OneStep(NamedTuple):
    """A step of the command line: the action its page asks for, what it does, whether it leaves the house."""

    action: str
    line: str
    run: Callable[[Given], Report]
    outward: bool = False


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "step", choices=STEPS, help="; ".join(f"{name}: {one.line}" for name, one in STEPS.items())
    )
    parser.add_argument("--programme", help="the programme's slug; may be left out where there is one")
    parser.add_argument("--as", dest="username", help="user name of the person who acts")
    parser.add_argument("--file", type=Path, help="the file to take in")
    parser.add_argument("--layout", choices=LAYOUTS, default="benefit42", help="layout of a roll")
    parser.add_argument("--list", choices=LISTS, default="tax", help="stage-list: which list the file is")
    parser.add_argument(
        "--only-good", action="store_true", help="take the rows without an error, leave the others"
    )
    parser.add_argument("--id", type=int, help="number of the roll or list import, print run or batch")
    parser.add_argument("--counted", type=int, help="pieces counted when posting")
    parser.add_argument(
        "--from-piece", type=int, help="dispatch: first piece of the lot, if not all that is left"
    )
    parser.add_argument("--to-piece", type=int, help="dispatch: last piece of the lot")
    parser.add_argument("--on", type=date.fromisoformat, help="day of posting, or value date (YYYY-MM-DD)")
    parser.add_argument(
        "--received-by", type=date.fromisoformat, help="only applications received by this day"
    )
    parser.add_argument(
        "--receipt", default="", help="the bank's receipt number, or the digest that the printer named"
    )
    parser.add_argument("--name", default="", help="name of a printing company")
    parser.add_argument("--printer", type=int, help="number of a registered printing company")
    parser.add_argument("--envelope", choices=OUTER, default="kaku2", help="hand: the outer envelope")
    parser.add_argument("--no-reply", action="store_true", help="hand: no reply envelope is enclosed")
    parser.add_argument("--post-office", default="", help="hand: where the run is posted, for the envelope")
    parser.add_argument("--address", default="", help="hand: address of the office, for the envelopes")
    parser.add_argument("--budget-item", default="", help="build: the municipality's budget item (科目)")
    parser.add_argument("--payment-order", default="", help="build: its payment-order number (支出命令番号)")
    parser.add_argument(
        "--fiscal-year", type=int, help="build: the fiscal year, if not that of the value date"
    )
    parser.add_argument("--rail", choices=RAILS, default="bank", help="build: the rail to pay over")
    parser.add_argument("--go", action="store_true", help="really do an outward step")


def run(options: argparse.Namespace) -> int:
    one = STEPS[options.step]
    programme = programme_named(options.programme)
    actor = acting(options.username, one.action, programme)
    progress = ProgressLine(one.line)
    report = one.run(Given(programme, actor, timezone.now(), options, progress))
    progress.end()
    if one.outward and not options.go:
        print("まだ実施していません。内容を確かめて、--go を付けて実行してください。")
    return show(report, one.line)


def _file(given: Given) -> tuple[bytes, str]:
    if given.options.file is None:
        raise NotAllowed("取り込むファイルを --file で指定してください。")
    return given.options.file.read_bytes(), given.options.file.name


def _stage(given: Given) -> Report:
    data, name = _file(given)
    read = stage_roll(
        data, programme=given.programme, name=name, layout=given.options.layout, actor=given.actor, at=given.at,
        progress=given.progress,
    )  # fmt: skip
    if read.state == "refused":
        raise NotAllowed(read.refusal)
    for problem in read.problems.filter(severity="error")[:20]:
        print(f"  {problem.line}行目 {problem.column}: {problem.kind}。{problem.remedy}")
    note = f"名簿の受領 {read.pk}。誤り {read.errors:,}件、確認 {read.warnings:,}件。"
    return Report(done=read.rows_good, waiting=read.rows_read - read.rows_good, note=note)


def _take(given: Given) -> Report:
    read = _one(RollImport.objects.select_related("programme"), given)
    return take_roll(
        read, only_good=given.options.only_good, actor=given.actor, at=given.at, progress=given.progress
    )


def _accounts(given: Given) -> Report:
    data, name = _file(given)
    return import_accounts(
        data,
        programme=given.programme,
        name=name,
        only_good=given.options.only_good,
        actor=given.actor,
        at=given.at,
    )


def _stage_list(given: Given) -> Report:
    data, name = _file(given)
    read = stage_list(
        data, programme=given.programme, name=name, kind=given.options.list, actor=given.actor, at=given.at,
        progress=given.progress,
    )  # fmt: skip
    if read.state == "refused":
        raise NotAllowed(read.refusal)
    for problem in read.problems.filter(severity="error")[:20]:
        print(f"  {problem.line}行目 {problem.column}: {problem.kind}。{problem.remedy}")
    note = f"一覧の受領 {read.pk}。名簿にない{read.unmatched:,}行、誤り {read.errors:,}件、確認 {read.warnings:,}件。"
    return Report(done=read.rows_good, waiting=read.rows_read - read.rows_good, note=note)


def _take_list(given: Given) -> Report:
    read = _one(FactImport.objects.select_related("programme"), given)
    return take_list(read, only_good=given.options.only_good, actor=given.actor, at=given.at)


def _changes(given: Given) -> Report:
    return follow_changes(programme=given.programme, actor=given.actor, at=given.at)


def _open(given: Given) -> Report:
    return open_cases(programme=given.programme, actor=given.actor, at=given.at, progress=given.progress)


def _print(given: Given) -> Report:
    run = make_form_run(programme=given.programme, actor=given.actor, at=given.at, progress=given.progress)
    return Report(done=run.pieces, note=f"印刷ロット {run.pk}、{run.pages:,}ページ。")


def _notices(given: Given) -> Report:
    run = make_notice_run(programme=given.programme, actor=given.actor, at=given.at, progress=given.progress)
    return Report(done=run.pieces, note=f"印刷ロット {run.pk}、{run.pages:,}ページ。")


def _release(given: Given) -> Report:
    return release(_one(PrintRun.objects, given), actor=given.actor, at=given.at)


def _dispatch(given: Given) -> Report:
    run = _one(PrintRun.objects, given)
    if not given.options.go:
        return Report(waiting=run.pieces, note=f"印刷ロット {run.pk} は {run.get_state_display()} です。")
    if given.options.counted is None or given.options.on is None:
        raise NotAllowed("数えた通数を --counted、差し出した日を --on で指定してください。")
    return dispatch(
        run, posted_on=given.options.on, counted=given.options.counted, from_piece=given.options.from_piece,
        to_piece=given.options.to_piece, actor=given.actor, at=given.at,
    )  # fmt: skip


def _pulls(given: Given) -> Report:
    return list_pulls(_one(PrintRun.objects, given), actor=given.actor, at=given.at)


def _printer(given: Given) -> Report:
    data, _ = _file(given)
    if not given.options.name:
        raise NotAllowed("印刷会社の名を --name で、公開鍵のファイルを --file で指定してください。")
    key = data.decode("utf-8-sig", "replace")
    made = register_printer(
        given.options.name, key, programme_id=given.programme.pk, actor=given.actor, at=given.at
    )
    return Report(
        done=1, note=f"印刷会社 {made.pk}。別の人が鍵を照らし合わせ、printer-confirm で確認します。"
    )


def _confirm(given: Given) -> Report:
    printer = _one(Printer.objects, given)
    if not given.options.go:
        return Report(waiting=1, note=f"{printer.name} の公開鍵は {printer.public_key} です。")
    return confirm_printer(printer, actor=given.actor, at=given.at)


def _hand(given: Given) -> Report:
    run = _one(PrintRun.objects.select_related("programme__municipality", "pdf", "manifest"), given)
    ready_for_printer(run)
    late = "入稿締切を過ぎています。" if is_late(run, given.at) else ""
    if not given.options.go:
        return Report(waiting=run.pieces, note=f"印刷ロット {run.pk}。{late}")
    printer = Printer.objects.filter(programme=given.programme, pk=given.options.printer).first()
    if printer is None:
        raise NotAllowed("登録した印刷会社の番号を --printer で指定してください。")
    enclosing = enclosing_for(
        run, outer=given.options.envelope, reply=not given.options.no_reply, on=localdate(given.at),
        post_office=given.options.post_office, address=given.options.address,
    )  # fmt: skip
    handed = hand_to_printer(run, printer=printer, enclosing=enclosing, actor=given.actor, at=given.at)
    found = handed.parcel
    return Report(done=handed.pieces, note=f"入稿 {handed.pk}、{found.path}、SHA-256 {found.sha256}。{late}")


def _handed(given: Given) -> Report:
    handed = PrinterParcel.objects.filter(run__programme=given.programme, pk=given.options.id).first()
    if handed is None:
        raise NotAllowed("入稿の番号を --id で指定してください。指定した番号は、この事業にありません。")
    return record_receipt(handed, sha256=given.options.receipt, actor=given.actor, at=given.at)


def _screen(given: Given) -> Report:
    return screen(programme=given.programme, actor=given.actor, at=given.at, progress=given.progress)


def _rescreen(given: Given) -> Report:
    return rescreen(programme=given.programme, actor=given.actor, at=given.at, progress=given.progress)


def _transfers(given: Given) -> Report:
    return make_transfers(programme=given.programme, actor=given.actor, at=given.at)


def _build(given: Given) -> Report:
    if given.options.on is None:
        raise NotAllowed("振込日を --on で指定してください。")
    batch = build_batch(
        programme=given.programme, value_date=given.options.on, received_by=given.options.received_by,
        actor=given.actor, at=given.at, budget_item=given.options.budget_item,
        payment_order=given.options.payment_order, fiscal_year=given.options.fiscal_year, rail=given.options.rail,
    )  # fmt: skip
    return Report(
        done=batch.count,
        refused=_doubts(batch, given.at),
        note=f"振込データ {batch.pk}、{batch.total_yen:,}円。",
    )


def _seal(given: Given) -> Report:
    batch = _one(Batch.objects, given)
    if not given.options.go:
        return Report(
            waiting=batch.count, refused=_doubts(batch, given.at), note=f"合計 {batch.total_yen:,}円。"
        )
    sealed = seal(batch, actor=given.actor, at=given.at)
    return Report(done=sealed.count, note=f"SHA-256 {sealed.sha256}")


def _approve(given: Given) -> Report:
    batch = _one(Batch.objects, given)
    if not given.options.go:
        return Report(waiting=batch.count, note=f"合計 {batch.total_yen:,}円、SHA-256 {batch.sha256}")
    approve(batch, sha256=batch.sha256 or "", actor=given.actor, at=given.at)
    return Report(done=batch.count)


def _send(given: Given) -> Report:
    batch = _one(Batch.objects, given)
    if not given.options.go:
        return Report(waiting=batch.count, note=f"合計 {batch.total_yen:,}円、振込日 {batch.value_date}。")
    report = send(
        batch, sha256=batch.sha256 or "", bank_receipt=given.options.receipt, actor=given.actor, at=given.at
    )
    if given.options.receipt or RAILS[batch.rail].at_once:
        return report
    note = "受付番号はまだありません。自治体の画面でファイルを保存して渡し、受付番号を記録してください。二度渡さないでください。"
    return Report(done=report.done, note=note)


def _result(given: Given) -> Report:
    data, name = _file(given)
    report = read_result(_one(Batch.objects, given), data, name=name, actor=given.actor, at=given.at)
    return Report(
        done=report.done, waiting=len(report.refused), note="待ちは振込不能の件数です。" + report.note
    )


def _late_facts(given: Given) -> Report:
    return find_late_facts(programme=given.programme, actor=given.actor, at=given.at)


def _sweep(given: Given) -> Report:
    run = sweep(programme=given.programme, occasion="hand", actor=given.actor, at=given.at)
    broken = tuple(
        (f"{check.invariant} {check.sentence}", f"{run.checks[check.key]['found']:,}件")
        for check in ALL_CHECKS
        if run.checks[check.key]["found"]
    )
    return Report(done=len(run.checks), refused=broken, note=f"点検 {run.pk}、違反 {run.violations:,}件。")


def _doubts(batch: Batch, at: datetime) -> tuple[tuple[str, str], ...]:
    """What would break the batch's file, by transfer number."""
    return tuple((one.number, one.sentence) for one in preflight(batch, on=localdate(at)) if one.blocks)


def _one(rows: Any, given: Given) -> Any:
    """The row of --id within the programme; raises NotAllowed when there is none."""
    found = rows.filter(programme=given.programme, pk=given.options.id).first()
    if found is None:
        raise NotAllowed("番号を --id で指定してください。指定した番号は、この事業にありません。")
    return found


STEPS: dict[str, OneStep] = {
    "stage-roll": OneStep("roll.import", "名簿の読込み", _stage),
    "take-roll": OneStep("roll.import", "名簿の取込み", _take),
    "accounts": OneStep("roll.import", "既知口座の取込み", _accounts),
    "stage-list": OneStep("roll.import", "一覧の読込み", _stage_list),
    "take-list": OneStep("roll.import", "一覧の取込み", _take_list),
    "changes": OneStep("roll.import", "基準日の後の異動の反映", _changes),
    "open-cases": OneStep("case.open", "案件の作成", _open),
    "print": OneStep("print.make", "申請書の印刷データ作成", _print),
    "notices": OneStep("print.make", "支給のお知らせの印刷データ作成", _notices),
    "release": OneStep("print.dispatch", "印刷ロットの確認", _release),
    "pulls": OneStep("print.dispatch", "抜き取りの一覧", _pulls),
    "dispatch": OneStep("print.dispatch", "発送", _dispatch, outward=True),
    "printer": OneStep("print.hand", "印刷会社の登録", _printer),
    "printer-confirm": OneStep("printer.confirm", "印刷会社の公開鍵の確認", _confirm, outward=True),
    "hand": OneStep("print.hand", "印刷会社への入稿", _hand, outward=True),
    "hand-receipt": OneStep("print.hand", "印刷会社の受領の記録", _handed),
    "screen": OneStep("review.judge", "点検", _screen),
    "rescreen": OneStep("review.judge", "新しい版での再点検", _rescreen),
    "transfers": OneStep("batch.make", "振込の作成", _transfers),
    "late-facts": OneStep("hold.open", "決定後の事実の確認", _late_facts),
    "sweep": OneStep("sweep.run", "不変条件の点検", _sweep),
    "build": OneStep("batch.make", "振込データの作成", _build),
    "seal": OneStep("batch.make", "振込データの確定", _seal, outward=True),
    "approve": OneStep("batch.view", "振込データの承認", _approve, outward=True),
    "send": OneStep("batch.take_file", "金融機関への振込依頼", _send, outward=True),
    "result": OneStep("batch.result", "振込結果の取込み", _result),
}
