"""The main job on a sample town, day by day through the real steps: roll, letters, answers, review, money.

Takes the files that write_town made and an empty sample database; leaves a programme in full swing on the day it is
given, and a time line of counts. Every hand-over is checked on the way; a count that does not agree stops it.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta

from django.db import connection

from todoku.bank.read_result import read_result
from todoku.case.open_cases import open_cases
from todoku.formats.bank_days import bank_days_after, is_bank_day
from todoku.ground.step import Report
from todoku.intake.receive_many import receive_many
from todoku.intake.register_web import register_web
from todoku.letters.dispatch import dispatch
from todoku.letters.make_run import make_form_run
from todoku.letters.release import release
from todoku.letters.reserve import NothingToPrint
from todoku.letters.tables import PrintRun
from todoku.letters.waiting import set_aside
from todoku.payment.approve import approve
from todoku.payment.build_batch import NothingToPay, build_batch
from todoku.payment.kept_files import bank_files
from todoku.payment.make_transfers import make_transfers
from todoku.payment.seal import seal
from todoku.payment.send import send
from todoku.payment.tables import Batch
from todoku.people.actor import SYSTEM
from todoku.programme.tables import Programme
from todoku.progress.close_day import close_day
from todoku.registry.import_roll import stage_roll
from todoku.registry.take_roll import take_roll
from todoku.review.decide import NothingToDecide, decide, make_list
from todoku.review.screen import screen
from todoku.rounds.due_letters import make_due_letters
from todoku.sampletown import bank, town
from todoku.sampletown.arrivals import Mailbox
from todoku.sampletown.household import Household
from todoku.sampletown.job import JAPAN, MainJob
from todoku.sampletown.measured import get_ready
from todoku.sampletown.paper_desk import PaperDesk
from todoku.sampletown.places import Municipality
from todoku.sampletown.proofs import approved_proof
from todoku.sampletown.reviewers import Reviewers
from todoku.sampletown.write import ANSWERS, REPLIES, ROLL

BUDGET_ITEM = "3-1-1-18 給付金"
# So much money must wait that two more batches are worth making.
UNDER_WAY_MIN = 4
# A batch is sealed three bank days before its value date, as most banks ask for.
SEAL_BANK_DAYS = 3
# The last bank days are left to whoever opens the demo: their answers wait, a list and a batch are half done.
BANK_DAYS_LEFT_TO_DO = 3


def run(job: MainJob, *, opened_on: date, now: datetime) -> PaperDesk:
    """Replays the programme from the day before the forms are posted until this moment; gives its paper desk's counts."""
    today = now.astimezone(JAPAN).date()
    take_in_roll(job, opened_on - timedelta(days=7))
    send_forms(job, opened_on - timedelta(days=3), opened_on)
    mailbox = Mailbox(
        job.programme,
        job.folder / ANSWERS,
        job.folder / REPLIES,
        households(job),
        scans=job.scans,
        until=today,
    )
    desk = PaperDesk(job, mailbox)
    reviewers = Reviewers(
        job.programme, [job.staff["reviewer1"], job.staff["reviewer2"]], job.staff["manager"], job.staff["officer"],
        mailbox,
    )  # fmt: skip
    get_ready(job.programme, reviewers.pair, at=job.at(opened_on, 8))
    left_to_do = last_bank_days(today, BANK_DAYS_LEFT_TO_DO)
    unknown_on = last_bank_days(today - timedelta(days=1), 1)
    day = opened_on
    while day <= today:
        one_day(job, day, mailbox, reviewers, desk, working=day < left_to_do, unknown=day == unknown_on)
        day += timedelta(days=1)
    leave_stoppable(job, now)
    desk.close()
    check_whole(job, mailbox, desk)
    return desk


def last_bank_days(today: date, count: int) -> date:
    """The first of the last `count` bank days up to today."""
    day, seen = today, 0
    while True:
        seen += is_bank_day(day)
        if seen == count:
            return day
        day -= timedelta(days=1)


def households(job: MainJob) -> Iterator[Household]:
    """The town's households again, from the same seed, for those who photograph their documents."""
    manifest = job.manifest
    where = Municipality(manifest.municipality_code, manifest.municipality_name)
    return town.build(manifest.seed, manifest.households, where, date.fromisoformat(manifest.base_date))


def take_in_roll(job: MainJob, day: date) -> None:
    """名簿: staged, taken, cases opened; file, persons, households and cases must agree."""
    at, manager = job.at(day, 9), job.staff["manager"]
    data = (job.folder / ROLL).read_bytes()
    roll = stage_roll(data, programme=job.programme, name=ROLL, layout="benefit42", actor=manager, at=at)
    job.check("名簿の行数 = 読んだ行数", job.manifest.persons, roll.rows_read)
    taken = take_roll(roll, only_good=roll.errors > 0, actor=manager, at=job.at(day, 10))
    job.check("読んだ行数 = 取込 + 保留", roll.rows_read, taken.done + taken.waiting)
    job.check("世帯数 = 対象者数", job.manifest.households, _count("recipient", job.programme))
    job.tell(
        day,
        "名簿の取込み",
        f"{taken.done:,}人 {job.manifest.households:,}世帯（確認事項 {roll.warnings:,}件）",
    )
    opened = open_cases(programme=job.programme, actor=manager, at=job.at(day, 11))
    job.check(
        "対象者数 = 案件 + 対象外", job.manifest.households, opened.done + _count("notdue", job.programme)
    )
    job.tell(day, "案件の作成", opened.note or f"{opened.done:,}件")


def send_forms(job: MainJob, printed_on: date, posted_on: date) -> None:
    """発送: printed, released by another person, posted; protected people in a run of their own."""
    printer, manager = job.staff["printer"], job.staff["manager"]
    runs = [make_form_run(programme=job.programme, actor=printer, at=job.at(printed_on, 9))]
    # Not every small town has somebody under protection.
    with suppress(NothingToPrint):
        runs.append(
            make_form_run(programme=job.programme, protected=True, actor=printer, at=job.at(printed_on, 10))
        )
    for one in runs:
        approved_proof(one, officer=job.staff["officer"], at=job.at(printed_on, 15))
        release(one, actor=manager, at=job.at(printed_on, 16))
        posted = dispatch(
            one, posted_on=posted_on, counted=one.pieces, actor=printer, at=job.at(posted_on, 8)
        )
        job.check("印刷の通数 = 発送の通数", one.pieces, posted.done)
    pieces, pages = sum(one.pieces for one in runs), sum(one.pages for one in runs)
    aside = [
        one
        for cohort in job.programme.terms.cohorts
        for one in set_aside(job.programme, kind="form", cohort=cohort.name)
    ]
    job.check("案件 = 発送 + 保留（世帯主の死亡など）", _count("case", job.programme), pieces + len(aside))
    job.tell(
        posted_on,
        "申請書の発送",
        f"{pieces:,}通 {pages:,}ページ（手作業で確認 {sum(one.undrawable for one in runs):,}通）",
    )


def one_day(
    job: MainJob,
    day: date,
    mailbox: Mailbox,
    reviewers: Reviewers,
    desk: PaperDesk,
    *,
    working: bool,
    unknown: bool,
) -> None:
    """受付, 点検, 審査, 決定, 支給 of one day; on the last days only what arrives by itself."""
    _arrive(job, day, mailbox, desk, working)
    if not is_bank_day(day):
        return
    screened = screen(programme=job.programme, actor=SYSTEM, at=job.at(day, 12))
    _results(job, day)
    if working:
        judged = reviewers.work(job.at(day, 13))
        if judged:
            job.tell(day, "点検・審査", f"自動 {screened.done:,}件 人による判定 {judged:,}件")
        _decide(job, day)
        _letters(job, day)
    _pay(job, day, working)
    if unknown:
        leave_unknown(job, day)
    close_day(programme=job.programme, day=day, actor=job.staff["manager"], at=job.at(day, 20))


def _arrive(job: MainJob, day: date, mailbox: Mailbox, desk: PaperDesk, working: bool) -> None:
    paper, web = mailbox.of(day)
    if not paper and not web:
        return
    forms = desk.day(day, paper, working=working) if paper else []
    taken = receive_many(forms, programme=job.programme, actor=job.staff["clerk"], at=job.at(day, 10))
    job.check("打鍵済みの行 = 登録 + 重複 + 受付不可", len(forms), taken.came_in)
    mailbox.refused += len(taken.refused)
    sent = mailbox.send_web(web, at=job.at(day, 11))
    registered = register_web(programme=job.programme, actor=SYSTEM, at=job.at(day, 11, 5))
    job.check("オンライン送信 = 登録 + 重複", sent, registered.done + registered.waiting)
    job.tell(
        day,
        "申請の到着",
        f"郵送 {len(paper):,}通 オンライン {sent:,}件（重複 {taken.waiting + registered.waiting:,}）",
    )


def _decide(job: MainJob, day: date) -> None:
    try:
        made = make_list(programme=job.programme, actor=job.staff["manager"], at=job.at(day, 16))
    except NothingToDecide:
        return
    done = decide(made, sha256=made.sha256, actor=job.staff["officer"], at=job.at(day, 17))
    job.check("決定一覧 = 支給 + 不支給", made.grants + made.refusals, done.done)
    job.tell(day, "支給の決定", f"支給 {made.grants:,}件 {made.total_yen:,}円 不支給 {made.refusals:,}件")


def _letters(job: MainJob, day: date) -> None:
    """返戻・通知: on Tuesdays and Fridays, printed in the evening and posted the next morning."""
    if day.weekday() not in (1, 4):
        return
    report: Report = make_due_letters(programme=job.programme, actor=job.staff["printer"], at=job.at(day, 18))
    for run in PrintRun.objects.filter(programme=job.programme, state="made"):
        approved_proof(run, officer=job.staff["officer"], at=job.at(day, 18, 15))
        release(run, actor=job.staff["manager"], at=job.at(day, 18, 30))
        dispatch(run, posted_on=day, counted=run.pieces, actor=job.staff["printer"], at=job.at(day, 19))
    if report.done:
        job.tell(day, "お知らせの発送", f"{report.done:,}通")


def _pay(job: MainJob, day: date, working: bool) -> None:
    """支給: the batch of a value date three bank days ahead; both approvals, the file to the bank."""
    slot = next(
        (
            s
            for s in job.programme.terms.payment.calendar
            if bank_days_after(day, SEAL_BANK_DAYS) == s.pays_on
        ),
        None,
    )
    made = make_transfers(programme=job.programme, actor=SYSTEM, at=job.at(day, 17, 30))
    assert not made.refused, made.refused[:3]
    if slot is None:
        return
    try:
        batch = build_batch(
            programme=job.programme, value_date=slot.pays_on, received_by=slot.received_by, actor=job.staff["maker"],
            at=job.at(day, 9), budget_item=BUDGET_ITEM, payment_order=f"支令-{day:%m%d}",
        )  # fmt: skip
    except NothingToPay:
        return
    batch = seal(batch, actor=job.staff["maker"], at=job.at(day, 10))
    job.tell(day, "振込データの確定", f"{batch.count:,}件 {batch.total_yen:,}円 振込日 {batch.value_date}")
    if not working:
        return  # waits for its approvals
    _approve(job, batch, job.at(day, 11), job.at(day, 14))
    _send(job, batch, job.at(day, 15), receipt=f"受付{batch.pk:04}")


def _approve(job: MainJob, batch: Batch, office_at: datetime, city_at: datetime) -> None:
    assert batch.sha256
    approve(batch, sha256=batch.sha256, actor=job.staff["approver"], at=office_at)
    approve(batch, sha256=batch.sha256, actor=job.staff["treasurer"], at=city_at)


def _send(job: MainJob, batch: Batch, at: datetime, *, receipt: str) -> None:
    assert batch.sha256
    sent = send(batch, sha256=batch.sha256, bank_receipt=receipt, actor=job.staff["treasurer"], at=at)
    job.check("振込データの件数 = 振込依頼", batch.count, sent.done)
    job.tell(
        at.date(), "金融機関への振込依頼", f"{sent.done:,}件" + ("" if receipt else "（受付番号は未着）")
    )


def leave_unknown(job: MainJob, day: date) -> None:
    """A small batch beside the calendar that the treasurer took and of which the bank has said nothing yet."""
    oldest = _oldest_that_wait(job)
    if oldest is None:
        return
    batch = _sealed(job, job.at(day, 9), oldest)
    _approve(job, batch, job.at(day, 11), job.at(day, 14))
    _send(job, batch, job.at(day, 15), receipt="")


def leave_stoppable(job: MainJob, now: datetime) -> None:
    """Another one, approved just now: it can still be stopped when the demo is opened. The rest waits at the desk."""
    oldest = _oldest_that_wait(job)
    if oldest is None:
        return
    batch = _sealed(job, now - timedelta(hours=1), oldest)
    _approve(job, batch, now - timedelta(minutes=30), now)
    window = job.programme.terms.payment.cancel_window_minutes
    job.tell(now.astimezone(JAPAN).date(), "承認", f"{batch.count:,}件（{window}分間は取りやめられる）")


def _oldest_that_wait(job: MainJob) -> date | None:
    """The day until which the oldest third of what waits arrived; None where hardly anything waits."""
    with connection.cursor() as cursor:
        cursor.execute(READY_DAYS, [job.programme.pk])
        days: list[date] = [arrived for (arrived,) in cursor.fetchall()]
    return days[len(days) // 3] if len(days) >= UNDER_WAY_MIN else None


def _sealed(job: MainJob, at: datetime, received_by: date) -> Batch:
    """A batch of what waits, for the value date that a bank can still meet, sealed."""
    day = at.astimezone(JAPAN).date()
    batch = build_batch(
        programme=job.programme, value_date=bank_days_after(day, SEAL_BANK_DAYS), received_by=received_by,
        actor=job.staff["maker"], at=at, budget_item=BUDGET_ITEM, payment_order=f"支令-{day:%m%d}臨",
    )  # fmt: skip
    return seal(batch, actor=job.staff["maker"], at=at)


def _results(job: MainJob, day: date) -> None:
    """振込結果: the bank's list arrives on the bank day after the value date."""
    for batch in Batch.objects.filter(programme=job.programme, state="sent", value_date__lt=day):
        answer = bank.returned_transfers(bank_files(batch), job.seed, returned_on=day)
        result = read_result(
            batch, answer, name=f"returned-{batch.pk}.csv", actor=job.staff["maker"], at=job.at(day, 9)
        )
        job.check("振込依頼 = 振込済 + 振込不能", batch.count, result.done + len(result.refused))
        job.tell(day, "振込結果の取込み", f"振込済 {result.done:,}件 振込不能 {len(result.refused):,}件")


def check_whole(job: MainJob, mailbox: Mailbox, desk: PaperDesk) -> None:
    """The counts that must agree at the end, over the whole programme."""
    programme = job.programme
    job.check(
        "到着した申請 = 申請の記録 + 受付不可 + 入力待ち",
        mailbox.arrived,
        _count("submission", programme) + mailbox.refused + desk.waiting,
    )
    job.check(
        "開封した封書 = 申請書の封書 + 番号のない封書",
        _count("envelope", programme),
        desk.papers + desk.strays,
    )
    job.check("打鍵した申請書 = 申請の記録", desk.keyed, _scalar(KEYED, programme))
    job.check("案件 = 段階の合計", _count("case", programme), _scalar(STANDING, programme))
    job.check(
        "支給決定額 = 振込額（同じ案件）", _scalar(DECIDED_YEN, programme), _scalar(TRANSFER_YEN, programme)
    )
    job.check(
        "依頼した振込 = 口座に入った・戻った・結果待ち",
        _scalar(SENT, programme),
        _scalar(ANSWERED, programme),
    )
    job.check("二重の振込 = 0", 0, _scalar(TWICE, programme))


# The days on which the applications arrived whose money waits, oldest first.
READY_DAYS = """
select s.arrived_on from todoku_transfer t
  join todoku_decision d on d.id = t.decision_id
  join todoku_accountversion a on a.id = d.account_id
  join todoku_submission s on s.id = a.submission_id
 where t.programme_id = %s and t.state = 'ready' and t.batch_id is null order by 1
"""
KEYED = "select count(*) from todoku_keytask where programme_id = %s and state = 'done' and submission_id is not null"
STANDING = (
    "select count(*) from todoku_casestage g join todoku_case c on c.id = g.case_id where c.programme_id = %s"
)
DECIDED_YEN = """
select coalesce(sum(d.amount_yen), 0) from todoku_decision d join todoku_case c on c.id = d.case_id
 where c.programme_id = %s and d.in_force and d.outcome = 'grant'
   and exists (select 1 from todoku_transfer t where t.decision_id = d.id)
"""
TRANSFER_YEN = """
select coalesce(sum(amount_yen), 0) from todoku_transfer
 where programme_id = %s and state in ('ready', 'sealed', 'sending', 'sent', 'settled')
"""
SENT = """
select coalesce(sum(b.count), 0) from todoku_batch b join (
  select distinct f.batch_id from todoku_confirmation y join todoku_batchfile f on f.id = y.file_id) s on s.batch_id = b.id
 where b.programme_id = %s
"""
ANSWERED = "select count(*) from todoku_transfer where programme_id = %s and state in ('sent', 'settled', 'returned')"
TWICE = """
select count(*) from (
  select recipient_id from todoku_transfer where programme_id = %s and state in ('sending', 'sent', 'settled')
   group by payout, recipient_id having count(*) > 1) twice
"""


def _count(table: str, programme: Programme) -> int:
    return _scalar(f"select count(*) from todoku_{table} where programme_id = %s", programme)


def _scalar(query: str, programme: Programme) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, [programme.pk])
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])
