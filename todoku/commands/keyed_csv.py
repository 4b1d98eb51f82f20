"""`keyed-csv`: the keyed forms of one scanned lot as a CSV, for an office that bought scanning and keying alone."""

import argparse
import csv
import io
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from todoku.commands.terminal import NotAllowed, acting
from todoku.custody import files
from todoku.intake.keyed_csv import HEADINGS, keyed_lines
from todoku.scan.tables import ScanLot

HELP = "Write the keyed forms of a lot as CSV: one line per form that two persons agreed on. Every look is recorded."


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lot", type=int, help="the number of the lot, as scan-lot and the page say it")
    parser.add_argument("--as", dest="username", help="who takes it out; the password is asked for")
    parser.add_argument("--out", type=Path, required=True, help="the CSV to write")


def run(options: argparse.Namespace) -> int:
    lot = ScanLot.objects.select_related("programme__municipality").filter(pk=options.lot).first()
    if lot is None:
        raise NotAllowed("この番号のスキャンはありません。読取の一覧で番号を確かめてください。")
    actor = acting(options.username, "key.export", lot.programme)
    with transaction.atomic():
        keyed = keyed_lines(lot, actor=actor, at=timezone.now())
        out = io.StringIO()
        lines = csv.writer(out, lineterminator="\r\n")
        lines.writerow(HEADINGS)
        lines.writerows(keyed.rows)
        files.write_to(options.out.parent, options.out.name, ("\ufeff" + out.getvalue()).encode("utf-8"))
    print(
        f"{len(keyed.rows):,}通を {options.out} に書き出しました。打鍵の途中が{keyed.unfinished:,}通あります。"
    )
    return 0
