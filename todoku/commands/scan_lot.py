"""`scan-lot`: a scanner's folder taken in and read at the terminal, by the same verbs as the office's page.

With --boxes it only writes the boxes of the forms in force, which scan-alone reads with.
"""

import argparse
import json
from datetime import date
from pathlib import Path

from django.utils import timezone
from django.utils.timezone import localdate

from todoku.commands.terminal import ProgressLine, acting, programme_named, show
from todoku.custody import files
from todoku.ground.step import Refusal
from todoku.intake.make_key_tasks import make_key_tasks
from todoku.mailroom.tables import Container
from todoku.programme.tables import Programme
from todoku.scan.delivered import files_of_folder
from todoku.scan.receive_lot import LotKnown, receive_lot
from todoku.scan.sheet_boxes import boxes_as_data
from todoku.scan.take_pages import take_pages

HELP = "Take a folder of scans in and read its pages; a lot is taken once, and the same call goes on after a stop."


class NoSuchContainer(Refusal):
    """No container of the programme has this code."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, nargs="?", help="the scanner's folder")
    parser.add_argument("--programme", help="slug; may be left out where there is one programme")
    parser.add_argument("--as", dest="username", help="who takes it in; the password is asked for")
    parser.add_argument("--arrived", help="day on which the paper arrived (2026-12-08); default today")
    parser.add_argument("--sheets", type=int, help="sheets of paper as counted before scanning")
    parser.add_argument("--both-sides", action="store_true", help="both sides of each sheet were scanned")
    parser.add_argument(
        "--container", help="code of the tray or bundle that the paper lies in; then --sheets is needed"
    )
    parser.add_argument("--boxes", type=Path, help="only write the boxes of the forms in force to this file")


def run(options: argparse.Namespace) -> int:
    programme = programme_named(options.programme)
    if options.boxes:
        text = json.dumps(boxes_as_data(programme), ensure_ascii=False)
        files.write_to(options.boxes.parent, options.boxes.name, text.encode("utf-8"))
        print(f"様式の枠を {options.boxes} に書き出しました。")
        return 0
    if options.folder is None:
        print("フォルダーを指定してください。使い方は --help で見られます。")
        return 2
    actor, at = acting(options.username, "scan.take", programme), timezone.now()
    arrived = date.fromisoformat(options.arrived) if options.arrived else localdate(at)
    try:
        lot = receive_lot(
            files_of_folder(options.folder), programme=programme, name=options.folder.resolve().name, arrived_on=arrived,
            actor=actor, at=at, container=_container(programme, options.container), stated_sheets=options.sheets,
            both_sides=options.both_sides,
        )  # fmt: skip
    except LotKnown as known:
        if known.lot.state != "reading":
            raise
        lot = known.lot  # its reading was cut off
        print("前回の読取りの続きから始めます。")
    line = ProgressLine("読取り")
    report = take_pages(lot, actor=actor, at=timezone.now(), progress=line)
    line.end()
    make_key_tasks(programme=programme, actor=actor, at=timezone.now())
    print(f"ロット {lot.pk}")
    return show(report, "読取り")


def _container(programme: Programme, code: str | None) -> Container | None:
    if not code:
        return None
    found = Container.objects.filter(programme=programme, code=code).first()
    if found is None:
        raise NoSuchContainer(f"入れ物 {code} がありません。ラベルの番号を確かめてください。")
    return found
