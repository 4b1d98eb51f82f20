"""`demo`: makes a sample town, runs the main job on it with the real steps, checks every count, serves the result.

Touches only a database that it created and marked as sample; any other it refuses by name.
"""

import argparse
import sys
import time
from datetime import date, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from todoku.case.door_keys import letter_key
from todoku.ground import databases
from todoku.ground.places import var
from todoku.people.actor import SYSTEM
from todoku.programme.reschedule import reschedule
from todoku.programme.set_up import make_programme, open_version
from todoku.programme.shipped import version_text
from todoku.programme.tables import Municipality
from todoku.sampletown import municipality as sample_municipality
from todoku.sampletown.job import CountsDiffer, MainJob
from todoku.sampletown.main_job import run as run_main_job
from todoku.sampletown.measured import TABLES
from todoku.sampletown.staff import SAMPLES, make_staff, sample_password
from todoku.sampletown.write import write_town

HELP = "Set up, run one sample town from roll to bank with the real steps, print its time line, serve it."
SLUG = "tokubetsu-teigaku-2020"
HOUSEHOLDS = 3_000
SEED = 2020
# Filling in, scanning and reading a page takes about a second of one core: so many fit into the time of a coffee.
SCANS = 60
# So long ago intake opened: two value dates have passed, one batch is under way, two weeks of answers are open.
OPENED_DAYS_AGO = 45
# Forms reached people a few days after intake by web had opened.
POSTED_AFTER_DAYS = 3


class Sample(NamedTuple):
    """A case to try the resident's door with."""

    what: str
    number: str
    born: date
    key: str


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--exit", action="store_true", help="do not serve; exit 0 only if every count agrees")
    parser.add_argument(
        "--households", type=int, default=HOUSEHOLDS, help=f"size of the town (default {HOUSEHOLDS:,})"
    )
    parser.add_argument(
        "--scans", default=str(SCANS),
        help=f"paper forms that are filled in, scanned and keyed twice, or all (default {SCANS}); the others are flat rows",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=SEED, help="another town")


def run(options: argparse.Namespace) -> int:
    began = time.monotonic()
    at = timezone.now()
    today = timezone.localdate(at)
    job = prepare(options.households, options.seed, today, also=TABLES)
    job.scans = sys.maxsize if options.scans == "all" else int(options.scans)
    opened_on = job.programme.terms.intake.opens + timedelta(days=POSTED_AFTER_DAYS)
    print(f"\n{job.programme.municipality.name} {job.programme.name}　{options.households:,}世帯の見本の町\n")
    try:
        desk = run_main_job(job, opened_on=opened_on, now=at)
    except CountsDiffer as differ:
        print(f"\n件数が一致しません: {differ}", file=sys.stderr)
        return 1
    print_checks(job)
    print(
        f"\n紙の申請書 {desk.papers:,}通のうち {desk.scanned:,}通は、印刷した用紙に手書きで記入し、読み取って2人で打鍵しました。"
        "ほかの申請書は、打鍵済みの行から取り込みました（--scans で変えられます）。"
    )
    print(f"\n{time.monotonic() - began:.0f}秒で終わりました。ファイルは {var()} の下にあります。")
    if options.exit:
        return 0
    print_doors(job)
    connections.close_all()
    from todoku.commands import up

    return up.run(options)


def prepare(households: int, seed: int, today: date, *, also: str = "") -> MainJob:
    """The town's files, its municipality, programme and staff, in an emptied sample database. `also`: tables added to the
    terms, as the demo shows how a review is measured."""
    databases.mark("sample", at=timezone.now(), note="./run demo")
    row = dict(sample_municipality.ROW)
    town = Municipality(**row)
    opens = today - timedelta(days=OPENED_DAYS_AGO)
    programme = make_programme(
        town,
        reschedule(version_text(SLUG), opens) + also,
        SLUG,
        actor=SYSTEM,
        at=timezone.now(),
        is_sample=True,
    )
    open_version(programme.versions.get(), actor=SYSTEM, at=timezone.now())
    programme.refresh_from_db()
    folder = var("demo", "town")
    manifest = write_town(
        folder, seed=seed, households=households, base_date=programme.terms.programme.base_date,
        opened_on=opens + timedelta(days=POSTED_AFTER_DAYS),
    )  # fmt: skip
    return MainJob(programme, make_staff(programme.municipality), folder, manifest, seed, tell)


def tell(day: date, what: str, text: str) -> None:
    """One line of the time line."""
    print(f"  {day:%m/%d}({'月火水木金土日'[day.weekday()]})  {what:　<10}  {text}", flush=True)


def print_checks(job: MainJob) -> None:
    print("\n受け渡しの件数（左 = 右）")
    totals: dict[str, tuple[int, int, int]] = {}
    for check in job.checks:
        times, left, arrived = totals.get(check.name, (0, 0, 0))
        totals[check.name] = (times + 1, left + check.left, arrived + check.arrived)
    for name, (times, left, arrived) in totals.items():
        mark = "一致" if left == arrived else "不一致"
        print(f"  {mark}  {left:>12,} = {arrived:>12,}  {name}" + (f"（{times}回）" if times > 1 else ""))


SAMPLE_CASES = """
select distinct on (g.stage) g.stage, c.number, p.birth_date
  from todoku_casestage g
  join todoku_case c on c.id = g.case_id and c.programme_id = %s
  join todoku_recipient r on r.id = c.recipient_id
  join todoku_person p on p.id = r.head_id
 where p.birth_date is not null and not p.protected order by g.stage, c.id
"""


def print_doors(job: MainJob) -> None:
    """The three doors, who may sign in, and cases for the resident's door."""
    from todoku.case.stages import STAGES

    for door, name in (("resident", "住民"), ("office", "事務局"), ("municipality", "自治体")):
        print(f"  {name:　<4} http://{settings.HOSTS[door]}:{settings.PORTS[door]}/")
    print(f"\n見本の利用者（パスワードは全員 {sample_password()} ）")
    for one in SAMPLES:
        print(f"  {one.username:<10} {one.name}　{'・'.join(one.roles)}")
    print("\n住民の入口で試せる番号・生年月日・手紙のキー")
    with connection.cursor() as cursor:
        cursor.execute(SAMPLE_CASES, [job.programme.pk])
        rows = cursor.fetchall()
    order = list(STAGES)
    for stage, number, born in sorted(rows, key=lambda row: order.index(row[0])):
        key = letter_key(number, 1, letter_key_secret=settings.LETTER_KEY_SECRET)
        print(f"  {STAGES[stage].name:　<6} {number}  {born}  {key}")
    print("\n終わるときは Ctrl-C を押してください。\n", flush=True)
