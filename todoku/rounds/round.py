"""日次業務, on one screen: every step in journey order, on whatever waits. One command runs it; the pages run its parts.

Inward steps act. Outward steps (posting, sealing, handing to the bank, telling people) only list what waits for a
person; that person acts on its page, or by its command with --go.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from todoku.case.late_tables import LaterChange
from todoku.case.open_cases import open_cases
from todoku.case.tables import CaseStage
from todoku.delivery.expire_codes import expire_codes
from todoku.delivery.take_back_codes import take_back_codes
from todoku.ground.step import Refusal, Report
from todoku.intake.clear_leftovers import clear_leftovers
from todoku.intake.find_candidates import find_candidates
from todoku.intake.keyless_tables import UnmatchedApplication
from todoku.intake.make_key_tasks import make_key_tasks
from todoku.intake.register_web import register_web
from todoku.letters.drop_parcel import kept_too_long
from todoku.letters.make_run import make_form_run, make_notice_run
from todoku.letters.reserve import NothingToPrint
from todoku.letters.tables import PrintRun
from todoku.mailroom.day_end import day_end
from todoku.payment.late_facts import find_late_facts
from todoku.payment.make_transfers import make_transfers
from todoku.payment.side_tables import Halt, Hold
from todoku.payment.sweep import sweep
from todoku.payment.tables import Batch, Transfer
from todoku.payment.take_back_decline import take_back_declines
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.recovery.wait_split_off import carry_out_splits
from todoku.registry.tables import RollImport
from todoku.review.accept_silence import accept_silence
from todoku.review.rescreen import rescreen
from todoku.review.screen import screen
from todoku.review.settle_representative import follow_representatives
from todoku.review.tables import DecisionList, Question, Task
from todoku.rounds.close_silent import close_silent
from todoku.rounds.close_unanswered import close_unanswered
from todoku.rounds.due_letters import make_due_letters
from todoku.rounds.follow_changes import follow_changes
from todoku.rounds.open_work import with_nobody
from todoku.scan.go_on_reading import go_on_reading


class Step(NamedTuple):
    """A step of the round: its name for a person, what it does (inward) or counts (outward), and who acts."""

    name: str
    run: Callable[..., Report]
    outward: bool = False
    who: str = ""


def _forms(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Print runs for every cohort that waits for its first letter."""
    done = 0
    for make in (make_form_run, make_notice_run):
        for cohort in programme.terms.cohorts:
            try:
                done += make(programme=programme, cohort=cohort.name, actor=actor, at=at).pieces
            except NothingToPrint:
                continue
    return Report(done=done)


def _scans(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Readings that were cut off, read to their end, and what of them is to be keyed."""
    report = go_on_reading(programme=programme, actor=actor, at=at)
    if report.done:
        make_key_tasks(programme=programme, actor=actor, at=at)
    return report


def _waits(count: Callable[[Programme], int]) -> Callable[..., Report]:
    def run(*, programme: Programme, actor: Actor, at: datetime) -> Report:
        return Report(waiting=count(programme))

    return run


def _standing(table: type[Any], *states: str) -> Callable[..., Report]:
    """Counts the rows of a table that stand at one of the states."""
    return _waits(lambda programme: table.objects.filter(programme=programme, state__in=states).count())


def _passed(programme: Programme) -> int:
    return CaseStage.objects.filter(case__programme=programme, stage="passed").count()


def _with_nobody(programme: Programme) -> int:
    return sum(one.pieces for one in with_nobody(programme))


def _held(programme: Programme) -> int:
    return Hold.objects.filter(programme=programme, closed_at__isnull=True).count()


def _halted(programme: Programme) -> int:
    return Halt.objects.filter(programme=programme, released_at__isnull=True).count()


def _print_data(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Encrypted files that a printer confirmed long ago and that still lie here."""
    return Report(waiting=kept_too_long(programme, at=at).count())


def watch(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """The nightly sweep over every invariant of the money; `done` counts the checks, `waiting` what breaks them."""
    run = sweep(programme=programme, occasion="night", actor=actor, at=at)
    return Report(done=len(run.checks), waiting=run.violations)


def _clear(*, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Drafts nobody sent belong to no programme: cleared whichever one the round is for."""
    return clear_leftovers(actor=actor, at=at)


STEPS: tuple[Step, ...] = (
    Step("名簿の確認", _standing(RollImport, "staged"), True, "業務責任者"),
    Step("案件の作成", open_cases),
    Step("基準日の後の異動", follow_changes),
    Step("法定代理人の就任・終了", follow_representatives),
    Step("異動の判断", _standing(LaterChange, "waiting"), True, "業務責任者・自治体担当課"),
    Step("申請書・お知らせの印刷", _forms),
    Step("発送", _standing(PrintRun, "made", "released"), True, "印刷・発送担当"),
    Step("渡した印刷データの消去", _print_data, True, "印刷・発送担当"),
    Step("止まった読取りの続き", _scans),
    Step("名簿との照合の候補", find_candidates),
    Step("名簿との照合", _standing(UnmatchedApplication, "waiting", "asked"), True, "受付・入力担当"),
    Step("オンライン申請の登録", register_web),
    Step("辞退の撤回", take_back_declines),
    Step("申出期限の経過", accept_silence),
    Step("点検", screen),
    Step("新しい版での再点検", rescreen),
    Step("審査", _standing(Task, "open", "held"), True, "審査担当"),
    Step("照会の確認", _standing(Question, "with_manager"), True, "業務責任者"),
    Step("疑義照会の回答", _standing(Question, "sent"), True, "自治体担当課"),
    Step("返戻・通知の印刷", make_due_letters),
    Step("回答のない返戻", close_unanswered),
    Step("申請のない案件", close_silent),
    Step("決定待ち", _waits(_passed), True, "業務責任者・自治体担当課"),
    Step("支給の決定", _standing(DecisionList, "open"), True, "自治体担当課"),
    Step("見合わせた分離", carry_out_splits),
    Step("振込の作成", make_transfers),
    Step("決定後の事実の確認", find_late_facts),
    Step("保留の解消", _waits(_held), True, "業務責任者・自治体担当課"),
    Step("振込データの作成", _standing(Transfer, "ready"), True, "振込データ作成担当"),
    Step("振込データの承認", _standing(Batch, "sealed"), True, "承認者・出納"),
    Step("金融機関への依頼", _standing(Batch, "approved"), True, "出納"),
    Step("振込結果の取込", _standing(Batch, "sent"), True, "振込データ作成担当"),
    Step("取り消した支払のコード", take_back_codes),
    Step("ギフトコードの期限", expire_codes),
    Step("郵便室の日締め", day_end),
    Step("不変条件の点検", watch),
    Step("停止の解除", _waits(_halted), True, "業務責任者・自治体"),
    Step("担当者のいない仕事", _waits(_with_nobody), True, "業務責任者・自治体担当課"),
    Step("下書きの片付け", _clear),
)
# What each night does by itself while the site is served: what a clock of the terms ends, and what must be known though
# nobody seals anything that day.
EACH_NIGHT = (
    "基準日の後の異動", "止まった読取りの続き", "回答のない返戻", "申請のない案件",
    "決定後の事実の確認", "取り消した支払のコード", "ギフトコードの期限",
    "郵便室の日締め", "不変条件の点検",
)  # fmt: skip
# What each working day does by itself in time for the post: what was found today is a letter today, which a person of the
# office releases as any other.
EACH_AFTERNOON = ("返戻・通知の印刷",)
# What each minute does by itself while the site is served: what residents and reviewers wait for, and
# an order that waited for the bank, before anybody makes another batch.
EACH_MINUTE = (
    "法定代理人の就任・終了", "名簿との照合の候補", "オンライン申請の登録", "辞退の撤回", "申出期限の経過", "点検",
    "見合わせた分離",
)  # fmt: skip


def do_round(*, programme: Programme, actor: Actor, at: datetime) -> Iterator[tuple[Step, Report]]:
    """Runs every step once, in journey order; outward steps report what waits for whom.

    A step that refuses says so in its report, and the next one is run all the same: each takes what waits for it.
    """
    for step in STEPS:
        try:
            report = step.run(programme=programme, actor=actor, at=at)
        except Refusal as refusal:
            report = Report(refused=((step.name, refusal.sentence),))
        yield step, report


def inward(*, programme: Programme, actor: Actor, at: datetime) -> None:
    """The steps of EACH_MINUTE."""
    _run(EACH_MINUTE, programme, actor, at)


def afternoon(*, programme: Programme, actor: Actor, at: datetime) -> None:
    """The steps of EACH_AFTERNOON: the day's letters."""
    _run(EACH_AFTERNOON, programme, actor, at)


def nightly(*, programme: Programme, actor: Actor, at: datetime) -> None:
    """The steps of EACH_NIGHT: what watches the money when nobody is at a desk."""
    _run(EACH_NIGHT, programme, actor, at)


def _run(names: tuple[str, ...], programme: Programme, actor: Actor, at: datetime) -> None:
    for step in STEPS:
        if step.name in names:
            step.run(programme=programme, actor=actor, at=at)
