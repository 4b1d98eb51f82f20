"""The kinds of long work that a page may start, each a call of one verb: arguments in JSON's kinds of value in, Report out.

Arguments carry ids, never values of people: `programme` (slug) and `actor` (staff id) always, the rest by kind. Every
verb skips what is already done, so that stopped or killed work is simply run again.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from todoku.case.open_cases import open_cases
from todoku.custody import files
from todoku.custody.tables import Parcel
from todoku.formats.refused import FormatRefused
from todoku.ground.long_work import Progress, Work
from todoku.ground.step import Report
from todoku.handback.make_hand_back import make_hand_back
from todoku.intake.make_key_tasks import make_key_tasks
from todoku.letters.enclosing import enclosing_for
from todoku.letters.hand_to_printer import CannotHandOver, hand_to_printer
from todoku.letters.make_run import make_form_run, make_notice_run
from todoku.letters.tables import Printer, PrintRun
from todoku.payment.seal import seal
from todoku.payment.tables import Batch
from todoku.people.actor import SYSTEM, Actor
from todoku.people.tables import Staff
from todoku.programme.tables import Programme, Version
from todoku.recovery.try_payout import try_payout
from todoku.registry.import_accounts import import_accounts
from todoku.registry.import_list import stage_list
from todoku.registry.import_roll import stage_roll
from todoku.registry.list_tables import FactImport
from todoku.registry.tables import RollImport
from todoku.registry.take_list import CannotTakeList, take_list
from todoku.registry.take_roll import CannotTakeRoll, take_roll
from todoku.review.rescreen import rescreen
from todoku.review.screen import screen
from todoku.review.try_version import try_version
from todoku.rounds.due_letters import make_due_letters
from todoku.rounds.follow_changes import follow_changes
from todoku.rounds.further_payout import open_further_payout
from todoku.scan.tables import ScanLot
from todoku.scan.take_pages import take_pages

Arguments = Mapping[str, Any]


def programme_of(arguments: Arguments) -> Programme:
    return Programme.objects.select_related("municipality").get(slug=arguments["programme"])


def actor_of(arguments: Arguments) -> Actor:
    """The person who started the work, with the roles held now; the system itself where a command started it."""
    if not arguments.get("actor"):
        return SYSTEM
    staff = Staff.objects.select_related("organisation").get(pk=arguments["actor"])
    return Actor(staff.pk, staff.name, staff.roles, staff.organisation.kind)


def _parcel(arguments: Arguments) -> tuple[bytes, str]:
    """The received file's bytes and the name it came under."""
    parcel = Parcel.objects.get(pk=arguments["parcel"], scope=arguments["programme"])
    return files.read(parcel.path), parcel.name


def _stage_roll(arguments: Arguments, progress: Progress, at: datetime) -> Report:
    data, name = _parcel(arguments)
    read = stage_roll(
        data, programme=programme_of(arguments), name=name, layout=arguments["layout"], actor=actor_of(arguments),
        at=at, progress=progress,
    )  # fmt: skip
    if read.state == "refused":
        raise CannotTakeRoll(read.refusal)
    note = f"{read.rows_read:,}行を読みました。誤り{read.errors:,}件、確認{read.warnings:,}件です。"
    return Report(done=read.rows_good, waiting=read.rows_read - read.rows_good, note=note)


def _take_roll(arguments: Arguments, progress: Progress, at: datetime) -> Report:
    read = RollImport.objects.select_related("programme").get(
        pk=arguments["roll_import"], programme__slug=arguments["programme"]
    )
    only_good = bool(arguments["only_good"])
    return take_roll(read, only_good=only_good, actor=actor_of(arguments), at=at, progress=progress)


def _import_accounts(arguments: Arguments, progress: Progress, at: datetime) -> Report:
    data, name = _parcel(arguments)
    return import_accounts(
        data, programme=programme_of(arguments), name=name, only_good=bool(arguments["only_good"]),
        actor=actor_of(arguments), at=at,
    )  # fmt: skip


def _stage_list(arguments: Arguments, progress: Progress, at: datetime) -> Report:
    data, name = _parcel(arguments)
    read = stage_list(
        data, programme=programme_of(arguments), name=name, kind=arguments["list"], actor=actor_of(arguments), at=at,
        progress=progress,
    )  # fmt: skip
    if read.state == "refused":
        raise CannotTakeList(read.refusal)
    note = f"{read.rows_read:,}行を読みました。誤り{read.errors:,}件、確認{read.warnings:,}件です。"
    return Report(done=read.rows_good, waiting=read.rows_read - read.rows_good, note=note)


def _take_list(arguments: Arguments, progress: Progress, at: datetime) -> Report:
    read = FactImport.objects.select_related("programme").get(
        pk=arguments["fact_import"], programme__slug=arguments["programme"]
    )
    return take_list(read, only_good=bool(arguments["only_good"]), actor=actor_of(arguments), at=at)


def _follow_changes(arguments: Arguments, progress: Progress, at: datetime) -> Report:
    return follow_changes(programme=programme_of(arguments), actor=actor_of(arguments), at=at)


def _open_cases(arguments: Arguments, progress: Progress, at: datetime) -> Report:
    return open_cases(programme=programme_of(arguments), actor=actor_of(arguments), at=at, progress=progress)


def _try_payout(arguments: Arguments, progress: Progress, at: datetime) -> Report:
    """A further payout tried; writes to no case."""
    return try_payout(
        int(arguments["payout"]),
        programme=programme_of(arguments),
        actor=actor_of(arguments),
        at=at,
        progress=progress,
    )


def _open_payout(arguments: Arguments, progress: Progress, at: datetime) -> Report:
    return open_further_payout(
        int(arguments["payout"]), shown=arguments["shown"], programme=programme_of(arguments), actor=actor_of(arguments),
        at=at, progress=progress,
    )  # fmt: skip


def _print_first(make: Callable[..., PrintRun]) -> Work:
    """Forms or notices of one cohort: `limit` pieces at most (null: all), `protected` people alone or the others."""

    def work(arguments: Arguments, progress: Progress, at: datetime) -> Report:
        run = make(
            programme=programme_of(arguments), cohort=arguments["cohort"], limit=arguments.get("limit"),
            protected=bool(arguments.get("protected")), again=bool(arguments.get("again")),
            actor=actor_of(arguments), at=at, progress=progress,
        )  # fmt: skip
        words = f"{run.pieces:,}通・{run.pages:,}ページを作成しました。"
        if run.undrawable:
            words += f"{run.undrawable:,}通は手書きの補いが必要です。"
        return Report(done=run.pieces, note=words)

    return work


def _print_due(arguments: Arguments, progress: Progress, at: datetime) -> Report:
    return make_due_letters(
        programme=programme_of(arguments), actor=actor_of(arguments), at=at,
        protected=bool(arguments.get("protected")),
    )  # fmt: skip


def _hand_to_printer(arguments: Arguments, progress: Progress, at: datetime) -> Report:
    """A released run as the encrypted parcel of one printing company."""
    run = PrintRun.objects.select_related("programme__municipality", "pdf", "manifest").get(
        pk=arguments["run"], programme__slug=arguments["programme"]
    )
    printer = Printer.objects.get(pk=arguments["printer"], programme=run.programme)
    enclosing = enclosing_for(
        run, outer=arguments["outer"], reply=bool(arguments["reply"]), on=localdate(at),
        post_office=arguments["post_office"], address=arguments["address"],
    )._replace(encoding=arguments["encoding"])  # fmt: skip
    try:
        handed = hand_to_printer(run, printer=printer, enclosing=enclosing, actor=actor_of(arguments), at=at)
    except FormatRefused as refused:  # a piece that no tray or no tariff takes
        raise CannotHandOver(refused.sentence) from refused
    late = "入稿締切を過ぎています。" if handed.late else ""
    return Report(done=handed.pieces, note=f"{handed.pieces:,}通を{printer.name}向けに暗号化しました。{late}")


def _read_lot(arguments: Arguments, progress: Progress, at: datetime) -> Report:
    """The pages of a received lot, then key tasks for what is to be keyed of them."""
    lot = ScanLot.objects.select_related("programme__municipality", "container").get(
        pk=arguments["lot"], programme__slug=arguments["programme"]
    )
    actor = actor_of(arguments)
    report = take_pages(lot, actor=actor, at=at, progress=progress)
    make_key_tasks(programme=lot.programme, actor=actor, at=at)
    return report


def _screen(arguments: Arguments, progress: Progress, at: datetime) -> Report:
    return screen(programme=programme_of(arguments), actor=actor_of(arguments), at=at, progress=progress)


def _try_version(arguments: Arguments, progress: Progress, at: datetime) -> Report:
    """A draft Version tried on what is open; writes to no case."""
    draft = Version.objects.select_related("programme").get(
        pk=arguments["version"], programme__slug=arguments["programme"]
    )
    return try_version(draft, actor=actor_of(arguments), at=at, progress=progress)


def _rescreen(arguments: Arguments, progress: Progress, at: datetime) -> Report:
    return rescreen(programme=programme_of(arguments), actor=actor_of(arguments), at=at, progress=progress)


def _seal(arguments: Arguments, progress: Progress, at: datetime) -> Report:
    batch = Batch.objects.get(pk=arguments["batch"], programme__slug=arguments["programme"])
    sealed = seal(batch, actor=actor_of(arguments), at=at)
    return Report(
        done=sealed.count, note=f"{sealed.count:,}件・{sealed.total_yen:,}円の振込データを確定しました。"
    )


def _make_hand_back(arguments: Arguments, progress: Progress, at: datetime) -> Report:
    made = make_hand_back(
        programme=programme_of(arguments), actor=actor_of(arguments), at=at, progress=progress
    )
    return Report(
        done=made.cases,
        note=f"納品{made.no}: {made.cases:,}件・用紙{made.sheets:,}枚・画像{made.pictures:,}枚をまとめました。",
    )


WORKS: dict[str, Work] = {
    "roll.stage": _stage_roll,
    "roll.take": _take_roll,
    "accounts.import": _import_accounts,
    "list.stage": _stage_list,
    "list.take": _take_list,
    "case.open": _open_cases,
    "change.apply": _follow_changes,
    "payout.try": _try_payout,
    "payout.open": _open_payout,
    "print.form": _print_first(make_form_run),
    "print.notice": _print_first(make_notice_run),
    "print.letters": _print_due,
    "print.hand": _hand_to_printer,
    "scan.read": _read_lot,
    "screen": _screen,
    "version.try": _try_version,
    "rescreen": _rescreen,
    "batch.seal": _seal,
    "handback.make": _make_hand_back,
}
